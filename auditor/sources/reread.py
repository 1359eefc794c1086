"""Files looked at again: raw text of records, culprits of a failed scan, and what has changed."""

import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.sources.csv_lines import Clean
from auditor.sources.csv_records import Record, records_of
from auditor.sources.json_records import json_records_of
from auditor.sources.log_file import CHANGED, LogFile, stamp_of
from auditor.sources.scan import open_files
from auditor.sources.streams import unreadable
from auditor.sources.times import shown_times

LONGEST_TEXT: Final = 64 << 10
"""Characters of one record that are shown."""

CUT_MARK: Final = " [cut]"

_RAW: Final = {
    schema.PATH: pl.String(),
    schema.ROW: pl.Int64(),
    "line": pl.Int64(),
    "raw": pl.String(),
}


def raw_text(files: Sequence[LogFile], wanted: pl.DataFrame) -> pl.DataFrame:
    r"""The records of `wanted` as they stand in their files.

    Args:
        files: as given to `open_files`.
        wanted: PATH and ROW; each file with a wanted row is passed once, up to the last of them.

    Returns:
        PATH, ROW, `line` (of the record's first line in a file of lines, the header of a CSV file
        being line 1; null for Parquet and JSON documents) and `raw`: the lines of a CSV record
        without the last line end, a JSON record as it stands, bytes that are not UTF-8 as `\xNN`;
        a Parquet row, or one item of a page, as JSON. Sorted by PATH and ROW. A text longer than
        `LONGEST_TEXT` is cut and ends with `CUT_MARK`.

    Raises:
        InputError: a file has become unreadable.
    """
    rows_of = {
        str(path[0]): frozenset(rows[schema.ROW].to_list())
        for path, rows in wanted.partition_by(schema.PATH, as_dict=True).items()
    }
    named = [file for file in files if file.shown in rows_of]
    texts = [_csv_text(file, rows_of[file.shown]) for file in named if file.format == "csv"]
    texts += [_json_text(f, rows_of[f.shown]) for f in named if f.format in ("ndjson", "json")]
    texts += _parquet_text([file for file in named if file.format == "parquet"], wanted)
    return pl.concat([pl.DataFrame(schema=_RAW), *texts]).sort(schema.PATH, schema.ROW)


def readable(files: Sequence[LogFile], columns: Iterable[str]) -> list[tuple[LogFile, str]]:
    """The files that fail when `columns` are really read, each with what the reader says.

    Every file is read by itself, so that the culprit of a failed scan is found. Columns that a
    file does not have are left out.
    """
    wanted = frozenset(columns)
    with tempfile.TemporaryDirectory(prefix="auditor-") as spool:
        probed = ((file, _reading_error(file, wanted, Path(spool))) for file in files)
        return [(file, error) for file, error in probed if error]


def changed_since(files: Sequence[LogFile]) -> list[tuple[LogFile, str]]:
    """The files that were written to, replaced or removed since they were found, each with why.

    A scan counts the rows of a file before it reads them. If a file grows or shrinks in between,
    rows are lost or ascribed to another file although all counts add up: no result that rests on
    such a file can be trusted.
    """
    here = [file for file in files if file.address is None]
    changed = [(file, CHANGED) for file in here if stamp_of(file.path) != file.stamp]
    if len(here) < len(files):
        # NOTE: the library behind it is an extra
        from auditor.sources.stores.copies import changes_of  # noqa: PLC0415 - as noted

        changed += changes_of(files)
    return changed


def _csv_text(file: LogFile, rows: frozenset[int]) -> pl.DataFrame:
    wanted = sorted(rows)
    found: list[tuple[str, int, int, str]] = []
    row, line = 1, 2
    _, records = records_of(file)
    for record in records:
        if len(found) == len(wanted):
            break
        if isinstance(record, Clean):
            count = lines = record.rows
        else:
            count, lines = 1, record.lines
        here = wanted[len(found) : bisect_left(wanted, row + count)]
        texts = _texts(record) if here else []
        found += [(file.shown, at, line + at - row, _shown(texts[at - row])) for at in here]
        row, line = row + count, line + lines
    return pl.DataFrame(found, schema=_RAW, orient="row")


def _json_text(file: LogFile, rows: frozenset[int]) -> pl.DataFrame:
    found: list[tuple[str, int, int | None, str]] = []
    for row, record in enumerate(json_records_of(file), start=1):
        if len(found) == len(rows):
            break
        if row in rows:
            found.append((file.shown, row, record.source.line, _shown(record.raw)))
    return pl.DataFrame(found, schema=_RAW, orient="row")


def _texts(record: Clean | Record) -> list[bytes]:
    if isinstance(record, Record):
        return [record.raw]
    return [line.removesuffix(b"\r") for line in record.content.split(b"\n")]


def _shown(raw: bytes) -> str:
    text = raw.decode("utf-8", "backslashreplace")
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT_MARK


def _parquet_text(files: Sequence[LogFile], wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
    if not files:
        return
    with tempfile.TemporaryDirectory(prefix="auditor-") as spool:
        for group in open_files(files, Path(spool)).groups:
            columns = [_jsonable(name, dtype) for name, dtype in group.columns.items()]
            text = pl.struct(columns).struct.json_encode()
            lf = group.lf.join(wanted.lazy(), on=[schema.PATH, schema.ROW], how="semi")
            line = pl.lit(None, pl.Int64).alias("line")
            rows = lf.select(schema.PATH, schema.ROW, line, _cut(text).alias("raw"))
            try:
                yield rows.collect(engine="streaming")
            except (pl.exceptions.PolarsError, OSError) as error:
                raise unreadable(group.files[0], error) from error


def _cut(text: pl.Expr) -> pl.Expr:
    cut = text.str.head(LONGEST_TEXT) + CUT_MARK
    return pl.when(text.str.len_chars() > LONGEST_TEXT).then(cut).otherwise(text)


def _jsonable(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).map_batches(shown_times, pl.String(), is_elementwise=True)
    if dtype == pl.Binary():
        return pl.col(name).bin.encode("hex")
    if "Binary" in repr(dtype):
        return pl.lit("(binary)").alias(name)
    return pl.col(name)


def _reading_error(file: LogFile, wanted: frozenset[str], spool: Path) -> str | None:
    opened = open_files([file], spool)
    if opened.failures:
        return opened.failures[0].problems[0].message
    try:
        for group in opened.groups:
            names = [name for name in group.columns if name in wanted]
            group.lf.select(schema.ROW, *names).null_count().collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        return unreadable(file, error).problems[0].message
    return None
