"""Flags and output that the commands on rules share."""

import json
from datetime import date

import click

from auditor.findings import Severity
from auditor.rules.model import Rule

RULES = click.option(
    "--rules",
    multiple=True,
    metavar="DIR|PACK",
    help="Packs or folders [default: the shipped packs].",
)
FORMAT = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def summary_of(rule: Rule) -> dict[str, object]:
    """What lists of rules say of one."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": Severity(rule.severity).value,
        "pack": rule.pack,
        "table": rule.table,
        "subject": rule.subject,
        "tags": list(rule.tags),
    }


def echo_json(document: object) -> None:
    """Write `document` to standard output."""

    def text_of(value: object) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    click.echo(json.dumps(document, indent=2, default=text_of))
