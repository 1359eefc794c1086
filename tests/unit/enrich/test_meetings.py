"""Countries and starts of whole meetings."""

from datetime import UTC, datetime

import polars as pl

from auditor.enrich.meetings import OBSERVED, MeetingCountries, Starts, meeting_facts, no_meetings
from auditor.jurisdictions import codes_of
from auditor.schema import REJECT, TIME

_FIRST = datetime(2020, 4, 30, 15, tzinfo=UTC)
_LATER = datetime(2020, 4, 30, 17, tzinfo=UTC)


def _events(*rows: tuple[str, datetime, str | None, str | None]) -> pl.LazyFrame:
    schema: dict[str, pl.DataType] = {
        "meeting_id": pl.String(), "event_at": TIME, "participant_country": pl.String(),
        REJECT: pl.String(),
    }  # fmt: skip
    return pl.LazyFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(None, dtype=TIME).alias("meeting_started_at")
    )


def _asked(*meetings: str) -> pl.LazyFrame:
    return pl.LazyFrame({"meeting_id": meetings}, schema={"meeting_id": pl.String})


def test_facts_are_gathered_for_the_meetings_asked_for_only() -> None:
    events = _events(
        ("m1", _LATER, "US", None), ("m1", _FIRST, "CN", None), ("m2", _FIRST, "US", None)
    )

    (row,) = meeting_facts(events, _asked("m1")).collect().to_dicts()

    assert row["meeting_id"] == "m1"
    assert row[OBSERVED] == _FIRST
    assert codes_of(row["meeting_countries.lo"] | row["meeting_countries.hi"] << 128) == [
        "CN", "US",
    ]  # fmt: skip


def test_one_unknown_country_makes_the_set_missing() -> None:
    events = _events(("m1", _FIRST, "US", None), ("m1", _FIRST, None, None))

    (row,) = meeting_facts(events, _asked("m1")).collect().to_dicts()

    assert row["meeting_countries.lo"] is None


def test_rejected_rows_say_nothing_of_their_meeting() -> None:
    events = _events(("m1", _LATER, "US", None), ("m1", _FIRST, None, "broken"))

    (row,) = meeting_facts(events, _asked("m1")).collect().to_dicts()

    assert row[OBSERVED] == _LATER
    assert row["meeting_countries.lo"] is not None


def test_starts_come_from_the_table_and_else_from_the_row_itself() -> None:
    events = _events(("m1", _LATER, None, None), ("m2", _LATER, None, None))
    facts = meeting_facts(_events(("m1", _FIRST, None, None)), _asked("m1")).collect()

    frame = Starts(facts).apply(events).collect().sort("meeting_id")

    assert frame["meeting_started_at"].to_list() == [_FIRST, _LATER]
    assert frame["start_basis"].unique().to_list() == ["observed"]


def test_countries_of_meetings_nobody_asked_for_are_missing() -> None:
    events = _events(("m1", _FIRST, "US", None))

    frame = MeetingCountries(no_meetings()).apply(events).collect()

    assert frame["meeting_countries.lo"].to_list() == [None]
    assert frame["meeting_countries.open"].to_list() == [False]
