"""Event files: chunks of events cut into parts of fixed row counts, as Parquet or CSV."""

import gzip
from pathlib import Path
from typing import IO, Final, Protocol, cast

import polars as pl
import pyarrow.parquet as pq
import zstandard

from auditor.generate.request import Compression, LogFormat, LogRequest

_ROW_GROUP_ROWS: Final = 1 << 18
_REPEATED: Final = (
    "meeting_id", "account_id", "route", "hop_role", "participant_country", "client_version",
    "encryption", "connection_type",
)  # fmt: skip
_GZIP_LEVEL: Final = 6
_PARQUET_LEVELS: Final = {Compression.NONE: None, Compression.GZIP: 1, Compression.ZSTD: 1}
_CSV_SUFFIXES: Final = {Compression.NONE: "", Compression.GZIP: ".gz", Compression.ZSTD: ".zst"}


class Part(Protocol):
    """One open event file."""

    def write(self, df: pl.DataFrame) -> None:
        """Appends rows; all frames have the same schema."""

    def close(self) -> None:
        """Finishes the file."""


class _ParquetPart:
    def __init__(self, path: Path, codec: Compression) -> None:
        self._path, self._codec = path, codec
        self._writer: pq.ParquetWriter | None = None

    def write(self, df: pl.DataFrame) -> None:
        table = df.to_arrow(compat_level=pl.CompatLevel.newest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._path,
                table.schema,
                compression=self._codec.value,
                compression_level=_PARQUET_LEVELS[self._codec],
                store_schema=False,
                use_dictionary=list(_REPEATED),
            )
        self._writer.write_table(table, row_group_size=_ROW_GROUP_ROWS)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _CsvPart:
    def __init__(self, path: Path, codec: Compression) -> None:
        self._raw = path.open("wb")
        self._file = _compressed(self._raw, codec)
        self._is_new = True

    def write(self, df: pl.DataFrame) -> None:
        write_csv(df, self._file, has_header=self._is_new)
        self._is_new = False

    def close(self) -> None:
        self._file.close()
        self._raw.close()


_PARTS: Final[dict[LogFormat, type[_ParquetPart] | type[_CsvPart]]] = {
    LogFormat.PARQUET: _ParquetPart,
    LogFormat.CSV: _CsvPart,
}


class EventFiles:
    """Takes events in chunks and writes them to the part files of a request, in order."""

    def __init__(self, folder: Path, request: LogRequest) -> None:
        self._folder, self._request = folder, request
        self._number = 0
        self._room = request.rows_in(0)
        self._part = self._opened()

    def write(self, df: pl.DataFrame) -> None:
        """Appends `df`, going on in the next file wherever one is full."""
        offset = 0
        while offset < df.height:
            if self._room == 0:
                self._next()
            taken = df.slice(offset, self._room)
            self._part.write(taken)
            self._room -= taken.height
            offset += taken.height

    def close(self) -> None:
        """Finishes the open file."""
        self._part.close()

    def _next(self) -> None:
        self._part.close()
        self._number += 1
        self._room = self._request.rows_in(self._number)
        self._part = self._opened()

    def _opened(self) -> Part:
        request = self._request
        suffix = _CSV_SUFFIXES[request.codec] if request.format is LogFormat.CSV else ""
        name = f"part-{self._number + 1:04}.{request.format.value}{suffix}"
        return _PARTS[request.format](self._folder / name, request.codec)


def write_csv(df: pl.DataFrame, file: IO[bytes], *, has_header: bool) -> None:
    """Writes `df` as CSV: times in ISO 8601 with `Z`, missing values empty."""
    times = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    df.with_columns(times).write_csv(file, include_header=has_header)


def _compressed(file: IO[bytes], codec: Compression) -> IO[bytes]:
    if codec is Compression.GZIP:
        # NOTE: no name and no time in the header, so that equal requests give equal bytes.
        return cast(
            "IO[bytes]",
            gzip.GzipFile("", "wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0),
        )
    if codec is Compression.ZSTD:
        return cast("IO[bytes]", zstandard.ZstdCompressor().stream_writer(file, closefd=False))
    return file
