"""Parquet files: what their footers say, and their types without dictionaries."""

from dataclasses import dataclass

import polars as pl
from polars.datatypes import DataTypeClass

from auditor.errors import InputError
from auditor.sources.column_names import check_names
from auditor.sources.log_file import LogFile
from auditor.sources.streams import unreadable


@dataclass(frozen=True, slots=True)
class ParquetFacts:
    """Columns and number of rows of a Parquet file, as its footer states them."""

    columns: dict[str, pl.DataType]
    rows: int


def parquet_facts(file: LogFile) -> ParquetFacts:
    """Reads the footer of `file`.

    Of an object the footer is fetched, unless it is here.

    Raises:
        InputError: it is empty, cut, no Parquet file, or names columns as the program does.
    """
    if file.bytes == 0 and (file.address or file.path.is_file()):
        hint = "have it delivered again; a Parquet file is never empty"
        raise InputError("is empty", location=file.shown, hint=hint)
    if file.address is not None:
        _fetch_footer(file)
    try:
        lf = pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
        columns = dict(lf.collect_schema())
        rows = lf.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise unreadable(file, error) from error
    check_names(file, tuple(columns))
    return ParquetFacts(columns, rows)


def _fetch_footer(file: LogFile) -> None:
    # NOTE: the library behind it is an extra
    from auditor.sources.stores.copies import copy_here  # noqa: PLC0415 - as noted

    for fault in copy_here([file]).values():
        raise fault


def plain(dtype: pl.DataType) -> pl.DataType:
    """`dtype` with String in the place of dictionary types, at any depth."""
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(_plain_inner(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(_plain_inner(dtype.inner), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _plain_inner(field.dtype) for field in dtype.fields})
    return dtype


def _plain_inner(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return plain(dtype if isinstance(dtype, pl.DataType) else dtype())
