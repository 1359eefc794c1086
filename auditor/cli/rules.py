"""The commands `auditor rules list` and `auditor rules show`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import click

from auditor.cli.completion import ids
from auditor.findings import Severity
from auditor.reports.escape import visible
from auditor.rules.load import load_rules, rule_of
from auditor.rules.model import Rule
from auditor.rules.params import params_of

_RULES = click.option(
    "--rules",
    multiple=True,
    metavar="DIR|PACK",
    help="Packs or folders [default: the shipped packs].",
)
_FORMAT = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group(short_help="List and show rules.")
def rules() -> None:
    """List and show rules.

    \b
    Examples:
      auditor rules list
      auditor rules show HOST-001
      auditor rules list --format json | jq -r '.[].id'
    """  # noqa: D301 - click wants the backspace itself


@rules.command("list")
@_RULES
@_FORMAT
def list_rules(rules: Sequence[str], format_: str) -> None:
    """All rules, by id."""
    loaded = sorted(load_rules(rules), key=lambda rule: rule.id)
    if format_ == "json":
        _echo_json([_summary(rule) for rule in loaded])
        return
    width = max(len(rule.id) for rule in loaded)
    for rule in loaded:
        tags = ", ".join(rule.tags)
        head = f"{rule.id:<{width}}  {rule.severity:<8}  {rule.pack:<18}  {tags}"
        click.echo(visible(head.rstrip()))
        click.echo(f"{'':<{width}}  {visible(rule.title)}")


@rules.command("show")
@click.argument("rule_id", metavar="ID", shell_complete=ids)
@_RULES
@_FORMAT
def show_rule(rule_id: str, rules: Sequence[str], format_: str) -> None:
    """One rule: what it checks, since when, why, and what to do about a finding."""
    rule = rule_of(load_rules(rules), rule_id)
    if format_ == "json":
        _echo_json(_details(rule))
        return
    for line in _page(rule):
        click.echo(line)


def _page(rule: Rule) -> list[str]:
    """The rule as text of at most 80 columns."""
    period = rule.effective
    since = f"{period.clock} from {period.from_} until {period.until or 'now'} ({period.timezone})"
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
            f"parameter  {p.name} ({p.type}, default {p.default}): {p.meaning}"
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
        *(f"- {example.expect.name.lower()}: {example.name}" for example in rule.examples),
    ]
    return [visible(line) for text in lines for line in _wrapped(text.rstrip())]


def _wrapped(text: str) -> list[str]:
    indent = " " * (
        11
        if text[:11].rstrip() in {"effective", "applies", "violation", "undecided", "parameter"}
        else 0
    )
    wrapped = click.wrap_text(text, 80, "", indent, preserve_paragraphs=True)
    return wrapped.splitlines() or [""]


def _summary(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": Severity(rule.severity).value,
        "pack": rule.pack,
        "table": rule.table,
        "subject": rule.subject,
        "tags": list(rule.tags),
    }


def _details(rule: Rule) -> dict[str, object]:
    return _summary(rule) | {
        "effective": {k.rstrip("_"): v for k, v in asdict(rule.effective).items()},
        "applies": rule.applies,
        "violation": rule.violation,
        "undecided": [asdict(clause) for clause in rule.undecided],
        "params": [asdict(param) for param in params_of(rule).values()],
        "message": rule.message,
        "why": rule.why,
        "remediation": rule.remediation,
        "references": [asdict(reference) for reference in rule.references],
        "examples": [
            {"name": e.name, "event": dict(e.event), "expect": e.expect.name.lower()}
            for e in rule.examples
        ],
    }


def _echo_json(document: object) -> None:
    def text_of(value: object) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    click.echo(json.dumps(document, indent=2, default=text_of))
