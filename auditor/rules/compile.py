"""One rule and its parameters → the Polars expressions that decide it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from auditor.errors import ConfigError, Problem, RuleError
from auditor.jurisdictions import Groups
from auditor.rules.bind import ParamFault
from auditor.rules.emit import Emitter
from auditor.rules.hinges import hinges_of, is_monotone
from auditor.rules.instants import Instants, instants_of
from auditor.rules.ir import Node, fields_in_order, fields_of, reads_groups
from auditor.rules.message import facts_behind, message_expr, names_in, placeholder_types
from auditor.rules.model import ROW_TIME, TIMEZONE, ParamValue, Rule
from auditor.rules.outcome import Truth
from auditor.rules.params import param_values, resolve_params
from auditor.rules.parse import SqlFault, room_to_recurse
from auditor.rules.period import Period, period_of
from auditor.rules.poison import ACCOUNT_FACT_NAMES, sources_of
from auditor.rules.program import bind_rule, type_rule

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
        needs: `reads` and the facts of basis, evidence and message.
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
    values = param_values(rule, params)
    zone = str(values[TIMEZONE]) if TIMEZONE in values else None
    nodes = _bound(rule, values, zone, params)
    exprs = _emitted(rule, nodes, groups)
    period = period_of(rule.effective, zone)
    asked = {place: node for place, node in nodes.items() if _decides(place)}
    deciding = list(asked.values())
    reads = _reads(deciding, rule.table)
    if period.clock is not None:
        reads |= {period.clock}
    truth = _truth(rule, exprs, period, reads)
    needs = reads | _shown(rule, nodes)
    known = placeholder_types(rule.table, rule.subject, rule.evidence)
    violates = truth.applies & truth.violation
    is_read = _MEETING_START in _reads(deciding, rule.table)
    is_near = ~truth.is_poisoned() & (period.in_doubt_outside() | period.is_doubted())
    has_account = rule.table == "events" and bool(reads & ACCOUNT_FACT_NAMES)
    return CompiledRule(
        rule=rule,
        outcome=truth.outcome(),
        in_boundary=period.in_doubt_inside() | period.is_doubted(),
        is_boundary_row=(is_near & violates).fill_null(value=False),
        unknown_reason=truth.reason(
            _reasons_in_order(nodes, period), rule.table, reads_account=has_account
        ),
        basis=exprs.get("basis"),
        evidence={name: exprs[f"evidence.{name}"] for name in rule.evidence},
        reads=reads,
        needs=needs,
        sources=truth.sources,
        message=message_expr(rule.message, known),
        message_fields=names_in(rule.message),
        boundary_text=period.doubt(),
        digest=_digest(rule, values),
        is_monotone=is_monotone(asked),
        hinges=hinges_of(
            asked,
            nodes,
            lambda some: _truth(rule, _emitted(rule, some, groups), period, reads),
            is_near,
        ),
        reads_start=is_read,
        shows_start=_MEETING_START in _shown(rule, nodes),
        clock_instants=period.instants() if period.clock == _MEETING_START else [],
        instants=_instants(deciding, period, rule.table, groups),
        violation_if_effective=violates,
    )


def _bound(
    rule: Rule, values: Mapping[str, ParamValue], zone: str | None, given: Mapping[str, str]
) -> dict[str, Node]:
    nodes, problems = type_rule(rule)
    if problems:
        raise RuleError.of(problems)
    bound, faults = bind_rule(rule, nodes, values, zone)
    for found in faults:
        if isinstance(found.fault, ParamFault) and found.fault.param in given:
            name, fault = found.fault.param, found.fault
            place = f"--param {name}={given[name]}"
            raise ConfigError(f"{rule.id}: {fault.message}", location=place, hint=fault.hint)
    if faults:
        raise RuleError.of(found.problem for found in faults)
    return bound


def _emitted(rule: Rule, nodes: Mapping[str, Node], groups: Groups) -> dict[str, pl.Expr]:
    emitter = Emitter(groups, pl.col(ROW_TIME[rule.table]))
    exprs: dict[str, pl.Expr] = {}
    problems: list[Problem] = []
    with room_to_recurse():
        for place, node in nodes.items():
            try:
                exprs[place] = emitter.emit(node)
            except SqlFault as fault:
                problems.append(
                    rule.problem(place, fault.at, fault.message, fault.hint, fault.kind)
                )
    if problems:
        raise RuleError.of(problems)
    return exprs


def _truth(
    rule: Rule, exprs: Mapping[str, pl.Expr], period: Period, reads: frozenset[str]
) -> Truth:
    return Truth(
        applies=exprs.get("applies", pl.lit(value=True)),
        in_period=period.contains(),
        violation=exprs["violation"],
        undecided=[
            (exprs[f"undecided.{number}.when"], undecided.because)
            for number, undecided in enumerate(rule.undecided)
        ],
        sources=sources_of(reads, rule.table),
        is_doubted=period.is_doubted(),
        doubt=period.doubted,
    )


def _decides(place: str) -> bool:
    return place in {"applies", "violation"} or place.startswith("undecided.")


def _instants(deciding: Iterable[Node], period: Period, table: str, groups: Groups) -> Instants:
    found = dict(instants_of(deciding, ROW_TIME[table], groups))
    if period.clock is not None:
        read = found.get(period.clock, frozenset())
        found[period.clock] = None if read is None else read | frozenset(period.instants())
    return found


def _reasons_in_order(nodes: Mapping[str, Node], period: Period) -> list[str]:
    """The facts whose lack can leave a row undecided, as the file reads them; the clock last."""
    deciding = [nodes[place] for place in ("applies", "violation") if place in nodes]
    names = [name for node in deciding for name in fields_in_order(node)]
    return list(dict.fromkeys([*names, *([period.clock] if period.clock else [])]))


def _reads(nodes: Iterable[Node], table: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for node in nodes:
        found |= fields_of(node)
        if reads_groups(node):
            found |= {ROW_TIME[table]}
    return found


def _shown(rule: Rule, nodes: Mapping[str, Node]) -> frozenset[str]:
    """The facts behind basis, evidence and message."""
    texts = [node for place, node in nodes.items() if not _decides(place)]
    return _reads(texts, rule.table) | _shown_facts(rule)


def _shown_facts(rule: Rule) -> frozenset[str]:
    names = [name for name in names_in(rule.message) if name not in rule.evidence]
    return frozenset().union(*(facts_behind(name, rule.table) for name in names))


def _digest(rule: Rule, values: Mapping[str, ParamValue]) -> str:
    content = json.dumps([rule.digest, dict(values)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
