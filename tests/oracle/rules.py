"""The five rules of the 2020 pack, each written out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .facts import Facts
from .logic import Truth, both, is_one_of, negation, touches, within

Params = Mapping[str, str]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


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
        return _midnight(self.effective, params.get("timezone", self.timezone))


def _is_outside(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.opted_in))


def _has_role(*roles: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: is_one_of(facts.hop_role, *roles)


def _peer_to_peer(facts: Facts) -> str | None:
    is_p2p = (facts.event.connection_type or "").upper() == "P2P"
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


def _is_individual(facts: Facts, params: Params) -> Truth:
    return is_one_of(facts.account["account_kind"], "individual")


def _is_late_upgrade(facts: Facts, params: Params) -> Truth:
    cut_off = date.fromisoformat(params.get("cut_off", "2020-05-01"))
    upgraded_at = facts.account["upgraded_at"]
    is_late = None
    if isinstance(upgraded_at, datetime):
        is_late = upgraded_at >= _midnight(cut_off, params.get("timezone", "Asia/Shanghai"))
    is_paid = negation(is_one_of(facts.account["plan"], "free", "trial"))
    return both(is_paid, _is_mainland_account(facts), is_late)


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
        Rule(
            "HOST-002", "low", "meeting", date(2020, 5, 1), "Asia/Shanghai",
            reads=lambda params: [
                "account_kind", "plan", *COUNTRY_FIELDS, "upgraded_at", "meeting_started_at",
            ],
            applies=_is_individual,
            violation=_is_late_upgrade,
            basis=_country_field,
        ),
    )
}  # fmt: skip
