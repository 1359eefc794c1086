"""What a decision rests on beside the row: where its hops lie, and what its account may do."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from auditor.engine.explaining.conditions import set_of
from auditor.engine.explaining.rows import DecidedRow, Row
from auditor.enrich.optins import OptIns
from auditor.enrich.sites import Sites
from auditor.enrich.steps import Knowledge
from auditor.explanation import HopEvidence, OptIn, PolicyEvidence
from auditor.jurisdictions import codes_of
from auditor.schema import PATH, POLICY_FROM, POLICY_STATE, POLICY_TO, ROW, PolicyState


@dataclass(frozen=True, slots=True)
class Evidence:
    """Looks up what the facts of a row were made from.

    Attributes:
        accounts: the registry of accounts as its files state it; None without one.
        level: how surely the rule demands that places are known; None: as the run does.
    """

    knowledge: Knowledge
    accounts: pl.DataFrame | None
    level: str | None = None

    def hops(self, row: DecidedRow) -> list[HopEvidence]:
        """The hops of the row's route in their order."""
        at = row.facts["event_at"]
        allowed = set_of("opted_in", row.facts)
        sites: Sites = self.knowledge.sites.demanding(self.level)
        return [
            HopEvidence(
                text=hop.text,
                country=hop.country,
                basis=hop.basis.label,
                is_outside=None
                if hop.country is None or allowed is None
                else hop.country not in allowed,
                why=None if hop.why is None else hop.why.value,
            )
            for hop in sites.hops(row.facts["route"], _era(sites.boundaries, at))
        ]

    def policy(self, row: DecidedRow) -> PolicyEvidence:
        """The policy at the meeting's start."""
        state = row.facts[POLICY_STATE]
        if state != PolicyState.IN_FORCE.value:
            return PolicyEvidence(state)
        stated = self._registered(row)
        return PolicyEvidence(
            state=state,
            valid_from=row.facts[POLICY_FROM],
            valid_to=row.facts[POLICY_TO],
            path=None if stated is None else stated[PATH],
            row=None if stated is None else stated[ROW],
        )

    def opt_in(self, row: DecidedRow) -> OptIn:
        """What the account had opted into, and what widened it."""
        texts = self._texts(row)
        codes = set_of("opted_in", row.facts)
        stated = self._expanded(texts["opted_in"], row.facts["event_at"])
        return OptIn(
            codes=codes,
            text=texts["opted_in"],
            stated=stated,
            home=texts["home"],
            extra=row.log.get("extra_opted_in"),
            added=sorted(set(codes or ()) - set(stated)),
        )

    def _texts(self, row: DecidedRow) -> dict[str, str | None]:
        """Opt-in and home as the registry states them, and the log where it has no such column."""
        policies = self.knowledge.policies
        columns = frozenset[str]() if policies is None else policies.columns
        stated = self._registered(row) or {}
        return {
            name: stated.get(name) if name in columns else row.log.get(name)
            for name in ("opted_in", "home")
        }

    def _registered(self, row: DecidedRow) -> Row | None:
        """The row of the registry that was in force."""
        if self.accounts is None or row.facts[POLICY_STATE] != PolicyState.IN_FORCE.value:
            return None
        found = self.accounts.filter(
            pl.col("account_id") == row.facts["account_id"],
            pl.col("valid_from").eq_missing(_instant(row.facts[POLICY_FROM])),
        )
        return found.row(0, named=True) if found.height else None

    def _expanded(self, text: str | None, at: datetime) -> Sequence[str]:
        optins: OptIns = self.knowledge.optins
        return codes_of(optins.parse(text, _era(optins.boundaries, at)).bits)


def _era(boundaries: Sequence[datetime], at: datetime) -> int:
    return bisect_right(boundaries, at)


def _instant(at: datetime | None) -> pl.Expr:
    return pl.lit(at, dtype=pl.Datetime("us", "UTC"))
