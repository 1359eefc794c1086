"""The plan of a run: canonical rows of one table → facts → one outcome per rule and row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

import polars as pl

from auditor.engine.own_texts import OWN_TEXTS
from auditor.engine.tally import Tally
from auditor.enrich.orders import OrderEvidence
from auditor.enrich.steps import Knowledge, enrich
from auditor.findings import Outcome
from auditor.jurisdictions import set_columns
from auditor.rules.compile import CompiledRule
from auditor.schema import (
    ACCOUNT_FACTS,
    FACTS,
    MADE_FROM,
    PATH,
    POLICY_FROM,
    POLICY_STATE,
    POLICY_TO,
    REJECT,
    ROW,
    TABLES,
    Kind,
    Need,
    PolicyState,
    invalid,
    names_of,
)

BUCKET: Final = "@bucket"
WEIGHT: Final = "@weight"
"""How many rows of the log a decided row stands for."""

VIOLATING: Final = "violating"
"""Tallied beside `count_names`: rows that violate a rule, however many."""

_EVIDENCE: Final = frozenset(
    {"event_at", "meeting_id", "session_id", "account_id", "route", "media_bytes", "jurisdictions",
     "opted_in", "meeting_started_at", "start_basis", POLICY_STATE, POLICY_FROM, POLICY_TO}
)  # fmt: skip
"""Facts that every finding shows; orders have them too, most of them missing."""

_KEYS: Final = {"events": frozenset[str](), "orders": frozenset({"order_id", "ordered_at"})}
"""What findings and rows of one table show besides."""

_CHECKED: Final = frozenset(
    {Kind.TIME, Kind.BOOLEAN, Kind.BYTES, Kind.COUNTRY, Kind.CHOICE, Kind.SET}
)


class Bucket(IntEnum):
    """Where a row that was read is counted."""

    EVENT = 0
    REJECTED = 1
    OUTSIDE_WINDOW = 2


def outcome_column(rule_id: str) -> str:
    """Column of a rule's outcomes."""
    return f"outcome:{rule_id}"


def boundary_column(rule_id: str) -> str:
    """Column that says whether a violation depends on the zone of a date."""
    return f"boundary:{rule_id}"


def invalid_columns(needs: frozenset[str], table: str) -> list[str]:
    """The columns of bad texts of the fields of `table` that `needs` are made from."""
    read = {field for need in needs for field in (need, *MADE_FROM.get(need, ()))}
    read |= {"meeting_started_at"} if read & {*names_of(ACCOUNT_FACTS)} else set()
    fields = {f.name: f for f in TABLES[table] if f.kind in _CHECKED and f.need is not Need.VALUE}
    return [invalid(name) for name in sorted(read) if name in fields]


@dataclass(frozen=True, slots=True)
class Plan:
    """Decides every row of a log by every rule, in one lazy frame.

    Attributes:
        rules: compiled, all on `table`.
        from_, to: half-open window on the row's time.
        table: `events` or `orders`.
    """

    rules: Sequence[CompiledRule]
    from_: datetime | None
    to: datetime | None
    table: str = "events"

    @property
    def needs(self) -> frozenset[str]:
        """The facts that rules and findings read."""
        return _EVIDENCE.union(_KEYS[self.table], *(rule.needs for rule in self.rules))

    @property
    def deciding(self) -> frozenset[str]:
        """The fields of canonical rows that outcomes depend on."""
        facts = {fact for rule in self.rules for fact in rule.reads}
        fields = {field for fact in facts for field in MADE_FROM.get(fact, (fact,))}
        return frozenset(fields.union(*(rule.sources for rule in self.rules)))

    @property
    def places(self) -> list[str]:
        """The facts that say where hops are: to the run, and to rules that demand evidence."""
        return sorted({"jurisdictions", *(rule.rule.jurisdictions for rule in self.rules)})

    @property
    def bad_texts(self) -> list[str]:
        """The columns of bad texts of the fields that `needs` are made from."""
        return invalid_columns(self.needs, self.table)

    @property
    def fields(self) -> frozenset[str]:
        """The fields of canonical events that are read, those of bad texts included."""
        made_of = {"meeting_started_at", "home", "opted_in", "extra_opted_in", "residency"}
        checked = {name.removeprefix(invalid("")) for name in self.bad_texts}
        return self.needs | made_of | checked

    def facts(self, rows: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
        """Canonical rows with all needed facts and their bucket."""
        steps = knowledge.steps(self.needs) if self.table == "events" else [OrderEvidence()]
        return enrich(rows, steps).with_columns(self.bucket().alias(BUCKET))

    def decided(self, rows: pl.LazyFrame, knowledge: Knowledge) -> pl.LazyFrame:
        """Rows with one outcome and one boundary column per rule; null on rows not judged."""
        is_event = pl.col(BUCKET) == Bucket.EVENT.value
        return self.facts(rows, knowledge).with_columns(
            *(
                pl.when(is_event).then(rule.outcome).alias(outcome_column(rule.rule.id))
                for rule in self.rules
            ),
            *(rule.in_boundary.alias(boundary_column(rule.rule.id)) for rule in self.rules),
        )

    def bucket(self) -> pl.Expr:
        """UInt8 of `Bucket`; never null."""
        at = pl.col("event_at")
        inside = pl.lit(value=True)
        if self.from_ is not None:
            inside &= at >= self.from_
        if self.to is not None:
            inside &= at < self.to
        return (
            pl.when(pl.col(REJECT).is_not_null())
            .then(Bucket.REJECTED.value)
            .when(inside)
            .then(Bucket.EVENT.value)
            .otherwise(Bucket.OUTSIDE_WINDOW.value)
            .cast(pl.UInt8)
        )

    def flagged(self, decided: pl.LazyFrame, tally: Tally) -> pl.LazyFrame:
        """The rows that a report must speak of, with all that it may say; `tally` counts all."""
        is_event = pl.col(BUCKET) == Bucket.EVENT.value
        is_rejected = pl.col(BUCKET) == Bucket.REJECTED.value
        keep = is_rejected | (is_event & self.is_notable())
        violating = self.is_violating().alias(VIOLATING)
        at = pl.when(is_event).then("event_at")
        counted = decided.filter(tally.counting([*self.counted(), violating], keep, at))
        return counted.select(self.shown_columns()).with_columns(OWN_TEXTS)

    def shown_columns(self) -> list[str]:
        """The columns of decided rows that a report reads."""
        ids = [rule.rule.id for rule in self.rules]
        return [
            PATH, ROW, REJECT, BUCKET, *self._fact_columns(), *self.bad_texts,
            *map(outcome_column, ids), *map(boundary_column, ids),
        ]  # fmt: skip

    def count_names(self) -> list[str]:
        """What a tally of this plan counts."""
        names = [b.name for b in Bucket]
        for rule in self.rules:
            names += [f"{rule.rule.id}:{o.name}" for o in Outcome] + [f"{rule.rule.id}:late"]
        return names

    def counted(self) -> list[pl.Expr]:
        """Boolean columns of decided rows by the names of `count_names`."""
        is_event = pl.col(BUCKET) == Bucket.EVENT.value
        counted = [(pl.col(BUCKET) == b.value).alias(b.name) for b in Bucket]
        for rule in self.rules:
            outcome = pl.col(outcome_column(rule.rule.id))
            counted += [(outcome == o.value).alias(f"{rule.rule.id}:{o.name}") for o in Outcome]
            counted.append((is_event & rule.is_boundary_row).alias(f"{rule.rule.id}:late"))
        return counted

    def is_violating(self) -> pl.Expr:
        """Boolean, never null: the row violates a rule."""
        outcomes = [pl.col(outcome_column(rule.rule.id)) for rule in self.rules]
        return pl.any_horizontal(
            pl.lit(value=False),
            *((o == Outcome.VIOLATION.value).fill_null(value=False) for o in outcomes),
        )

    def is_notable(self) -> pl.Expr:
        """Boolean, never null: a report must say more of the row than its outcomes."""
        return pl.any_horizontal(
            *(pl.col(set_columns(name)[2]) for name in self.places),
            (pl.col(POLICY_STATE) != PolicyState.IN_FORCE.value).fill_null(value=False),
            *(
                (pl.col(outcome_column(r.rule.id)) >= Outcome.UNKNOWN.value).fill_null(value=False)
                for r in self.rules
            ),
            *(pl.col(name).is_not_null() for name in self.bad_texts),
        )

    def _fact_columns(self) -> list[str]:
        fields = FACTS["events"]
        columns: list[str] = []
        for name in sorted(self.needs):
            is_set = name in fields and fields[name].kind is Kind.SET
            columns += set_columns(name) if is_set or name in self.places else [name]
        return columns
