"""The time that rows are of: from the first instant to the last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros_of(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends are in it; both are None where there are no rows."""

    first: datetime | None = None
    last: datetime | None = None

    @classmethod
    def of_micros(cls, first: int, last: int) -> "Span":
        """The span between microseconds since 1970."""
        return cls(_EPOCH + timedelta(microseconds=first), _EPOCH + timedelta(microseconds=last))

    @classmethod
    def around(cls, spans: Iterable["Span"]) -> "Span":
        """The shortest one that holds all `spans`."""
        ends = [(s.first, s.last) for s in spans if s.first is not None and s.last is not None]
        if not ends:
            return cls()
        return cls(min(first for first, _ in ends), max(last for _, last in ends))

    def holds(self, first: int, last: int) -> bool:
        """Whether both are in it: microseconds since 1970."""
        if self.first is None or self.last is None:
            return False
        return micros_of(self.first) <= first and last <= micros_of(self.last)

    def days_to(self, instant: datetime) -> int:
        """Whole days between `instant` and the nearest end; 0 within, and where it is empty."""
        if self.first is None or self.last is None:
            return 0
        return max((self.first - instant).days, (instant - self.last).days, 0)
