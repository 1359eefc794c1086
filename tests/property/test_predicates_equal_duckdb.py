"""Random predicates mean the same here and in DuckDB, NULL for NULL."""

import os
from collections.abc import Sequence
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
from auditor.schema import Kind
from tests.property.predicates import FIELDS, KINDS, ROWS, SCHEMA, conditions

_CASES: Final = 4000 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 250
_DUCKDB: Final = duckdb.connect()


def _ours(sql: str, df: pl.DataFrame) -> list[bool | None]:
    node, faults = typed(parse_expression(sql), Scope(FIELDS, {}, has_zone=True), Type.BOOLEAN)
    assert not faults, [fault.message for fault in faults]
    expr = Emitter(Groups([]), pl.col("a")).emit(bind(node, {}, "UTC"))
    return df.with_columns(result=expr)["result"].to_list()


def _theirs(predicates: Sequence[str], df: pl.DataFrame) -> list[list[bool | None]]:
    times = [name for name, kind in KINDS.items() if kind is Kind.TIME]
    numbers = [name for name, kind in KINDS.items() if kind is Kind.BYTES]
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
@given(ROWS, st.lists(conditions(3), min_size=8, max_size=8))
def test_a_predicate_means_the_same_as_in_duckdb(
    rows: list[dict[str, object]], predicates: list[str]
) -> None:
    df = pl.DataFrame(rows, schema=SCHEMA)
    expected = _theirs(predicates, df)
    for sql, truth in zip(predicates, expected, strict=True):
        assert _ours(sql, df) == truth, sql
