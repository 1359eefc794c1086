"""Which facts no row of a log can have, because a column or registry is missing."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from auditor.errors import UsageError
from auditor.rules.lint.against import LogColumns
from auditor.schema import FACTS, MADE_FROM
from auditor.sources.accounts import load_accounts
from auditor.sources.discover import find_files
from auditor.sources.profile import load_profile
from auditor.sources.supplied import supplied_fields

_ALWAYS: Final = frozenset({"hop_role", "meeting_started_at", "start_basis"})
"""What has a default or is worked out where no column states it."""


def log_columns(
    paths: Sequence[str], source: str, accounts: Sequence[str], spool: Path, stdin: BinaryIO
) -> list[LogColumns]:
    """What is missing in the logs at `paths`, by the columns they have; no row is judged.

    Args:
        paths: files, folders or globs.
        source: the source profile that reads them.
        accounts: files of the accounts registry, if one will be given.
        spool: folder for what standard input and JSON files hold.
        stdin: standard input.

    Raises:
        AuditorError: a file cannot be read, or lacks a column that every log needs.
    """
    profile = load_profile(source)
    if profile.table not in FACTS:
        message = f"source {profile.name!r} is of {profile.table}, not of logs"
        raise UsageError(message, location="--source")
    registry: Collection[str] = ()
    if accounts:
        registry = load_accounts([Path(path) for path in accounts])[0].columns
    files = find_files(paths, spool, stdin).files
    return [
        LogColumns(one.shown, profile.table, _missing(profile.table, {*one.fields, *registry}))
        for one in supplied_fields(files, profile, spool)
    ]


def _missing(table: str, supplied: Collection[str]) -> dict[str, str]:
    made_from = {name: MADE_FROM.get(name, (name,))[0] for name in FACTS[table]}
    return {
        name: column
        for name, column in made_from.items()
        if column not in supplied and not (table == "events" and name in _ALWAYS)
    }
