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
_COMPRESSION_MAGIC: Final[dict[bytes, Compression]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
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
_START: Final = 4096
_JSON_STARTS: Final = (b"{", b"[")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_OWN: Final = re.compile(rb'"schema":\s*"auditor/')


class FileKind(NamedTuple):
    """Format of a file; the compression of Parquet files is inside and not told."""

    format: Format
    compression: Compression | None


def kind_of(path: Path) -> FileKind:
    """How `path` is to be read: Parquet and compression by magic bytes, the rest by name.

    Where the name says nothing, text that begins as JSON does is JSON, and all other is CSV.
    """
    start = b""
    with suppress(OSError), path.open("rb") as file:  # opening it later says why
        start = file.read(_START)
    name = path.name.lower()
    packed = next((c for suffix, c in _PACKED_SUFFIXES.items() if name.endswith(suffix)), None)
    suffix = Path(name.removesuffix(".gz").removesuffix(".zst")).suffix
    named = _FORMATS.get(suffix)
    if start.startswith(_PARQUET_MAGIC) or named == "parquet":
        return FileKind("parquet", None)
    by_magic = next((c for m, c in _COMPRESSION_MAGIC.items() if start.startswith(m)), None)
    compression = by_magic or (packed if start else None)
    if named is None:
        named = "json" if _looks_json(start, compression) else "csv"
    return FileKind(named, compression)


def is_own_report(path: Path) -> bool:
    """Whether a file begins as the JSON and NDJSON reports of this program do."""
    start = b""
    with suppress(OSError), path.open("rb") as file:
        start = file.read(_START)
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
