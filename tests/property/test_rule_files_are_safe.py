"""Any bytes give a rule that runs, or located faults: no other failure, and no stall.

`make fuzz` runs a hundred thousand cases; see CONTRIBUTING.md.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import Problem
from auditor.rules.atoms import Scope
from auditor.rules.bind import bind
from auditor.rules.compile import compile_rule
from auditor.rules.emit import Emitter
from auditor.rules.faults import FaultKind
from auditor.rules.ir import Type
from auditor.rules.lint.run import lint_file
from auditor.rules.load import RuleFile
from auditor.rules.message import placeholder_types
from auditor.rules.model import Param, ParamType, ParamValue, Rule
from auditor.rules.parse import SqlFault, parse_expression, room_to_recurse
from auditor.rules.typed import typed
from auditor.schema import FACTS
from tests.property.rule_texts import FILES, PREDICATES
from tests.unit.rules.frames import GROUPS, facts

_CASES: Final = int(
    os.environ.get("FUZZ_CASES")
    or (2000 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 150)
)
_STALLED: Final = 60
"""CPU seconds that no rule file may take; the slowest that are known take two."""

_FRAMES: Final = {
    "events": facts(
        [
            {},
            {
                "is_host": True, "plan": "free", "home": "CN", "media_bytes": 2**64 - 1,
                "jurisdictions": ["CN", "?"], "opted_in": ["US"], "partner": "a\x00ä%_",
                "client_version": "5.10.x", "event_at": datetime(2020, 5, 1, tzinfo=UTC),
                "meeting_started_at": datetime(2200, 12, 31, tzinfo=UTC), "invalid:plan": "Basic+",
            },
        ]
    ),
    "orders": facts([{}, {"billing_country": "CN", "action": "new"}], "orders"),
}  # fmt: skip
_PARAMS: Final = {
    "p": Param("p", ParamType.BOOLEAN, default=True, meaning=""),
    "q": Param("q", ParamType.TEXTS, ("a", ""), ""),
}


@contextmanager
def _no_stall() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _STALLED)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _is_located(problem: Problem, path: Path) -> bool:
    return re.fullmatch(rf"{re.escape(str(path))}:\d+(:\d+)?", problem.location) is not None


def _run(rule: Rule) -> None:
    """Evaluate every expression of the rule on rows with and without values."""
    compiled = compile_rule(rule, {}, GROUPS)
    texts = dict(compiled.evidence) | (
        {"@basis": compiled.basis} if compiled.basis is not None else {}
    )
    df = _FRAMES[rule.table].select(
        compiled.in_boundary.alias("@in"),
        compiled.is_boundary_row.alias("@row"),
        compiled.hinges.alias("@hinges"),
        compiled.unknown_reason.alias("@why"),
        compiled.outcome.alias("@outcome"),
        *(expr.alias(f"@text:{name}") for name, expr in texts.items()),
    )
    assert df["@outcome"].null_count() == 0
    shown = placeholder_types(rule.table, rule.subject, rule.evidence)
    finding = pl.DataFrame({name: [None] for name in shown}, schema=dict(shown))
    assert finding.select(compiled.message).item() is not None


@settings(max_examples=_CASES, deadline=None)
@given(FILES)
def test_a_file_is_a_rule_that_runs_or_has_located_faults(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "TEST-001.yaml"
    path.write_bytes(content)
    with _no_stall():
        rule, remarks = lint_file(RuleFile(path, str(path), "fuzz"), GROUPS)
        problems = [remark.problem for remark in remarks]
        if rule is not None and not any(remark.check.id in set(FaultKind) for remark in remarks):
            _run(rule)

    assert rule is not None or problems
    assert all(_is_located(problem, path) for problem in problems), problems


@settings(max_examples=_CASES, deadline=None)
@given(PREDICATES, st.sampled_from(list(FACTS)))
def test_a_predicate_runs_or_has_located_faults(sql: str, table: str) -> None:
    with _no_stall(), room_to_recurse():
        values: dict[str, ParamValue] = {name: param.default for name, param in _PARAMS.items()}
        try:
            scope = Scope(FACTS[table], _PARAMS, has_zone=True)
            node, faults = typed(parse_expression(sql), scope, Type.BOOLEAN)
            if not faults:
                emitter = Emitter(GROUPS, pl.col("event_at" if table == "events" else "ordered_at"))
                expr = emitter.emit(bind(node, values, "UTC"))
                frame = _FRAMES[table]
                assert frame.with_columns(result=expr)["result"].len() == frame.height
        except SqlFault as fault:
            faults = [fault]

    assert all(0 <= fault.at <= max(len(sql), 1) for fault in faults)
