"""The command `auditor sources list`."""

from dataclasses import asdict

import click

from auditor.cli.documents import FORMAT, echo_json
from auditor.sources.check import list_sources


@click.command("list")
@FORMAT
def list_all(format_: str) -> None:
    """The shipped sources."""
    lines = list_sources()
    if format_ == "json":
        echo_json([asdict(line) for line in lines])
        return
    for line in lines:
        click.echo(f"{line.name:<24}{line.table:<10}{line.title}")
