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


def _cell(name: str, value: object) -> object:
    """Sets as lists: only a list can be an empty set, an empty text is a missing one."""
    if name not in _SETS or not isinstance(value, str):
        return value
    return value.split(";") if value else []


@pytest.mark.parametrize(
    ("rule", "example"), _EXAMPLES, ids=[f"{r.id}: {e.name}" for r, e in _EXAMPLES]
)
def test_an_example_comes_out_as_expected(tmp_path: Path, rule: Rule, example: Example) -> None:
    row = example_row(rule, example)
    values = {name: [_cell(name, value)] for name, value in row.items()}
    pl.DataFrame(values).write_parquet(tmp_path / "log.parquet")

    log = ["--orders", "log.parquet"] if rule.table == "orders" else ["log.parquet"]
    done = invoke("audit", *log, "--select", rule.id, "--format", "json", cwd=tmp_path)

    (result,) = report_of(done)["rules"]
    outcomes = {outcome: result[outcome.name.lower()] for outcome in Outcome}
    assert outcomes == {outcome: int(outcome is example.expect) for outcome in Outcome}


def _possible_outcomes(rule: Rule) -> set[Outcome]:
    """Without a condition and a period, a rule applies to every row."""
    always_applies = rule.applies is None and rule.effective.clock is None
    return set(Outcome) - ({Outcome.NOT_APPLICABLE} if always_applies else set())


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_has_an_example_of_every_outcome_it_can_have(rule: Rule) -> None:
    assert {example.expect for example in rule.examples} == _possible_outcomes(rule)


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule_have_names_of_their_own(rule: Rule) -> None:
    names = [example.name for example in rule.examples]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why_what_to_do_and_where_its_facts_are_from(rule: Rule) -> None:
    assert rule.why
    assert rule.remediation
    assert rule.references
    assert all(reference.title and reference.publisher for reference in rule.references)
