"""The rows that are asked about, decided by the plan of an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from auditor.engine.log import Log
from auditor.engine.plan import BUCKET, Bucket, Plan, boundary_column, outcome_column
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED, meeting_facts
from auditor.enrich.steps import Knowledge
from auditor.explanation import Place
from auditor.findings import Outcome
from auditor.rules.compile import CompiledRule
from auditor.rules.parts import Part
from auditor.schema import PATH, REJECT, ROW

_FIELDS_OF_MEETINGS: Final = ("meeting_id", "event_at", "participant_country")
_REASON: Final = "@reason"
_IS_LATE: Final = "@late"
_PERIOD: Final = "@period"
_RAW: Final = "@raw:"

Row = Mapping[str, Any]
"""The facts of a row by column. `Any`: a column's own type."""


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One row, decided.

    Attributes:
        facts: every fact column of the row.
        log: the row as the log states it, before anything was looked up.
        outcome: None where no rule judged it.
        reason: why it is unknown; None where it is not.
        is_in_period: None where the clock is missing.
        is_in_doubt: another reading of the rule's dates would lead to another outcome.
        truths: of the parts, by the identity of the part.
    """

    facts: Row
    log: Row
    bucket: Bucket
    outcome: Outcome | None
    reason: str | None
    is_in_period: bool | None
    is_in_doubt: bool
    truths: Mapping[int, bool | None]

    @property
    def place(self) -> Place:
        """Where the row is."""
        return Place(self.facts[PATH], self.facts[ROW])


def rows_at(log: Log, places: Sequence[Place]) -> pl.DataFrame:
    """The canonical rows at `places`; one that does not exist is left out."""
    by_path: dict[str, list[int]] = {}
    for place in places:
        by_path.setdefault(place.path, []).append(place.row)
    is_asked = [(pl.col(PATH) == path) & pl.col(ROW).is_in(rows) for path, rows in by_path.items()]
    return log.lf.filter(pl.any_horizontal(is_asked)).collect(engine="streaming")


def needs_meetings(rows: pl.DataFrame, plan: Plan) -> bool:
    """Whether a decision on the rows takes facts of whole meetings."""
    if plan.table != "events":
        return False
    events = rows.filter(pl.col(REJECT).is_null())
    states_starts = events["meeting_started_at"].null_count() == 0
    return bool(events.height) and (COUNTRIES_SET in plan.needs or not states_starts)


def with_meetings(rows: pl.DataFrame, log: Log, knowledge: Knowledge) -> Knowledge:
    """What is known, with start and countries of the meetings of `rows` from the whole log."""
    facts = meeting_facts(
        log.lean(frozenset(_FIELDS_OF_MEETINGS)), rows.lazy().select("meeting_id").unique()
    ).collect(engine="streaming")
    return replace(knowledge, starts=facts, countries=facts.drop(OBSERVED))


def decide(
    rows: pl.DataFrame, plan: Plan, knowledge: Knowledge, parts: Sequence[Part], period: pl.Expr
) -> list[DecidedRow]:
    """The rows by path and row, decided by the one rule of `plan`.

    Args:
        rows: canonical.
        plan: its needs cover the facts of all parts.
        knowledge: with the facts of the rows' meetings.
        parts: the rule's predicates.
        period: nullable Boolean: the row lies in the rule's period.
    """
    (rule,) = plan.rules
    every = [part for whole in parts for part in whole.walk()]
    decided = plan.decided(rows.lazy(), knowledge).with_columns(
        rule.unknown_reason.alias(_REASON),
        rule.is_boundary_row.alias(_IS_LATE),
        period.alias(_PERIOD),
        *(part.expr.alias(_truth(number)) for number, part in enumerate(every)),
    )
    raw = {(row[PATH], row[ROW]): row for row in rows.iter_rows(named=True)}
    facts = decided.collect(engine="streaming").sort(PATH, ROW)
    return [
        _decided_row(row, raw[row[PATH], row[ROW]], rule, every)
        for row in facts.iter_rows(named=True)
    ]


def _truth(number: int) -> str:
    return f"@truth:{number}"


def _decided_row(facts: Row, log: Row, rule: CompiledRule, parts: Sequence[Part]) -> DecidedRow:
    outcome = facts[outcome_column(rule.rule.id)]
    is_judged = facts[BUCKET] == Bucket.EVENT.value
    is_unknown = outcome == Outcome.UNKNOWN.value
    in_boundary = outcome == Outcome.VIOLATION.value and facts[boundary_column(rule.rule.id)]
    return DecidedRow(
        facts=facts,
        log=log,
        bucket=Bucket(facts[BUCKET]),
        outcome=None if outcome is None else Outcome(outcome),
        reason=facts[_REASON] if is_unknown else None,
        is_in_period=facts[_PERIOD],
        is_in_doubt=bool(is_judged and (in_boundary or facts[_IS_LATE])),
        truths={id(part): facts[_truth(number)] for number, part in enumerate(parts)},
    )
