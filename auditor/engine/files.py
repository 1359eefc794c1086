"""Which files are the logs of each table, and which files of the named folders are not."""

from pathlib import Path
from typing import BinaryIO, TypeAlias

from auditor.coverage import SkippedFile
from auditor.engine.request import Request
from auditor.errors import InputError, UsageError
from auditor.sources.discover import STDIN, Found, find_files
from auditor.sources.log_file import LogFile
from auditor.sources.stores.addresses import address_of, is_address

Place: TypeAlias = Path | str
"""Where a file lies: a path without links, or an address."""

Logs: TypeAlias = dict[str, list[LogFile]]
"""The log files of each table that was given."""


def find_logs(request: Request, spool: Path, stdin: BinaryIO) -> tuple[Logs, list[SkippedFile]]:
    """The logs of every table, and the files in named folders that are none.

    A registry, or a log that was named for the other table, may lie in a folder of logs.

    Raises:
        UsageError: no log was named, standard input was named twice, or an output would overwrite
            what is read.
        InputError: a place does not exist, matches nothing or holds no log.
    """
    _check_tables(request)
    found = {table: find_files(paths, spool, stdin) for table, paths in request.tables.items()}
    named = (*request.accounts, request.datacentres, *request.ip_ranges)
    registries = {_place(path) for path in named if path}
    read = {_place_of(file) for one in found.values() for file in one.files}
    _check_outputs(request, read | registries)
    logs: Logs = {}
    skipped: list[SkippedFile] = []
    for table, one in found.items():
        strays = _strays(request, table, one, registries)
        logs[table] = [file for file in one.files if file not in strays]
        if not logs[table]:
            raise _none_left(table, strays)
        skipped += [*one.skipped, *(SkippedFile(file.shown, why) for file, why in strays.items())]
    return logs, sorted(skipped, key=lambda file: file.path)


def _strays(
    request: Request, table: str, found: Found, registries: set[Place]
) -> dict[LogFile, str]:
    """The files that were named as something else and not as logs of `table`, with the reason."""
    named = {t: {_place(path) for path in paths} for t, paths in request.tables.items()}
    reasons = dict.fromkeys(registries, "it is a registry of this audit")
    for other in named.keys() - {table}:
        reasons |= dict.fromkeys(named[other], f"it was named as a log of {other}")
    places = {file: _place_of(file) for file in found.files}
    return {
        file: reasons[place]
        for file, place in places.items()
        if place in reasons and place not in named[table]
    }


def _none_left(table: str, strays: dict[LogFile, str]) -> InputError:
    """What was named for a table holds nothing of it: that is no table without rows."""
    file, why = next(iter(strays.items()))
    message = f"no log of {table} is left: {why}"
    return InputError(message, location=file.shown, hint=f"name logs of {table}, or none at all")


def check_registries(request: Request) -> None:
    """Refuses registries in object stores: only logs are read from there.

    Raises:
        UsageError: one is at an address.
    """
    for path in (*request.accounts, request.datacentres, *request.ip_ranges):
        if path is not None and is_address(path):
            hint = "copy it to a local file, and name that"
            place = str(address_of(path))
            raise UsageError("registries are read from disk", location=place, hint=hint)


def _check_tables(request: Request) -> None:
    places = list(request.tables.values())
    if not places:
        hint = "name logs of events, or logs of orders with --orders"
        raise UsageError("no log was named", hint=hint)
    if len(places) > 1 and all(STDIN in paths for paths in places):
        hint = "name a file for one of them"
        raise UsageError("both events and orders are -", location="--orders", hint=hint)


def _place(path: str) -> Place:
    return str(address_of(path)) if is_address(path) else Path(path).resolve()


def _place_of(file: LogFile) -> Place:
    return file.address or file.path.resolve()


def _check_outputs(request: Request, read: set[Place]) -> None:
    for output in request.outputs:
        if output.resolve() in read:
            raise UsageError(
                f"{output} is read by this audit and cannot be written by it",
                hint="name another file for the output",
            )
