"""Which source a log is of, told by its columns alone; in doubt none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import polars as pl

from auditor.sources import SOURCES
from auditor.sources.columns import Columns
from auditor.sources.csv_header import header_of
from auditor.sources.discover import LogFile
from auditor.sources.json_records import json_records_of
from auditor.sources.parquet import parquet_facts
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import Profile
from auditor.sources.streams import pieces_of

_LOOKED_AT: Final = 200
_CLEAR: Final = 0.1
_SIGNS_WEIGH: Final = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """How well the columns of a log fit one source.

    Attributes:
        source: its name.
        table: which table it supplies.
        confidence: from 0 to 1: mostly the share of the columns that tell the feed, for the rest
            the share of its fields that the log has a column for.
        is_possible: whether all columns that tell the feed are there.
        missing: those that are not, alternatives separated by ` or `.
    """

    source: str
    table: str
    confidence: float
    is_possible: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detected:
    """The sources that a log may be of.

    Attributes:
        candidates: those that fit in part at least, the best first.
        columns: the log's columns as the best candidate sees them.
    """

    candidates: tuple[Candidate, ...]
    columns: tuple[str, ...]

    @property
    def source(self) -> str | None:
        """The source, where there is only one that it can be, or one that fits clearly better."""
        possible = [one for one in self.candidates if one.is_possible]
        if not possible:
            return None
        gap = possible[0].confidence - possible[1].confidence if len(possible) > 1 else 1.0
        return possible[0].source if gap >= _CLEAR else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether several sources fit, and none of them clearly better."""
        return self.source is None and any(one.is_possible for one in self.candidates)


def detect_source_of(file: LogFile) -> Detected:
    """The sources that `file` may be of.

    Args:
        file: of a JSON file, the first records are looked at.

    Raises:
        InputError: its header, footer or first records cannot be read.
    """
    seen: dict[tuple[str, ...], dict[str, pl.DataType]] = {}
    candidates: list[Candidate] = []
    for profile in map(load_profile, SOURCES):
        if not profile.detect:
            continue
        if profile.records not in seen:
            seen[profile.records] = columns_of(replace(file, records=profile.records))
        candidates.append(_candidate(profile, seen[profile.records]))
    fitting = [one for one in candidates if one.confidence > 0]
    fitting.sort(key=lambda one: (not one.is_possible, -one.confidence, one.source))
    best = load_profile(fitting[0].source).records if fitting else ()
    return Detected(tuple(fitting), tuple(seen[best]))


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


def _candidate(profile: Profile, raw: Mapping[str, pl.DataType]) -> Candidate:
    columns = Columns(raw, profile, "")
    missing = tuple(
        " or ".join(names) for names in profile.detect if not any(map(columns.has, names))
    )
    signs = 1 - len(missing) / len(profile.detect)
    fields = [source for source in profile.fields.values() if source.names()]
    found = sum(any(map(columns.has, source.names())) for source in fields)
    share = found / len(fields) if fields else 0.0
    confidence = round(_SIGNS_WEIGH * signs + (1 - _SIGNS_WEIGH) * share, 2) if signs else 0.0
    return Candidate(profile.name, profile.table, confidence, not missing, missing)
