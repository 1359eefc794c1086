"""All findings of a run: rows in parts, parts to findings, those to frames of bounded size."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl
from polars import selectors

from auditor.engine.evidence.finish import finished
from auditor.engine.evidence.pieces import merged, pieces_of
from auditor.engine.evidence.routes import NoRoutes, Routes
from auditor.engine.parts import Part, parts_of
from auditor.engine.plan import BUCKET, outcome_column
from auditor.engine.progress import Progress
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED, no_meetings
from auditor.findings import Outcome
from auditor.jurisdictions import set_columns
from auditor.rules.compile import CompiledRule
from auditor.schema import PATH, REJECT, ROW, SUBJECT_KEYS, invalid

MEETINGS_AT_ONCE: Final = 500_000
"""Meetings whose facts are in memory at once; each lot costs a pass over the log."""

_FRAME_ROWS: Final = 50_000
_HELD_ROWS: Final = 5_000
_KEYS: Final = SUBJECT_KEYS["session"]
"""Starts with the keys of every other subject of events: in their order all subjects are."""

MeetingFacts: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
"""A frame of `meeting_id`s → the facts of those meetings, as `meeting_facts` gives them."""


@dataclass(slots=True)
class RuleFindings:
    """The findings of one rule in their order, in frames of `FINDING_SCHEMA` or files of them."""

    frames: list[pl.DataFrame | Path] = field(default_factory=list)
    count: int = 0


class SpooledFindings:
    """Findings of all rules, read back in frames of bounded size."""

    def __init__(self, parts: Sequence[RuleFindings]) -> None:
        self._frames = [frame for part in parts for frame in part.frames]

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for frame in self._frames:
            yield pl.read_parquet(frame, glob=False) if isinstance(frame, Path) else frame

    def columns(self, *names: str) -> Iterator[pl.DataFrame]:
        """Some columns of the findings, without the cost of the others."""
        for frame in self._frames:
            if isinstance(frame, Path):
                yield pl.read_parquet(frame, columns=list(names), glob=False)
            else:
                yield frame.select(names)


def gather(
    notable: pl.LazyFrame,
    rules: Sequence[CompiledRule],
    violations: int,
    routes: Routes | NoRoutes,
    meeting_facts: MeetingFacts,
    spool: Path,
    progress: Progress,
) -> dict[str, RuleFindings]:
    """The findings of `rules`, all of one table, by rule id.

    Memory does not grow with their number: rows that are too many are cut into parts by ranges of
    their keys, each part is grouped alone, and what straddles two parts is merged.

    Args:
        notable: a scan of rows, all that violate among them.
        rules: those that were violated.
        violations: rows that violate them, per rule, added up.
        routes: resolves the hops of routes.
        meeting_facts: looks up facts of meetings.
        spool: a folder for files that live as long as the findings.
        progress: told of rows and findings.
    """
    # NOTE: of rows that violate no reject is one, and what bad texts did is decided
    shown = notable.drop(REJECT, BUCKET, selectors.starts_with(invalid("")))
    found: dict[str, RuleFindings] = {}
    for keys, ordered in _by_order(rules).items():
        folder = Path(tempfile.mkdtemp(prefix="findings-", dir=spool))
        is_violating = pl.any_horizontal(_violates(rule) for rule in ordered)
        parts = parts_of(shown, is_violating, violations, keys, folder)
        makers = [_Findings(rule, folder, progress) for rule in ordered]
        _make(makers, parts, keys, routes, meeting_facts, progress)
        found |= {maker.rule.rule.id: maker.all() for maker in makers}
    return found


def _by_order(rules: Sequence[CompiledRule]) -> dict[tuple[str, ...], list[CompiledRule]]:
    """The rules by the keys in whose order their subjects are found."""
    found: dict[tuple[str, ...], list[CompiledRule]] = {}
    for rule in rules:
        keys = _KEYS if rule.rule.table == "events" else SUBJECT_KEYS[rule.rule.subject]
        found.setdefault(keys, []).append(rule)
    return found


def _make(
    makers: Sequence["_Findings"],
    parts: Iterable[Part],
    keys: Sequence[str],
    routes: Routes | NoRoutes,
    meeting_facts: MeetingFacts,
    progress: Progress,
) -> None:
    """Hand the rows of all parts to the makers, in the order of `keys`."""
    for lot, meetings in _lots(parts, [maker.rule for maker in makers]):
        facts = no_meetings() if meetings.is_empty() else meeting_facts(meetings)
        for part in lot:
            for rows in map(partial(_in_order, facts, keys), part.frames()):
                for maker in makers:
                    maker.add(pieces_of(rows, maker.rule, routes))
                progress.add(rows.height)
            if part.is_spilled:
                for maker in makers:
                    maker.settle()
            part.remove()


def _in_order(meetings: pl.DataFrame, keys: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by subject, with starts and countries of `meetings` for provisional and missing ones."""
    rows = rows.sort(*keys, PATH, ROW)
    if meetings.is_empty():
        return rows
    lo, hi, _ = set_columns(COUNTRIES_SET)
    present = [c for c in (lo, hi) if c in rows.columns]
    facts = meetings.select("meeting_id", OBSERVED, *(pl.col(c).alias(c + "!") for c in present))
    is_observed = pl.col("start_basis") == "observed"
    start = pl.coalesce(OBSERVED, "meeting_started_at")
    return (
        rows.join(facts, on="meeting_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_observed)
            .then(start)
            .otherwise("meeting_started_at")
            .alias("meeting_started_at"),
            *(pl.coalesce(c, c + "!").alias(c) for c in present),
        )
        .drop(OBSERVED, *(c + "!" for c in present))
    )


class _Findings:
    """Makes findings of one rule from pieces that come in the order of the keys."""

    def __init__(self, rule: CompiledRule, folder: Path, progress: Progress) -> None:
        self.rule = rule
        self._folder = folder
        self._progress = progress
        self._found = RuleFindings()
        self._pending: list[pl.DataFrame] = []

    def add(self, pieces: pl.DataFrame) -> None:
        self._pending = [merged([*self._pending, pieces], self.rule)]

    def settle(self) -> None:
        """Finish what is pending but its last subject, which may go on in the next part."""
        for pieces in self._pending:
            self._finish(pieces.head(-1))
            last = pieces.tail(1)
            # NOTE: made anew, because a slice keeps all that it was cut from in memory.
            self._pending = [pl.DataFrame(last.to_dicts(), schema=last.schema)]

    def all(self) -> RuleFindings:
        for pieces in self._pending:
            self._finish(pieces)
        self._pending = []
        return self._found

    def _finish(self, pieces: pl.DataFrame) -> None:
        for some in pieces.iter_slices(_FRAME_ROWS):
            if some.height:
                findings = finished(some, self.rule)
                self._found.count += findings.height
                self._progress.add_findings(findings.height)
                self._found.frames.append(self._kept(findings))

    def _kept(self, findings: pl.DataFrame) -> pl.DataFrame | Path:
        if self._found.count <= _HELD_ROWS:
            return findings
        file = self._folder / f"{self.rule.rule.id}-{self._found.count}.parquet"
        findings.write_parquet(file, compression="lz4", statistics=False)
        return file


def _lots(
    parts: Iterable[Part], rules: Sequence[CompiledRule]
) -> Iterator[tuple[list[Part], pl.DataFrame]]:
    """Parts whose findings show facts of some `MEETINGS_AT_ONCE` meetings, with those."""
    shown = [rule for rule in rules if needs_meetings(rule)]
    columns = ["meeting_id", "start_basis", *(outcome_column(rule.rule.id) for rule in shown)]
    lot: list[Part] = []
    meetings = pl.DataFrame(schema={"meeting_id": pl.String})
    for part in parts:
        ids = [meetings]
        if shown:
            ids += [_meetings_shown(rows, shown) for rows in part.frames(columns)]
        both = pl.concat(ids).unique()
        if lot and both.height > MEETINGS_AT_ONCE:
            yield lot, meetings
            lot, both = [], pl.concat(ids[1:]).unique()
        lot.append(part)
        meetings = both
    yield lot, meetings


def needs_meetings(rule: CompiledRule) -> bool:
    """Whether findings of `rule` may show facts of whole meetings."""
    return COUNTRIES_SET in rule.needs or rule.shows_start


def _meetings_shown(rows: pl.DataFrame, rules: Sequence[CompiledRule]) -> pl.DataFrame:
    """The meetings whose findings show facts that the rows themselves do not hold."""
    is_observed = pl.col("start_basis") == "observed"
    is_shown = pl.any_horizontal(
        _violates(rule) & (True if COUNTRIES_SET in rule.needs else is_observed) for rule in rules
    )
    return rows.filter(is_shown).select("meeting_id").unique()


def _violates(rule: CompiledRule) -> pl.Expr:
    return pl.col(outcome_column(rule.rule.id)) == Outcome.VIOLATION.value
