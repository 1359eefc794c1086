"""Lint tells where a rule would take what is not known for compliance."""

from pathlib import Path

import pytest

from tests.unit.rules.lint.linting import changed, remarks

_ID = "unknown-is-compliant"


def _told(folder: Path, predicates: str) -> list[str]:
    found = remarks(folder, changed("violation: is_host", predicates))
    return [remark for remark in found if _ID in remark]


@pytest.mark.parametrize(
    "violation",
    [
        "COALESCE(NOT within(jurisdictions, opted_in), FALSE)",
        "CASE WHEN NOT within(jurisdictions, opted_in) THEN TRUE ELSE FALSE END",
        "NOT within(jurisdictions, opted_in) AND opted_in IS NOT NULL",
        "COALESCE(plan, 'pro') = 'free'",
        "plan IS NOT DISTINCT FROM 'free'",
        "COALESCE(touches(jurisdictions, 'CN'), FALSE)",
    ],
)
def test_a_predicate_that_makes_missing_facts_compliant_is_told(
    tmp_path: Path, violation: str
) -> None:
    (remark,) = _told(tmp_path, f"violation: >-\n  {violation}")

    assert remark.startswith("8:3: ")


@pytest.mark.parametrize(
    "violation",
    [
        "NOT within(jurisdictions, opted_in)",
        "plan = 'free' AND COALESCE(billing_country, home) = 'CN'",
        "plan NOT IN ('free', 'trial') AND upgraded_at >= DATE '2020-05-01'",
        "hop_role = 'key'",
        "partner IS NULL",
        "COALESCE(has_passcode, FALSE) = FALSE",
    ],
)
def test_a_predicate_that_leaves_missing_facts_unknown_is_sound(
    tmp_path: Path, violation: str
) -> None:
    assert not _told(tmp_path, f"violation: >-\n  {violation}")


def test_rows_that_the_rule_is_not_about_may_be_ruled_out_in_applies(tmp_path: Path) -> None:
    predicates = "applies: plan IS NOT NULL\nviolation: plan IS NOT NULL AND plan = 'free'"

    assert not _told(tmp_path, predicates)
