"""What lint says can never be TRUE or FALSE is so on no row, however random."""

import os
from typing import Final

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.jurisdictions import Groups
from auditor.rules.atoms import Scope
from auditor.rules.bind import bind
from auditor.rules.emit import Emitter
from auditor.rules.ir import Type, Value
from auditor.rules.lint.comparisons import resolved
from auditor.rules.lint.truth import Conflict, Truth
from auditor.rules.literals import midnight
from auditor.rules.parse import parse_expression
from auditor.rules.typed import typed
from tests.property.predicates import FIELDS, ROWS, SCHEMA, conditions

_CASES: Final = 4000 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 60
_FEW: Final = st.sampled_from(
    ["s = 'a'", "s <> 'a'", "s IS NULL", "LOWER(s) = 'A'", "n > 2", "n <= 2", "n = 1", "n <> 1",
     "n IN (1, 2)", "n NOT IN (1, 3)", "n BETWEEN 2 AND 3", "p", "NOT p", "p IS NULL", "a < b",
     "b <= a", "a = b", "a >= DATE '2020-05-01'", "a < DATE '2020-05-01'", "s LIKE 'a%'",
     "n IS DISTINCT FROM 1", "p = q", "COALESCE(p, FALSE)", "n + m > 2", "n / m > 2"]
)  # fmt: skip
"""Little that can be said of few fields: contradictions are common."""


def _day(value: Value) -> Value:
    return midnight(value, "UTC")  # type: ignore[arg-type]  # a day: nothing else is asked


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, st.sampled_from(["AND", "OR"]), inner)
    return pair.map(lambda p: f"({p[0]} {p[1]} {p[2]})") | inner.map("NOT ({})".format)


@settings(max_examples=_CASES, deadline=None)
@given(ROWS, st.lists(st.recursive(_FEW, _joined, max_leaves=6) | conditions(3), min_size=6))
def test_no_row_has_a_truth_that_lint_excludes(
    rows: list[dict[str, object]], predicates: list[str]
) -> None:
    df = pl.DataFrame(rows, schema=SCHEMA)
    for sql in predicates:
        node, faults = typed(parse_expression(sql), Scope(FIELDS, {}, has_zone=True), Type.BOOLEAN)
        assert not faults
        expr = Emitter(Groups([]), pl.col("a")).emit(bind(node, {}, "UTC"))
        seen = set(df.with_columns(result=expr)["result"].to_list())

        truth, shown = Truth(FIELDS), resolved(node, _day)
        excluded = {w for w in (True, False) if isinstance(truth.needs(shown, want=w), Conflict)}

        assert not seen & excluded, sql
