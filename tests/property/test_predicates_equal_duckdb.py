"""Random predicates mean the same here and in DuckDB, NULL for NULL."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.jurisdictions import Groups
from auditor.rules.atoms import Scope
from auditor.rules.bind import bind
from auditor.rules.emit import Emitter
from auditor.rules.ir import Type
from auditor.rules.parse import parse_expression
from auditor.rules.typed import typed
from auditor.schema import Field, Kind, Need

_CASES: Final = 4000 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 250
_START: Final = datetime(2020, 5, 1, tzinfo=UTC)

_KINDS: Final = {
    "s": Kind.TEXT, "t": Kind.TEXT, "n": Kind.BYTES, "m": Kind.BYTES,
    "p": Kind.BOOLEAN, "q": Kind.BOOLEAN, "a": Kind.TIME, "b": Kind.TIME,
}  # fmt: skip
_FIELDS: Final = {name: Field(name, kind, Need.OPTIONAL, "") for name, kind in _KINDS.items()}
_SCHEMA: Final = {name: kind.dtype for name, kind in _KINDS.items()}

_TEXTS: Final = ("a", "b", "ab", "A", "aB%", "a_b", "!", "ä", "ab\nb")
_VALUES: Final = {
    Kind.TEXT: st.sampled_from(_TEXTS),
    Kind.BYTES: st.integers(0, 6),
    Kind.BOOLEAN: st.booleans(),
    Kind.TIME: st.integers(-2, 2).map(lambda hours: _START + timedelta(hours=hours)),
}
_ROWS: Final = st.lists(
    st.fixed_dictionaries({name: st.none() | _VALUES[kind] for name, kind in _KINDS.items()}),
    min_size=1,
    max_size=12,
)
_DUCKDB: Final = duckdb.connect()

Sql = st.SearchStrategy[str]


def _fill(template: str, *parts: Sql) -> Sql:
    return st.tuples(*parts).map(lambda filled: template.format(*filled))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column(kind: Kind) -> Sql:
    return st.sampled_from([name for name, k in _KINDS.items() if k is kind])


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
    return leaf | letters | _with_case(inner, _conditions(depth - 1))


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
        _with_case(inner, _conditions(depth - 1)),
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
    return leaf | _with_case(inner, _conditions(depth - 1))


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


def _conditions(depth: int) -> Sql:
    leaf = _column(Kind.BOOLEAN) | st.sampled_from(["TRUE", "FALSE", "NULL"])
    if depth <= 0:
        return leaf
    inner = st.deferred(lambda: _conditions(depth - 1))
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


def _ours(sql: str, df: pl.DataFrame) -> list[bool | None]:
    node, faults = typed(parse_expression(sql), Scope(_FIELDS, {}, has_zone=True), Type.BOOLEAN)
    assert not faults, [fault.message for fault in faults]
    expr = Emitter(Groups([]), pl.col("a")).emit(bind(node, {}, "UTC"))
    return df.with_columns(result=expr)["result"].to_list()


def _theirs(predicates: Sequence[str], df: pl.DataFrame) -> list[list[bool | None]]:
    times = [name for name, kind in _KINDS.items() if kind is Kind.TIME]
    numbers = [name for name, kind in _KINDS.items() if kind is Kind.BYTES]
    events = df.with_columns(
        pl.col(times).dt.replace_time_zone(None), pl.col(numbers).cast(pl.Int64)
    )
    columns = ", ".join(f"(({sql})::BOOLEAN)" for sql in predicates)
    with _DUCKDB.cursor() as connection:
        connection.execute("SET error_on_division_by_zero = false")
        connection.execute("SET ieee_floating_point_ops = false")
        connection.register("events", events.to_arrow())
        rows = connection.execute(f"SELECT {columns} FROM events").fetchall()
    return [list(column) for column in zip(*rows, strict=True)]


@settings(max_examples=_CASES, deadline=None)
@given(_ROWS, st.lists(_conditions(3), min_size=8, max_size=8))
def test_a_predicate_means_the_same_as_in_duckdb(
    rows: list[dict[str, object]], predicates: list[str]
) -> None:
    df = pl.DataFrame(rows, schema=_SCHEMA)
    expected = _theirs(predicates, df)
    for sql, truth in zip(predicates, expected, strict=True):
        assert _ours(sql, df) == truth, sql
