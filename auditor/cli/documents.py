"""What small commands print: the flag `--format text|json`, and JSON on standard output."""

import json
from datetime import date

import click

FORMAT = click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def echo_json(document: object) -> None:
    """Write plain values and dates to standard output as JSON."""
    click.echo(json.dumps(document, indent=2, default=_text_of))


def _text_of(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
