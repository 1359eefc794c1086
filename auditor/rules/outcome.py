"""Truth of the parts of a rule → its outcome on a row, and why that is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from auditor.addresses.locations import jurisdictions_at
from auditor.findings import Outcome
from auditor.jurisdictions import OPEN, SetExpr
from auditor.schema import FACTS, POLICY_STATE, Kind, PolicyState, invalid

Reason = tuple[pl.Expr, pl.Expr]
"""When it holds, and what it says."""

_FALSE = pl.lit(value=False)
_COLUMNS = {"has_residency": "residency"}
"""Fact → the column whose lack leaves it unknown, where that has another name."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The parts of one rule as three-valued Boolean expressions.

    Attributes:
        applies, in_period, violation: as the rule states them.
        undecided: conditions and what to say where one is TRUE.
        is_doubted: never null; the period may not have begun, so that no row surely violates.
        doubt: what to say of one that would.
        sources: log fields whose bad text makes the row unknown.
        demanded: how surely places must be known, if the rule demands it.
    """

    applies: pl.Expr
    in_period: pl.Expr
    violation: pl.Expr
    undecided: Sequence[tuple[pl.Expr, str]]
    sources: Sequence[str]
    is_doubted: pl.Expr = _FALSE
    doubt: str | None = None
    demanded: str | None = None

    def outcome(self) -> pl.Expr:
        """UInt8 of `Outcome`, never null."""
        scope = self.applies & self.in_period
        doubts = [when for when, _ in self.undecided]
        return (
            pl.when(self.is_poisoned())
            .then(_lit(Outcome.UNKNOWN))
            .when(~scope)
            .then(_lit(Outcome.NOT_APPLICABLE))
            .when(scope.is_null() | self.violation.is_null())
            .then(_lit(Outcome.UNKNOWN))
            .when(self.violation & self.is_doubted)
            .then(_lit(Outcome.UNKNOWN))
            .when(self.violation)
            .then(_lit(Outcome.VIOLATION))
            .when(pl.any_horizontal(doubts) if doubts else _FALSE)
            .then(_lit(Outcome.UNKNOWN))
            .otherwise(_lit(Outcome.COMPLIANT))
        )

    def is_poisoned(self) -> pl.Expr:
        """Boolean, never null: some field that decides holds a text that is no value of it."""
        if not self.sources:
            return _FALSE
        return pl.any_horizontal([pl.col(invalid(name)).is_not_null() for name in self.sources])

    def reason(self, reads: Sequence[str], table: str, *, reads_account: bool) -> pl.Expr:
        """String: why an unknown row is unknown; the first reason that holds.

        Args:
            reads: facts whose lack may be the reason, the likeliest first.
            table: which table the rule is on.
            reads_account: whether a missing policy may be the reason.
        """
        reasons = [
            *self._bad_values(),
            *self._doubts(),
            *(_policy_reasons() if reads_account else ()),
            *(_open_route(self.demanded) if "jurisdictions" in reads else ()),
            *(_missing(name, table) for name in reads),
        ]
        # NOTE: pl.coalesce() shrinks to one row where all before a literal is null.
        expr = pl.lit("not decided")
        for condition, text in reversed(reasons):
            expr = pl.when(condition).then(text).otherwise(expr)
        return expr

    def _bad_values(self) -> list[Reason]:
        return [
            (pl.col(invalid(name)).is_not_null(), pl.lit(f"invalid value in {name}"))
            for name in self.sources
        ]

    def _doubts(self) -> list[Reason]:
        in_scope = self.applies & self.in_period
        doubts = [(in_scope & ~self.violation & when, pl.lit(why)) for when, why in self.undecided]
        if self.doubt is None:
            return doubts
        return [(in_scope & self.violation & self.is_doubted, pl.lit(self.doubt)), *doubts]


def _lit(outcome: Outcome) -> pl.Expr:
    return pl.lit(outcome.value, dtype=pl.UInt8)


def _policy_reasons() -> list[Reason]:
    state = pl.col(POLICY_STATE)
    return [(state != PolicyState.IN_FORCE.value, state)]


def _open_route(demanded: str | None) -> list[Reason]:
    unresolved = pl.col("jurisdictions" + OPEN), pl.lit("a hop is unresolved")
    if demanded is None:
        return [unresolved]
    why = f"a hop is known less surely than the rule demands ({demanded})"
    return [unresolved, (pl.col(jurisdictions_at(demanded) + OPEN), pl.lit(why))]


def _missing(name: str, table: str) -> Reason:
    is_set = FACTS[table][name].kind is Kind.SET
    is_missing = SetExpr.column(name).is_missing() if is_set else pl.col(name).is_null()
    return is_missing, pl.lit(f"{_COLUMNS.get(name, name)} is missing")
