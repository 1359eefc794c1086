"""The command `auditor rules show`."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from auditor.cli.completion import ids
from auditor.cli.rules.options import FORMAT, RULES, echo_json, summary_of
from auditor.reports.escape import visible
from auditor.rules.load import load_rules, rule_of
from auditor.rules.model import Example, ParamValue, Rule
from auditor.rules.params import params_of


@click.command("show", short_help="Show one rule.")
@click.argument("rule_id", metavar="ID", shell_complete=ids)
@RULES
@FORMAT
def show_rule(rule_id: str, rules: Sequence[str], format_: str) -> None:
    """One rule: what it checks, since when, why, and what to do about a finding."""
    rule = rule_of(load_rules(rules), rule_id)
    if format_ == "json":
        echo_json(_details(rule))
        return
    for line in _page(rule):
        click.echo(line)


def _page(rule: Rule) -> list[str]:
    """The rule as text of at most 80 columns."""
    period = rule.effective
    since = f"{period.clock} from {period.from_} until {period.until or 'now'} ({period.timezone})"
    since += f", perhaps from {period.earliest}: {period.doubt}" if period.earliest else ""
    lines = [
        f"{rule.id}: {rule.title}",
        f"severity {rule.severity}, pack {rule.pack}, one finding per {rule.subject}",
        f"tags: {', '.join(rule.tags) or 'none'}",
        "",
        f"effective  {since if period.clock else 'always'}",
        f"applies    {rule.applies or 'to every row'}",
        f"violation  {rule.violation}",
        *(f"undecided  {clause.when}: {clause.because}" for clause in rule.undecided),
        *(
            f"parameter  {p.name} ({p.type}, default {_value(p.default)}): {p.meaning}"
            for p in params_of(rule).values()
        ),
        "",
        "Why",
        rule.why,
        "",
        "What to do",
        rule.remediation,
        "",
        "References",
        *(
            f"- {r.title}, {r.publisher}, {r.published or 'undated'} {r.url}"
            for r in rule.references
        ),
        "",
        "Examples",
        *(f"- {_outcomes(example)}: {example.name}" for example in rule.examples),
    ]
    return [visible(line) for text in lines for line in _wrapped(text.rstrip())]


def _value(value: ParamValue) -> str:
    """A parameter's value as `--param` takes it."""
    return ";".join(value) if isinstance(value, tuple) else str(value)


def _wrapped(text: str) -> list[str]:
    indent = " " * (
        11
        if text[:11].rstrip() in {"effective", "applies", "violation", "undecided", "parameter"}
        else 0
    )
    wrapped = click.wrap_text(text, 80, "", indent, preserve_paragraphs=True)
    return wrapped.splitlines() or [""]


def _details(rule: Rule) -> dict[str, object]:
    return summary_of(rule) | {
        "effective": {k.rstrip("_"): v for k, v in asdict(rule.effective).items()},
        "applies": rule.applies,
        "violation": rule.violation,
        "undecided": [asdict(clause) for clause in rule.undecided],
        "params": [asdict(param) for param in params_of(rule).values()],
        "message": rule.message,
        "why": rule.why,
        "remediation": rule.remediation,
        "references": [asdict(reference) for reference in rule.references],
        "examples": [_example(example) for example in rule.examples],
    }


def _outcomes(example: Example) -> str:
    return ", ".join(outcome.name.lower() for outcome in sorted(example.outcomes))


def _example(example: Example) -> dict[str, object]:
    rows = [{"event": dict(row.values), "expect": row.expect.name.lower()} for row in example.rows]
    fixture = example.fixture
    return {
        "name": example.name,
        "params": dict(example.params),
        "rows": rows,
        "fixture": fixture.log if fixture else None,
        "expect": [outcome.name.lower() for outcome in sorted(example.outcomes)],
    }
