"""How far a run is and what its stages took, for whoever watches or asks afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

import polars as pl

from auditor.engine.meter import Reading, measured
from auditor.schema import ROW


class Stage(StrEnum):
    """What a run does, in this order; named for people."""

    LOADING = "loading rules and registries"
    OPENING = "opening the log"
    STARTS = "meeting starts"
    SKIMMING = "deciding by case"
    FACTS = "meeting facts"
    DECIDING = "deciding row by row"
    EVIDENCE = "gathering evidence"
    DIGESTS = "digesting inputs"
    SUMMARY = "summing up"
    WRITING = "writing"


@dataclass(slots=True)
class Phase:
    """A stage while it lasts, and after.

    Attributes:
        began: the meter then.
        total: rows it will take; 0 while not known.
        size: bytes of the files it goes through; 0 if through none.
        rows: rows that have passed.
        read: bytes that are known to have passed; 0 if they are not counted.
        ended: the meter when the next stage began.
    """

    stage: Stage
    began: Reading
    total: int = 0
    size: int = 0
    rows: int = 0
    read: int = 0
    ended: Reading | None = None

    @property
    def share(self) -> float | None:
        """How much of it has passed, from 0 to 1, by rows or else by bytes; None if unknown."""
        done, all_ = (self.rows, self.total) if self.total else (self.read, self.size)
        return min(done / all_, 1.0) if all_ else None

    @property
    def bytes(self) -> int:
        """Bytes that have passed; where they are not counted, as if all rows were of one size."""
        return self.read or int(self.size * (self.share or 0))


@dataclass(slots=True)
class CaseWork:
    """What one group of files took while its rows were decided by case.

    Attributes:
        cases: that were decided.
        rows: that were counted by their case; the others were read one by one.
        violating: rows whose case violates a rule; they are among the others.
    """

    cases: int = 0
    rows: int = 0
    violating: int = 0


def _none() -> int:
    return 0


@dataclass(slots=True)
class Progress:
    """Counters that the work sets, from any thread, and a watcher reads.

    Attributes:
        meter: what the process has used up to now.
        findings: made so far.
        phases: the stages begun, the last of them under way.
        work: of the groups of files whose rows were decided by case, by their place in the log.
    """

    meter: Callable[[], Reading] = measured
    findings: int = field(default=0, init=False)
    phases: list[Phase] = field(init=False)
    work: dict[int, CaseWork] = field(default_factory=dict, init=False)
    _tallied: Callable[[], int] = field(default=_none, init=False)
    _settled: tuple[int, int] = field(default=(0, 0), init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        self.phases = [Phase(Stage.LOADING, self.meter())]

    @property
    def phase(self) -> Phase:
        """The stage under way."""
        return self.phases[-1]

    @property
    def violating(self) -> int:
        """Rows seen so far that violate a rule; there may be more."""
        # NOTE: every row whose case violates a rule is read once more, and tallied then.
        by_case = sum(work.violating for work in list(self.work.values()))
        return self._settled[1] + max(by_case, self._tallied())

    def begin(self, stage: Stage, total: int = 0) -> None:
        """Enter a stage of `total` rows."""
        now = self.meter()
        self.phase.ended = now
        self.phases.append(Phase(stage, now, total))

    def begin_pass(self, stage: Stage, rows: int, size: int) -> None:
        """Enter a stage that goes through files of so many rows and bytes."""
        self.begin(stage, rows)
        self.phase.size = size

    def start_over(self) -> None:
        """Forget what the rows of a table showed: they will be read anew."""
        self.findings, self.work, self._tallied = self._settled[0], {}, _none

    def settle(self) -> None:
        """Keep what the rows of a table showed: those of another are read next."""
        self._settled = self.findings, self.violating
        self.start_over()

    def finish(self) -> None:
        """Leave the last stage."""
        self.phase.ended = self.meter()

    def watch(self, violating: Callable[[], int]) -> None:
        """Ask `violating` from now on for the violating rows among those read one by one."""
        self._tallied = violating

    def counting(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """The same rows, counted as they pass; costs nothing measurable."""
        return events.with_columns(
            pl.col(ROW).map_batches(self._count, return_dtype=pl.Int64, is_elementwise=True)
        )

    def add(self, rows: int, read: int = 0) -> None:
        """Tell that so many more rows, or bytes, have passed."""
        with self._lock:
            self.phase.rows += rows
            self.phase.read += read

    def add_findings(self, count: int) -> None:
        """Tell that so many more findings are made."""
        with self._lock:
            self.findings += count

    def add_cases(self, group: int, work: CaseWork) -> None:
        """Tell of so much more work on a group of files."""
        with self._lock:
            done = self.work.setdefault(group, CaseWork())
            done.cases += work.cases
            done.rows += work.rows
            done.violating += work.violating

    def _count(self, batch: pl.Series) -> pl.Series:
        self.add(len(batch))
        return batch
