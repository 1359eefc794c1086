"""One rule over one small log, the way an audit decides it, with a verdict on every row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from auditor.engine import evidence
from auditor.engine.evidence.routes import NoRoutes, Routes
from auditor.engine.log import Log
from auditor.engine.meetings import with_countries
from auditor.engine.plan import BUCKET, Bucket, Plan, boundary_column, outcome_column
from auditor.engine.progress import Progress
from auditor.engine.rule_tests.batches import untagged
from auditor.enrich.meetings import meeting_facts
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome
from auditor.rules.compile import CompiledRule
from auditor.rules.coverage import Covered
from auditor.rules.rule_tests import Truth
from auditor.schema import REJECT, ROW, SUBJECT_KEYS

Subject = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says of one row.

    Attributes:
        row: 1-based.
        outcome: None where the row was rejected.
        why: the reason of the reject, or of an unknown outcome; else empty.
        is_boundary: whether the outcome depends on how a date is read.
        subject: the keys of what a finding on the row is about.
    """

    row: int
    outcome: Outcome | None
    why: str
    is_boundary: bool
    subject: Subject


@dataclass(frozen=True, slots=True)
class Judge:
    """A compiled rule, and the conditions of it whose truth is asked for."""

    rule: CompiledRule
    covered: Sequence[Covered]

    @property
    def id(self) -> str:
        """The rule's."""
        return self.rule.rule.id


@dataclass(frozen=True, slots=True)
class Decided:
    """Rows of a log, decided by some rules.

    Attributes:
        frame: the rows with what a report may say of them, in the order of the log.
        log: all rows.
        knowledge: what was known beside them.
    """

    frame: pl.DataFrame
    log: Log
    knowledge: Knowledge

    def only(self, rows: Iterable[int]) -> "Decided":
        """Some of the rows."""
        kept = self.frame.filter(pl.col(ROW).is_in(list(rows)))
        return Decided(kept, self.log, self.knowledge)

    def verdicts(self, judge: Judge) -> Iterator[Verdict]:
        """One per row, in the order of the log."""
        keys = SUBJECT_KEYS[judge.rule.rule.subject]
        columns = (outcome_column(judge.id), boundary_column(judge.id), *_own_columns(judge))
        for row, reject, code, inside, late, reason, *subject in self.frame.select(
            ROW, REJECT, *columns, *keys
        ).iter_rows():
            outcome = None if code is None else Outcome(code)
            why = reject or (reason if outcome is Outcome.UNKNOWN else "")
            yield Verdict(row, outcome, why, bool(inside or late), tuple(subject))

    def seen(self, judge: Judge) -> list[Truth]:
        """The truths of the covered conditions, in their order."""
        columns = [_part_column(judge, number) for number in range(len(judge.covered))]
        if not columns:
            return []
        united = self.frame.select(pl.col(columns).bitwise_or())
        return [Truth(truths or 0) for truths in united.row(0)]

    def messages(self, judge: Judge, spool: Path) -> dict[Subject, str]:
        """The findings: the keys of each one's subject, and its message."""
        keys = SUBJECT_KEYS[judge.rule.rule.subject]
        is_violation = pl.col(outcome_column(judge.id)) == Outcome.VIOLATION.value
        rows = self.frame.filter(is_violation)
        rules = [judge.rule] if rows.height else []
        is_routed = judge.rule.rule.table == "events"
        routes = Routes(self.knowledge.sites) if is_routed else NoRoutes()
        parts = evidence.gather(
            rows.lazy(), rules, rows.height, routes, self._facts, spool, Progress()
        )
        findings = evidence.SpooledFindings(list(parts.values()))
        return {
            tuple(subject): untagged(message)
            for frame in findings.columns("message", *keys)
            for message, *subject in frame.iter_rows()
        }

    def _facts(self, meetings: pl.DataFrame) -> pl.DataFrame:
        return meeting_facts(self.log.lf, meetings.lazy()).collect(engine="streaming")


def decide(log: Log, judges: Sequence[Judge], knowledge: Knowledge) -> Decided:
    """Decide every row of `log` by every rule.

    Args:
        log: few enough rows to be held in memory.
        judges: rules on the log's table.
        knowledge: what is known beside the log.
    """
    plan = Plan([judge.rule for judge in judges], None, None, log.profile.table)
    if plan.table == "events":
        knowledge = _with_meetings(log, plan, replace(knowledge, stated=log.stated))
    columns = [column for judge in judges for column in _shown(judge)]
    decided = plan.decided(log.lf, knowledge).select(*plan.shown_columns(), *columns)
    return Decided(decided.collect(engine="streaming").sort(ROW), log, knowledge)


def _shown(judge: Judge) -> Iterator[pl.Expr]:
    """What is asked of a rule beside its outcome."""
    is_event = pl.col(BUCKET) == Bucket.EVENT.value
    late, reason = _own_columns(judge)
    yield (is_event & judge.rule.is_boundary_row).alias(late)
    yield judge.rule.unknown_reason.alias(reason)
    for number, covered in enumerate(judge.covered):
        truth = pl.when(is_event).then(covered.seen).otherwise(Truth.NONE.value)
        yield truth.alias(_part_column(judge, number))


def _own_columns(judge: Judge) -> tuple[str, str]:
    return f"@late:{judge.id}", f"@reason:{judge.id}"


def _part_column(judge: Judge, number: int) -> str:
    return f"@part:{judge.id}:{number}"


def _with_meetings(log: Log, plan: Plan, knowledge: Knowledge) -> Knowledge:
    """What is known, with the facts of whole meetings that can matter to a rule."""
    has_no_start = pl.col("meeting_started_at").is_null().any()
    if log.lf.select(has_no_start).collect(engine="streaming").item():
        # NOTE: it takes numpy, a tenth of a second that most rules need not pay
        from auditor.engine.starts import START_FIELDS, with_starts  # noqa: PLC0415 - as noted

        knowledge = with_starts(log.lean(START_FIELDS), plan, knowledge)
    return with_countries(log.lf, log.lf, plan, knowledge)
