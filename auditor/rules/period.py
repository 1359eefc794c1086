"""The period in which a rule holds, and how far it hangs on the zone its dates are taken in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

import polars as pl

from auditor.rules.literals import midnight
from auditor.rules.model import Effective
from auditor.schema import TIME

_EARLIEST: Final = timedelta(hours=-14)
_LATEST: Final = timedelta(hours=12)
"""A day begins first at UTC+14 and last at UTC-12, relative to midnight in UTC."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a period.

    Attributes:
        at: where it lies in the rule's zone.
        earliest, latest: where it may lie in another zone; both `at` for a stated instant.
        day: the date it was stated as; None for an instant.
    """

    at: datetime
    earliest: datetime
    latest: datetime
    day: date | None


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open period of `clock`; an end that is None is unbounded.

    Attributes:
        earliest: where it may begin already, if that is not known; `from_` is where it surely has.
        doubted: why that is not known.
    """

    from_: Edge | None
    until: Edge | None
    zone: str | None
    clock: str | None
    earliest: Edge | None = None
    doubted: str | None = None

    @property
    def begins(self) -> Edge | None:
        """Where it begins or may begin."""
        return self.earliest or self.from_

    def contains(self) -> pl.Expr:
        """Boolean: the clock lies in the period, or may; null where the clock is missing."""
        inside = pl.lit(value=True)
        if self.begins is not None:
            inside &= self._clock() >= _lit(self.begins.at)
        if self.until is not None:
            inside &= self._clock() < _lit(self.until.at)
        return inside

    def is_doubted(self) -> pl.Expr:
        """Boolean, never null: the period may not have begun."""
        if self.earliest is None or self.from_ is None:
            return pl.lit(value=False)
        return self._between(self.earliest.at, self.from_.at)

    def in_doubt_inside(self) -> pl.Expr:
        """Boolean, never null: inside, but another zone would put it outside."""
        parts = []
        if self.from_ is not None and self.from_.day:
            parts.append(self._between(self.from_.at, self.from_.latest))
        if self.until is not None and self.until.day:
            parts.append(self._between(self.until.earliest, self.until.at))
        return _any(parts) & self.contains().fill_null(value=False)

    def in_doubt_outside(self) -> pl.Expr:
        """Boolean, never null: outside, but another zone would put it inside."""
        parts = []
        if self.begins is not None and self.begins.day:
            parts.append(self._between(self.begins.earliest, self.begins.at))
        if self.until is not None and self.until.day:
            parts.append(self._between(self.until.at, self.until.latest))
        return _any(parts) & ~self.contains().fill_null(value=True)

    def instants(self) -> list[datetime]:
        """The instants at which any of the four changes, ascending."""
        edges = [edge for edge in (self.earliest, self.from_, self.until) if edge]
        return sorted({t for edge in edges for t in (edge.earliest, edge.at, edge.latest)})

    def doubt(self) -> str | None:
        """What a finding near an end says of it; None where no date is involved."""
        edges = (self.earliest, self.from_, self.until)
        days = [str(edge.day) for edge in edges if edge and edge.day]
        zone = f"depends on the time zone of {' and '.join(days)}, here taken as {self.zone}"
        return "; ".join(text for text in (zone if days else None, self.doubted) if text) or None

    def _clock(self) -> pl.Expr:
        return pl.col(str(self.clock))

    def _between(self, start: datetime, end: datetime) -> pl.Expr:
        inside = (self._clock() >= _lit(start)) & (self._clock() < _lit(end))
        return inside.fill_null(value=False)


def period_of(effective: Effective, zone: str | None) -> Period:
    """The period with its dates taken in `zone`."""
    from_, until = _edge(effective.from_, zone), _edge(effective.until, zone)
    clock = effective.clock if from_ or until else None
    return Period(from_, until, zone, clock, _edge(effective.earliest, zone), effective.doubt)


def _edge(end: date | datetime | None, zone: str | None) -> Edge | None:
    if end is None:
        return None
    if isinstance(end, datetime):
        return Edge(end, end, end, None)
    utc = datetime(end.year, end.month, end.day, tzinfo=UTC)
    return Edge(midnight(end, zone or "UTC"), utc + _EARLIEST, utc + _LATEST, end)


@cache
def _lit(instant: datetime) -> pl.Expr:
    return pl.lit(instant, dtype=TIME)


def _any(parts: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(parts) if parts else pl.lit(value=False)
