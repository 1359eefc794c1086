"""Every example of every shipped rule, as a log of one row audited by that rule alone."""

from pathlib import Path

import polars as pl
import pytest

from auditor.findings import Outcome
from auditor.rules.examples import example_row
from auditor.rules.load import load_rules
from auditor.rules.model import Example, Rule
from auditor.schema import EVENTS, Kind
from tests.acceptance.logs import invoke, report_of

_RULES = load_rules([])
_EXAMPLES = [(rule, example) for rule in _RULES for example in rule.examples]
_SETS = {field.name for field in EVENTS if field.kind is Kind.SET}


@pytest.mark.parametrize(
    ("rule", "example"), _EXAMPLES, ids=[f"{r.id}: {e.name}" for r, e in _EXAMPLES]
)
def test_an_example_comes_out_as_expected(tmp_path: Path, rule: Rule, example: Example) -> None:
    row = example_row(rule, example)
    # NOTE: only a list can be an empty set; an empty text is a missing one.
    values = {k: [v.split(";") if v else []] if k in _SETS else [v] for k, v in row.items()}  # type: ignore[attr-defined]  # sets come as text
    pl.DataFrame(values).write_parquet(tmp_path / "log.parquet")

    done = invoke("audit", "log.parquet", "--select", rule.id, "--format", "json", cwd=tmp_path)

    (result,) = report_of(done)["rules"]
    outcomes = {outcome: result[outcome.name.lower()] for outcome in Outcome}
    assert outcomes == {outcome: int(outcome is example.expect) for outcome in Outcome}


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_has_an_example_of_every_outcome(rule: Rule) -> None:
    assert {example.expect for example in rule.examples} == set(Outcome)


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why_what_to_do_and_where_its_facts_are_from(rule: Rule) -> None:
    assert rule.why
    assert rule.remediation
    assert rule.references
    assert all(reference.title and reference.publisher for reference in rule.references)
