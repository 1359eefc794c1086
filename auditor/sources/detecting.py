"""Which source a file is of, told by its columns alone, and those columns."""

from dataclasses import replace
from itertools import islice
from typing import Final

import polars as pl

from auditor.sources.candidates import Detected, RawColumns, candidates_for
from auditor.sources.csv_header import header_of
from auditor.sources.json_records import json_records_of
from auditor.sources.log_file import LogFile
from auditor.sources.parquet import parquet_facts
from auditor.sources.profile_model import Profile
from auditor.sources.streams import pieces_of

_LOOKED_AT: Final = 200


def detect_source_of(file: LogFile) -> Detected:
    """The sources that `file` may be of.

    Args:
        file: of a JSON file, the first records are looked at.

    Raises:
        InputError: its header, footer or first records cannot be read.
    """
    seen: dict[tuple[str, ...], RawColumns] = {}

    def columns_under(profile: Profile) -> RawColumns:
        if profile.records not in seen:
            seen[profile.records] = columns_of(replace(file, records=profile.records))
        return seen[profile.records]

    return candidates_for(columns_under)


def columns_of(file: LogFile) -> dict[str, pl.DataType]:
    """The columns of a log, without reading it through; of JSON those of its first records.

    Raises:
        InputError: they cannot be read.
    """
    if file.format == "parquet":
        return parquet_facts(file).columns
    if file.format == "csv":
        names = header_of(file, next(pieces_of(file), b"")).names
    else:
        records = islice(json_records_of(file), _LOOKED_AT)
        names = tuple(dict.fromkeys(name for record in records for name in record.texts))
    return dict.fromkeys([*names, *file.hive], pl.String())
