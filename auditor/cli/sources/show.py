"""The command `auditor sources show`."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import click

from auditor.cli.completion import sources
from auditor.cli.documents import FORMAT, echo_json
from auditor.reports.escape import visible
from auditor.sources.check import FieldOrigin, describe
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import Profile


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
    for line in _lines(profile, fields):
        click.echo(visible(line))


def _lines(profile: Profile, fields: Iterable[FieldOrigin]) -> Iterator[str]:
    yield f"{profile.name}: {profile.title}"
    yield ""
    if profile.about:
        yield from profile.about.strip().split("\n")
        yield ""
    for field in fields:
        yield f"{'+' if field.is_supplied else '-'} {field.name:<24}{field.origin}"
