"""The command `auditor rules show`."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from auditor.cli.completion import ids
from auditor.cli.documents import FORMAT, echo_json
from auditor.cli.rules.options import RULES, summary_of
from auditor.reports.rule_pages.text import page_lines
from auditor.rules.load import load_rules, rule_of
from auditor.rules.model import Example, Rule
from auditor.rules.params import params_of


@click.command("show", short_help="Show one rule.")
@click.argument("rule_id", metavar="ID", shell_complete=ids)
@RULES
@FORMAT
def show_rule(rule_id: str, rules: Sequence[str], format_: str) -> None:
    """One rule: what it checks, since when, why, and what to do about a finding.

    \b
    Examples:
      auditor rules show HOST-001
      auditor rules show ACME-001 --rules our-rules/ --format json | jq .params
    """  # noqa: D301 - click wants the backspace itself
    rule = rule_of(load_rules(rules), rule_id)
    if format_ == "json":
        echo_json(_details(rule))
        return
    for line in page_lines(rule):
        click.echo(line)


def _details(rule: Rule) -> dict[str, object]:
    return summary_of(rule) | {
        "effective": {k.rstrip("_"): v for k, v in asdict(rule.effective).items()},
        "applies": rule.applies,
        "violation": rule.violation,
        "undecided": [asdict(clause) for clause in rule.undecided],
        "params": [asdict(param) for param in params_of(rule).values()],
        "message": rule.message,
        "basis": rule.basis,
        "evidence": dict(rule.evidence),
        "evidence_level": rule.evidence_level,
        "why": rule.why,
        "remediation": rule.remediation,
        "references": [asdict(reference) for reference in rule.references],
        "examples": [_example(example) for example in rule.examples],
        "path": rule.path,
        "digest": rule.digest,
    }


def _example(example: Example) -> dict[str, object]:
    rows = [{"event": dict(row.values), "expect": row.expect.name.lower()} for row in example.rows]
    fixture = example.fixture
    return {
        "name": example.name,
        "params": dict(example.params),
        "rows": rows,
        "fixture": fixture.log if fixture else None,
        "accounts": fixture.accounts if fixture else None,
        "expect": [outcome.name.lower() for outcome in sorted(example.outcomes)],
    }
