"""When meetings began where rows do not say: observed starts, for the meetings they can matter to.

A row that does not state its meeting's start is taken to start it. That leads to another decision
only if the meeting has rows on both sides of an instant of a rule, or a row after a change of its
account's policy. Such meetings are found by marks in tables of fixed size, so that memory does not
grow with the number of meetings.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Final

import numpy as np
import polars as pl

from auditor.engine.plan import Plan
from auditor.engine.skimming.codebook import Codebook, hashed, new_seed
from auditor.enrich.interned import era_of
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
_MOST_SLOTS: Final = 1 << 30
_NEVER: Final = 2**63 - 1
_SLOT: Final = "@slot"
_SIDE: Final = "@side"
_SURE: Final = "@sure"


def with_starts(events: pl.LazyFrame, plan: Plan, knowledge: Knowledge) -> Knowledge:
    """What is known, with the observed starts of the meetings for which they can matter."""
    # NOTE: rejected rows count up to the last step, where they are left out: to tell them apart
    # takes columns that nothing else needs here.
    at = pl.col("event_at")
    span = events.select(at.min().alias("first"), at.max().alias("last"), pl.len().alias("rows"))
    first, last, rows = span.collect(engine="streaming").row(0)
    if first is None:
        return knowledge
    sides = _instants(plan, first, last)
    kinds = _kinds(events, plan, knowledge, sides, (first, last))
    if kinds is None:
        return knowledge
    slots = min(max(_LEAST_SLOTS, 1 << (rows * SLOTS_PER_ROW).bit_length()), _MOST_SLOTS)
    slot = (pl.col("meeting_id").hash() % slots).cast(pl.UInt32).alias(_SLOT)
    marks = Marks(slots, len(sides) + 1)
    kinds.select(slot, _SIDE, _SURE).sink_batches(
        marks.add, maintain_order=False, engine="streaming"
    )
    return replace(knowledge, starts=_starts(events, slot, marks.candidates()))


class Marks:
    """Which slots have rows of which sides of some instants, and rows that decide alone."""

    def __init__(self, slots: int, sides: int) -> None:
        # NOTE: `scatter` changes a table in its place, so that each must be one of its own.
        self._sides = [_unmarked(slots) for _ in range(sides)]
        self._sure = _unmarked(slots)
        self._lock = Lock()

    def add(self, rows: pl.DataFrame) -> None:
        """Mark the slots of rows: `@slot` (UInt32), `@side` (UInt8), `@sure` (Boolean)."""
        sure = rows[_SLOT].filter(rows[_SURE])
        sides = rows.select(_SIDE, _SLOT).partition_by(_SIDE, as_dict=True)
        # NOTE: held for no query: who waits would hold a thread that the engine needs for it
        with self._lock:
            self._sure.scatter(sure, values=True)
            for (side,), some in sides.items():
                self._sides[int(side)].scatter(some[_SLOT], values=True)

    def candidates(self) -> pl.Series:
        """Boolean per slot: it has a sure mark, or marks on two sides."""
        with self._lock:
            once, several = self._sides[0], self._sure
            for table in self._sides[1:]:
                once, several = once | table, several | (once & table)
            return several


def _unmarked(slots: int) -> pl.Series:
    return pl.repeat(value=False, n=slots, dtype=pl.Boolean, eager=True)


def _instants(plan: Plan, first: datetime, last: datetime) -> list[datetime]:
    return sorted({t for r in plan.rules for t in r.clock_instants if first < t <= last})


def _kinds(
    events: pl.LazyFrame,
    plan: Plan,
    knowledge: Knowledge,
    instants: Sequence[datetime],
    span: tuple[datetime, datetime],
) -> pl.LazyFrame | None:
    """Events with `@side` and `@sure`, or None where no start can matter.

    NOTE: a row after a change of its policy is a sure mark, though its meeting may have no row of
    that account before: it may name another account in its earlier rows.
    """
    at, boundary = pl.col("event_at"), pl.col("boundary")
    side = era_of(at, instants).alias(_SIDE)
    if any(rule.reads_start for rule in plan.rules):
        is_open = pl.col("meeting_started_at").is_null()
        return events.with_columns(side, is_open.alias(_SURE))
    changes = pl.DataFrame(schema={"account_id": pl.String, "boundary": TIME})
    if knowledge.policies is not None:
        first, last = span
        inside = knowledge.policies.boundaries().filter((boundary > first) & (boundary <= last))
        changes = inside.group_by("account_id").agg(boundary.min())
    if changes.is_empty():
        sure = pl.lit(value=False).alias(_SURE)
        return events.with_columns(side, sure) if instants else None
    is_after = pl.struct("account_id", "event_at").map_batches(
        _After(changes), return_dtype=pl.Boolean, is_elementwise=True
    )
    return events.with_columns(side, is_after.alias(_SURE))


class _After:
    """Whether each row of a batch comes after the first change of its account's policy.

    Args:
        changes: `account_id`, `boundary`; accounts without a change are not in it.
    """

    def __init__(self, changes: pl.DataFrame) -> None:
        self._seed = new_seed()
        self._book = Codebook.of(hashed(changes["account_id"], self._seed))
        micros = changes["boundary"].to_physical().to_numpy()
        self._boundaries = np.concatenate([[_NEVER], micros])

    def __call__(self, batch: pl.Series) -> pl.Series:
        accounts, at = batch.struct.field("account_id"), batch.struct.field("event_at")
        boundaries = self._boundaries.take(self._book.lookup(hashed(accounts, self._seed)))
        return pl.Series(at.to_physical().fill_null(-_NEVER).to_numpy() >= boundaries)


def _starts(events: pl.LazyFrame, slot: pl.Expr, candidates: pl.Series) -> pl.DataFrame:
    """`meeting_id` and OBSERVED of the meetings in candidate slots."""
    passes = int(candidates.sum()) // MEETINGS_AT_ONCE + 1
    parts = [pl.DataFrame(schema={"meeting_id": pl.String, OBSERVED: TIME})]
    for number in range(passes):
        slots = events.filter(pl.col(REJECT).is_null()).select("meeting_id", "event_at", slot)
        is_candidate = pl.col(_SLOT).map_batches(
            candidates.gather, return_dtype=pl.Boolean, is_elementwise=True
        )
        parts.append(
            slots.filter(pl.col(_SLOT) % passes == number, is_candidate)
            .group_by("meeting_id")
            .agg(pl.col("event_at").min().alias(OBSERVED))
            .collect(engine="streaming")
        )
    return pl.concat(parts)
