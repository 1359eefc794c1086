"""Between which instants a time makes no difference to a rule."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.jurisdictions import Groups, Membership
from auditor.rules.compile import compile_rule
from tests.unit.rules.frames import compiled, rule_of

MAY = datetime(2020, 5, 1, tzinfo=UTC)
AROUND = {MAY, MAY + timedelta(microseconds=1)}
AT = "TIMESTAMP '2020-05-01T00:00:00Z'"


@pytest.mark.parametrize(
    "test",
    [
        f"event_at >= {AT}",
        f"event_at = {AT}",
        f"{AT} < event_at",
        f"NOT (event_at IN ({AT}))",
        f"event_at BETWEEN {AT} AND {AT}",
        f"event_at IS DISTINCT FROM {AT}",
        f"CASE WHEN event_at > {AT} THEN is_host ELSE NOT is_host END",
    ],
)
def test_a_literal_and_the_tick_after_it_divide_time(tmp_path: Path, test: str) -> None:
    rule = compiled(tmp_path, f"violation: {test}\n")

    assert set(rule.instants["event_at"] or ()) == AROUND


@pytest.mark.parametrize(
    "test",
    [
        "event_at > meeting_started_at",
        f"COALESCE(event_at, {AT}) > {AT}",
        f"(CASE WHEN is_host THEN event_at END) > {AT}",
        f"event_at IN ({AT}, meeting_started_at)",
        f"event_at > {AT} AND event_at < meeting_started_at",
    ],
)
def test_every_value_counts_where_a_time_is_compared_with_what_a_row_holds(
    tmp_path: Path, test: str
) -> None:
    rule = compiled(tmp_path, f"violation: {test}\n")

    assert rule.instants["event_at"] is None


def test_a_clock_that_is_compared_with_a_column_stays_open(tmp_path: Path) -> None:
    body = "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}\n"

    clock = compiled(tmp_path, "violation: is_host\n" + body)
    both = compiled(tmp_path, "violation: event_at < upgraded_at\n" + body)

    hours = {int((at - MAY).total_seconds()) // 3600 for at in clock.instants["event_at"] or ()}
    assert hours == {-14, 0, 12}
    assert both.instants["event_at"] is None


@pytest.mark.parametrize(
    "test",
    ["within(jurisdictions, group('EU'))", "in_group(home, 'EU')", "NOT in_group(home, 'EU')"],
)
def test_groups_divide_the_rows_own_time(tmp_path: Path, test: str) -> None:
    groups = Groups([Membership("EU", "GB", None, MAY), Membership("EEA", "NO")])

    rule = compile_rule(rule_of(tmp_path, f"violation: {test}\n"), {}, groups)

    assert rule.instants == {"event_at": frozenset({MAY})}


def test_a_rule_without_times_has_none(tmp_path: Path) -> None:
    assert compiled(tmp_path, "violation: is_host\n").instants == {}
