"""A rule of which no source says when it began is unknown on what may have violated it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.findings import Outcome
from auditor.rules.compile import CompiledRule
from tests.unit.rules.frames import Row, compiled, facts, rule_of

JUNE, JULY = datetime(2020, 6, 1, tzinfo=UTC), datetime(2020, 7, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EFFECTIVE = (
    "effective: {earliest: 2020-06-01, from: 2020-07-01, doubt: the day is not known, "
    "timezone: UTC, clock: event_at}\n"
)
BODY = "applies: plan = 'free'\nviolation: is_host\n" + EFFECTIVE
FREE_HOST: dict[str, object] = {"plan": "free", "is_host": True}


def _asked(rule: CompiledRule, row: Row) -> tuple[Outcome, str, bool, bool]:
    found = facts([row]).select(
        outcome=rule.outcome,
        reason=rule.unknown_reason,
        boundary=rule.in_boundary,
        late=rule.is_boundary_row,
    )
    outcome, reason, boundary, late = found.row(0)
    return Outcome(outcome), reason, boundary, late


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (JUNE - SECOND, Outcome.NOT_APPLICABLE),
        (JUNE, Outcome.UNKNOWN),
        (JULY - SECOND, Outcome.UNKNOWN),
        (JULY, Outcome.VIOLATION),
    ],
)
def test_what_violates_is_unknown_until_the_rule_surely_holds(
    tmp_path: Path, at: datetime, outcome: Outcome
) -> None:
    assert _asked(compiled(tmp_path, BODY), {**FREE_HOST, "event_at": at})[0] is outcome


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"plan": "free", "is_host": False}, Outcome.COMPLIANT),
        ({"plan": "pro", "is_host": True}, Outcome.NOT_APPLICABLE),
        ({"plan": "free"}, Outcome.UNKNOWN),
        ({"is_host": True}, Outcome.UNKNOWN),
    ],
)
def test_all_else_is_decided_as_if_it_held(tmp_path: Path, row: Row, outcome: Outcome) -> None:
    found, reason, *_ = _asked(compiled(tmp_path, BODY), {**row, "event_at": JUNE})

    assert found is outcome
    assert reason != "the day is not known"


def test_a_row_in_doubt_says_why_and_counts_as_near_the_boundary(tmp_path: Path) -> None:
    rule = compiled(tmp_path, BODY)

    told = _asked(rule, {**FREE_HOST, "event_at": JUNE + timedelta(days=15)})

    assert told == (Outcome.UNKNOWN, "the day is not known", True, True)
    assert rule.boundary_text == (
        "depends on the time zone of 2020-06-01 and 2020-07-01, here taken as UTC; "
        "the day is not known"
    )


def test_a_bad_text_is_the_reason_before_the_doubt(tmp_path: Path) -> None:
    row = {"event_at": JUNE, "plan": "free", "is_host": True, "invalid:plan": "free!"}

    told = _asked(compiled(tmp_path, BODY), row)

    assert told == (Outcome.UNKNOWN, "invalid value in plan", True, False)


@pytest.mark.parametrize(
    ("at", "is_late"),
    [
        (JUNE - timedelta(hours=14) - SECOND, False),
        (JUNE - timedelta(hours=14), True),
        (JUNE - SECOND, True),
        (JULY, False),
    ],
)
def test_rows_just_before_the_earliest_day_count_too(
    tmp_path: Path, at: datetime, is_late: bool
) -> None:
    assert _asked(compiled(tmp_path, BODY), {**FREE_HOST, "event_at": at})[3] is is_late


@pytest.mark.parametrize(("at", "in_boundary"), [(JULY, True), (JULY + timedelta(hours=12), False)])
def test_a_violation_hangs_on_the_zone_of_the_day_from_which_the_rule_surely_holds(
    tmp_path: Path, at: datetime, in_boundary: bool
) -> None:
    assert _asked(compiled(tmp_path, BODY), {**FREE_HOST, "event_at": at})[2] is in_boundary


def test_the_days_follow_the_zone(tmp_path: Path) -> None:
    rule = compiled(tmp_path, BODY, timezone="Asia/Shanghai")
    eight = timedelta(hours=8)

    at = [JUNE - eight - SECOND, JUNE - eight, JULY - eight - SECOND, JULY - eight]
    outcomes = [_asked(rule, {**FREE_HOST, "event_at": one})[0] for one in at]

    assert outcomes == [
        Outcome.NOT_APPLICABLE,
        Outcome.UNKNOWN,
        Outcome.UNKNOWN,
        Outcome.VIOLATION,
    ]


def test_rows_on_both_sides_of_each_day_are_told_apart(tmp_path: Path) -> None:
    rule = compiled(tmp_path, BODY)

    assert {JUNE, JULY, JUNE - timedelta(hours=14)} <= set(rule.instants["event_at"] or ())


@pytest.mark.parametrize(
    ("effective", "fault"),
    [
        ("{earliest: 2020-06-01, from: 2020-07-01", "key 'doubt' is missing"),
        ("{doubt: why, from: 2020-07-01", "key 'earliest' is missing"),
        ("{earliest: 2020-06-01, doubt: why", "key 'from' is missing"),
        (
            "{earliest: 2020-07-01, doubt: why, from: 2020-07-01",
            "from 2020-07-01 is not after earliest 2020-07-01",
        ),
        ("{earliest: June, doubt: why, from: 2020-07-01", "earliest 'June' is neither a date"),
    ],
)
def test_an_earliest_day_needs_its_reason_and_its_place(
    tmp_path: Path, effective: str, fault: str
) -> None:
    body = f"violation: is_host\neffective: {effective}, timezone: UTC, clock: event_at}}\n"

    with pytest.raises(RuleError, match=fault):
        rule_of(tmp_path, body)
