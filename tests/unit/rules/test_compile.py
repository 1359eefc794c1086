"""A compiled rule gives every row one outcome, and says why it is unknown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from auditor.findings import Outcome
from auditor.rules.compile import CompiledRule, compile_rule
from auditor.schema import POLICY_STATE, PolicyState
from tests.unit.rules.frames import GROUPS, HEAD, Row, compiled, facts, rule_of

START = datetime(2020, 5, 1, tzinfo=UTC)
PERIOD = "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}\n"


def _outcomes(rule: CompiledRule, *rows: Row) -> list[str]:
    outcomes = facts(rows).with_columns(o=rule.outcome)["o"]
    return [Outcome(value).name.lower() for value in outcomes]


def _reasons(rule: CompiledRule, *rows: Row) -> list[str]:
    return facts(rows).with_columns(r=rule.unknown_reason)["r"].to_list()


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"is_host": True, "has_passcode": False}, "violation"),
        ({"is_host": True, "has_passcode": True}, "compliant"),
        ({"is_host": True}, "unknown"),
        ({"is_host": False}, "not_applicable"),
        ({"has_passcode": False}, "unknown"),
        ({"has_passcode": True}, "unknown"),
        ({"is_host": True, "has_passcode": True, "connection_type": "P2P"}, "unknown"),
        ({"is_host": True, "has_passcode": False, "connection_type": "P2P"}, "violation"),
        ({"is_host": False, "invalid:has_passcode": "perhaps"}, "unknown"),
        ({"is_host": True, "has_passcode": False, "invalid:plan": "Basic+"}, "violation"),
    ],
)
def test_applies_violation_and_doubts_make_the_outcome(
    tmp_path: Path, row: Row, outcome: str
) -> None:
    rule = compiled(
        tmp_path,
        "applies: is_host\nviolation: NOT has_passcode\n"
        "undecided: [{when: connection_type = 'P2P', because: peer to peer}]\n",
    )

    assert _outcomes(rule, row) == [outcome]


@pytest.mark.parametrize(
    ("offset", "outcome"),
    [(timedelta(microseconds=-1), "not_applicable"), (timedelta(), "violation")],
)
def test_a_period_begins_with_its_first_instant(
    tmp_path: Path, offset: timedelta, outcome: str
) -> None:
    rule = compiled(tmp_path, "violation: is_host\n" + PERIOD)

    assert _outcomes(rule, {"is_host": True, "event_at": START + offset}) == [outcome]


def test_until_is_exclusive_and_a_missing_clock_is_unknown(tmp_path: Path) -> None:
    rule = compiled(
        tmp_path,
        "violation: is_host\neffective: {until: 2020-05-01T00:00:00Z, clock: meeting_started_at}\n",
    )
    last = START - timedelta(microseconds=1)
    rows = [{"is_host": True, "meeting_started_at": t} for t in (last, START, None)]

    assert _outcomes(rule, *rows) == ["violation", "not_applicable", "unknown"]
    assert rule.boundary_text is None
    assert _reasons(rule, rows[2]) == ["meeting_started_at is missing"]


@pytest.mark.parametrize(
    ("hours", "in_boundary", "is_boundary_row"),
    [
        (-15, False, False),
        (-14, False, True),
        (-1, False, True),
        (0, True, False),
        (11, True, False),
        (12, False, False),
    ],
)
def test_rows_around_a_date_hang_on_its_zone(
    tmp_path: Path, hours: int, in_boundary: bool, is_boundary_row: bool
) -> None:
    rule = compiled(tmp_path, "violation: is_host\n" + PERIOD)
    df = facts([{"is_host": True, "event_at": START + timedelta(hours=hours)}])

    found = df.select(inside=rule.in_boundary, outside=rule.is_boundary_row).row(0)

    assert found == (in_boundary, is_boundary_row)


def test_a_row_outside_that_would_not_violate_is_no_boundary_row(tmp_path: Path) -> None:
    rule = compiled(tmp_path, "violation: is_host\n" + PERIOD)
    early = START - timedelta(hours=1)
    rows: list[Row] = [
        {"is_host": False, "event_at": early},
        {"event_at": early},
        {"is_host": True, "event_at": early, "invalid:is_host": "x"},
    ]

    assert facts(rows).select(rule.is_boundary_row).to_series().to_list() == [False] * 3


def test_the_zone_is_a_parameter(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "violation: is_host\n" + PERIOD)
    shanghai = compile_rule(rule, {"timezone": "Asia/Shanghai"}, GROUPS)
    row = {"is_host": True, "event_at": START - timedelta(hours=8)}

    assert _outcomes(shanghai, row) == ["violation"]
    assert shanghai.boundary_text == (
        "depends on the time zone of 2020-05-01, here taken as Asia/Shanghai"
    )
    assert shanghai.digest != compile_rule(rule, {}, GROUPS).digest


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"invalid:plan": "Basic+"}, "invalid value in plan"),
        ({"invalid:meeting_started_at": "soon"}, "invalid value in meeting_started_at"),
        ({POLICY_STATE: PolicyState.UNKNOWN_ACCOUNT.value}, "unknown account"),
        ({POLICY_STATE: PolicyState.GAP.value}, "no policy in force"),
        ({POLICY_STATE: PolicyState.NO_ACCOUNT.value}, "no account id"),
        ({"plan": "free", "jurisdictions": ["?"]}, "a hop is unresolved"),
        ({"plan": "free"}, "jurisdictions is missing"),
        ({"jurisdictions": ["CN"]}, "plan is missing"),
        ({}, "plan is missing"),
        ({"plan": "free", "jurisdictions": []}, "not decided"),
    ],
)
def test_an_unknown_row_has_one_reason(tmp_path: Path, row: Row, reason: str) -> None:
    rule = compiled(tmp_path, "violation: plan = 'free' AND touches(jurisdictions, 'CN')\n")

    assert _reasons(rule, row) == [reason]


def test_a_doubt_is_its_own_reason(tmp_path: Path) -> None:
    rule = compiled(
        tmp_path,
        "violation: has_passcode\nundecided: [{when: is_recorded, because: it was recorded}]\n",
    )
    row = {"has_passcode": False, "is_recorded": True}

    assert _outcomes(rule, row) == ["unknown"]
    assert _reasons(rule, row) == ["it was recorded"]


@pytest.mark.parametrize(
    ("predicate", "sources"),
    [
        ("NOT within(jurisdictions, opted_in)",
         ["extra_opted_in", "home", "meeting_started_at", "opted_in"]),
        ("plan = 'free'", ["meeting_started_at", "plan"]),
        ("partner = 'x'", ["meeting_started_at"]),
        ("touches(meeting_countries, 'CN')", []),
        ("client_version = '5' AND event_at > TIMESTAMP '2020-01-01T00:00:00Z'", []),
        ("media_bytes > 1 AND is_host", ["is_host", "media_bytes"]),
    ],
)  # fmt: skip
def test_bad_texts_of_all_sources_of_a_fact_count(
    tmp_path: Path, predicate: str, sources: list[str]
) -> None:
    assert compiled(tmp_path, f"violation: {predicate}\n").sources == sources


@pytest.mark.parametrize(
    ("body", "is_monotone"),
    [
        ("violation: touches(meeting_countries, 'CN') AND is_host\n", True),
        ("violation: meeting_countries IS NULL\n", False),
        ("violation: CASE WHEN touches(meeting_countries, 'CN') THEN TRUE ELSE FALSE END\n", False),
        ("violation: COALESCE(touches(meeting_countries, 'CN'), FALSE)\n", False),
        ("violation: COALESCE(is_host, FALSE)\n", True),
        (("violation: is_host\n"
         "undecided: [{when: \"touches(meeting_countries, 'CN')\", because: x}]\n"), False),
        ("violation: is_host\nevidence: {x: \"COALESCE(start_basis, 'none')\"}\n", True),
    ],
)  # fmt: skip
def test_what_a_missing_meeting_fact_decides_is_not_final(
    tmp_path: Path, body: str, is_monotone: bool
) -> None:
    assert compiled(tmp_path, body).is_monotone is is_monotone


def test_the_meetings_start_matters_as_a_clock_or_as_a_fact(tmp_path: Path) -> None:
    clock = "effective: {from: 2020-05-01, timezone: UTC, clock: meeting_started_at}\n"

    as_clock = compiled(tmp_path, "violation: is_host\n" + clock)
    as_fact = compiled(tmp_path, "violation: meeting_started_at < event_at\n")

    assert not as_clock.reads_start
    assert as_clock.reads == {"is_host", "meeting_started_at"}
    assert list(as_clock.clock_instants) == [
        START - timedelta(hours=14),
        START,
        START + timedelta(hours=12),
    ]
    assert as_fact.reads_start
    assert not as_fact.clock_instants


def test_a_message_shows_lists_times_and_what_is_missing(tmp_path: Path) -> None:
    head = HEAD.replace(
        "{session_id}", "{{{session_id}}}: {route} | {opted_in} | {first_at} | {plan} | {why_so}"
    )
    rule = rule_of(tmp_path, "violation: is_host\nevidence: {why_so: connection_type}\n", head)
    ready = compile_rule(rule, {}, GROUPS)
    finding = pl.DataFrame(
        {
            "session_id": ["s", "t"],
            "route": [["TJ", "SC"], []],
            "opted_in": [[], ["US"]],
            "first_at": [START, START + timedelta(microseconds=5)],
            "plan": ["free", None],
            "why_so": ["P2P", None],
        },
        schema_overrides={"opted_in": pl.List(pl.String), "first_at": pl.Datetime("us", "UTC")},
    )

    messages = finding.select(ready.message).to_series().to_list()

    assert messages == [
        "{s}: TJ, SC | nothing | 2020-05-01T00:00:00Z | free | P2P",
        "{t}: nothing | US | 2020-05-01T00:00:00.000005Z | unknown | unknown",
    ]
    assert list(ready.message_fields) == [
        "session_id", "route", "opted_in", "first_at", "plan", "why_so",
    ]  # fmt: skip
    assert ready.needs >= {"connection_type", "plan", "opted_in", "route", "session_id"}
    assert ready.reads == {"is_host"}


def test_basis_and_evidence_are_texts_of_the_row(tmp_path: Path) -> None:
    rule = compiled(
        tmp_path,
        "violation: is_host\nbasis: CASE WHEN plan IS NULL THEN 'none' ELSE 'plan' END\n"
        "evidence: {who: \"COALESCE(participant_id, 'nobody')\"}\n",
    )
    df = facts([{"plan": "free"}, {"participant_id": "p"}])
    assert rule.basis is not None

    shown = df.select(basis=rule.basis, **rule.evidence).rows()

    assert shown == [("plan", "nobody"), ("none", "p")]


@pytest.mark.parametrize("sql", ["CASE WHEN is_host THEN plan END", "COALESCE(NULL, plan)"])
def test_a_null_beside_a_field_has_the_values_of_the_field(tmp_path: Path, sql: str) -> None:
    rule = compiled(tmp_path, f"violation: {sql} = 'free'\n")

    rows = [{"is_host": True, "plan": plan} for plan in ("free", "pro", None)]

    assert _outcomes(rule, *rows) == ["violation", "compliant", "unknown"]
