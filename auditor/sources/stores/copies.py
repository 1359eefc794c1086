"""What of an object is put beside the run: all of a file of text, of Parquet only the footer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import RawIOBase
from typing import TYPE_CHECKING, Final

from auditor.errors import AuditorError, InputError
from auditor.sources.log_file import CHANGED, LogFile, ObjectStamp
from auditor.sources.stores.addresses import address_of
from auditor.sources.stores.client import (
    Object,
    bytes_of,
    find_object,
    pieces_of_object,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

REQUESTS: Final = 16
"""Requests that are under way at a time."""

_MAGIC: Final = b"PAR1"
_TAIL: Final = 1 << 16
_LENGTH_BYTES: Final = 4


def copy_here(files: Sequence[LogFile]) -> dict[LogFile, InputError]:
    """Puts at `path` what opening those of `files` that are objects reads; once for each.

    A Parquet file becomes one with its footer alone, which tells columns, rows and bounds as the
    whole one would. A copy is there in full or not at all.

    Returns:
        What is wrong with those that cannot be read.
    """
    objects = [file for file in files if file.address is not None and not file.path.exists()]
    if not objects:
        return {}
    with ThreadPoolExecutor(REQUESTS) as pool:
        faults = list(pool.map(_fault_of_copying, objects))
    return {file: fault for file, fault in zip(objects, faults, strict=True) if fault is not None}


def object_of(file: LogFile) -> Object:
    """The object that `file` is, as it was found."""
    if file.address is None or not isinstance(file.stamp, ObjectStamp):
        raise TypeError(f"{file.shown} is no object")
    return Object(address_of(file.address), file.stamp)


def open_object(file: LogFile) -> RawIOBase:
    """The bytes of an object as they come, without a copy; reading raises AuditorError."""
    return _Stream(pieces_of_object(object_of(file)))


class _Stream(RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        target = memoryview(buffer).cast("B")
        if not self._waiting:
            self._waiting = memoryview(next(self._pieces, b""))
        size = min(len(target), len(self._waiting))
        target[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size


def changes_of(files: Sequence[LogFile]) -> Iterator[tuple[LogFile, str]]:
    """Those of `files` whose bytes stay in a store and are no longer what they were, with why."""
    objects = [file for file in files if not file.is_copied]
    if objects:
        with ThreadPoolExecutor(REQUESTS) as pool:
            states = pool.map(_change, objects)
            yield from ((f, why) for f, why in zip(objects, states, strict=True) if why)


def _change(file: LogFile) -> str | None:
    before = object_of(file)
    try:
        now = find_object(before.address)
    except AuditorError as error:
        return error.problems[0].message
    return None if now == before else CHANGED


def _fault_of_copying(file: LogFile) -> InputError | None:
    found = object_of(file)
    pieces = pieces_of_object(found) if file.is_copied else iter([_footer(found)])
    part = file.path.with_name(file.path.name + ".part")
    try:
        with part.open("wb") as copy:
            copy.writelines(pieces)
    except AuditorError as error:
        part.unlink()
        problem = error.problems[0]
        return InputError(problem.message, location=file.shown, hint=problem.hint)
    except OSError as error:
        part.unlink(missing_ok=True)
        text = f"cannot be copied to the folder for temporary files: {error.strerror}"
        return InputError(text, location=file.shown, hint="make room there, or set TMPDIR")
    part.rename(file.path)
    return None


def _footer(found: Object) -> bytes:
    """A Parquet file with the footer of `found` and nothing before it; else its last bytes."""
    size = found.stamp.bytes
    tail = bytes_of(found, max(0, size - _TAIL), size)
    if tail[-len(_MAGIC) :] != _MAGIC:
        return tail
    ends = len(_MAGIC) + _LENGTH_BYTES
    needed = int.from_bytes(tail[-ends : -len(_MAGIC)], "little") + ends
    if len(tail) < needed <= size:
        tail = bytes_of(found, size - needed, size)
    return _MAGIC + tail[-needed:]
