"""Adds account facts: the policy in force at the meeting's start, and what it allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from auditor.enrich.interned import InternedSet, era_of
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import SET_FACTS, TILE_FROM, TILE_TO, Policies
from auditor.jurisdictions import SetExpr, country_set
from auditor.schema import (
    ACCOUNT_FACTS,
    POLICY_FROM,
    POLICY_STATE,
    POLICY_TO,
    TIME,
    PolicyState,
    invalid,
    names_of,
)

_START: Final = "meeting_started_at"
_KEY: Final = "@account_key"
_PARSED: Final = "@parsed"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Joins the registry, if there is one; its columns replace the log's own."""

    policies: Policies | None

    provides: ClassVar[frozenset[str]] = frozenset(
        {*names_of(ACCOUNT_FACTS), POLICY_STATE, POLICY_FROM, POLICY_TO}
    )
    requires: ClassVar[frozenset[str]] = frozenset({_START})

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add POLICY_STATE (missing without a registry), its period and facts; keeps every row."""
        if self.policies is None:
            missing = pl.lit(None, dtype=TIME)
            return events.with_columns(
                pl.lit(None, dtype=pl.String).alias(POLICY_STATE),
                missing.alias(POLICY_FROM),
                missing.alias(POLICY_TO),
            )
        columns = sorted(self.policies.columns)
        replaced = events.drop(columns).with_columns(
            *(pl.lit(None, dtype=pl.String).alias(invalid(c)) for c in columns),
            # NOTE: a rejected row has no start; without a key it cannot match several tiles
            pl.when(pl.col(_START).is_not_null()).then("account_id").alias(_KEY),
        )
        joined = replaced.join(
            self.policies.tiles.lazy(),
            left_on=_KEY,
            right_on="account_id",
            how="left",
            build_side="force_right",
        ).drop(_KEY)
        state = (
            pl.when(pl.col("account_id").is_null())
            .then(pl.lit(PolicyState.NO_ACCOUNT.value))
            .otherwise(pl.col(POLICY_STATE).fill_null(PolicyState.UNKNOWN_ACCOUNT.value))
        )
        if self.policies.is_dated:
            start, begin, end = pl.col(_START), pl.col(TILE_FROM), pl.col(TILE_TO)
            joined = joined.filter(
                begin.is_null() | (start >= begin), end.is_null() | (start < end)
            )
        return joined.drop(TILE_FROM, TILE_TO).with_columns(state.alias(POLICY_STATE))


@dataclass(frozen=True, slots=True)
class AllowedSets:
    """Turns the account's set columns into sets; `opted_in` gains home and extra opt-ins.

    Attributes:
        stated: fields that every file of the log has, so that an empty one says "none".
    """

    policies: Policies | None
    optins: OptIns
    stated: frozenset[str]

    provides: ClassVar[frozenset[str]] = frozenset({*SET_FACTS, "has_residency"})
    requires: ClassVar[frozenset[str]] = frozenset({*SET_FACTS, "home", POLICY_STATE})

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add the columns of sets `opted_in` and `residency`, as of `event_at`; `has_residency`."""
        era = era_of(pl.col("event_at"), self.optins.boundaries).fill_null(0)
        for name in SET_FACTS:
            events = self._with_set(events, name, era)
        return self._with_extra(events, era).with_columns(has_residency=self._has_residency())

    def _has_residency(self) -> pl.Expr:
        """Boolean; null where nobody says: no policy, or nowhere a column."""
        is_known = pl.lit("residency" in self.stated)
        if self.policies is not None and "residency" in self.policies.columns:
            is_known = pl.col(POLICY_STATE) == PolicyState.IN_FORCE.value
        has_promise = ~SetExpr.column("residency").is_missing()
        return pl.when(has_promise | is_known).then(has_promise)

    def _with_set(self, events: pl.LazyFrame, name: str, era: pl.Expr) -> pl.LazyFrame:
        home = country_set(pl.col("home")).or_empty()
        if self.policies is not None and name in self.policies.columns:
            table = self.policies.sets[name]
            is_dated = pl.col(f"{name}@dated").cast(pl.UInt32)
            at = pl.col(f"{name}@code") + is_dated * era.cast(pl.UInt32)
            members = SetExpr(
                pl.lit(table.lo).gather(at), pl.lit(table.hi).gather(at), pl.lit(value=False)
            )
            # NOTE: a registry's own home is already in its opt-in
            if name == "opted_in" and "home" not in self.policies.columns:
                members = members.union(home)
            return events.with_columns(*members.named(name))
        parsed = InternedSet.column(_PARSED)
        members = parsed.members.union(home) if name == "opted_in" else parsed.members
        return self._with_parsed(events, name, era, members.named(name))

    def _with_extra(self, events: pl.LazyFrame, era: pl.Expr) -> pl.LazyFrame:
        extra = InternedSet.column(_PARSED).members.or_empty()
        members = SetExpr.column("opted_in").union(extra)
        return self._with_parsed(events, "extra_opted_in", era, members.named("opted_in"))

    def _with_parsed(
        self, events: pl.LazyFrame, name: str, era: pl.Expr, columns: Iterable[pl.Expr]
    ) -> pl.LazyFrame:
        """With `columns` made of the sets that the texts in `name` are, and its bad texts."""
        parsed = self.optins.interned.parsed(pl.col(name), era)
        is_invalid = InternedSet.column(_PARSED).is_invalid
        bad = pl.when(is_invalid).then(pl.col(name)).alias(invalid(name))
        return events.with_columns(parsed.alias(_PARSED)).with_columns(*columns, bad).drop(_PARSED)
