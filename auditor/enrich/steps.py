"""The steps that turn canonical events into events with facts, in their order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import polars as pl

from auditor.enrich.accounts import Accounts, AllowedSets
from auditor.enrich.meetings import MeetingCountries, Starts, no_meetings
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import Policies
from auditor.enrich.routes import HopRoles, Routes
from auditor.enrich.sites import Sites


class Step(Protocol):
    """Adds facts to events and keeps every row.

    Attributes:
        provides: the facts it adds or completes.
        requires: facts of earlier steps that it reads.
    """

    provides: ClassVar[frozenset[str]]
    requires: ClassVar[frozenset[str]]

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Events with the facts of this step."""
        ...


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that is known beside the log.

    Attributes:
        starts: facts of the meetings whose start the rows do not state and can matter.
        countries: facts of the meetings whose participants' countries can matter.
        stated: fields that every file of the log has.
    """

    sites: Sites
    optins: OptIns
    policies: Policies | None
    starts: pl.DataFrame
    countries: pl.DataFrame
    stated: frozenset[str]

    @classmethod
    def of(cls, sites: Sites, optins: OptIns, policies: Policies | None) -> "Knowledge":
        """What is known before the log is read."""
        return cls(sites, optins, policies, no_meetings(), no_meetings(), frozenset())

    def of_accounts(self, ids: pl.Series) -> "Knowledge":
        """What is known of the accounts with these ids, and all that is of no account."""
        if self.policies is None:
            return self
        return replace(self, policies=self.policies.of_accounts(ids))

    def steps(self, needs: frozenset[str]) -> list[Step]:
        """The steps that the facts in `needs` take, in order."""
        ordered: Sequence[Step] = (
            HopRoles(),
            Routes.needed(self.sites, needs),
            Starts(self.starts),
            Accounts(self.policies),
            AllowedSets(self.policies, self.optins, self.stated),
            MeetingCountries(self.countries),
        )
        chosen: list[Step] = []
        for step in reversed(ordered):
            if step.provides & needs:
                needs |= step.requires
                chosen.insert(0, step)
        return chosen


def enrich(events: pl.LazyFrame, steps: Sequence[Step]) -> pl.LazyFrame:
    """`events` with the facts of `steps`."""
    for step in steps:
        events = step.apply(events)
    return events
