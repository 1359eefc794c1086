"""One table of a run decided: a pass over its log, and the findings that it leads to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from auditor.coverage import Ledger
from auditor.engine import evidence, ledger
from auditor.engine.evidence.routes import NoRoutes, Routes
from auditor.engine.log import Log, changed_files, store_failure, unreadable_files, without
from auditor.engine.meetings import with_countries
from auditor.engine.parts import PART_ROWS
from auditor.engine.plan import VIOLATING, WEIGHT, Plan
from auditor.engine.prepare import Given
from auditor.engine.progress import Progress, Stage
from auditor.engine.request import Request
from auditor.engine.span import Span
from auditor.engine.tally import Tally
from auditor.enrich.meetings import meeting_facts
from auditor.enrich.steps import Knowledge
from auditor.findings import Outcome, RuleResult
from auditor.sources.log_file import LogFile

SKIMMED_ROWS: Final = 200_000
"""Logs of fewer rows are read row by row: that costs less than telling their cases apart."""

_FEW_FILES: Final = 16
"""More are read together first, if they hold few rows."""

EventsOf: TypeAlias = Callable[[pl.Series], pl.LazyFrame]
"""Canonical meeting ids → the log's events of those meetings, and perhaps of others."""

_MOST_FAILURES: Final = 3
"""Times that reading from a store may fail although each file of it can be read."""


@dataclass(frozen=True, slots=True)
class DecidedTable:
    """What a pass over one table leaves: exact counts, and the rows worth a second look.

    Attributes:
        counts: rows of the log by the names of `Plan.count_names`.
        rows: the notable rows: all that violate, and all that a list must show.
        flagged: those, each with the `WEIGHT` of one, and the cases that stand for all others.
        span: from the first row judged to the last.
        findings: by rule id.
    """

    plan: Plan
    counts: Mapping[str, int]
    span: Span
    rows: pl.LazyFrame
    flagged: pl.LazyFrame
    log: Log
    knowledge: Knowledge
    findings: Mapping[str, evidence.RuleFindings] = field(default_factory=dict)

    def results(self) -> Iterator[RuleResult]:
        """What each rule of the table did."""
        for rule in self.plan.rules:
            found = self.findings[rule.rule.id].count
            yield ledger.rule_result(rule, self.counts, self.flagged, found)

    def ledger(self) -> Ledger:
        """What became of the table's rows."""
        found = ledger.ledger_of(self.counts, self.flagged, self.plan, self.log.rows)
        return replace(found, first_at=self.span.first, last_at=self.span.last)


def decide_table(
    given: Given, knowledge: Knowledge, request: Request, progress: Progress
) -> DecidedTable:
    """Decide every row of a table; a file that breaks or changes meanwhile is left out, and named.

    Raises:
        PolarsError: the query failed, and no file is to blame.
        InputError: it failed time and again on objects in a store that can be read one by one.
    """
    log = given.log
    lost: dict[LogFile, str] = {}
    failures = 0
    while True:
        try:
            pass_ = _Pass(log, given.plan, given.spool, request.keeps_unknowns, progress)
            decided = pass_.decided(knowledge)
            broken = changed_files(log, lost)
            if not broken:
                return decided
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            broken = changed_files(log, lost) or unreadable_files(log, error)
            failure = None if broken else store_failure(log, error)
            failures += failure is not None
            if not broken and (failure is None or failures == _MOST_FAILURES):
                raise failure or error from error
        # NOTE: every round loses a file or is one more failure, so the rounds end.
        lost |= broken
        log = without(given.log, lost, request, given.spool)


@dataclass(frozen=True, slots=True)
class _Pass:
    log: Log
    plan: Plan
    spool: Path
    keeps_unknowns: bool
    progress: Progress

    @property
    def _is_of_events(self) -> bool:
        return self.plan.table == "events"

    @property
    def _lacks_starts(self) -> bool:
        """No file has the column from which rows take when their meeting began."""
        return self._is_of_events and "meeting_started_at" not in self.log.supplied

    @property
    def _is_skimmed(self) -> bool:
        return self._is_of_events and self.log.rows >= SKIMMED_ROWS

    def decided(self, knowledge: Knowledge) -> DecidedTable:
        self.progress.start_over()
        if self._lacks_starts:
            knowledge = self._with_starts(knowledge)
        rows, cases, span = self.log.lf, pl.DataFrame(schema={WEIGHT: pl.Int64}), Span()
        events_of: EventsOf = self._all_events
        if self._is_skimmed:
            rows, cases, span, events_of = self._skimmed(knowledge)
        elif len(self.log.files) > _FEW_FILES and self.log.rows < SKIMMED_ROWS:
            rows = self.log.held(self.plan.fields)
        if self._is_of_events:
            knowledge = self._with_meetings(rows, knowledge)
        notable, tally = self._notable(rows, cases, knowledge)
        names = self.plan.count_names()
        counts = {name: tally.counts[name] + _weighed(cases, name) for name in names}
        whole = Span.around([span, tally.span])
        flagged = _with_cases(notable, cases)
        decided = DecidedTable(self.plan, counts, whole, notable, flagged, self.log, knowledge)
        self.progress.begin(Stage.EVIDENCE, self.progress.violating)
        return replace(decided, findings=self._findings(decided, events_of))

    def _with_starts(self, knowledge: Knowledge) -> Knowledge:
        # NOTE: it takes numpy, a tenth of a second that a small log need not pay.
        from auditor.engine.starts import START_FIELDS, with_starts  # noqa: PLC0415 - as noted

        self.progress.begin(Stage.STARTS)
        return with_starts(self.log.lean(START_FIELDS), self.plan, knowledge)

    def _skimmed(self, knowledge: Knowledge) -> tuple[pl.LazyFrame, pl.DataFrame, Span, EventsOf]:
        """The rows that are left to read; the cases that stand for all others, and their span.

        Last, where events of meetings are found after this pass.
        """
        # NOTE: as above.
        from auditor.engine.skimming.meetings import MeetingEvents  # noqa: PLC0415 - as noted
        from auditor.engine.skimming.skim import Skim  # noqa: PLC0415 - as noted

        self.progress.begin_pass(Stage.SKIMMING, self.log.rows, _bytes(self.log))
        skim = Skim.of(
            self.plan,
            knowledge,
            has_starts=self._lacks_starts,
            keeps_unknowns=self.keeps_unknowns,
        )
        is_asked = any(evidence.needs_meetings(rule) for rule in self.plan.rules)
        meetings = MeetingEvents(self.log, self.spool, is_asked=is_asked)
        rows = skim.rows_to_read(self.log, self.spool, self.progress, meetings)
        return rows, skim.ledger.counted(), skim.ledger.span, meetings.of

    def _with_meetings(self, rows: pl.LazyFrame, knowledge: Knowledge) -> Knowledge:
        """Knowledge of the meetings of rows that cannot be decided by themselves."""
        self.progress.begin(Stage.FACTS)
        lacks_start = pl.col("meeting_started_at").is_null()
        if not self._lacks_starts and _is_any(rows, lacks_start):
            knowledge = self._with_starts(knowledge)
        return with_countries(rows, self.log.lf, self.plan, knowledge)

    def _notable(
        self, rows: pl.LazyFrame, cases: pl.DataFrame, knowledge: Knowledge
    ) -> tuple[pl.LazyFrame, Tally]:
        """The notable ones of rows that no case stands for, and what was counted of all these."""
        # NOTE: of a skimmed log, a file of its own holds the rows that are left.
        left = self.log.rows - int(cases[WEIGHT].sum())
        self.progress.begin_pass(Stage.DECIDING, left, 0 if self._is_skimmed else _bytes(self.log))
        file = self.spool / "notable.parquet"
        tally = Tally()
        self.progress.watch(lambda: tally.counts[VIOLATING])
        decided = self.plan.decided(self.progress.counting(rows), knowledge)
        self.plan.flagged(decided, tally).sink_parquet(
            file, compression="lz4", row_group_size=PART_ROWS // 2, maintain_order=False,
            engine="streaming",
        )  # fmt: skip
        return pl.scan_parquet(file), tally

    def _findings(
        self, decided: DecidedTable, events_of: EventsOf
    ) -> dict[str, evidence.RuleFindings]:
        violations = {
            rule.rule.id: decided.counts[f"{rule.rule.id}:{Outcome.VIOLATION.name}"]
            for rule in self.plan.rules
        }
        found = evidence.gather(
            decided.rows,
            [rule for rule in self.plan.rules if violations[rule.rule.id]],
            sum(violations.values()),
            Routes(decided.knowledge.sites) if self._is_of_events else NoRoutes(),
            partial(_meeting_facts, events_of),
            self.spool,
            self.progress,
        )
        return {name: found.get(name, evidence.RuleFindings()) for name in violations}

    def _all_events(self, _meetings: pl.Series) -> pl.LazyFrame:
        return self.log.lf


def _meeting_facts(events_of: EventsOf, meetings: pl.DataFrame) -> pl.DataFrame:
    events = events_of(meetings["meeting_id"])
    return meeting_facts(events, meetings.lazy()).collect(engine="streaming")


def _bytes(log: Log) -> int:
    """The size of the readable files."""
    return sum(file.bytes for file in log.inputs if file.rows is not None)


def _is_any(rows: pl.LazyFrame, condition: pl.Expr) -> bool:
    return bool(rows.select(condition.any()).collect(engine="streaming").item())


def _weighed(cases: pl.DataFrame, name: str) -> int:
    """Rows of the log that decided cases stand for, where the Boolean column `name` is true."""
    return int(cases.filter(name)[WEIGHT].sum()) if cases.height else 0


def _with_cases(notable: pl.LazyFrame, cases: pl.DataFrame) -> pl.LazyFrame:
    """The notable rows, each of the weight of one, and the cases that stand for others."""
    rows = notable.with_columns(pl.lit(1, dtype=pl.Int64).alias(WEIGHT))
    if not cases.height:
        return rows
    return pl.concat([rows, cases.lazy().select(rows.collect_schema().names())])
