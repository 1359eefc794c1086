"""Parameters of rules: what they change, for which rules, and what they refuse."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.errors import ConfigError
from auditor.rules.compile import resolve_params
from tests.unit.rules.frames import Row, compiled, facts, rule_of

START = datetime(2020, 5, 1, tzinfo=UTC)
PARAMS = """\
violation: >-
  (:strict AND is_host) OR media_bytes > :most OR upgraded_at >= :since
  OR partner IN (:partners) OR plan = :plan
effective: {timezone: Asia/Shanghai}
params:
  strict: {type: boolean, default: false}
  most: {type: number, default: 100}
  since: {type: date, default: 2020-05-01}
  partners: {type: texts, default: [a, b]}
  plan: {type: text, default: trial}
"""


@pytest.mark.parametrize(
    ("params", "row", "truth"),
    [
        ({}, {"is_host": True, "media_bytes": 100}, None),
        ({"strict": "Yes"}, {"is_host": True}, True),
        ({"most": "9"}, {"media_bytes": 10}, True),
        ({}, {"upgraded_at": START - timedelta(hours=8)}, True),
        ({"since": "2020-05-02"}, {"upgraded_at": START + timedelta(hours=16)}, True),
        ({"timezone": "UTC"}, {"upgraded_at": START}, True),
        ({}, {"partner": "b"}, True),
        ({"partners": "x; y"}, {"partner": "y"}, True),
        ({"plan": "free"}, {"plan": "free"}, True),
    ],
)
def test_parameters_change_what_a_rule_means(
    tmp_path: Path, params: dict[str, str], row: Row, truth: bool | None
) -> None:
    rule = compiled(tmp_path, PARAMS, **params)

    assert facts([row]).select(rule.violation_if_effective).item() is truth


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("strict", "maybe", "'maybe' is not true or false"),
        ("most", "many", "'many' is not a number"),
        ("since", "2020-02-30", "'2020-02-30' is not a date such as 2020-05-01"),
        ("plan", "Free", "TEST-001: unknown value 'Free' of plan"),
        ("timezone", "Mars", "'Mars' is not a time zone such as Asia/Shanghai"),
    ],
)
def test_a_bad_value_names_the_flag(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(tmp_path, PARAMS, **{name: text})

    (problem,) = caught.value.problems
    assert (problem.message, problem.location) == (message, f"--param {name}={text}")


def test_a_parameter_is_meant_for_all_rules_or_for_one(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, PARAMS)

    resolved = resolve_params([rule], [("TEST-001.most", "5"), ("most", "7"), ("plan", "pro")])

    assert resolved == {"TEST-001": {"most": "5", "plan": "pro"}}
    with pytest.raises(ConfigError, match="no selected rule has a parameter 'mst'") as caught:
        resolve_params([rule], [("mst", "5")])
    assert caught.value.problems[0].hint == "did you mean 'most'?"


def test_a_parameter_that_is_off_spares_what_it_guards(tmp_path: Path) -> None:
    guarded = "violation: is_host AND NOT (:lax AND touches(meeting_countries, 'CN'))\n"
    body = guarded + "params: {lax: {type: boolean, default: false}}\n"

    assert compiled(tmp_path, body).reads == {"is_host"}
    assert compiled(tmp_path, body, lax="true").reads == {"is_host", "meeting_countries"}
