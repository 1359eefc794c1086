"""How well columns fit each shipped source; in doubt they are of none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import polars as pl

from auditor.sources import SOURCES
from auditor.sources.columns import Columns
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import Profile

_CLEAR: Final = 0.1
_SIGNS_WEIGH: Final = 0.7
_REGISTRIES: Final = frozenset({"accounts"})
"""Tables of which a log may carry columns, but which have no time of an event or order."""

RawColumns: TypeAlias = Mapping[str, pl.DataType]
"""Name → type of each column of a log, before anything is read."""


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
        candidates: those that fit in part at least, the best first; logs before registries.
        columns: the log's columns as the best candidate sees them.
    """

    candidates: tuple[Candidate, ...]
    columns: tuple[str, ...]

    @property
    def best(self) -> Candidate | None:
        """The one that it can only be, or that fits clearly better than the others."""
        possible = [one for one in self.candidates if one.is_possible]
        ranked = [one for one in possible if one.table not in _REGISTRIES] or possible
        gaps = [ranked[0].confidence - other.confidence for other in ranked[1:]]
        return ranked[0] if ranked and all(gap >= _CLEAR for gap in gaps) else None

    @property
    def source(self) -> str | None:
        """The name of `best`."""
        return self.best.source if self.best else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether several sources fit, and none of them clearly better."""
        return self.best is None and any(one.is_possible for one in self.candidates)


def candidates_for(columns_under: Callable[[Profile], RawColumns]) -> Detected:
    """The sources that a log may be of.

    Args:
        columns_under: the log's columns under a profile, which says where records of JSON are.
    """
    candidates = [
        _candidate(profile, columns_under(profile))
        for profile in map(load_profile, SOURCES)
        if profile.detect
    ]
    fitting = [one for one in candidates if one.confidence > 0]
    fitting.sort(
        key=lambda one: (
            not one.is_possible,
            one.is_possible and one.table in _REGISTRIES,
            -one.confidence,
            one.source,
        )
    )
    columns = columns_under(load_profile(fitting[0].source)) if fitting else {}
    return Detected(tuple(fitting), tuple(columns))


def _candidate(profile: Profile, raw: RawColumns) -> Candidate:
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
