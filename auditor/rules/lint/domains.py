"""What values a term of a predicate may still have: a value set or an interval, and NULL or not."""

from dataclasses import dataclass, replace
from typing import Final

from auditor.rules.ir import Value


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that one term may have; never fewer than it really may.

    Attributes:
        values: the only values, or None where they cannot be listed.
        excluded: values that it cannot have, where `values` is None.
        low, high: bounds, or None.
        has_low, has_high: whether the bound itself is a value.
        may_be_null, may_be_known: whether it may be NULL, or anything else.
        at: the character of the predicate that narrowed it last.
    """

    values: frozenset[Value] | None = None
    excluded: frozenset[Value] = frozenset()
    low: Value = None
    high: Value = None
    has_low: bool = True
    has_high: bool = True
    may_be_null: bool = True
    may_be_known: bool = True
    at: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not self.may_be_null and not self.may_be_known

    def meet(self, other: "Domain") -> "Domain":
        """What both allow."""
        low, has_low = _tighter(self, other, is_low=True)
        high, has_high = _tighter(self, other, is_low=False)
        excluded = self.excluded | other.excluded
        values = self.values if other.values is None else other.values
        if self.values is not None and other.values is not None:
            values = self.values & other.values
        found = Domain(
            values,
            excluded,
            low,
            high,
            has_low,
            has_high,
            self.may_be_null and other.may_be_null,
            self.may_be_known and other.may_be_known,
            other.at,
        )
        return found._settled()

    def join(self, other: "Domain") -> "Domain":
        """What either allows, or more."""
        if not self.may_be_known or not other.may_be_known:
            known = other if not self.may_be_known else self
            return replace(known, may_be_null=self.may_be_null or other.may_be_null)
        if self.values is not None and other.values is not None:
            return Domain(
                self.values | other.values, may_be_null=self.may_be_null or other.may_be_null
            )
        return _hull(self, other)

    def _settled(self) -> "Domain":
        """The same with listed values inside the bounds, and `may_be_known` told by them."""
        if not self.may_be_known:
            return self
        if self.values is None:
            return self if self._is_open() else replace(self, may_be_known=False)
        left = frozenset(v for v in self.values if self._allows(v))
        return replace(self, values=left, may_be_known=bool(left))

    def _is_open(self) -> bool:
        """Whether the interval holds a value."""
        if self.low is None or self.high is None:
            return True
        if self.low == self.high:
            return self.has_low and self.has_high and self.low not in self.excluded
        return _is_less(self.low, self.high)

    def _allows(self, value: Value) -> bool:
        if value in self.excluded:
            return False
        if self.low is not None and _is_less(value, self.low):
            return False
        if self.high is not None and _is_less(self.high, value):
            return False
        is_end = (value == self.low and not self.has_low) or (
            value == self.high and not self.has_high
        )
        return not is_end


NOT_NULL: Final = Domain(may_be_null=False)
ONLY_NULL: Final = Domain(may_be_known=False)


def _is_less(one: Value, other: Value) -> bool:
    return one < other  # type: ignore[operator]  # a term has values of one type


def _tighter(one: Domain, other: Domain, *, is_low: bool) -> tuple[Value, bool]:
    a = (one.low, one.has_low) if is_low else (one.high, one.has_high)
    b = (other.low, other.has_low) if is_low else (other.high, other.has_high)
    if a[0] is None or b[0] is None:
        return b if a[0] is None else a
    if a[0] == b[0]:
        return a[0], a[1] and b[1]
    return a if _is_less(b[0], a[0]) is is_low else b


def _hull(one: Domain, other: Domain) -> Domain:
    """Bounds are given up as soon as one side has none: this is only ever asked for loosely."""
    both = [one, other]
    excluded = frozenset(
        v
        for v in one.excluded | other.excluded
        if not any(d._allows(v) and (d.values is None or v in d.values) for d in both)  # noqa: SLF001 - its own class
    )
    null = one.may_be_null or other.may_be_null
    if one.values is not None or other.values is not None:
        return Domain(excluded=excluded, may_be_null=null)
    low, has_low = _looser(one, other, is_low=True)
    high, has_high = _looser(one, other, is_low=False)
    return Domain(None, excluded, low, high, has_low, has_high, null)


def _looser(one: Domain, other: Domain, *, is_low: bool) -> tuple[Value, bool]:
    a = (one.low, one.has_low) if is_low else (one.high, one.has_high)
    b = (other.low, other.has_low) if is_low else (other.high, other.has_high)
    if a[0] is None or b[0] is None:
        return None, True
    if a[0] == b[0]:
        return a[0], a[1] or b[1]
    return b if _is_less(b[0], a[0]) is is_low else a
