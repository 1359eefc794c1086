"""Canonical logs: values, faults and rejects of every kind of field."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.schema import EVENTS, PATH, REJECT, ROW, Kind, invalid
from auditor.sources.canonical import canonical
from auditor.sources.profile import load_profile, parse_profile
from tests.unit.sources.raw_groups import raw_group

NOON = datetime(2022, 3, 1, 10, 15, 14, tzinfo=UTC)


KEYS: dict[str, Any] = {
    "event_at": "2022-03-01T10:15:14Z",
    "meeting_id": "m",
    "session_id": "s",
    "account_id": "a",
    "route": "SC",
}


def log_with(rows: int = 1, /, **columns: Any) -> dict[str, Any]:
    return {**{name: [value] * rows for name, value in KEYS.items()}, **columns}


def read(
    log: Mapping[str, Any],
    timezone: str | None = None,
    reject: Sequence[str | None] | None = None,
) -> pl.DataFrame:
    group = raw_group(log, reject)
    return canonical(group, load_profile("canonical"), timezone, {}).lf.collect(engine="streaming")


def test_the_frame_has_every_field_in_its_type_and_the_faults_of_closed_kinds() -> None:
    df = read(log_with())

    closed = (Kind.TIME, Kind.BOOLEAN, Kind.BYTES, Kind.COUNTRY, Kind.CHOICE)
    expected = {f.name: f.kind.dtype for f in EVENTS}
    expected |= {
        invalid(f.name): pl.String() for f in EVENTS if f.kind in closed and f.name != "event_at"
    }
    expected |= {PATH: pl.String(), ROW: pl.Int64(), REJECT: pl.String()}
    assert dict(df.schema) == expected


def test_only_fields_with_a_column_are_supplied() -> None:
    found = canonical(raw_group(log_with(plan=["free"])), load_profile("canonical"), None, {})

    assert found.supplied == {*KEYS, "plan"}


@pytest.mark.parametrize(
    ("name", "text", "value", "fault"),
    [
        ("account_id", " a\u00a0", "a", None),
        ("account_id", " ", None, None),
        ("account_id", "", None, None),
        ("route", " SC; TJ ", "SC; TJ", None),
        ("meeting_started_at", "2022-03-01T10:15:14Z", NOON, None),
        ("meeting_started_at", "soon", None, "soon"),
        ("meeting_started_at", "2022-03-01T10:15:14", None, "2022-03-01T10:15:14"),
        ("is_host", "TRUE", True, None),
        ("is_host", " y ", True, None),
        ("is_host", "No", False, None),
        ("is_host", "0", False, None),
        ("is_host", "2", None, "2"),
        ("is_host", "", None, None),
        ("media_bytes", "18446744073709551615", 2**64 - 1, None),
        ("media_bytes", " 7 ", 7, None),
        ("media_bytes", "-1", None, "-1"),
        ("media_bytes", "1.0", None, "1.0"),
        ("billing_country", "cn", "CN", None),
        ("billing_country", " Hk", "HK", None),
        ("billing_country", "XK", "XK", None),
        ("billing_country", "UK", None, "UK"),
        ("billing_country", "EU", None, "EU"),
        ("billing_country", " China ", None, "China"),
        ("plan", "Free", "free", None),
        ("plan", "ON_PREM", "on_prem", None),
        ("plan", "eNterprise", "enterprise", None),
        ("plan", "Basic+", None, "Basic+"),
        ("plan", "  ", None, None),
        ("hop_role", "", None, None),
        ("hop_role", "Transit", "transit", None),
        ("opted_in", "US;", "US;", None),
        ("encryption", "AES256-GCM", "AES256-GCM", None),
    ],
)
def test_a_text_is_read_by_the_kind_of_its_field(
    name: str, text: str, value: object, fault: str | None
) -> None:
    df = read(log_with(2, **{name: ["", text]}))

    assert df[name].to_list() == [None, value]
    if invalid(name) in df.columns:
        assert df[invalid(name)].to_list() == [None, fault]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"event_at": ""}, "event_at is missing"),
        ({"event_at": None}, "event_at is missing"),
        ({"event_at": "0001-01-01T00:00:00Z"}, "event_at is missing"),
        ({"event_at": "never"}, "event_at is not a time"),
        ({"event_at": "2022-03-01T10:15:14"}, "event_at has no zone"),
        ({"meeting_id": "\t"}, "meeting_id is missing"),
        ({"session_id": ""}, "session_id is missing"),
        ({"meeting_id": "", "session_id": ""}, "meeting_id is missing"),
        ({"event_at": "never", "meeting_id": ""}, "event_at is not a time"),
        ({"account_id": "", "route": ""}, None),
    ],
)
def test_a_row_without_its_keys_is_rejected_for_the_first_of_them(
    changed: dict[str, str | None], reason: str | None
) -> None:
    columns = {name: [KEYS[name], value] for name, value in changed.items()}

    assert read(log_with(2, **columns))[REJECT].to_list() == [None, reason]


def test_the_scans_reason_comes_first() -> None:
    df = read(log_with(2, event_at=["", "never"]), reject=["too few fields", None])

    assert df[REJECT].to_list() == ["too few fields", "event_at is not a time"]


def test_provenance_is_kept() -> None:
    df = read(log_with(2))

    assert df.select(PATH, ROW).rows() == [("night.csv", 1), ("night.csv", 2)]


def test_native_types_are_read_as_they_are() -> None:
    df = read(
        log_with(
            2,
            event_at=[NOON, None],
            meeting_id=[17, 18],
            is_host=[True, None],
            media_bytes=[5, -5],
            meeting_started_at=pl.Series([NOON] * 2, dtype=pl.Datetime("ns", "Asia/Shanghai")),
            plan=pl.Series(["Free", "gold"], dtype=pl.Categorical),
            partner=[None, None],
        )
    )

    assert df["event_at"].to_list() == [NOON, None]
    assert df["meeting_id"].to_list() == ["17", "18"]
    assert df["is_host"].to_list() == [True, None]
    assert df["media_bytes"].to_list() == [5, None]
    assert df["invalid:media_bytes"].to_list() == [None, "-5"]
    assert df["meeting_started_at"].to_list() == [NOON, NOON]
    assert df["plan"].to_list() == ["free", None]
    assert df["partner"].to_list() == [None, None]
    assert df[REJECT].to_list() == [None, "event_at is missing"]


def test_an_item_of_a_list_is_never_read_as_two() -> None:
    lists = [["US;CA"], ["US", "CA;"], [";"]]

    df = read(log_with(3, route=lists, opted_in=lists))

    texts = ["US\uff1bCA;", "US;CA\uff1b;", "\uff1b;"]
    assert df["route"].to_list() == df["opted_in"].to_list() == texts


def test_a_list_becomes_text_that_loses_no_item() -> None:
    lists: list[list[str | None] | None] = [None, [], ["US"], ["US", ""], [None, "TJ "]]

    df = read(log_with(5, route=lists, opted_in=lists))

    assert df["route"].to_list() == [None, "", "US;", "US;;", ";TJ ;"]
    assert df["opted_in"].to_list() == [None, "", "US;", "US;;", ";TJ ;"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("meeting_id", [1.5]),
        ("meeting_id", [b"m"]),
        ("meeting_id", [["m"]]),
        ("event_at", [1646129714000]),
        ("event_at", [datetime(2022, 3, 1).date()]),  # noqa: DTZ001 - a day has no zone
        ("event_at", [datetime(2022, 3, 1)]),  # noqa: DTZ001 - what is refused
        ("is_host", [0.0]),
        ("billing_country", [86]),
        ("route", [[1]]),
        ("media_bytes", [1.0]),
    ],
)
def test_a_column_of_a_wrong_type_is_refused_with_its_file(name: str, values: list[Any]) -> None:
    with pytest.raises(InputError, match=f"night.csv: column '{name}'"):
        read(log_with(**{name: values}))


def test_a_zoneless_timestamp_column_is_read_in_the_named_zone() -> None:
    df = read(log_with(event_at=[datetime(2022, 3, 1, 11, 15, 14)]), "Europe/Berlin")  # noqa: DTZ001 - the point

    assert df["event_at"].to_list() == [NOON]


def test_column_names_match_whatever_their_case() -> None:
    log = {name.upper(): [value] for name, value in KEYS.items()}

    assert read(log)["event_at"].to_list() == [NOON]


def test_columns_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(InputError, match="'route', 'Route' differ in case only"):
        read(log_with(Route=["TJ"]))


def test_nested_columns_are_found_by_their_path() -> None:
    profile = parse_profile(
        "schema: auditor/source/v1\nname: n\ntitle: n\ntable: events\nfields:\n"
        "  event_at: {columns: event_ts, times: [epoch_ms]}\n"
        "  meeting_id: payload.object.uuid\n  session_id: payload.object.id\n"
        "  account_id: payload.account_id\n  route: {columns: none}\n"
        "never: {route: this feed has none}\n",
        "n.yaml",
    )
    payload = {"account_id": "A", "object": {"uuid": "M", "id": 7}}
    group = raw_group({"event_ts": [1646129714000], "payload": [payload]})

    df = canonical(group, profile, None, {}).lf.collect()

    assert df.select("event_at", "meeting_id", "session_id", "account_id", "route").row(0) == (
        NOON, "M", "7", "A", None,
    )  # fmt: skip


def test_a_plan_reads_only_the_columns_it_needs(tmp_path: Any) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame(log_with(plan=["free"])).write_parquet(path)
    group = raw_group(log_with(plan=["free"]))
    object.__setattr__(
        group,
        "lf",
        pl.scan_parquet(path, row_index_name=ROW, include_file_paths=PATH).with_columns(
            pl.lit(None, dtype=pl.String).alias(REJECT)
        ),
    )

    lf = canonical(group, load_profile("canonical"), None, {}).lf

    assert "PROJECT 1/" in lf.select("event_at").explain()
    assert "PROJECT 3/" in lf.select(REJECT).explain()


def test_a_plan_of_constants_only_keeps_its_height() -> None:
    group = raw_group(log_with(3))

    lf = canonical(group, load_profile("canonical"), None, {}).lf

    assert lf.select("plan", "invalid:plan").collect(engine="streaming").height == 3


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(["", " ", "US", "cn", "Free", "true", "N", "7", "2022-03-01T10:15:14Z"]),
)


OPTIONAL = [f.name for f in EVENTS if f.name not in KEYS]


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 5))
def test_any_text_is_a_value_a_fault_or_missing(data: st.DataObject, rows: int) -> None:
    columns = {
        name: pl.Series(data.draw(st.lists(TEXTS, min_size=rows, max_size=rows)), dtype=pl.String)
        for name in OPTIONAL
    }

    df = read(log_with(rows, **columns))

    for name in OPTIONAL:
        has_value, has_text = df[name].is_not_null(), columns[name].str.strip_chars() != ""
        has_fault = has_value.clear(rows).fill_null(value=False)
        if invalid(name) in df.columns:
            has_fault = df[invalid(name)].is_not_null()
        assert not (has_value & has_fault).any()
        assert ((has_value | has_fault) == has_text.fill_null(value=False)).all()
