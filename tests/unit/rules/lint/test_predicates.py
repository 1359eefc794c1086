"""Lint tells which predicates are certain to miss a truth, and is silent where that is open."""

from pathlib import Path

import pytest

from tests.unit.rules.lint.linting import changed, remarks


def _remarks(folder: Path, violation: str, more: str = "") -> list[str]:
    return remarks(folder, changed("violation: is_host", f"violation: >-\n  {violation}\n{more}"))


@pytest.mark.parametrize(
    ("violation", "remark"),
    [
        ("plan = 'free' AND plan = 'pro'",
         "8:21: never-true: violation is never TRUE: no value of plan fits"),
        ("plan IN ('free', 'pro') AND is_host AND plan IN ('trial')", "8:43: never-true"),
        ("NOT (plan <> 'free' OR plan <> 'pro')", "8:26: never-true"),
        ("media_bytes > 5 AND media_bytes <= 5", "8:23: never-true"),
        ("media_bytes BETWEEN 5 AND 3", "8:3: never-true"),
        ("media_bytes < 0", "8:3: never-true"),
        ("event_at IS NULL", "8:3: never-true"),
        ("is_host AND NOT is_host", "8:19: never-true"),
        ("is_host AND is_host IS NULL", "8:15: never-true"),
        (("plan NOT IN ('free', 'trial', 'pro', 'business', 'enterprise', 'education', "
         "'government', 'on_prem')"), "8:3: never-true"),
        ("LOWER(connection_type) = 'P2P'", "8:3: never-true"),
        ("UPPER(connection_type) LIKE 'p%'", "8:3: never-true"),
        ("touches(jurisdictions, 'CN') AND jurisdictions IS NULL", "8:36: never-true"),
        ("touches(jurisdictions, 'CN') AND NOT touches(jurisdictions, 'CN')", "8:40: never-true"),
        ("meeting_started_at < event_at AND event_at <= meeting_started_at", "8:37: never-true"),
        ("partner = 'a' AND LOWER(partner) IS NULL", "8:21: never-true"),
        ("COALESCE(plan, 'free') IS NULL", "8:3: never-true"),
        ("(is_host AND plan = 'pro' OR plan = 'trial') AND plan = 'free'", "8:52: never-true"),
        ("CASE WHEN plan = 'pro' THEN plan = 'free' ELSE FALSE END", "8:31: never-true"),
        ("event_at > DATE '2020-05-02' AND event_at < DATE '2020-05-01'", "8:36: never-true"),
        ("event_at < DATE '2020-04-01'", "8:3: never-true: violation is never TRUE where"),
        ("FALSE", "8:3: never-true"),
        ("NULL", "8:3: never-decided: violation is never TRUE and never FALSE"),
        ("media_bytes >= 0", "8:3: never-false"),
        ("COALESCE(is_host, TRUE) OR NOT is_host", "8:34: never-false"),
        ("plan = plan", "8:3: never-false"),
        ("event_at >= DATE '2020-04-01'", "8:3: never-false: violation is never FALSE where"),
        ("plan = NULL", "8:3: null-comparison: = NULL is NULL"),
        ("NOT plan IN ('free', NULL)", "8:7: null-comparison: IN NULL is NULL"),
        ("is_host OR (plan = 'free' AND plan = 'pro')", "8:33: constant-part: violation has a"),
        ("is_host AND event_at IS NOT NULL", "8:15: constant-part"),
        ("CASE WHEN event_at IS NULL THEN 'a' ELSE partner END = 'b'", "8:13: constant-part"),
    ],
)  # fmt: skip
def test_what_is_certain_is_told_where_it_shows(
    tmp_path: Path, violation: str, remark: str
) -> None:
    period = "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}"

    (found,) = _remarks(tmp_path, violation, period)

    assert found.startswith(remark)


@pytest.mark.parametrize(
    "violation",
    [
        "plan = 'free' OR plan = 'pro'",
        "plan = 'free' AND billing_country = 'CN'",
        "media_bytes > 5 AND media_bytes < 7",
        "is_host AND (plan IS NULL OR plan = 'free')",
        "LOWER(connection_type) = 'p2p'",
        "plan = 'free' AND COALESCE(billing_country, registered_country, home) = 'CN'",
        "event_at > DATE '2020-05-01' AND event_at < TIMESTAMP '2020-05-02T00:00:00Z'",
        "media_bytes > 9007199254740993 AND media_bytes < 9007199254740993.5",
        "partner LIKE '%'",
        "plan IS DISTINCT FROM 'free' AND plan IS DISTINCT FROM 'pro'",
        "CASE plan WHEN 'free' THEN is_host WHEN 'pro' THEN NOT is_host END",
        "event_at < meeting_started_at OR event_at > meeting_started_at",
        "NOT within(jurisdictions, opted_in) AND NOT touches(jurisdictions, opted_in)",
    ],
)
def test_what_is_not_certain_is_not_told(tmp_path: Path, violation: str) -> None:
    zone = "effective: {timezone: UTC}"
    expected = [] if violation != "partner LIKE '%'" else ["never-false"]

    found = _remarks(tmp_path, violation, zone)

    assert [remark.split(": ")[1] for remark in found] == expected


def test_a_parameter_may_have_any_value(tmp_path: Path) -> None:
    params = (
        "params:\n"
        "  strict: {type: boolean, default: false, meaning: m}\n"
        "  names: {type: texts, default: [], meaning: m}\n"
    )

    assert _remarks(tmp_path, "is_host AND :strict AND partner NOT IN (:names)", params) == []


@pytest.mark.parametrize(
    ("more", "remark"),
    [
        ("applies: plan = 'free' AND plan = 'pro'\n", "8:28: never-true: applies is never TRUE"),
        ("applies: NOT is_host\n", "7:12: never-true: violation is never TRUE where"),
        ("applies: is_host\n", "7:12: never-false: violation is never FALSE where"),
        ("undecided: [{when: is_host, because: b}]\n",
         "8:20: never-true: undecided.0.when is never TRUE where a row would be compliant"),
        ("applies: (TRUE)\n", "8:10: never-false: applies is never FALSE"),
        (("applies: event_at < DATE '2020-04-01'\n"
         "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}\n"),
         "8:10: never-true: applies is never TRUE within the period"),
    ],
)  # fmt: skip
def test_predicates_of_a_rule_are_seen_together(tmp_path: Path, more: str, remark: str) -> None:
    found = remarks(tmp_path, changed("violation: is_host\n", f"violation: is_host\n{more}"))

    assert any(line.startswith(remark) for line in found), found


def test_a_day_leaves_room_for_every_zone_of_the_period(tmp_path: Path) -> None:
    period = "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}"
    inside = "event_at < TIMESTAMP '2020-04-30T10:00:01Z'"
    outside = "event_at < TIMESTAMP '2020-04-30T10:00:00Z'"

    assert _remarks(tmp_path, inside, period) == []
    assert len(_remarks(tmp_path, outside, period)) == 1
