"""The command `auditor sources show`."""

from dataclasses import asdict

import click

from auditor.cli.completion import sources
from auditor.cli.documents import FORMAT, echo_json
from auditor.reports.escape import visible
from auditor.sources.check import describe
from auditor.sources.profile import load_profile


@click.command("show")
@click.argument("name", shell_complete=sources)
@FORMAT
def show_source(name: str, format_: str) -> None:
    """How each field of a source is read, and what it can never supply."""
    profile = load_profile(name)
    fields = describe(profile)
    if format_ == "json":
        echo_json([asdict(field) for field in fields])
        return
    click.echo(f"{profile.name}: {profile.title}")
    click.echo(f"\n{profile.about.strip()}\n" if profile.about else "")
    for field in fields:
        mark = "+" if field.is_supplied else "-"
        click.echo(visible(f"{mark} {field.name:<24}{field.origin}"))
