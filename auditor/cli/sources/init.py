"""The command `auditor sources init`."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from auditor.cli.streams import stdin_stream
from auditor.cli.waiting import interruptible, spool_folder
from auditor.errors import UsageError
from auditor.sources.detecting import columns_of, detect_source_of
from auditor.sources.discover import find_files
from auditor.sources.json_stream import values_of
from auditor.sources.log_file import LogFile
from auditor.sources.profile_model import TABLES
from auditor.sources.starting import Start, array_paths, profile_text

_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


@click.command("init")
@click.argument("path", type=click.Path())
@click.option("--output", type=click.Path(path_type=Path), help="File to write; must not exist.")
@click.option(
    "--table", type=click.Choice(list(TABLES)), default="events", show_default=True,
    help="What the log is a log of.",
)  # fmt: skip
def init_source(path: str, output: Path | None, table: str) -> None:
    """Write a commented source file for the log at PATH, to edit and give as --source FILE.

    Columns named like a field are filled in; of the others only the names are listed.
    """
    with spool_folder() as spool, interruptible(spool):
        files = find_files([path], spool, stdin_stream()).files
        start = _start(files[0], table)
    text = profile_text(start)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        hint = "name another file, or remove it"
        raise UsageError(f"{output} exists already", location="--output", hint=hint) from None
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise UsageError(message, location="--output") from error


def _start(file: LogFile, table: str) -> Start:
    name = _NO_NAME.sub("-", Path(file.shown).name.partition(".")[0].lower()).strip("-")
    like = detect_source_of(file).source
    records: tuple[str, ...] = ()
    if file.format in ("json", "ndjson"):
        records = array_paths(value.value for value in values_of(file))
        file = replace(file, records=records[:1])
    return Start(name or "our-feed", table, tuple(columns_of(file)), records, like)
