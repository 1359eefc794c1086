"""One audit from end to end: prepare, decide each table in one pass, gather evidence, report."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import polars as pl

from auditor import __version__
from auditor.engine import evidence, ledger
from auditor.engine.digests import digested
from auditor.engine.evidence.routes import NoRoutes, Routes
from auditor.engine.log import Log, changed_files, unreadable_files, without
from auditor.engine.meetings import with_countries
from auditor.engine.plan import VIOLATING, WEIGHT, Plan
from auditor.engine.prepare import Given, Prepared, prepare
from auditor.engine.progress import Progress, Stage
from auditor.engine.request import Request
from auditor.engine.suspicions import suspicions
from auditor.engine.tally import Tally
from auditor.engine.verdict import incomplete_reasons, undecidable
from auditor.enrich.meetings import meeting_facts
from auditor.enrich.sites import Sites
from auditor.enrich.steps import Knowledge
from auditor.findings import (
    Counted,
    Coverage,
    Ledger,
    Outcome,
    Report,
    RuleResult,
    Run,
    Settings,
    Suspicion,
)
from auditor.sources.discover import LogFile

Clock: TypeAlias = Callable[[], datetime]

_CHUNK_ROWS: Final = 50_000
"""Rows that the engine works on at a time: fewer cost time, more cost memory (measured at ten
million rows: 1.3 GB against 1.8 GB with the default)."""

SKIMMED_ROWS: Final = 200_000
"""Logs of fewer rows are read row by row: that costs less than telling their cases apart."""

_ENGINE: Final = f"polars {pl.__version__} streaming"


@dataclass(frozen=True, slots=True)
class Audit:
    """What a run leaves: the report, and the rows behind it for as long as the spool lives.

    Attributes:
        warnings: remarks for the person at the terminal that change no verdict.
        tables: what was decided of each table that was given, events before orders.
    """

    report: Report
    warnings: Sequence[str]
    tables: Sequence["Decision"]

    def unknowns(self) -> Iterator[pl.DataFrame]:
        """The rows that some rule could not decide, with its id and the reason."""
        return chain.from_iterable(ledger.unknown_rows(t.flagged, t.plan) for t in self.tables)

    def rejects(self) -> Iterator[pl.DataFrame]:
        """The rejected rows: `path`, `row`, `line`, `reason`, `raw`."""
        return chain.from_iterable(
            ledger.rejected_rows(t.flagged, t.log.files) for t in self.tables
        )


def audit(
    request: Request, spool: Path, stdin: BinaryIO, clock: Clock, progress: Progress
) -> Audit:
    """Audit the logs that `request` names.

    Args:
        request: what to do.
        spool: an empty folder for files that live as long as the run.
        stdin: read where a path is `-`.
        clock: the current instant in UTC.
        progress: told how far the run is.

    Raises:
        AuditorError: what is wrong before any row is judged.
    """
    started_at = clock()
    prepared = prepare(request, spool, stdin, progress)
    with pl.Config() as config:
        config.set_streaming_chunk_size(_CHUNK_ROWS)
        decisions = _decided(request, prepared, progress)
    logs = [decision.log for decision in decisions]
    inputs = digested(logs, progress) if request.digest else [f for g in logs for f in g.inputs]
    progress.begin(Stage.SUMMARY)
    results = [result for decision in decisions for result in decision.results()]
    results += [ledger.not_run(rule, f"no {rule.rule.table} were given") for rule in prepared.idle]
    coverage = Coverage({d.plan.table: d.ledger() for d in decisions}, prepared.skipped)
    policies, sites = prepared.knowledge.policies, prepared.knowledge.sites
    registered = policies.columns if policies else frozenset[str]()
    reasons = incomplete_reasons(request, logs, registered, coverage, results)
    hops, accounts = _unresolved(decisions, sites)
    findings = {name: parts for d in decisions for name, parts in d.findings.items()}
    report = Report(
        version=__version__,
        run=Run(str(uuid.uuid4()), started_at, clock(), _ENGINE, not reasons, reasons),
        settings=_settings(request, prepared),
        inputs=inputs,
        registries=[*prepared.registries, *prepared.addresses.witnesses.read],
        coverage=coverage,
        rules=sorted(results, key=lambda result: result.id),
        unresolved_hops=hops,
        unresolved_accounts=accounts,
        suspected=_suspected(decisions, sites),
        findings=evidence.SpooledFindings([findings[name] for name in sorted(findings)]),
    )
    remarks = [*prepared.addresses.limits, *(remark for log in logs for remark in log.remarks)]
    remarks += [
        remark for t in prepared.tables for remark in undecidable(t.log.profile, t.plan.rules)
    ]
    return Audit(report, [*remarks, *sites.remarks()], decisions)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of the pass over one table: exact counts, and the rows worth a second look.

    Attributes:
        findings: by rule id.
    """

    plan: Plan
    counts: dict[str, int]
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
        return ledger.ledger_of(self.counts, self.flagged, self.plan, self.log.rows)


def _decided(request: Request, prepared: Prepared, progress: Progress) -> list[Decision]:
    """Every table decided; orders first, because they take no time and events may."""
    decisions: list[Decision] = []
    for given in reversed(prepared.tables):
        if decisions:
            progress.settle()
        decisions.insert(0, _decide(request, prepared, given, progress))
    return decisions


def _unresolved(decisions: Sequence[Decision], sites: Sites) -> tuple[list[Counted], list[Counted]]:
    """Hops and accounts of events that no registry knows."""
    for decision in decisions:
        if decision.plan.table == "events":
            flagged = decision.flagged
            return ledger.unresolved_hops(flagged, sites), ledger.unresolved_accounts(flagged)
    return [], []


def _suspected(decisions: Sequence[Decision], sites: Sites) -> list[Suspicion]:
    """What databases of addresses disagree on, where a rule hinges on it."""
    events = [decision for decision in decisions if decision.plan.table == "events"]
    return [one for d in events for one in suspicions(d.flagged, d.plan, sites)]


def _decide(request: Request, prepared: Prepared, given: Given, progress: Progress) -> Decision:
    """Decide every row; a file that breaks or changes meanwhile is left out, and named."""
    log, plan, spool = given.log, given.plan, given.spool
    lost: dict[LogFile, str] = {}
    while True:
        try:
            decision = _pass(log, request, prepared, plan, spool, progress)
            progress.begin(Stage.EVIDENCE, progress.violating)
            parts = _findings(plan, decision, spool, progress)
            broken = changed_files(log, lost)
            if not broken:
                return replace(decision, findings=parts)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            broken = changed_files(log, lost) or unreadable_files(log)
            if not broken:
                raise
        # NOTE: every round loses a file, so the rounds end.
        lost |= broken
        log = without(given.log, lost, request, spool)


def _pass(
    log: Log, request: Request, prepared: Prepared, plan: Plan, spool: Path, progress: Progress
) -> Decision:
    knowledge = prepared.knowledge
    has_meetings = plan.table == "events"
    states_starts = not has_meetings or "meeting_started_at" in log.supplied
    progress.start_over()
    if not states_starts:
        knowledge = _with_starts(log, plan, knowledge, progress)
    rows, counted = log.lf, pl.DataFrame(schema={WEIGHT: pl.Int64})
    is_skimmed = has_meetings and log.rows >= SKIMMED_ROWS
    if is_skimmed:
        # NOTE: it takes numpy, a tenth of a second that a small log need not pay
        from auditor.engine.skimming.skim import Skim  # noqa: PLC0415

        progress.begin_pass(Stage.SKIMMING, log.rows, _bytes(log))
        skim = Skim.of(
            plan,
            knowledge,
            has_starts=not states_starts,
            keeps_unknowns=request.keeps_unknowns,
        )
        rows = skim.rows_to_read(log, spool, progress)
        counted = skim.ledger.counted()
    if has_meetings:
        progress.begin(Stage.FACTS)
        if states_starts and _is_any(rows, pl.col("meeting_started_at").is_null()):
            knowledge = _with_starts(log, plan, knowledge, progress)
        knowledge = with_countries(rows, log.lf, plan, knowledge)
    # NOTE: of a skimmed log, a file of its own holds the rows that are left.
    left = log.rows - int(counted[WEIGHT].sum())
    progress.begin_pass(Stage.DECIDING, left, 0 if is_skimmed else _bytes(log))
    file = spool / "flagged.parquet"
    tally = Tally()
    progress.watch(lambda: tally.counts[VIOLATING])
    plan.flagged(plan.decided(progress.counting(rows), knowledge), tally).sink_parquet(
        file, maintain_order=False, engine="streaming"
    )
    counts = {name: tally.counts[name] + _weighed(counted, name) for name in plan.count_names()}
    return Decision(plan, counts, _with_cases(pl.scan_parquet(file), counted), log, knowledge)


def _with_starts(log: Log, plan: Plan, knowledge: Knowledge, progress: Progress) -> Knowledge:
    # NOTE: as above
    from auditor.engine.starts import START_FIELDS, with_starts  # noqa: PLC0415

    progress.begin(Stage.STARTS)
    return with_starts(log.lean(START_FIELDS), plan, knowledge)


def _bytes(log: Log) -> int:
    """The size of the readable files."""
    return sum(file.bytes for file in log.inputs if file.rows is not None)


def _weighed(counted: pl.DataFrame, name: str) -> int:
    """Rows of the log that decided cases stand for, where the Boolean column `name` is true."""
    return int(counted.filter(name)[WEIGHT].sum()) if counted.height else 0


def _with_cases(flagged: pl.LazyFrame, counted: pl.DataFrame) -> pl.LazyFrame:
    """The flagged rows, each of the weight of one, and the cases that stand for others."""
    rows = flagged.with_columns(pl.lit(1, dtype=pl.Int64).alias(WEIGHT))
    if not counted.height:
        return rows
    return pl.concat([rows, counted.lazy().select(rows.collect_schema().names())])


def _findings(
    plan: Plan, decision: Decision, spool: Path, progress: Progress
) -> dict[str, evidence.RuleFindings]:
    violations = {
        r.rule.id: decision.counts[f"{r.rule.id}:{Outcome.VIOLATION.name}"] for r in plan.rules
    }

    def facts(meetings: pl.DataFrame) -> pl.DataFrame:
        events = decision.log.lf
        if decision.log.rows >= SKIMMED_ROWS:
            # NOTE: as above
            from auditor.engine.skimming.meetings import events_of  # noqa: PLC0415

            events = events_of(decision.log, meetings["meeting_id"], spool)
        return meeting_facts(events, meetings.lazy()).collect(engine="streaming")

    found = evidence.gather(
        decision.flagged,
        [rule for rule in plan.rules if violations[rule.rule.id]],
        sum(violations.values()),
        Routes(decision.knowledge.sites) if plan.table == "events" else NoRoutes(),
        facts,
        spool,
        progress,
    )
    return {name: found.get(name, evidence.RuleFindings()) for name in violations}


def _is_any(rows: pl.LazyFrame, condition: pl.Expr) -> bool:
    return bool(rows.select(condition.any()).collect(engine="streaming").item())


def _settings(request: Request, prepared: Prepared) -> Settings:
    return Settings(
        params=dict(request.params),
        timezone=request.timezone,
        operator=request.operator or prepared.profile.operator,
        from_=request.from_,
        to=request.to,
        select=sorted(request.select),
        ignore=sorted(request.ignore),
        fail_on=request.fail_on.value if request.fail_on else "never",
        max_rejects=request.max_rejects.text,
        max_unknown=request.max_unknown.text,
        source=prepared.profile.name,
        evidence_level=request.evidence_level,
    )
