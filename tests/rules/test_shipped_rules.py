"""The shipped rules: what their examples say is what an audit of the same rows says."""

import json
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from auditor.findings import Outcome
from auditor.rules.examples import example_rows
from auditor.rules.load import load_rules
from auditor.rules.model import Rule
from auditor.schema import EVENTS, Kind
from tests.acceptance.logs import invoke, report_of

_RULES = load_rules([])
_KEYS = {"meeting_id", "order_id"}
_SETS = {field.name for field in EVENTS if field.kind in {Kind.SET, Kind.HOPS}}


def _logs(rule: Rule) -> dict[tuple[tuple[str, str], ...], pl.DataFrame]:
    """Parameters → the rows of the written examples that give them, with what is expected."""
    rows = defaultdict(list)
    for number, example in enumerate(rule.examples, start=1):
        for row, cells in zip(example.rows, example_rows(rule, example), strict=True):
            # NOTE: no rule reads these ids, and examples must not be one meeting or order.
            own = {key: f"{cells[key]}-{number}" for key in _KEYS & cells.keys()}
            rows[tuple(example.params.items())].append(cells | own | {"expect": row.expect.value})
    types = {name: pl.List(pl.String) for name in _SETS}
    return {params: pl.DataFrame(some, schema_overrides=types) for params, some in rows.items()}


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_an_audit_says_of_every_example_what_it_expects(tmp_path: Path, rule: Rule) -> None:
    for params, rows in _logs(rule).items():
        rows.drop("expect").write_parquet(tmp_path / "log.parquet")
        flags = [f"--param={name}={value}" for name, value in params]

        log = ["--orders", "log.parquet"] if rule.table == "orders" else ["log.parquet"]
        done = invoke(
            "audit", *log, "--select", rule.id, "--format", "json", *flags,
            "--unknowns", "unknowns.ndjson", cwd=tmp_path,
        )  # fmt: skip

        report = report_of(done)
        (result,) = report["rules"]
        unknowns = (tmp_path / "unknowns.ndjson").read_text(encoding="utf-8").splitlines()
        decided = dict.fromkeys(range(1, rows.height + 1), Outcome.COMPLIANT)
        decided |= {json.loads(line)["row"]: Outcome.UNKNOWN for line in unknowns}
        decided |= {r["row"]: Outcome.VIOLATION for f in report["findings"] for r in f["rows"]}
        expected = dict(enumerate(map(Outcome, rows["expect"]), start=1))
        outside = {row for row, outcome in expected.items() if outcome is Outcome.NOT_APPLICABLE}
        assert len(outside) == result["not_applicable"]
        assert {row: o for row, o in decided.items() if row not in outside} == {
            row: o for row, o in expected.items() if row not in outside
        }


def _possible_outcomes(rule: Rule) -> set[Outcome]:
    """Without a condition and a period, a rule applies to every row."""
    always_applies = rule.applies is None and rule.effective.clock is None
    return set(Outcome) - ({Outcome.NOT_APPLICABLE} if always_applies else set())


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_rule_has_an_example_of_every_outcome_it_can_have(rule: Rule) -> None:
    assert set().union(*(example.outcomes for example in rule.examples)) == _possible_outcomes(rule)


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
