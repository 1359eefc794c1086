"""One rule and its parameters → the Polars expressions that decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from auditor.errors import Problem, RuleError
from auditor.jurisdictions import Groups
from auditor.rules.bound_rule import BoundRule, with_params
from auditor.rules.demanded import as_demanded, with_demanded
from auditor.rules.emit import Emitter
from auditor.rules.hinges import hinges_of, is_monotone
from auditor.rules.instants import Instants
from auditor.rules.ir import Node
from auditor.rules.message import message_expr, names_in, placeholder_types
from auditor.rules.model import ROW_TIME, Rule
from auditor.rules.outcome import Truth
from auditor.rules.params import resolve_params
from auditor.rules.parse import SqlFault, room_to_recurse
from auditor.rules.poison import ACCOUNT_FACT_NAMES, sources_of

__all__ = ["CompiledRule", "compile_rule", "resolve_params"]

_MEETING_START: Final = "meeting_started_at"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """The expressions of one rule over a frame of facts, and what they need.

    The frame holds every fact (sets as `.lo`, `.hi`, `.open`), `invalid:<field>` of `sources`
    and, for events, `@policy_state`.

    Attributes:
        outcome: UInt8 of `Outcome`, never null.
        in_boundary: Boolean, never null: the clock lies in the period, but not in every reading of
            its dates.
        is_boundary_row: Boolean, never null: the row is outside the period as it is surely known,
            and a violation in another reading of its dates.
        unknown_reason: String; meant for rows whose outcome is unknown.
        basis: String, or None where the hops' evidence is the basis.
        evidence: name → String.
        reads: facts that decide, constants and parameters worked out.
        needs: `reads` and the facts of basis, evidence and message; of `jurisdictions` both those
            of the run and those that the rule demands.
        sources: log fields whose bad text makes a row unknown.
        message: String over a frame of findings with the columns `message_fields`.
        boundary_text: what a finding in the boundary says; None where no date is involved.
        digest: SHA-256 of the rule's content and its parameters.
        is_monotone: what is decided while facts of the whole meeting are missing stays so once
            they are known.
        hinges: Boolean, never null: facts of the whole meeting, missing so far, may yet decide the
            row or make it one of the boundary.
        reads_start: the predicates read the meeting's start themselves, not only as clock.
        shows_start: the message, evidence or basis read it.
        clock_instants: where the meeting's start is the clock, the instants at which it matters.
        instants: field of a time that decides → the instants between which it makes no difference,
            the clock's among them; None where every value may.
        violation_if_effective: nullable Boolean of `applies AND violation`, clock ignored.
    """

    rule: Rule
    outcome: pl.Expr
    in_boundary: pl.Expr
    is_boundary_row: pl.Expr
    unknown_reason: pl.Expr
    basis: pl.Expr | None
    evidence: Mapping[str, pl.Expr]
    reads: frozenset[str]
    needs: frozenset[str]
    sources: Sequence[str]
    message: pl.Expr
    message_fields: Sequence[str]
    boundary_text: str | None
    digest: str
    is_monotone: bool
    hinges: pl.Expr
    reads_start: bool
    shows_start: bool
    clock_instants: Sequence[datetime]
    instants: Instants
    violation_if_effective: pl.Expr


def compile_rule(rule: Rule, params: Mapping[str, str], groups: Groups) -> CompiledRule:
    """Compile `rule`.

    Args:
        rule: as loaded.
        params: texts for some of its parameters; the others have their defaults.
        groups: what `group()` and `in_group()` may name.

    Raises:
        RuleError: the rule is wrong, or names a group that `groups` does not know.
        ConfigError: a parameter is unknown or its value does not fit.
    """
    bound = with_params(rule, params)
    exprs = _emitted(rule, bound.nodes, groups)
    truth, period, shown = _truth(bound, exprs), bound.period, bound.shows()
    is_near = ~truth.is_poisoned() & (period.in_doubt_outside() | period.is_doubted())
    violates = truth.applies & truth.violation
    return CompiledRule(
        rule=rule,
        outcome=truth.outcome(),
        in_boundary=period.in_doubt_inside() | period.is_doubted(),
        is_boundary_row=(is_near & violates).fill_null(value=False),
        unknown_reason=_reason(bound, truth),
        basis=exprs.get("basis"),
        evidence={name: exprs[f"evidence.{name}"] for name in rule.evidence},
        reads=bound.reads(),
        needs=with_demanded(rule, bound.reads() | shown),
        sources=truth.sources,
        message=_message(rule),
        message_fields=names_in(rule.message),
        boundary_text=period.doubt(),
        digest=bound.digest(),
        is_monotone=is_monotone(bound.deciding),
        hinges=_hinges(bound, groups, is_near),
        reads_start=_MEETING_START in bound.reads_to_decide(),
        shows_start=_MEETING_START in shown,
        clock_instants=period.instants() if period.clock == _MEETING_START else [],
        instants=bound.instants(groups),
        violation_if_effective=violates,
    )


def _emitted(rule: Rule, nodes: Mapping[str, Node], groups: Groups) -> dict[str, pl.Expr]:
    emitter = Emitter(groups, pl.col(ROW_TIME[rule.table]))
    exprs: dict[str, pl.Expr] = {}
    problems: list[Problem] = []
    with room_to_recurse():
        for place, node in nodes.items():
            try:
                exprs[place] = emitter.emit(as_demanded(rule, node))
            except SqlFault as fault:
                problems.append(
                    rule.problem(place, fault.at, fault.message, fault.hint, fault.kind)
                )
    if problems:
        raise RuleError.of(problems)
    return exprs


def _truth(bound: BoundRule, exprs: Mapping[str, pl.Expr]) -> Truth:
    rule, period = bound.rule, bound.period
    return Truth(
        applies=exprs.get("applies", pl.lit(value=True)),
        in_period=period.contains(),
        violation=exprs["violation"],
        undecided=[
            (exprs[f"undecided.{number}.when"], undecided.because)
            for number, undecided in enumerate(rule.undecided)
        ],
        sources=sources_of(bound.reads(), rule.table),
        demanded=rule.evidence_level,
        is_doubted=period.is_doubted(),
        doubt=period.doubted,
    )


def _reason(bound: BoundRule, truth: Truth) -> pl.Expr:
    table = bound.rule.table
    has_account = table == "events" and bool(bound.reads() & ACCOUNT_FACT_NAMES)
    return truth.reason(bound.reasons_in_order(), table, reads_account=has_account)


def _message(rule: Rule) -> pl.Expr:
    return message_expr(rule.message, placeholder_types(rule.table, rule.subject, rule.evidence))


def _hinges(bound: BoundRule, groups: Groups, is_near: pl.Expr) -> pl.Expr:
    def truth_of(nodes: Mapping[str, Node]) -> Truth:
        return _truth(bound, _emitted(bound.rule, nodes, groups))

    return hinges_of(bound.deciding, bound.nodes, truth_of, is_near)
