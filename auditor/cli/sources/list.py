"""The command `auditor sources list`."""

import json
from dataclasses import asdict

import click

from auditor.cli.sources.options import format_option
from auditor.sources.check import list_sources


@click.command("list")
@format_option
def list_all(format_: str) -> None:
    """The shipped sources."""
    lines = list_sources()
    if format_ == "json":
        click.echo(json.dumps([asdict(line) for line in lines], indent=2))
        return
    for line in lines:
        click.echo(f"{line.name:<24}{line.table:<10}{line.title}")
