"""What single feeds need: their times, their regions, and rules they can never decide."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from auditor.schema import Need
from auditor.sources import SOURCES
from auditor.sources.canonical import canonical
from auditor.sources.log_file import with_records
from auditor.sources.profile import load_profile, parse_profile
from auditor.sources.scan import open_files
from auditor.sources.times import read_time_texts
from tests.acceptance.logs import invoke, report_of
from tests.unit.sources.opening import log, opened, rows_of

QSS = load_profile("zoom-qss")
SAMPLES = Path(__file__).parents[3] / "sample_logs"


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("2022-03-01T10:15:14Z", ["iso"], datetime(2022, 3, 1, 10, 15, 14, tzinfo=UTC)),
        ("2022-03-01T10:15:14.123Z", ["iso"], datetime(2022, 3, 1, 10, 15, 14, 123000, UTC)),
        ("2022-03-01T10:15:14.1234567Z", ["iso"], datetime(2022, 3, 1, 10, 15, 14, 123456, UTC)),
        ("2021-11-17 00:37:24Z", ["iso"], datetime(2021, 11, 17, 0, 37, 24, tzinfo=UTC)),
        (
            "2024-03-21 07:09:03:216",
            ["iso", "%Y-%m-%d %H:%M:%S:%3f"],
            datetime(2024, 3, 21, 7, 9, 3, 216000, UTC),
        ),
        ("1585924271123", ["epoch_ms"], datetime(2020, 4, 3, 14, 31, 11, 123000, UTC)),
        ("1585924271", ["epoch_s"], datetime(2020, 4, 3, 14, 31, 11, tzinfo=UTC)),
        (
            "10/06/2026 06:01:12 PM",
            ["%m/%d/%Y %I:%M:%S %p"],
            datetime(2026, 10, 6, 18, 1, 12, tzinfo=UTC),
        ),
        ("0001-01-01T00:00:00Z", ["iso"], None),
        ("1585924271", ["epoch_ms"], None),
        ("1585924271123", ["epoch_s"], None),
    ],
)
def test_times_as_feeds_write_them(
    text: str, formats: list[str], expected: datetime | None
) -> None:
    read = read_time_texts(pl.Series([text]), formats, "UTC", key=None)

    assert read.struct.field("value").to_list() == [expected]


def test_pairs_of_name_and_value_are_columns(tmp_path: Path) -> None:
    line = (
        b'{"p": [{"name": "a", "value": "x"}, {"name": "b", "intValue": "1"}],'
        b' "q": [{"name": "a", "value": 1, "unit": "s"}]}\n'
        b'{"p": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}\n'
    )

    rows = rows_of(opened(tmp_path, line, "log.ndjson"))

    assert rows.select("p.a", "p.b", "@reject").rows() == [
        ("x", "1", None),
        (None, None, "a key is given twice"),
    ]


def test_what_a_feed_never_says_is_said_up_front() -> None:
    folder = SAMPLES / "google-meet-audit"

    done = invoke(
        "audit", "activities.json", "--source", "google-meet-audit", "--accounts", "accounts.csv",
        "--format", "json", cwd=folder,
    )  # fmt: skip

    assert done.exit_code == 3
    assert "ROUTE-001, ROUTE-002, ROUTE-003 cannot be decided by this source" in done.stderr
    assert {r["id"]: r["compliant"] for r in report_of(done)["rules"]}["ROUTE-001"] == 0


@pytest.mark.parametrize(("select", "is_told"), [("KEY-001", True), ("HOST-001", False)])
def test_rules_on_hops_that_a_feed_never_speaks_of_are_told(select: str, *, is_told: bool) -> None:
    folder = SAMPLES / "zoom-dashboard"

    done = invoke(
        "audit", "participants.csv", "--source", "zoom-dashboard", "--select", "ROUTE-001",
        "--select", select, "--format", "json", cwd=folder,
    )  # fmt: skip

    told = "KEY-001 applied to no row of this source (zoom-dashboard): it only tells of processing"
    assert any(told in warning for warning in report_of(done)["warnings"]) == is_told


@pytest.mark.parametrize(
    ("header", "cells", "outcome"),
    [
        ("Caller_RelayIPAddress,Callee_RelayIPAddress", "52.112.0.1,", "compliant"),
        ("Caller_RelayIPAddress", "52.112.0.1", "unknown"),
        ("Callee_RelayIPAddress", "52.112.0.1", "unknown"),
    ],
)
def test_hops_of_a_column_that_the_log_lacks_are_unresolved(
    tmp_path: Path, header: str, cells: str, outcome: str
) -> None:
    ids = "CallId,SessionId,Organizer_TenantId,SegmentStartTime"
    (tmp_path / "log.csv").write_text(f"{ids},{header}\nc,s,A,2020-06-02T10:00:00Z,{cells}\n")
    (tmp_path / "accounts.csv").write_text("account_id,opted_in\nA,US\n")
    (tmp_path / "ranges.csv").write_text("52.112.0.0/14,US,,,\n")

    done = invoke(
        "audit", "log.csv", "--source", "teams-call-records", "--accounts", "accounts.csv",
        "--ip-ranges", "ranges.csv", "--select", "ROUTE-001", "--format", "json", cwd=tmp_path,
    )  # fmt: skip

    assert report_of(done)["rules"][0][outcome] == 1


@pytest.mark.parametrize(
    ("how", "cells", "route"),
    [
        ("[a, b]", '"SC;","TJ;"', "SC;TJ"),
        ("[a, b]", ",TJ", "TJ"),
        ("[a, b]", ",", None),
        ("{columns: [a, b], coalesce: true}", "SC,TJ", "SC"),
        ("{join: [a, b]}", '"SC;","TJ;"', "SC;TJ"),
        ("{join: [a, b]}", '";",TJ', ";TJ"),
        ("{join: [a, c]}", "SC,TJ", "SC;;"),
    ],
)
def test_no_column_of_hops_is_left_out(
    tmp_path: Path, how: str, cells: str, route: str | None
) -> None:
    ids = "event_at: t\n  meeting_id: m\n  session_id: s\n  account_id: x"
    head = "schema: auditor/source/v1\nname: x\ntitle: x\ntable: events\n"
    profile = parse_profile(f"{head}fields:\n  {ids}\n  route: {how}\n", "p.yaml")
    log = f"t,m,s,x,a,b\n2020-06-02T10:00:00Z,m,s,A,{cells}\n".encode()
    (group,) = opened(tmp_path, log).groups

    rows = canonical(group, profile, None, {}).lf.collect()

    assert rows["route"].to_list() == [route]


@pytest.mark.parametrize(
    ("data", "route"),
    [
        ('{"data_center": "SC"}', "SC"),
        ('{"data_center": "SC", "full_data_center": "SC;TJ;"}', "SC;TJ;"),
        ('{"data_center": "SC", "full_data_center": ""}', "SC"),
    ],
)
def test_the_list_of_all_data_centres_of_qss_counts_where_it_is_there(
    tmp_path: Path, data: str, route: str
) -> None:
    place = {"uuid": "m", "participant": {"user_id": "u", "data": [json.loads(data)]}}
    event = {"event_ts": 1591092000000, "payload": {"account_id": "A", "object": place}}
    content = json.dumps(event).encode()
    file = with_records([log(tmp_path, content, "log.ndjson")], QSS.records)
    (group,) = open_files(file, tmp_path).groups

    rows = canonical(group, QSS, None, {}).lf.collect()

    assert rows["route"].to_list() == [route]


@pytest.mark.parametrize("name", SOURCES)
def test_a_feed_says_of_every_field_where_it_comes_from_or_why_it_does_not(name: str) -> None:
    profile = load_profile(name)
    needed = {field.name for field in profile.table_fields if field.need is not Need.OPTIONAL}

    assert needed <= profile.fields.keys() | profile.never.keys()
    assert not profile.fields.keys() & profile.never.keys()
