"""The five rules of the 2020 pack, each written out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .facts import Facts
from .logic import Truth, both, is_one_of, negation, touches, within

Params = Mapping[str, str]


def _always(facts: Facts, params: Params) -> Truth:
    return True


def _never_in_doubt(facts: Facts) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `reads` names the facts that decide; `doubt` may unsettle a compliant row."""

    id: str
    severity: str
    subject: str
    effective: date
    timezone: str
    reads: Callable[[Params], Sequence[str]]
    violation: Callable[[Facts, Params], Truth]
    applies: Callable[[Facts, Params], Truth] = _always
    doubt: Callable[[Facts], str | None] = _never_in_doubt
    basis: Callable[[Facts], str] | None = None
    evidence: Sequence[str] = ()

    def midnight(self, params: Params) -> datetime:
        """The instant from which the rule holds."""
        zone = ZoneInfo(params.get("timezone", self.timezone))
        return datetime.combine(self.effective, time(), zone)


def _is_outside(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.opted_in))


def _has_role(*roles: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: is_one_of(facts.hop_role, *roles)


def _peer_to_peer(facts: Facts) -> str | None:
    is_p2p = facts.event.connection_type == "P2P"
    return "peer-to-peer media may bypass every site" if is_p2p else None


def _cn_participant_allows(params: Params) -> bool:
    return params.get("cn_participant_allows", "false") == "true"


def _is_in_mainland(facts: Facts, params: Params) -> Truth:
    spared = both(_cn_participant_allows(params), touches(facts.meeting_countries, False, "CN"))
    return both(
        touches(facts.jurisdictions, facts.is_open, "CN"),
        negation(touches(facts.opted_in, False, "CN")),
        negation(spared),
    )


def _mainland_reads(params: Params) -> Sequence[str]:
    countries = ["meeting_countries"] if _cn_participant_allows(params) else []
    return ["jurisdictions", "opted_in", *countries, "meeting_started_at"]


COUNTRY_FIELDS = ("billing_country", "registered_country", "home")


def _country_field(facts: Facts) -> str:
    known = [name for name in COUNTRY_FIELDS if facts.account[name] is not None]
    return known[0] if known else ""


def _is_mainland_account(facts: Facts) -> Truth:
    field = _country_field(facts)
    return facts.account[field] == "CN" if field else None


def _is_free_mainland(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.account["plan"], "free"), _is_mainland_account(facts))


RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "ROUTE-001", "high", "session", date(2020, 4, 18), "UTC",
            reads=lambda params: [
                "connection_type", "hop_role", "jurisdictions", "meeting_started_at", "opted_in",
            ],
            applies=_has_role("processing", "relay"),
            violation=_is_outside,
            doubt=_peer_to_peer,
        ),
        Rule(
            "ROUTE-002", "critical", "session", date(2020, 4, 25), "UTC",
            reads=_mainland_reads,
            violation=_is_in_mainland,
            evidence=("participant_country",),
        ),
        Rule(
            "ROUTE-003", "medium", "session", date(2020, 4, 18), "UTC",
            reads=lambda params: ["hop_role", "jurisdictions", "meeting_started_at", "opted_in"],
            applies=_has_role("transit"),
            violation=_is_outside,
        ),
        Rule(
            "HOST-001", "high", "meeting", date(2020, 5, 1), "Asia/Shanghai",
            reads=lambda params: ["plan", *COUNTRY_FIELDS, "meeting_started_at"],
            violation=_is_free_mainland,
            basis=_country_field,
        ),
    )
}  # fmt: skip
