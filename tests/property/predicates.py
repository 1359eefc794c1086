"""Random predicates over a few fields of every kind, and rows to ask them about."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from auditor.schema import Field, Kind, Need

_START: Final = datetime(2020, 5, 1, tzinfo=UTC)

KINDS: Final = {
    "s": Kind.TEXT, "t": Kind.TEXT, "n": Kind.BYTES, "m": Kind.BYTES,
    "p": Kind.BOOLEAN, "q": Kind.BOOLEAN, "a": Kind.TIME, "b": Kind.TIME,
}  # fmt: skip
FIELDS: Final = {name: Field(name, kind, Need.OPTIONAL, "") for name, kind in KINDS.items()}
SCHEMA: Final = {name: kind.dtype for name, kind in KINDS.items()}

_TEXTS: Final = ("a", "b", "ab", "A", "aB%", "a_b", "!", "ä", "ab\nb")
_VALUES: Final = {
    Kind.TEXT: st.sampled_from(_TEXTS),
    Kind.BYTES: st.integers(0, 6),
    Kind.BOOLEAN: st.booleans(),
    Kind.TIME: st.integers(-2, 2).map(lambda hours: _START + timedelta(hours=hours)),
}
ROWS: Final = st.lists(
    st.fixed_dictionaries({name: st.none() | _VALUES[kind] for name, kind in KINDS.items()}),
    min_size=1,
    max_size=12,
)
Sql = st.SearchStrategy[str]


def _fill(template: str, *parts: Sql) -> Sql:
    return st.tuples(*parts).map(lambda filled: template.format(*filled))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column(kind: Kind) -> Sql:
    return st.sampled_from([name for name, k in KINDS.items() if k is kind])


def _with_case(value: Sql, condition: Sql) -> Sql:
    """Shapes that every type has."""
    nullable = value | st.just("NULL")
    return st.one_of(
        _fill("COALESCE({}, {})", nullable, value),
        _fill("COALESCE({}, {}, {})", value, nullable, value),
        _fill("CASE WHEN {} THEN {} ELSE {} END", condition, value, nullable),
        _fill("CASE WHEN {} THEN {} WHEN {} THEN {} END", condition, value, condition, value),
        _fill("CASE {} WHEN {} THEN {} WHEN {} THEN {} END", value, nullable, value, value, value),
    )


def _texts(depth: int) -> Sql:
    leaf = _column(Kind.TEXT) | st.sampled_from(_TEXTS).map(_quoted)
    if depth == 0:
        return leaf
    inner = st.deferred(lambda: _texts(depth - 1))
    # DuckDB gives a CASE of texts a type only if one of them has it, as ours does.
    letters = _fill("{}({})", st.sampled_from(["LOWER", "upper"]), inner)
    return leaf | letters | _with_case(inner, conditions(depth - 1))


def _exact_numbers(depth: int) -> Sql:
    leaf = _column(Kind.BYTES) | st.sampled_from(["0", "1", "2", "3", "-2", "0.5", "2.5"])
    if depth == 0:
        return leaf
    inner = st.deferred(lambda: _exact_numbers(depth - 1))
    return st.one_of(
        leaf,
        _fill("({} {} {})", inner, st.sampled_from("+-*%"), inner),
        _fill("({} + {} * {} - {} % {})", leaf, leaf, leaf, leaf, leaf),
        _fill("(- {})", inner),
        _with_case(inner, conditions(depth - 1)),
    )


def _numbers(depth: int) -> Sql:
    exact = _exact_numbers(depth)
    return exact | _fill("({} / {})", exact, exact)


def _times(depth: int) -> Sql:
    literals = st.sampled_from(
        ["TIMESTAMP '2020-05-01T00:00:00Z'", "TIMESTAMP '2020-05-01 01:00:00+00:00'",
         "DATE '2020-05-01'"]
    )  # fmt: skip
    leaf = _column(Kind.TIME) | literals
    if depth == 0:
        return leaf
    inner = st.deferred(lambda: _times(depth - 1))
    return leaf | _with_case(inner, conditions(depth - 1))


def _comparisons(depth: int, values: Callable[[int], Sql], operators: Sequence[str]) -> Sql:
    value = values(depth)
    nullable = value | st.just("NULL")
    listed = st.lists(nullable, min_size=1, max_size=4).map(", ".join)
    maybe_not = st.sampled_from(["", "NOT "])
    return st.one_of(
        _fill("{} {} {}", value, st.sampled_from(operators), value),
        _fill("{} {} NULL", value, st.sampled_from(operators)),
        _fill("{} IS {}NULL", value, maybe_not),
        _fill("{} IS {}DISTINCT FROM {}", value, maybe_not, nullable),
        _fill("{} {}IN ({})", value, maybe_not, listed),
        *(
            [_fill("{} {}BETWEEN {} AND {}", value, maybe_not, nullable, nullable)]
            if "<" in operators
            else []
        ),
    )


_ORDER: Final = ("=", "<>", "!=", "<", "<=", ">", ">=")


def _likes(depth: int) -> Sql:
    characters = st.text("abAB%_ä!", max_size=4)
    plain = characters.map(_quoted)
    escaped = characters.filter(_is_escaped_well).map(_quoted)
    return st.one_of(
        _fill("{} LIKE {}", _texts(depth), plain),
        _fill("{} NOT LIKE {}", _texts(depth), plain),
        _fill("{} LIKE {} ESCAPE '!'", _texts(depth), escaped),
    )


def _is_escaped_well(pattern: str) -> bool:
    """DuckDB takes `!` only before a wildcard or itself, and not at the end."""
    rest = pattern.replace("!!", "").replace("!%", "").replace("!_", "")
    return "!" not in rest


def conditions(depth: int) -> Sql:
    """Predicates of at most `depth` levels."""
    leaf = _column(Kind.BOOLEAN) | st.sampled_from(["TRUE", "FALSE", "NULL"])
    if depth <= 0:
        return leaf
    inner = st.deferred(lambda: conditions(depth - 1))
    return st.one_of(
        leaf,
        _comparisons(depth - 1, _numbers, _ORDER),
        _comparisons(depth - 1, _texts, _ORDER),
        _comparisons(depth - 1, _times, _ORDER),
        _comparisons(0, lambda _: _column(Kind.BOOLEAN), ("=", "<>")),
        _likes(depth - 1),
        _fill("NOT {}", inner),
        _fill("{} AND {}", inner, inner),
        _fill("{} OR {}", inner, inner),
        _fill("({} OR {}) AND {}", inner, inner, inner),
        _fill("NOT ({} AND {})", inner, inner),
        _with_case(inner.map("({})".format), inner),
    )
