"""Which format a file has and how it is compressed: by its name, else by its first bytes."""

import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

import zstandard

Format = Literal["parquet", "csv", "ndjson", "json"]
Compression = Literal["gzip", "zstd"]

_PARQUET_MAGIC: Final = b"PAR1"
COMPRESSION_MAGIC: Final[dict[bytes, Compression]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_UNREAD_MAGIC: Final = {
    rb"BZh[1-9]1AY&SY": "bzip2",
    rb"\xfd7zXZ\x00": "xz",
    rb"PK\x03\x04": "zip, as workbooks are",
    rb"7z\xbc\xaf\x27\x1c": "7z",
    rb"\x04\x22\x4d\x18": "lz4",
}
_PACKED_SUFFIXES: Final[dict[str, Compression]] = {".gz": "gzip", ".zst": "zstd"}
_FORMATS: Final[dict[str, Format]] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
}
START: Final = 4096
"""Bytes at the beginning of a file that tell its format."""

OWN_REPORT: Final = "a report of this program"
"""Why a file is no log although it is named like one."""

_JSON_STARTS: Final = (b"{", b"[")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_OWN: Final = re.compile(rb'"schema":\s*"auditor/')


class FileKind(NamedTuple):
    """Format of a file; the compression of Parquet files is inside and not told."""

    format: Format
    compression: Compression | None


def no_text(start: bytes) -> tuple[str, str] | None:
    """What a file is that is packed in a way that is not read, and what to do; else None."""
    packing = next((p for magic, p in _UNREAD_MAGIC.items() if re.match(magic, start)), None)
    if packing is None:
        return None
    return f"is packed ({packing})", "give the text itself, or pack it with gzip or zstd"


def start_of(path: Path) -> bytes:
    """The first bytes of a file; none where it cannot be read: opening it later says why."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(START)
    return b""


def kind_of(name: str, start: bytes) -> FileKind:
    """How a file is to be read: Parquet and compression by magic bytes, the rest by name.

    Where the name says nothing, text that begins as JSON does is JSON, and all other is CSV.

    Args:
        name: of the file, without folders.
        start: its first `START` bytes.
    """
    name = name.lower()
    packed = next((c for suffix, c in _PACKED_SUFFIXES.items() if name.endswith(suffix)), None)
    named = named_format(name)
    if start.startswith(_PARQUET_MAGIC) or named == "parquet":
        return FileKind("parquet", None)
    by_magic = next((c for m, c in COMPRESSION_MAGIC.items() if start.startswith(m)), None)
    compression = by_magic or (packed if start else None)
    if named is None:
        named = "json" if _looks_json(start, compression) else "csv"
    return FileKind(named, compression)


def named_format(name: str) -> Format | None:
    """The format that the end of a name states, apart from compression."""
    suffix = Path(name.lower().removesuffix(".gz").removesuffix(".zst")).suffix
    return _FORMATS.get(suffix)


def is_own_report(start: bytes) -> bool:
    """Whether a file begins as the JSON and NDJSON reports of this program do."""
    head = start.lstrip(_BLANKS)
    return head.startswith(b"{") and _OWN.search(head[:200]) is not None


def _looks_json(start: bytes, compression: Compression | None) -> bool:
    text = start
    with suppress(zlib.error, zstandard.ZstdError):
        if compression == "gzip":
            text = zlib.decompressobj(wbits=31).decompress(start)
        elif compression == "zstd":
            text = zstandard.ZstdDecompressor().decompressobj().decompress(start)
    return text.lstrip(_BLANKS).startswith(_JSON_STARTS)
