"""What `sources check` tells about a log before anybody relies on it."""

import polars as pl

from auditor.sources.check import check, describe, list_sources
from auditor.sources.profile import load_profile
from tests.unit.sources.raw_groups import raw_group

LOG = {
    "join_time": ["2022-03-01T10:15:14Z", "never", "2022-03-01T10:15:14Z"],
    "meeting_uuid": ["M"] * 3,
    "participant_uuid": ["P", "Q", "R"],
    "account_id": ["A"] * 3,
    "data_center": ["United States (SC Top);Atlantis", "SC", ""],
    "location": ["New York", "New York", "X (ZZ)"],
    "recording": ["true", "perhaps", ""],
    "rout": ["", "", ""],
}


def test_each_field_tells_its_origin_or_why_there_is_none() -> None:
    found = check(raw_group(LOG), load_profile("zoom-dashboard"), None, {})

    origins = {f.name: (f.is_supplied, f.origin) for f in found.fields}
    assert origins["event_at"] == (True, "column join_time")
    assert origins["session_id"] == (True, "column participant_uuid and event_at")
    assert origins["encryption"] == (False, "no Zoom record states the cipher")
    assert origins["client_version"] == (False, "no column version")


def test_a_column_that_nothing_reads_is_shown_with_the_field_it_resembles() -> None:
    found = check(raw_group(LOG), load_profile("zoom-dashboard"), None, {})

    assert [(i.column, i.hint) for i in found.ignored] == [("rout", "did you mean 'route'?")]


def test_rows_and_values_are_counted() -> None:
    found = check(raw_group(LOG), load_profile("zoom-dashboard"), None, {})

    totals = found.totals.collect().row(0, named=True)
    assert (totals["rows"], totals["rejected"], totals["event_at"]) == (3, 1, 2)
    assert (totals["participant_country"], totals["is_recorded"]) == (0, 1)


def test_texts_that_were_not_read_are_counted_by_problem() -> None:
    found = check(raw_group(LOG), load_profile("zoom-dashboard"), None, {})

    rows = found.samples.collect(engine="streaming").rows()
    assert sorted(rows) == [
        ("", "rejected", "event_at is not a time", 1),
        ("is_recorded", "invalid", "perhaps", 1),
        ("participant_country", "invalid", "ZZ", 1),
        ("participant_country", "unread", "New York", 2),
        ("route", "item", "Atlantis", 1),
        ("route", "item", "SC", 1),
    ]


def test_samples_are_the_twenty_commonest() -> None:
    values = [f"x{i:02}" for i in range(30)]
    log = {
        "event_at": ["2022-03-01T10:15:14Z"] * 31,
        "meeting_id": ["m"] * 31,
        "session_id": ["s"] * 31,
        "account_id": ["a"] * 31,
        "route": [*values, "x29"],
    }

    found = check(raw_group(log), load_profile("canonical"), None, {})

    samples = found.samples.filter(pl.col("problem") == "item").collect()
    assert samples["value"].to_list() == ["x29", *values[:19]]


def test_sources_are_listed_by_name_and_described() -> None:
    names = [s.name for s in list_sources()]
    assert names == sorted(names)
    assert {"canonical", "canonical-orders", "zoom-dashboard", "twilio-video-insights"} <= {*names}
    origins = {f.name: f.origin for f in describe(load_profile("zoom-dashboard"))}
    assert origins["meeting_id"].endswith("else --param meeting_id=…")
    assert origins["hop_role"] == "always 'processing'"
