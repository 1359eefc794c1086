"""Delta tables: the files of the latest version, and the values that stand for their folders."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import polars as pl

from auditor.errors import AuditorError, ConfigError, InputError
from auditor.sources.stores.addresses import address_of, is_address
from auditor.sources.stores.faults import plain_text, store_error
from auditor.sources.stores.settings import table_options

if TYPE_CHECKING:
    from deltalake import DeltaTable

LOG_FOLDER: Final = "_delta_log"
"""A folder that holds a folder of this name is a table."""

OUTDATED: Final = "is not in the latest version of its Delta table"
"""What is wrong with a file whose rows were replaced or deleted."""

_READABLE: Final = frozenset(
    {"columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"}
)
"""Features of readers that change nothing about whole files, or are looked for in each table."""

_MAPPING: Final = "delta.columnMapping.mode"
_REWRITE: Final = "write the table anew without it, or export the rows to files of Parquet"


@dataclass(frozen=True, slots=True)
class DeltaFile:
    """A file of a table.

    Attributes:
        table: the table's folder as the user would recognise it.
        version: of the table.
        values: of the partition columns, as text; None where one is missing.
        rows: how many the table's log states; None if it does not.
    """

    table: str
    version: int
    values: dict[str, str | None]
    rows: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The latest version of a table.

    Attributes:
        version: its number.
        files: by their paths below the table's folder.
    """

    version: int
    files: Mapping[str, DeltaFile]


def load_snapshot(place: str, uri: str) -> Snapshot:
    """The files of the latest version of a table.

    Args:
        place: the table's folder as the user would recognise it.
        uri: the same as a URL.

    Raises:
        ConfigError: reading Delta tables is not installed, or a store refuses access.
        InputError: the table cannot be read, or needs more than to read whole files.
    """
    if "%" in place:
        # NOTE: the library decodes such names once too often, and may read another table.
        hint = "copy the table to a folder with another name"
        raise InputError("a Delta table's path must not hold %", location=place, hint=hint)
    with _told(place):
        table = _opened(place, uri)
        _check_features(table, place)
        actions = pl.DataFrame(table.get_add_actions(flatten=False))
        version = table.version()
    if not actions.height:
        text = f"version {version} of the Delta table has no rows"
        hint = "leave it out, or find out why nothing was delivered"
        raise InputError(text, location=place, hint=hint)
    files: dict[str, DeltaFile] = {}
    for action in actions.iter_rows(named=True):
        path = unquote(action["path"])
        if "://" in path or path.startswith("/") or ".." in path.split("/"):
            text = f"version {version} of the Delta table has files that lie elsewhere"
            raise InputError(text, location=place, hint="name the table that they belong to")
        values = {name: _text(value) for name, value in (action.get("partition") or {}).items()}
        files[path] = DeltaFile(place, version, values, action["num_records"])
    return Snapshot(version, files)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What the library raises, told as an error of this program."""
    try:
        import deltalake  # noqa: F401, PLC0415 - an extra, and only asked whether it is there
        from deltalake.exceptions import DeltaError  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "is a Delta table, and reading those needs a package that is not installed",
            location=place,
            hint="pip install 'auditor[delta]'",
        ) from None
    try:
        yield
    except (DeltaError, OSError, ValueError) as error:
        raise _unreadable(place, error) from error


def _opened(place: str, uri: str) -> "DeltaTable":
    from deltalake import DeltaTable  # noqa: PLC0415 - an extra

    options = table_options(address_of(place)) if is_address(place) else None
    return DeltaTable(uri, storage_options=options)


def _unreadable(place: str, error: BaseException) -> AuditorError:
    if is_address(place) and isinstance(error, OSError):
        return store_error(error, address_of(place))
    return InputError(
        f"cannot be read as a Delta table: {plain_text(error)}",
        location=place,
        hint="repair the table, or export the rows to files of Parquet",
    )


def _check_features(table: "DeltaTable", place: str) -> None:
    """Refuses tables of which the files as they are do not hold the rows as they are."""
    protocol = table.protocol()
    features = frozenset(protocol.reader_features or ())
    unknown = sorted(features - _READABLE)
    mapping = table.metadata().configuration.get(_MAPPING, "none")
    if unknown:
        fault = f"the feature {unknown[0]}"
    elif mapping != "none":
        fault = f"column mapping by {mapping}"
    elif "deletionVectors" in features and _has_deletions(table):
        fault = "deletion vectors: rows of its files are marked as deleted"
    else:
        return
    text = f"is a Delta table with {fault}; that is not read"
    raise InputError(text, location=place, hint=_REWRITE)


def _has_deletions(table: "DeltaTable") -> bool:
    from deltalake.exceptions import DeltaError  # noqa: PLC0415 - an extra

    try:
        return any(batch.num_rows for batch in table.deletion_vectors())
    except (DeltaError, OSError, ValueError):
        # NOTE: only marks of deletion are read for this; there are some if they are faulty.
        return True


def _text(value: object) -> str | None:
    """A partition's value as a file of text would hold it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
