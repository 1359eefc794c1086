"""The command `auditor sources detect`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from shlex import quote

import click

from auditor.cli.documents import FORMAT, echo_json
from auditor.cli.exits import Exit
from auditor.cli.streams import stdin_stream
from auditor.cli.waiting import interruptible, spool_folder
from auditor.errors import InputError
from auditor.reports.escape import visible
from auditor.sources.candidates import Candidate, Detected
from auditor.sources.detecting import detect_source_of
from auditor.sources.discover import find_files
from auditor.sources.profile_model import GIVEN_AS


@click.command("detect")
@click.argument("path", nargs=-1, required=True, type=click.Path(allow_dash=True))
@FORMAT
@click.pass_context
def detect_source(ctx: click.Context, /, path: Sequence[str], format_: str) -> None:
    """Tell by its columns which source the log at PATH is of, how surely, and what comes next.

    Nothing is guessed: where no source fits, or several fit alike, the exit code is 3.
    """
    found: dict[str, Detected | InputError] = {}
    with spool_folder() as spool, interruptible(spool):
        for file in find_files(path, spool, stdin_stream()).files:
            try:
                found[file.shown] = detect_source_of(file)
            except InputError as error:
                found[file.shown] = error
    if format_ == "json":
        echo_json([_document(*one) for one in found.items()])
    else:
        for shown, one in found.items():
            for line in _lines(shown, one):
                click.echo(visible(line))
    is_clear = all(isinstance(one, Detected) and one.source for one in found.values())
    ctx.exit(Exit.CLEAN if is_clear else Exit.INCOMPLETE)


def _document(shown: str, found: Detected | InputError) -> dict[str, object]:
    if isinstance(found, InputError):
        return {"path": shown, "source": None, "problem": str(found), "candidates": []}
    candidates = [asdict(one) for one in found.candidates]
    problem = None if found.source else _problem(found)
    return {"path": shown, "source": found.source, "problem": problem, "candidates": candidates}


def _problem(found: Detected) -> str:
    if found.is_ambiguous:
        return "several sources fit alike: name one with --source"
    return "no source fits: write one with auditor sources init"


def _lines(shown: str, found: Detected | InputError) -> Iterator[str]:
    if isinstance(found, InputError):
        yield from str(found).splitlines()
        return
    yield f"{shown}: {_told(found)}"
    for one in found.candidates[:3]:
        lacks = f"; lacks {', '.join(one.missing)}" if one.missing else ""
        yield f"  {one.confidence:>5.0%}  {one.source} ({one.table}){lacks}"
        if one.source == found.source:
            yield f"         next: {_next_step(shown, one)}"


def _told(found: Detected) -> str:
    if found.best is None:
        return _problem(found)
    is_registry_or_orders = found.best.table != "events"
    return found.best.source + (f", {GIVEN_AS[found.best.table]}" if is_registry_or_orders else "")


def _next_step(shown: str, found: Candidate) -> str:
    if found.table == "accounts":
        return f"auditor audit LOG --accounts {quote(shown)}"
    return f"auditor sources check {quote(shown)} --source {found.source}"
