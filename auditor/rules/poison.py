"""Which bad texts of the log make a rule unknown on a row."""

from collections.abc import Iterable, Iterator
from typing import Final

from auditor.schema import ACCOUNT_FACTS, DERIVED_FACTS, FACTS, Kind, Need, names_of

ACCOUNT_FACT_NAMES: Final = frozenset({*names_of(ACCOUNT_FACTS), "has_residency"})

_CHECKED: Final = frozenset(
    {Kind.TIME, Kind.BOOLEAN, Kind.BYTES, Kind.COUNTRY, Kind.CHOICE, Kind.SET}
)
_DERIVED: Final = frozenset(names_of(DERIVED_FACTS))


def sources_of(facts: Iterable[str], table: str) -> list[str]:
    """The log fields whose bad text spoils one of `facts`, sorted.

    Account facts are those in force at the meeting's start, so a bad start spoils them all.
    Fields of free text have no bad text.
    """
    return sorted({source for fact in facts for source in _sources(fact, table)})


def _sources(fact: str, table: str) -> Iterator[str]:
    field = FACTS[table][fact]
    if fact not in _DERIVED and field.kind in _CHECKED and field.need is not Need.VALUE:
        yield fact
    if table == "events" and fact in ACCOUNT_FACT_NAMES:
        yield "meeting_started_at"
    if fact == "opted_in":
        yield from ("home", "extra_opted_in")
    if fact == "has_residency":
        yield "residency"
