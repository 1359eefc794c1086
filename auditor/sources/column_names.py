"""Which column names a log may have, and the one that a scan keeps for itself."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from auditor import schema
from auditor.errors import InputError
from auditor.sources.log_file import LogFile

INDEX: Final = "@index"
"""The running row number of a scan."""

_RESERVED: Final = frozenset({schema.PATH, schema.ROW, schema.REJECT, INDEX})


def check_names(file: LogFile, names: Sequence[str]) -> None:
    """Makes sure that every column of `file` can be told from the others and from our own.

    Raises:
        InputError: two columns have one name, or one has a name that the program uses.
    """
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        shown = ", ".join(repr(name) for name in twice)
        hint = "rename or remove all but one"
        raise InputError(f"names columns twice: {shown}", location=file.shown, hint=hint)
    check_reserved(file, names, "columns")


def check_reserved(file: LogFile, names: Iterable[str], what: str) -> None:
    """Makes sure that none of the names in `file`, of columns or folders, is one of our own.

    Raises:
        InputError: one has.
    """
    reserved = sorted(_RESERVED.intersection(names))
    if reserved:
        message = f"has {what} with reserved names: {', '.join(reserved)}"
        raise InputError(message, location=file.shown, hint="rename them")
