"""What the parts of a random predicate say together is what the predicate says."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rules.compile import compile_rule
from auditor.rules.ir import Op
from auditor.rules.parts import parts_of
from tests.unit.rules.frames import GROUPS, Row, facts, rule_of

_CASES: Final = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 100

_LEAVES: Final = st.sampled_from(
    [
        "is_host", "has_passcode", "TRUE", "NULL", "plan = 'free'", "plan NOT IN ('pro', NULL)",
        "media_bytes BETWEEN 1 AND 2", "media_bytes NOT BETWEEN (1) AND 2", "plan IS NOT NULL",
        "within(jurisdictions, opted_in)", "LOWER(partner) NOT LIKE 'a AND %'", "(is_recorded)",
        "CASE WHEN is_host THEN plan ELSE plan END = 'free'",
        "touches(jurisdictions, 'CN', group('EU'))",
    ]
)  # fmt: skip


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(" AND ".join),
        several.map(lambda found: "(" + " OR ".join(found) + ")"),
        parts.map(lambda part: f"NOT ({part})"),
        st.tuples(parts, parts).map(lambda two: "CASE WHEN {} THEN {} END".format(*two)),
        st.tuples(parts, parts, parts).map(
            lambda three: "CASE WHEN {} THEN {} ELSE {} END".format(*three)
        ),
    )


_ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "is_host": st.sampled_from([True, False, None]),
            "has_passcode": st.sampled_from([True, False, None]),
            "is_recorded": st.sampled_from([True, None]),
            "plan": st.sampled_from(["free", "pro", None]),
            "partner": st.sampled_from(["A and b", "b", None]),
            "media_bytes": st.sampled_from([0, 1, 2, None]),
            "jurisdictions": st.sampled_from([["CN"], ["US", "?"], ["FR", "US"], []]),
            "opted_in": st.sampled_from([["CN"], ["US"], ["FR", "US"], None]),
        }
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=_CASES, deadline=None)
@given(sql=st.recursive(_LEAVES, _joined, max_leaves=8), rows=_ROWS)
def test_parts_together_are_as_true_as_the_whole(sql: str, rows: Sequence[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rule = rule_of(Path(folder), f"violation: |-\n  {sql}\n")
    (whole,) = parts_of(rule, {}, GROUPS)
    parts = list(whole.walk())

    frame = facts(rows)
    compiled = compile_rule(rule, {}, GROUPS).violation_if_effective
    truths = frame.select(
        compiled.alias("rule"), *(part.expr.alias(str(i)) for i, part in enumerate(parts))
    )

    names = {id(part): str(i) for i, part in enumerate(parts)}
    assert truths["rule"].to_list() == truths["0"].to_list()
    for part in parts:
        if part.children:
            of_children = [truths[names[id(child)]].to_list() for child in part.children]
            combined = [_combined(part.op, list(row)) for row in zip(*of_children, strict=True)]
            assert combined == truths[names[id(part)]].to_list(), part.sql


def _combined(op: Op, truths: list[bool | None]) -> bool | None:
    if op is Op.NOT:
        return None if truths[0] is None else not truths[0]
    if op is Op.CASE:
        pairs = len(truths) // 2
        for number in range(pairs):
            if truths[2 * number]:
                return truths[2 * number + 1]
        return truths[-1] if len(truths) % 2 else None
    ends = op is Op.OR
    if ends in truths:
        return ends
    return None if None in truths else not ends
