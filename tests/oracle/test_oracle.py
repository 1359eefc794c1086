"""The oracle itself, on logs small enough to be judged by reading them."""

from collections.abc import Mapping
from typing import Any

import pytest

from .model import Accounts, Broken, LogFile, Question, Raw
from .report import Plain, expected_report

ROW: Mapping[str, Raw] = {
    "event_at": "2020-05-02T00:00:00Z",
    "meeting_id": "m",
    "session_id": "s",
    "account_id": "a",
    "route": "SC",
    "opted_in": "US",
}


def _report(*rows: Mapping[str, Raw], accounts: Accounts | None = None, **question: Any) -> Plain:
    asked = {"select": ("ROUTE-001",), **question}
    records = [{**ROW, **row} for row in rows]
    return expected_report([LogFile("log", records)], accounts, Question(**asked))


def _verdict(report: Plain) -> str:
    (rule,) = report["rules"].values()
    reasons = "".join(rule["unknown_reasons"])
    outcome = next(o for o in ("violation", "compliant", "unknown", "not_applicable") if rule[o])
    return reasons or outcome


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({}, "compliant"),
        ({"route": "TJ"}, "violation"),
        ({"route": "FR"}, "violation"),
        ({"route": "FR", "opted_in": "de"}, "compliant"),
        ({"route": "SC;GSB"}, "a hop is unresolved"),
        ({"route": "TJ;GSB"}, "violation"),
        ({"route": "SC;;"}, "a hop is unresolved"),
        ({"route": "SC;"}, "compliant"),
        ({"route": None}, "a hop is unresolved"),
        ({"route": "COUNTRY:us"}, "compliant"),
        ({"route": "US"}, "a hop is unresolved"),
        ({"opted_in": ""}, "opted_in is missing"),
        ({"opted_in": []}, "violation"),
        ({"opted_in": [], "home": "US"}, "compliant"),
        ({"opted_in": "", "home": "US", "connection_type": "UDP"}, "opted_in is missing"),
        ({"opted_in": "US;China"}, "invalid value in opted_in"),
        ({"opted_in": "zoom:LA", "route": "SP"}, "compliant"),
        ({"opted_in": "EU", "route": "country:GB"}, "violation"),
        ({"opted_in": [], "extra_opted_in": ["US"]}, "compliant"),
        ({"home": "China"}, "invalid value in home"),
        ({"hop_role": "transit", "route": "TJ"}, "not_applicable"),
        ({"hop_role": " Relay ", "route": "TJ"}, "violation"),
        ({"hop_role": "teleport"}, "invalid value in hop_role"),
        ({"connection_type": "P2P", "route": "TJ"}, "violation"),
        ({"connection_type": "p2p"}, "peer-to-peer media may bypass every site"),
        ({"meeting_started_at": "2020-04-17T23:59:59Z", "route": "TJ"}, "not_applicable"),
        ({"meeting_started_at": "never"}, "invalid value in meeting_started_at"),
        ({"meeting_started_at": "2020-04-18T08:00:00+08:00", "route": "TJ"}, "violation"),
    ],
)
def test_route_001_on_one_row(row: Mapping[str, Raw], verdict: str) -> None:
    assert _verdict(_report(row)) == verdict


@pytest.mark.parametrize(
    ("row", "allows", "verdict"),
    [
        ({"route": "TJ", "hop_role": "key"}, "false", "violation"),
        ({"route": "TJ", "opted_in": "CN"}, "false", "compliant"),
        ({"route": "TJ", "opted_in": ""}, "false", "opted_in is missing"),
        ({"route": "GSB", "opted_in": "CN"}, "false", "compliant"),
        ({"route": "GSB"}, "false", "a hop is unresolved"),
        ({"route": "TJ", "participant_country": "CN"}, "false", "violation"),
        ({"route": "TJ", "participant_country": "CN"}, "true", "compliant"),
        ({"route": "TJ"}, "true", "meeting_countries is missing"),
        ({"route": "TJ", "meeting_started_at": "2020-04-24T23:59:59Z"}, "false", "not_applicable"),
    ],
)
def test_route_002_on_one_row(row: Mapping[str, Raw], allows: str, verdict: str) -> None:
    params = {"cn_participant_allows": allows}

    assert _verdict(_report(row, select=("ROUTE-002",), params=params)) == verdict


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"plan": "free", "billing_country": "CN"}, "violation"),
        ({"plan": "free", "billing_country": "HK", "home": "CN"}, "compliant"),
        ({"plan": "free", "home": "cn"}, "violation"),
        ({"plan": "pro", "home": "CN"}, "compliant"),
        ({"plan": "pro"}, "compliant"),
        ({"billing_country": "US"}, "compliant"),
        ({"plan": "Basic+", "home": "CN"}, "invalid value in plan"),
        ({"plan": "free", "home": "CN", "event_at": "2020-04-30T15:59:59Z"}, "not_applicable"),
        ({"plan": "free", "home": "CN", "event_at": "2020-04-30T16:00:00Z"}, "violation"),
    ],
)
def test_host_001_on_one_row(row: Mapping[str, Raw], verdict: str) -> None:
    assert _verdict(_report(row, select=("HOST-001",))) == verdict


@pytest.mark.parametrize(
    ("row", "params", "verdict"),
    [
        ({"upgraded_at": "2020-04-30T16:00:00Z"}, {}, "violation"),
        ({"upgraded_at": "2020-04-30T15:59:59Z"}, {}, "compliant"),
        ({"upgraded_at": "2020-04-30T16:00:00Z"}, {"HOST-002.cut_off": "2020-05-02"}, "compliant"),
        ({"upgraded_at": "2020-04-30T16:00:00Z"}, {"timezone": "UTC"}, "compliant"),
        ({"upgraded_at": ""}, {}, "upgraded_at is missing"),
        ({"upgraded_at": "", "plan": "trial"}, {}, "compliant"),
        ({"account_kind": "business"}, {}, "not_applicable"),
        ({"account_kind": ""}, {}, "account_kind is missing"),
    ],
)
def test_host_002_on_one_row(
    row: Mapping[str, Raw], params: Mapping[str, str], verdict: str
) -> None:
    paid: Mapping[str, Raw] = {
        **dict.fromkeys(("billing_country", "registered_country", "home"), "CN"),
        "account_kind": "individual",
        "plan": "pro",
    }

    report = _report({**paid, **row}, select=("HOST-002",), params=params)

    assert _verdict(report) == verdict


def test_the_policy_in_force_at_the_meetings_start_counts() -> None:
    accounts = Accounts(
        ("account_id", "opted_in", "valid_from", "valid_to"),
        [
            {"account_id": "a", "opted_in": "US", "valid_to": "2020-05-01T00:00:00Z"},
            {"account_id": "a", "opted_in": "US;CN", "valid_from": "2020-05-02T00:00:00Z"},
        ],
    )
    early = {"meeting_id": "m1", "event_at": "2020-04-30T23:59:59Z", "route": "TJ"}
    straddling = {"meeting_id": "m1", "event_at": "2020-05-03T00:00:00Z", "route": "TJ"}
    in_gap = {"meeting_id": "m2", "event_at": "2020-05-01T00:00:00Z"}
    widened = {"meeting_id": "m3", "event_at": "2020-05-02T00:00:00Z", "route": "TJ"}
    stranger = {"meeting_id": "m4", "account_id": "b"}
    nobody = {"meeting_id": "m5", "account_id": ""}

    report = _report(early, straddling, in_gap, widened, stranger, nobody, accounts=accounts)

    rule = report["rules"]["ROUTE-001"]
    assert (rule["violation"], rule["compliant"], rule["unknown"]) == (2, 1, 3)
    assert set(rule["unknown_reasons"]) == {
        "no policy in force", "unknown account", "no account id",
    }  # fmt: skip
    assert report["unresolved"]["accounts"] == {"a": 1, "b": 1, "": 1}
    policy = {"valid_from": None, "valid_to": "2020-05-01T00:00:00Z"}
    assert report["findings"][0]["policy"] == [policy]


def test_a_finding_sums_up_its_violating_rows_only() -> None:
    report = _report(
        {"route": "TJ;SC", "media_bytes": "5", "event_at": "2020-05-03T00:00:00Z"},
        {"route": "SC", "media_bytes": "7"},
        {"route": "country:CN; XYZ9", "event_at": "2020-05-02T12:00:00.5Z", "opted_in": "US;DE"},
    )

    (finding,) = report["findings"]
    assert finding == {
        "id": finding["id"],
        "rule_id": "ROUTE-001",
        "severity": "high",
        "subject": {"kind": "session", "account_id": "a", "meeting_id": "m", "session_id": "s"},
        "first_at": "2020-05-02T12:00:00.500000Z",
        "last_at": "2020-05-03T00:00:00Z",
        "events": 2,
        "media_bytes": 5,
        "jurisdictions": ["CN", "US"],
        "jurisdictions_outside": ["CN"],
        "opted_in": ["DE", "US"],
        "route": ["SC", "TJ", "XYZ9", "country:CN"],
        "basis": ["reported"],
        "start_basis": "observed",
        "policy": [{"valid_from": None, "valid_to": None}],
        "boundary": False,
        "rows": [{"path": "log", "row": 1}, {"path": "log", "row": 3}],
    }
    assert len(finding["id"]) == 32


@pytest.mark.parametrize(
    ("started_at", "verdict", "near"),
    [
        ("2020-04-17T09:59:59Z", "not_applicable", 0),
        ("2020-04-17T10:00:00Z", "not_applicable", 1),
        ("2020-04-18T00:00:00Z", "violation", True),
        ("2020-04-18T11:59:59Z", "violation", True),
        ("2020-04-18T12:00:00Z", "violation", False),
    ],
)
def test_the_boundary_spans_all_zones_of_the_day(started_at: str, verdict: str, near: int) -> None:
    report = _report({"route": "TJ", "meeting_started_at": started_at})

    assert _verdict(report) == verdict
    boundary = [finding["boundary"] for finding in report["findings"]]
    assert (boundary or [report["rules"]["ROUTE-001"]["boundary_rows"]]) == [near]


def test_the_zone_of_a_rule_is_a_parameter() -> None:
    row = {"route": "TJ", "meeting_started_at": "2020-04-17T16:00:00Z"}

    report = _report(row, params={"ROUTE-001.timezone": "Asia/Shanghai"})

    assert _verdict(report) == "violation"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"event_at": " "}, "event_at is missing"),
        ({"event_at": "2020-02-30T00:00:00Z", "meeting_id": ""}, "event_at is not a time"),
        ({"event_at": "2201-01-01T00:00:00Z"}, "event_at is not a time"),
        ({"event_at": "2020-05-02T00:00:00"}, "event_at has no zone"),
        ({"meeting_id": None, "session_id": None}, "meeting_id is missing"),
        ({"session_id": ""}, "session_id is missing"),
    ],
)
def test_rows_without_time_or_keys_are_rejected(row: Mapping[str, Raw], reason: str) -> None:
    report = _report(row, {})

    assert report["coverage"]["rejects"] == {reason: 1}
    assert report["coverage"]["rows_read"] == 2
    assert report["exit_code"] == 3


def test_broken_records_keep_their_number_and_their_reason() -> None:
    files = [LogFile("log", [Broken(",", "too few fields"), {**ROW, "route": "TJ"}])]

    report = expected_report(files, None, Question(("ROUTE-001",)))

    assert report["coverage"]["rejects"] == {"too few fields": 1}
    assert report["findings"][0]["rows"] == [{"path": "log", "row": 2}]


def test_the_window_bounds_events_but_not_the_start_of_their_meeting() -> None:
    before = {"event_at": "2020-04-17T23:00:00Z", "route": "TJ"}
    inside = {"event_at": "2020-04-18T00:00:00Z", "route": "TJ"}
    after = {"event_at": "2020-04-19T00:00:00Z", "meeting_id": "n", "route": "TJ"}
    window: dict[str, Any] = {
        "window_from": "2020-04-18T00:00:00Z",
        "window_to": "2020-04-19T00:00:00Z",
    }

    report = _report(before, inside, after, **window)

    assert _verdict(report) == "not_applicable"
    assert report["rules"]["ROUTE-001"]["boundary_rows"] == 1
    assert report["coverage"]["rows_outside_window"] == 2


def test_invalid_values_are_counted_where_a_rule_or_a_finding_needs_the_column() -> None:
    row = {"plan": "Basic+", "media_bytes": "-1", "opted_in": "US;UK;"}

    route, host = (_report(row, select=(rule,)) for rule in ("ROUTE-001", "HOST-001"))

    common = {"media_bytes=-1": 1, "opted_in=US;UK": 1}
    assert route["coverage"]["invalid_values"] == common
    assert host["coverage"]["invalid_values"] == common | {"plan=Basic+": 1}
