"""When meetings began where rows do not say: observed starts, for the meetings they can matter to.

A row that does not state its meeting's start is taken to start it. That leads to another decision
only if the meeting has rows on both sides of an instant of a rule, or a row after a change of its
account's policy. Such meetings are found by marks in tables of fixed size, so that memory does not
grow with the number of meetings.
"""

from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from auditor.engine.plan import Plan
from auditor.engine.skimming.codebook import Codebook, Numbers, hashed, new_seed, spans_of
from auditor.enrich.meetings import OBSERVED
from auditor.enrich.steps import Knowledge
from auditor.schema import REJECT, TIME

START_FIELDS: Final = frozenset({"meeting_id", "account_id", "event_at", "meeting_started_at"})
"""What is read of every event to find out when meetings began."""

SLOTS_PER_ROW: Final = 4
"""Slots of a table of marks; meetings that share one only make candidates of each other."""

MEETINGS_AT_ONCE: Final = 1_000_000
"""Candidates whose starts are gathered in one pass."""

_LEAST_SLOTS: Final = 1 << 16
_MOST_SLOTS: Final = 1 << 29
_BATCH_ROWS: Final = 1 << 18
_NEVER: Final = 2**63 - 1
_UNMARKED: Final = 0
_CANDIDATE: Final = 255
_MOST_SIDES: Final = 200


def with_starts(events: pl.LazyFrame, plan: Plan, knowledge: Knowledge) -> Knowledge:
    """What is known, with the observed starts of the meetings for which they can matter."""
    # NOTE: rejected rows count up to the last step, where they are left out: to tell them apart
    # takes columns that nothing else needs here.
    at = pl.col("event_at")
    span = events.select(at.min().alias("first"), at.max().alias("last"), pl.len().alias("rows"))
    first, last, rows = span.collect(engine="streaming").row(0)
    if first is None:
        return knowledge
    sides = _Sides(plan, knowledge, first, last)
    if not sides.matter:
        return knowledge
    marks = Marks(min(max(_LEAST_SLOTS, 1 << (rows * SLOTS_PER_ROW).bit_length()), _MOST_SLOTS))
    asked = events.select("meeting_id", *sides.columns)
    asked.sink_batches(
        lambda batch: marks.add(batch["meeting_id"], *sides.of(batch)),
        chunk_size=_BATCH_ROWS,
        maintain_order=False,
        engine="streaming",
    )
    return replace(knowledge, starts=_starts(events, marks))


class Marks:
    """On which side of some instants meetings have rows; one byte for all that share a slot."""

    def __init__(self, slots: int) -> None:
        """`slots`: a power of two."""
        self._seed = new_seed()
        self._mask = np.uint64(slots - 1)
        self._marks = np.zeros(slots, dtype=np.uint8)
        self._lock = Lock()

    def add(self, meetings: pl.Series, sides: Numbers, is_sure: NDArray[np.bool_]) -> None:
        """Mark rows: the side of each, from 0, and whether its meeting is a candidate at once.

        Either may be one value for all rows.
        """
        slots = self._slots(meetings)
        marks = np.where(is_sure, _CANDIDATE, sides + 1).astype(np.uint8)
        # NOTE: held for no query: who waits would hold a thread that the engine needs for it
        with self._lock:
            for mark in np.flatnonzero(np.bincount(marks)):
                at = slots if len(marks) == 1 else slots[marks == mark]
                before = self._marks.take(at)
                self._marks[at] = mark
                is_other = (before != _UNMARKED) & (before != mark)
                self._marks[at[is_other]] = _CANDIDATE

    def candidates(self) -> int:
        """How many slots have a sure mark, or marks of two sides."""
        # NOTE: in pieces, because each takes as much memory again
        pieces = range(0, len(self._marks), _BATCH_ROWS)
        return sum(
            int(np.count_nonzero(self._marks[at : at + _BATCH_ROWS] == _CANDIDATE)) for at in pieces
        )

    def are_candidates(self, meetings: pl.Series) -> pl.Series:
        """Whether the slot of each meeting is such a one."""
        return pl.Series(self._marks.take(self._slots(meetings)) == _CANDIDATE)

    def _slots(self, meetings: pl.Series) -> Numbers:
        return (hashed(meetings, self._seed) & self._mask).view(np.int64)


class _Sides:
    """On which side of the instants that matter rows lie, and which of them matter alone.

    NOTE: a row after a change of its policy matters alone, though its meeting may have no row of
    that account before: it may name another account in its earlier rows.
    """

    def __init__(self, plan: Plan, knowledge: Knowledge, first: datetime, last: datetime) -> None:
        clocks = {t for r in plan.rules for t in r.clock_instants if first < t <= last}
        instants = sorted(clocks)
        # NOTE: with more of them than a mark can tell, every meeting is a candidate
        self._all = len(instants) > _MOST_SIDES or any(rule.reads_start for rule in plan.rules)
        self._instants = pl.Series(instants, dtype=TIME).to_physical().to_numpy()
        changes = _changes(knowledge, first, last)
        self._seed = new_seed()
        self._book = Codebook.of(hashed(changes["account_id"], self._seed))
        micros = changes["boundary"].to_physical().to_numpy()
        self._boundaries = np.concatenate([[_NEVER], micros])

    @property
    def matter(self) -> bool:
        """Whether any start can."""
        return self._all or len(self._instants) > 0 or len(self._book) > 0

    @property
    def columns(self) -> list[str]:
        """What is read of a row."""
        own = ["meeting_started_at"] if self._all else []
        return ["event_at", *own, *(["account_id"] if len(self._book) else [])]

    def of(self, rows: pl.DataFrame) -> tuple[Numbers, NDArray[np.bool_]]:
        """The side of each row, and whether it matters alone."""
        if self._all:
            is_open = rows["meeting_started_at"].is_null().to_numpy()
            return np.zeros(1, dtype=np.int64), is_open
        at = rows["event_at"].to_physical().fill_null(-_NEVER).to_numpy()
        is_sure = np.zeros(1, dtype=np.bool_)
        if len(self._book):
            found = self._book.lookup(hashed(rows["account_id"], self._seed))
            is_sure = at >= self._boundaries.take(found)
        return spans_of(at, self._instants), is_sure


def _changes(knowledge: Knowledge, first: datetime, last: datetime) -> pl.DataFrame:
    """`account_id` and `boundary`: the first change of each account's policy within a span."""
    if knowledge.policies is None:
        return pl.DataFrame(schema={"account_id": pl.String, "boundary": TIME})
    boundary = pl.col("boundary")
    inside = knowledge.policies.boundaries().filter((boundary > first) & (boundary <= last))
    return inside.group_by("account_id").agg(boundary.min())


def _starts(events: pl.LazyFrame, marks: Marks) -> pl.DataFrame:
    """`meeting_id` and OBSERVED of the meetings in candidate slots."""
    passes = marks.candidates() // MEETINGS_AT_ONCE + 1
    parts = [pl.DataFrame(schema={"meeting_id": pl.String, OBSERVED: TIME})]
    is_candidate = pl.col("meeting_id").map_batches(
        marks.are_candidates, return_dtype=pl.Boolean, is_elementwise=True
    )
    for number in range(passes):
        is_now = pl.lit(value=True)
        if passes > 1:
            is_now = pl.col("meeting_id").hash() % passes == number
        parts.append(
            events.filter(pl.col(REJECT).is_null())
            .select("meeting_id", "event_at")
            .filter(is_candidate, is_now)
            .group_by("meeting_id")
            .agg(pl.col("event_at").min().alias(OBSERVED))
            .collect(engine="streaming")
        )
    return pl.concat(parts)
