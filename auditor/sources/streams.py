"""The bytes of a log file in pieces, decompressed; a damaged stream is an error, never an end."""

import zlib
from collections.abc import Callable, Iterator
from io import RawIOBase
from typing import Final, Protocol

import zstandard

from auditor.errors import InputError
from auditor.sources.formats import Compression
from auditor.sources.log_file import LogFile
from auditor.sources.stores.addresses import address_of
from auditor.sources.stores.faults import store_error

PIECE: Final = 1 << 20
"""Bytes per piece."""

_ZSTD_BYTES: Final = 4096  # of input at a time: a block of 4 bytes may unpack to 128 KiB
_GZIP_BYTES: Final = 1 << 16


def pieces_of(file: LogFile) -> Iterator[bytes]:
    """The content of `file`, decompressed, in pieces of `PIECE` bytes (the last may be shorter).

    Raises:
        InputError: the file cannot be read, or its compressed stream is cut or damaged.
    """
    try:
        with _opened(file) as raw:
            yield from _evenly(_decompressed(raw, file.compression))
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise unreadable(file, error) from error


def unreadable(file: LogFile, error: BaseException) -> InputError:
    """The error that says why `file` cannot be read, and what to do."""
    if file.address is not None:
        problem = store_error(error, address_of(file.address)).problems[0]
        return InputError(problem.message, location=file.shown, hint=problem.hint)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    first_line = reason.strip().split("\n", 1)[0]
    return InputError(
        f"cannot be read: {first_line}",
        location=file.shown,
        hint="check the rights to it, or have it delivered again: it may be cut or damaged",
    )


def _opened(file: LogFile) -> RawIOBase:
    if file.address is None or file.path.exists():
        return file.path.open("rb", buffering=0)
    # NOTE: the library behind it is an extra
    from auditor.sources.stores.copies import open_object  # noqa: PLC0415 - as noted

    return open_object(file)


def _evenly(parts: Iterator[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        if not waiting and len(part) == PIECE:
            yield part
            continue
        waiting += part
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def _decompressed(raw: RawIOBase, compression: Compression | None) -> Iterator[bytes]:
    if compression == "gzip":
        return _unpacked(raw, _GZIP_BYTES, _gzip_member)
    if compression == "zstd":
        return _unpacked(raw, _ZSTD_BYTES, _zstd_frame)
    return iter(lambda: raw.read(PIECE) or b"", b"")


class _Member(Protocol):
    """One gzip member or zstd frame on its way out."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _gzip_member() -> _Member:
    return zlib.decompressobj(wbits=31)


def _zstd_frame() -> _Member:
    return zstandard.ZstdDecompressor().decompressobj()


def _unpacked(raw: RawIOBase, size: int, start: Callable[[], _Member]) -> Iterator[bytes]:
    member: _Member | None = None
    while data := raw.read(size):
        while data:
            member = member or start()
            yield member.decompress(data)
            data, member = (member.unused_data, None) if member.eof else (b"", member)
    if member:
        raise EOFError("the compressed stream is cut")
