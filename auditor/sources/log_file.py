"""One log file as it was found: where it lies, how it is to be read, what tells it has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

from auditor.sources.delta import DeltaFile
from auditor.sources.formats import Compression, Format

CHANGED: Final = "changed while it was read"


class Stamp(NamedTuple):
    """What changes when a file is written to or replaced."""

    bytes: int
    modified_ns: int
    inode: int


class ObjectStamp(NamedTuple):
    """What changes when an object in a store is replaced.

    Attributes:
        bytes: its size.
        etag: what the store calls this state of it; where it has no name, when it was written.
    """

    bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log file as found, not yet opened.

    Attributes:
        path: where it lies: a spooled copy for stdin and pipes. For an object, where opening it
            puts a copy: all of a file of text, of a Parquet file only the footer.
        shown: the path as the user would recognise it; `-` for stdin.
        format: by its name and its first bytes.
        compression: of a CSV or JSON file; Parquet compresses inside.
        bytes: size on disk or in the store; 0 where it cannot be told.
        hive: values of `key=value` folder names, URL-decoded; None for Hive's null.
        stamp: what tells whether the file has changed since; None where it could not be told.
        records: where in its JSON values the arrays of records may be: paths of keys.
        address: of an object in a store, else None.
        delta: what a Delta table says of the file, if it is of one.
    """

    path: Path
    shown: str
    format: Format
    compression: Compression | None
    bytes: int
    hive: dict[str, str | None] = field(hash=False)
    stamp: Stamp | ObjectStamp | None = field(default=None, compare=False, repr=False)
    records: tuple[str, ...] = ()
    address: str | None = None
    delta: DeltaFile | None = field(default=None, hash=False)

    @property
    def etag(self) -> str | None:
        """What the store calls this state of an object; None for what lies on disk."""
        return self.stamp.etag if isinstance(self.stamp, ObjectStamp) else None

    @property
    def is_copied(self) -> bool:
        """Whether all bytes of it are at `path` once it is opened."""
        return self.address is None or self.format != "parquet"

    @property
    def data(self) -> str:
        """What a scan of it reads: a path, or the address of a Parquet object."""
        return str(self.path) if self.is_copied or self.address is None else self.address


def with_records(files: Sequence[LogFile], paths: tuple[str, ...]) -> list[LogFile]:
    """`files` with the paths at which a profile says that arrays of records are."""
    return [replace(file, records=paths) for file in files]


def stamp_of(path: Path) -> Stamp | None:
    """The file's stamp as it is now; None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
