"""Finding a profile's columns in a log: case, prefixes and nested fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from auditor.errors import InputError
from auditor.schema import Field, Kind
from auditor.sources.profile_model import Profile

_PREFIX_ENDS: Final = "._-:/ "
_MAX_NESTING: Final = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One raw column, or one field of a nested one."""

    name: str
    expr: pl.Expr
    dtype: pl.DataType


@dataclass(slots=True)
class Columns:
    """The columns of one log as one profile sees them; names are matched without regard to case.

    Attributes:
        place: what messages name, the log's files.
        found: names of the columns that were asked for and exist.
    """

    raw: Mapping[str, pl.DataType]
    profile: Profile
    place: str
    found: set[str] = field(default_factory=set)
    _by_key: dict[str, list[Column]] = field(init=False)
    _claimed: set[str] = field(init=False)
    _prefixes: set[str] = field(init=False)
    _prefix: str = field(init=False)

    def __post_init__(self) -> None:
        self._by_key = {}
        for name, dtype in self.raw.items():
            for column in _flat(Column(name, pl.col(name), dtype), 0):
                self._by_key.setdefault(column.name.casefold(), []).append(column)
        sources = self.profile.fields.values()
        self._claimed = {name.casefold() for s in sources for name in s.names()}
        ends = (name.casefold() for name in self.profile.prefix_of)
        self._prefixes = self._prefixes_before(ends)
        self._prefix = self._detect_prefix()

    @property
    def names(self) -> list[str]:
        """Every column's name, nested ones with dots, in the log's order."""
        return [column.name for columns in self._by_key.values() for column in columns]

    @property
    def ignored(self) -> list[str]:
        """The columns that nothing asked for, sorted."""
        return sorted(set(self.names) - self.found)

    def first(self, names: Iterable[str], *, is_prefixed: bool) -> Column | None:
        """The first of `names` that the log has.

        Raises:
            InputError: two columns of the log differ from it in case only.
        """
        return next(self.all(names, is_prefixed=is_prefixed), None)

    def all(self, names: Iterable[str], *, is_prefixed: bool) -> Iterator[Column]:
        """Those of `names` that the log has, in the order of `names`.

        Raises:
            InputError: two columns of the log differ from one of them in case only.
        """
        for name in names:
            for key in self._keys(name.casefold(), is_prefixed=is_prefixed):
                if key in self._by_key:
                    yield self._only(key)
                    break

    def has(self, name: str) -> bool:
        """Whether the log has a column of that name, with or without the prefix."""
        key = name.casefold()
        return key in self._by_key or self._prefix + key in self._by_key

    def _only(self, key: str) -> Column:
        columns = self._by_key[key]
        if len(columns) > 1:
            raise InputError(
                f"columns {', '.join(repr(c.name) for c in columns)} differ in case only",
                location=self.place,
                hint="rename or drop one of them",
            )
        self.found.add(columns[0].name)
        return columns[0]

    def _keys(self, name: str, *, is_prefixed: bool) -> Iterator[str]:
        prefixed = self._prefix + name
        if is_prefixed and self._prefix:
            yield prefixed
            if name.startswith(self._prefix):
                yield name
            return
        yield name
        # NOTE: `participant_` before `uuid` makes `participant_uuid`, which is another field.
        if self._prefix and prefixed not in self._claimed:
            yield prefixed

    def strays(self, field: Field, *, is_supplied: bool) -> tuple[str, ...]:
        """Two or more columns of which only the first is read, though all could be the field.

        They differ in their prefix. Of a set or of hops nothing may be left out; for the rest it
        matters only where the field would have no column at all: `id` is also a meeting's.
        """
        source = self.profile.fields.get(field.name)
        has_items = field.kind in (Kind.SET, Kind.HOPS)
        if source is None or not source.is_prefixed or (is_supplied and not has_items):
            return ()
        names = [name.casefold() for name in source.names()]
        prefixes = self._prefixes | {""} if self.profile.prefix_of else set()
        if has_items and self.profile.prefix_of:
            prefixes |= self._prefixes_before(names[:1])
        unprefixed = {
            name.casefold()
            for other in self.profile.fields.values()
            if not other.is_prefixed
            for name in other.names()
        }
        keys = {prefix + name for prefix in prefixes for name in names} - unprefixed
        others = tuple(name.casefold() for name in self.profile.unread)
        outside = sorted(
            column.name
            for key in keys
            for column in self._by_key.get(key, ())
            if column.name not in self.found and not key.endswith(others)
        )
        ends = [name.casefold() for name in self.profile.prefix_of]
        read = [self._prefix + name for name in (*names, *ends)]
        examples = [self._by_key[key][0].name for key in read if key in self._by_key]
        return (examples[0], *outside) if outside and examples else ()

    def _prefixes_before(self, ends: Iterable[str]) -> set[str]:
        return {
            key.removesuffix(end)
            for end in ends
            for key in self._by_key
            if key == end or (key.endswith(end) and key.removesuffix(end)[-1] in _PREFIX_ENDS)
        }

    def _detect_prefix(self) -> str:
        names = {
            name.casefold()
            for source in self.profile.fields.values()
            if source.is_prefixed
            for name in source.names()
        }
        hits = {p: sum(p + name in self._by_key for name in names) for p in self._prefixes}
        return min(hits, key=lambda prefix: (-hits[prefix], len(prefix), prefix), default="")


def matches(profile: Profile, raw: Mapping[str, pl.DataType]) -> bool:
    """Whether a log with these columns looks like the profile's feed (never, without `detect`)."""
    columns = Columns(raw, profile, "")
    wanted = profile.detect
    return bool(wanted) and all(
        any(columns.has(name) for name in alternatives) for alternatives in wanted
    )


def _flat(column: Column, depth: int) -> Iterator[Column]:
    if not isinstance(column.dtype, pl.Struct) or depth >= _MAX_NESTING:
        yield column
        return
    for inner in column.dtype.fields:
        expr = column.expr.struct.field(inner.name)
        dtype = inner.dtype if isinstance(inner.dtype, pl.DataType) else inner.dtype()
        yield from _flat(Column(f"{column.name}.{inner.name}", expr, dtype), depth + 1)
