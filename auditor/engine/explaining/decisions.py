"""Rows of a prepared run → decisions with all that led to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from auditor.engine.explaining.conditions import Predicates, because_of
from auditor.engine.explaining.evidence import Evidence
from auditor.engine.explaining.rows import (
    DecidedRow,
    decide,
    needs_meetings,
    rows_at,
    with_meetings,
)
from auditor.engine.explaining.setting import Setting
from auditor.engine.log import Log
from auditor.engine.plan import Bucket, Plan
from auditor.engine.prepare import Prepared, shipped_groups
from auditor.explanation import Decision, Place, Plain
from auditor.rules.compile import CompiledRule
from auditor.rules.demanded import with_demanded
from auditor.rules.model import TIMEZONE
from auditor.rules.params import param_values
from auditor.rules.parts import parts_of
from auditor.rules.period import period_of
from auditor.sources.accounts import load_accounts

_KEYS: Final = {
    "events": ("event_at", "account_id", "meeting_id", "session_id"),
    "orders": ("ordered_at", "account_id", "order_id"),
}


@dataclass(frozen=True, slots=True)
class Explainer:
    """Decides rows by one rule and shows why.

    Attributes:
        plan: of the one rule.
        log: the files that hold the rows.
    """

    rule: CompiledRule
    plan: Plan
    log: Log
    prepared: Prepared
    predicates: Predicates
    evidence: Evidence

    @classmethod
    def of(cls, prepared: Prepared, setting: Setting) -> "Explainer":
        """Explains rows of a run that is prepared for the request of `setting`."""
        request, rule = setting.request, setting.rule
        predicates = _predicates(rule, setting.params)
        shown = frozenset(f for p in predicates.parts for part in p.walk() for f in part.fields)
        # NOTE: a constant may have made the rule read less than its parts do.
        wide = replace(rule, needs=with_demanded(rule.rule, rule.needs | shown))
        accounts = [Path(path) for path in request.accounts]
        registry = (
            load_accounts(accounts, request.timezone, dict(request.params)) if accounts else None
        )
        frame = registry[0].frame if registry else None
        table = rule.rule.table
        given = next(one for one in prepared.tables if one.plan.table == table)
        return cls(
            rule=rule,
            plan=Plan([wide], request.from_, request.to, table),
            log=given.log,
            prepared=prepared,
            predicates=predicates,
            evidence=Evidence(prepared.knowledge, frame, rule.rule.evidence_level),
        )

    def decisions(self, places: Sequence[Place], whole: Callable[[], Log]) -> list[Decision]:
        """Decisions on the rows in the order of `places`; a row that does not exist is left out.

        Args:
            places: with the paths of the log's own files.
            whole: all files of the log; asked for where a decision takes whole meetings.
        """
        rows = rows_at(self.log, places)
        knowledge = self.prepared.knowledge
        if needs_meetings(rows, self.plan):
            knowledge = with_meetings(rows, whole(), knowledge)
        period = self.predicates.period.contains()
        decided = decide(rows, self.plan, knowledge, self.predicates.parts, period)
        found = {row.place: self._decision(row) for row in decided}
        return [found[place] for place in places if place in found]

    def _decision(self, row: DecidedRow) -> Decision:
        keys: Mapping[str, Plain] = {n: row.log[n] for n in _KEYS[self.rule.rule.table]}
        because = because_of(row, self.predicates, self.rule.sources)
        plain = Decision(
            path=row.place.path,
            row=row.place.row,
            bucket=row.bucket.name.lower(),
            outcome=None if row.outcome is None else row.outcome.name.lower(),
            because=because,
            keys=keys,
        )
        if row.bucket is Bucket.REJECTED:
            return plain
        judged = replace(
            plain,
            applies=self.predicates.condition("applies", row),
            in_force=self.predicates.in_force(row),
            violation=self.predicates.condition("violation", row),
            undecided=self.predicates.doubts(row),
        )
        return self._with_evidence(judged, row) if self.rule.rule.table == "events" else judged

    def _with_evidence(self, decision: Decision, row: DecidedRow) -> Decision:
        return replace(
            decision,
            hops=self.evidence.hops(row),
            policy=self.evidence.policy(row),
            opt_in=self.evidence.opt_in(row),
            start=row.facts["meeting_started_at"],
            start_basis=row.facts["start_basis"],
        )


def _predicates(rule: CompiledRule, own: Mapping[str, str]) -> Predicates:
    values = param_values(rule.rule, own)
    zone = str(values[TIMEZONE]) if TIMEZONE in values else None
    return Predicates(
        rule=rule.rule,
        parts=parts_of(rule.rule, own, shipped_groups()),
        params=values,
        period=period_of(rule.rule.effective, zone),
        doubt=rule.boundary_text,
    )
