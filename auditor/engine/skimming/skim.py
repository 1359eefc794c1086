"""Rows that need not be read one by one: those whose case is decided and that no finding shows.

The rest takes the exact plan, as every case has taken it once. A row is either counted here or read
there, never both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.log import Log
from auditor.engine.plan import Plan, outcome_column
from auditor.engine.progress import CaseWork, Progress
from auditor.engine.skimming.accounts import AccountClasses, HashTexts
from auditor.engine.skimming.cases import Cases, Decide, Times
from auditor.engine.skimming.codebook import hashed, new_seed
from auditor.engine.skimming.fields import case_reading
from auditor.engine.skimming.known import READ, VIOLATING
from auditor.engine.skimming.ledger import CaseLedger
from auditor.engine.skimming.meetings import KeptEvents, MeetingEvents
from auditor.engine.skimming.reading import CaseReading
from auditor.engine.skimming.spool import columns_of, first_rows, sifted, spooled
from auditor.enrich.meetings import COUNTRIES_SET, no_meetings
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome
from auditor.schema import MADE_FROM, PATH, REJECT, ROW, Need
from auditor.sources.canonical import canonical_frame
from auditor.sources.field_plan import FieldPlan
from auditor.sources.values import FAULT, VALUE

_LATE: Final = 2**62
"""Later than any instant: before the first batch has told where the log begins."""
_TIMES: Final = {"event_at": "@event", "meeting_started_at": "@start"}
"""Times of a row to decide → the column that holds them."""

_ID: Final = "-"
"""Stands for an id that is known to be there."""


@dataclass(frozen=True, slots=True)
class Skim:
    """Tells the rows of a log that must be read from those that are counted by their case.

    Attributes:
        plan: the rules and the window.
        knowledge: the registries, and the observed starts that matter.
        has_starts: whether those have been gathered; until then, rows that state none are read.
        keeps_unknowns: whether rows that a rule cannot decide are read.
        ledger: where the others are counted.
    """

    plan: Plan
    knowledge: Knowledge
    has_starts: bool
    keeps_unknowns: bool
    ledger: CaseLedger

    @classmethod
    def of(
        cls, plan: Plan, knowledge: Knowledge, *, has_starts: bool, keeps_unknowns: bool
    ) -> "Skim":
        """A skim with an empty ledger."""
        return cls(plan, knowledge, has_starts, keeps_unknowns, CaseLedger(plan))

    def rows_to_read(
        self, log: Log, spool: Path, progress: Progress, meetings: MeetingEvents
    ) -> pl.LazyFrame:
        """The canonical rows of `log` that are not counted by their case.

        Args:
            log: the log.
            spool: folder for these rows, which must outlive the frame.
            progress: told of every row.
            meetings: keeps what it needs of rows as they pass.
        """
        seed = new_seed()
        accounts = self._accounts(lambda texts: hashed(texts, seed))
        frames: list[pl.LazyFrame] = []
        for group, source in enumerate(log.sources):
            reading = None
            if self._is_open_only_to_doubt():
                reading = case_reading(
                    source, self.plan, self.knowledge, has_starts=self.has_starts, seed=seed
                )
            if reading is None:
                frames.append(progress.counting(source.lf))
                continue
            tell = partial(progress.add_cases, group)
            cases = Cases(reading, accounts, self._decider(reading, tell))
            # NOTE: while one thread learns, the others must keep what they cannot decide
            cases.lines(first_rows(source.group, reading.roots))
            beside = meetings.kept_of(group)
            asked = _Asked(cases, self.ledger, progress, tell, beside)
            plans = [p if p.field.name in self.plan.fields else p.unread() for p in source.plans]
            shown = sorted({*columns_of(plans), *reading.roots})
            columns = sorted({*reading.roots, *(beside.columns if beside else ())})
            files = spooled(source.group, columns, shown, asked, spool / f"read-{group}")
            # NOTE: rows were kept for want of a decision that has been made since
            if cases.knows_any:
                files = sifted(files, reading.roots, asked.again(), spool / f"read-{group}-again")
            frames.append(canonical_frame(pl.scan_parquet(files), plans))
        return pl.concat(frames)

    def _is_open_only_to_doubt(self) -> bool:
        """Whether facts of whole meetings can only make known what was not."""
        return all(COUNTRIES_SET not in r.reads or r.is_monotone for r in self.plan.rules)

    def _accounts(self, hashing: HashTexts) -> AccountClasses | None:
        if self.knowledge.policies is None:
            return None
        reads = {fact for rule in self.plan.rules for fact in rule.reads}
        facts = frozenset({"home"}).union(reads, *(MADE_FROM.get(fact, ()) for fact in reads))
        return AccountClasses.of(self.knowledge.policies, facts, _LATE, hashing)

    def _decider(self, reading: CaseReading, tell: Callable[[CaseWork], None]) -> Decide:
        plans = [_narrowed(plan, reading) for plan in reading.source.plans]
        knowledge = replace(self.knowledge, starts=no_meetings(), countries=no_meetings())

        def decide(rows: pl.DataFrame, times: Times) -> pl.Series:
            raw = rows.lazy().with_columns(
                times.event_at.alias(_TIMES["event_at"]),
                times.start.alias(_TIMES["meeting_started_at"]),
                pl.lit("").alias(PATH),
                pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW),
                pl.lit(None, pl.String).alias(REJECT),
            )
            about = knowledge
            if knowledge.policies is not None:
                about = knowledge.of_accounts(reading.account_ids(rows).unique())
            decided = self.plan.decided(canonical_frame(raw, plans), about)
            told = decided.select(
                *self.plan.shown_columns(), *self.plan.counted(), self._is_read().alias("@read"),
                self.plan.is_violating().alias("@violating"),
            )  # fmt: skip
            # NOTE: a join may have changed their order
            entered = told.sort(ROW).collect()
            tell(CaseWork(cases=entered.height))
            return self.ledger.enter(entered).set(entered["@violating"], VIOLATING)

        return decide

    def _is_read(self) -> pl.Expr:
        """Boolean, never null: the rows of a decided case are read all the same."""
        tests = [pl.lit(value=False)]
        for rule in self.plan.rules:
            outcome = pl.col(outcome_column(rule.rule.id))
            tests.append(outcome == Outcome.VIOLATION.value)
            if self.keeps_unknowns:
                tests.append(outcome == Outcome.UNKNOWN.value)
            tests.append(rule.hinges)
        return pl.any_horizontal(test.fill_null(value=False) for test in tests)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whether each raw row must be read; counts those that need not.

    Attributes:
        beside: keeps what facts of meetings are made from.
        is_first: the rows have not been asked about before.
    """

    cases: Cases
    ledger: CaseLedger
    progress: Progress
    tell: Callable[[CaseWork], None]
    beside: KeptEvents | None = None
    is_first: bool = True

    def again(self) -> "_Asked":
        """The same for rows that were kept at first."""
        return replace(self, is_first=False)

    def __call__(self, rows: pl.DataFrame) -> pl.Series:
        if rows.is_empty():
            return pl.Series([], dtype=pl.Boolean)
        lines, batch = self.cases.lines(rows, is_over=not self.is_first)
        # NOTE: without a batch no row is counted, so that no time is looked at
        found = self.ledger.count(lines, lines if batch is None else batch.event_at)
        counted = len(lines) - int(found[: READ + 1].sum())
        if self.is_first:
            self.progress.add(len(lines))
            if self.beside is not None:
                self.beside.take(rows, batch)
        self.tell(CaseWork(rows=counted, violating=int(found[VIOLATING]) * self.is_first))
        return pl.Series(lines <= READ)


def _narrowed(plan: FieldPlan, reading: CaseReading) -> FieldPlan:
    """The plan of a field for rows that hold only what their case is told by."""
    if plan.field.name in _TIMES:
        time = pl.col(_TIMES[plan.field.name])
        read = pl.struct(time.alias(VALUE), pl.lit(None, pl.String).alias(FAULT))
        return FieldPlan(plan.field, read, plan.origin, is_reading=True)
    if plan.field.need is Need.VALUE:
        return plan.constant(_ID)
    is_read = plan.is_supplied and set(plan.roots()) <= set(reading.roots)
    return plan if is_read else plan.unread()
