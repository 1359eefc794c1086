"""Converted databases, kept between runs: private, written whole, and checked when read."""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from auditor.sources.ip_ranges.store import Database, database_of, table_bytes

_FORMAT: Final = 2
"""Of what is kept; raised when conversion changes."""

_MOST: Final = 16
"""Databases that are kept; those that were converted first go first."""

_DIGEST_BYTES: Final = 32
_OTHERS_MAY_WRITE: Final = 0o022


def kept(folder: Path, digest: str) -> Database | None:
    """The database made from a file of this digest; None where no sound copy is kept."""
    try:
        data = _file(folder, digest).read_bytes() if _is_private(folder) else b""
    except OSError:
        return None
    table = data[_DIGEST_BYTES:]
    if data[:_DIGEST_BYTES] != hashlib.sha256(table).digest():
        return None
    with contextlib.suppress(pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return database_of(table)
    return None


def keep(folder: Path, digest: str, database: Database) -> None:
    """Keep what was made from a file of this digest, or nothing: a copy only saves time."""
    table = table_bytes(database)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return
        part = folder / f".{uuid4().hex}"
        try:
            part.write_bytes(hashlib.sha256(table).digest() + table)
            part.replace(_file(folder, digest))
        finally:
            part.unlink(missing_ok=True)
        for old in sorted(folder.glob("*.ranges"), key=lambda file: -file.stat().st_mtime)[_MOST:]:
            old.unlink(missing_ok=True)


def _file(folder: Path, digest: str) -> Path:
    return folder / f"{digest}.{_FORMAT}.ranges"


def _is_private(folder: Path) -> bool:
    """Whether nobody else can have put there what this user is to believe."""
    if os.name != "posix":
        return True
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & _OTHERS_MAY_WRITE
