"""Times: every spelling that logs are known to have, and those that only look like one."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.sources.times import read_epochs, read_native_times, read_time_texts

NOON = datetime(2022, 3, 1, 10, 15, 14, tzinfo=UTC)


def read_one(
    text: str, formats: tuple[str, ...] = ("iso",), timezone: str | None = None
) -> tuple[datetime | None, str | None]:
    struct = read_time_texts(pl.Series([text]), formats, timezone, key=None)
    row = struct[0]
    return row["value"], row["fault"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-03-01T10:15:14Z", NOON),
        (" 2022-03-01T10:15:14Z\t", NOON),
        ("2022-03-01 10:15:14Z", NOON),
        ("2022-03-01 10:15:14 UTC", NOON),
        ("2022-03-01t10:15:14z", NOON),
        ("2022-03-01T15:45:14+05:30", NOON),
        ("2022-03-01T15:45:14+0530", NOON),
        ("2022-03-01 10:15:14+00", NOON),
        ("2022-03-01T10:15:14.1234567Z", NOON + timedelta(microseconds=123456)),
        ("2022-03-01T10:15Z", NOON.replace(second=0)),
        ("2022-03-01T15:45+05:30", NOON.replace(second=0)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2200-12-31T23:59:59Z", datetime(2200, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time_with_a_zone_is_read(text: str, instant: datetime) -> None:
    assert read_one(text) == (instant, None)


@pytest.mark.parametrize(
    "text",
    [
        "never",
        "2022-03-01",
        "2022-02-30T00:00:00Z",
        "2022-03-01T24:00:00Z",
        "2022-03-01T23:59:60Z",
        "2022-03-01T23:59:60.5Z",
        "2022-03-1T\u00a03:59:60Z",
        "+12020-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "2022-03-01T10:15:14+99:00",
        "1646129714",
    ],
)
def test_what_only_looks_like_a_time_is_a_fault(text: str) -> None:
    assert read_one(text) == (None, text)


@pytest.mark.parametrize("text", ["", "  ", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z"])
def test_no_time_is_missing_and_no_fault(text: str) -> None:
    assert read_one(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-03-01T11:15:14", NOON),
        ("2022-03-01 11:15:14.000", NOON),
        ("2022-03-01T11:15", NOON.replace(second=0)),
        ("2022-03-01T10:15:14Z", NOON),
    ],
)
def test_a_time_without_a_zone_is_local_time_of_the_named_one(text: str, instant: datetime) -> None:
    assert read_one(text, timezone="Europe/Berlin") == (instant, None)


@pytest.mark.parametrize("text", ["2022-03-27T02:30:00", "2022-10-30T02:30:00"])
def test_a_local_time_that_does_not_exist_or_exists_twice_is_a_fault(text: str) -> None:
    assert read_one(text, timezone="Europe/Berlin") == (None, text)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("1646129714000", ("epoch_ms",)),
        ("1646129714", ("epoch_s",)),
        ("2022-03-01 10:15:14:000", ("iso", "%Y-%m-%d %H:%M:%S:%3f")),
        ("03/01/2022 10:15:14 AM", ("%m/%d/%Y %I:%M:%S %p",)),
        ("1646129714000", ("iso", "epoch_ms")),
    ],
)
def test_other_formats_are_read_where_the_profile_says_so(
    text: str, formats: tuple[str, ...]
) -> None:
    assert read_one(text, formats, "UTC") == (NOON, None)


@pytest.mark.parametrize("timezone", [None, "Asia/Shanghai"])
@pytest.mark.parametrize(
    ("text", "time_format"),
    [
        ("2022-03-01 10:15:14Z", "%Y-%m-%d %H:%M:%SZ"),
        ("2022-03-01 10:15:14 GMT", "%Y-%m-%d %H:%M:%S GMT"),
        ("Mar 1 10:15:14 UTC 2022", "%b %d %H:%M:%S UTC %Y"),
        ("2022-03-01 10:15:14+00:00", "%Y-%m-%d %H:%M:%S+00:00"),
        ("2022-03-01 18:15:14 GMT+0800", "%Y-%m-%d %H:%M:%S GMT%z"),
    ],
)
def test_a_format_may_itself_say_that_times_are_utc(
    text: str, time_format: str, timezone: str | None
) -> None:
    assert read_one(text, (time_format,), timezone) == (NOON, None)


def test_a_format_with_another_zone_is_one_of_local_times() -> None:
    assert read_one("10:15:14 UTC+8 2022-03-01", ("%H:%M:%S UTC+8 %Y-%m-%d",))[0] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2022-03-01T10:15:14", "event_at has no zone"),
        ("never", "event_at is not a time"),
        ("2022-03-01T10:15:14Z", None),
        ("", None),
    ],
)
def test_a_key_column_gets_a_reason(text: str, reason: str | None) -> None:
    struct = read_time_texts(pl.Series([text]), ("iso",), None, key="event_at")

    assert struct[0]["fault"] == reason


def test_one_bad_text_leaves_the_others_alone() -> None:
    texts = pl.Series(["2022-03-01T10:15:14Z", "x", None, "2022-03-01T10:15:14Z"])

    read = read_time_texts(texts, ("iso",), None, key=None).struct.unnest()

    assert read["value"].to_list() == [NOON, None, None, NOON]
    assert read["fault"].to_list() == [None, "x", None, None]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_native_times_become_utc_microseconds(unit: str) -> None:
    times = pl.Series([datetime(2022, 3, 1, 11, 15, 14)], dtype=pl.Datetime(unit))  # type: ignore[arg-type] # parametrised text  # noqa: DTZ001

    read = read_native_times(times, "Europe/Berlin", key=None).struct.unnest()

    assert read["value"].dtype == pl.Datetime("us", "UTC")
    assert read["value"].to_list() == [NOON]


def test_native_times_of_impossible_years_are_faults_and_graphs_null_is_missing() -> None:
    times = pl.Series(
        [NOON, datetime(1, 1, 1, tzinfo=UTC), datetime(1812, 1, 1, tzinfo=UTC)],
        dtype=pl.Datetime("us", "UTC"),
    )

    read = read_native_times(times, None, key="event_at").struct.unnest()

    assert read["value"].to_list() == [NOON, None, None]
    assert read["fault"].to_list() == [None, None, "event_at is not a time"]


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("number", [2**62, 2**63 - 1, -(2**63) + 1, -(2**62)])
def test_native_times_beyond_any_calendar_are_faults(
    unit: Literal["ms", "us", "ns"], zone: str | None, number: int
) -> None:
    dtype = pl.Datetime(unit, zone)
    times = pl.concat([pl.Series([number]).cast(dtype), pl.Series([None, NOON]).cast(dtype)])

    read = read_native_times(times, "UTC", key=None).struct.unnest()
    key = read_native_times(times, "UTC", key="event_at").struct.unnest()

    is_possible = unit == "ns" and number == 2**62
    assert (read["value"][0] is not None) == is_possible
    assert (read["fault"][0] is not None) == (not is_possible)
    assert key["fault"].to_list() == [None if is_possible else "event_at is not a time", None, None]
    assert read["value"][1] is None
    assert read["value"][2] is not None
    assert read["fault"].to_list()[1:] == [None, None]


def test_nanoseconds_before_1900_are_shown_as_they_are() -> None:
    times = pl.Series([datetime(1812, 1, 1, tzinfo=UTC), NOON], dtype=pl.Datetime("ns", "UTC"))

    read = read_native_times(times, None, key=None).struct.unnest()

    assert read["value"].to_list() == [None, NOON]
    assert read["fault"][0].startswith("1812-01-01")


def test_epochs_of_impossible_years_are_faults() -> None:
    numbers = pl.Series([1646129714000, 10**18, None])

    read = read_epochs(numbers, "epoch_ms", key=None).struct.unnest()

    assert read["value"].to_list() == [NOON, None, None]
    assert read["fault"].to_list() == [None, str(10**18), None]


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_reading_agrees_with_the_standard_library(
    local: datetime, offset: int, between: str
) -> None:
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    text = f"{local.isoformat(sep=between)}{sign}{minutes // 60:02}:{minutes % 60:02}"

    assert read_one(text) == (datetime.fromisoformat(text).astimezone(UTC), None)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=20))
def test_any_text_is_read_missing_or_a_fault(texts: list[str | None]) -> None:
    read = read_time_texts(
        pl.Series(texts, dtype=pl.String), ("iso", "epoch_ms"), None, key=None
    ).struct.unnest()

    assert len(read) == len(texts)
    assert not (read["value"].is_not_null() & read["fault"].is_not_null()).any()
