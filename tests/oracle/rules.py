"""The shipped rules on events, each written out by hand."""

import re
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
    effective: date | None
    timezone: str
    reads: Callable[[Params], Sequence[str]]
    violation: Callable[[Facts, Params], Truth]
    applies: Callable[[Facts, Params], Truth] = _always
    doubt: Callable[[Facts], str | None] = _never_in_doubt
    basis: Callable[[Facts], str] | None = None
    evidence: Sequence[str] = ()
    clock: str = "meeting_started_at"

    def midnight(self, params: Params) -> datetime | None:
        """The instant from which the rule holds; None: always."""
        if self.effective is None:
            return None
        return _midnight(self.effective, params.get("timezone", self.timezone))


def _is_outside(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.opted_in))


def _has_role(*roles: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: is_one_of(facts.hop_role, *roles)


def _peer_to_peer(facts: Facts) -> str | None:
    is_p2p = str(facts.event.values["connection_type"] or "").upper() == "P2P"
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


def _field(name: str) -> Callable[[Facts, Params], Truth]:
    """A Boolean column of the log."""

    def truth(facts: Facts, params: Params) -> Truth:
        value = facts.event.values[name]
        return value if isinstance(value, bool) else None

    return truth


def _is_foreign_key(facts: Facts, params: Params) -> Truth:
    return both(
        touches(facts.jurisdictions, facts.is_open, "CN"),
        negation(touches(facts.opted_in, False, "CN")),
        negation(touches(facts.meeting_countries, False, "CN")),
    )


def _version_reaches(facts: Facts, floor: str) -> Truth:
    found = re.search("[0-9]+([.][0-9]+)*", str(facts.event.values["client_version"] or ""))
    if found is None:
        return None
    numbers = [int(part) for part in found.group().split(".")]
    wanted = [int(part) for part in floor.split(".")]
    width = max(len(numbers), len(wanted))
    padded = [part + [0] * (width - len(part)) for part in (numbers, wanted)]
    return padded[0] >= padded[1]


def _is_old_client(facts: Facts, params: Params) -> Truth:
    return negation(_version_reaches(facts, params.get("floor", "5.0")))


STRONG = "aes256-gcm;aes-256-gcm;aes_256_gcm;aes256gcm;e2ee;e2e;end-to-end;end_to_end"


def _is_weak(facts: Facts, params: Params) -> Truth:
    stated = facts.event.values["encryption"]
    if stated is None:
        return None
    mode = str(stated).lower()
    if mode in params.get("strong", STRONG).split(";"):
        return False
    if mode in {"enhanced", "enhanced_encryption"}:
        return negation(_version_reaches(facts, "5.0"))
    return True


def _breaks_promise(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.residency))


def _is_promised(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.hop_role, "processing", "relay"), facts.has_residency)


def _is_of(kind: str, country: str) -> Callable[[Facts, Params], Truth]:
    def truth(facts: Facts, params: Params) -> Truth:
        field = _country_field(facts)
        is_there = facts.account[field] == country if field else None
        return both(is_one_of(facts.account["account_kind"], kind), is_there)

    return truth


def _leaves(country: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: negation(
        within(facts.jurisdictions, facts.is_open, frozenset({country}))
    )


def _is_local_partner(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.hop_role, "processing"), _is_of("partner", "CN")(facts, params))


def _is_local_meeting_abroad(facts: Facts, params: Params) -> Truth:
    countries = facts.meeting_countries
    is_local = None if countries is None else countries <= {"CN"}
    return both(is_local, _leaves("CN")(facts, params))


def _is_open_to_all(facts: Facts, params: Params) -> Truth:
    return both(
        negation(_field("has_passcode")(facts, params)),
        negation(_field("has_waiting_room")(facts, params)),
    )


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
        Rule(
            "KEY-001", "critical", "session", None, "",
            reads=lambda params: [
                "hop_role", "jurisdictions", "opted_in", "meeting_countries", "meeting_started_at",
            ],
            applies=_has_role("key", "signalling"),
            violation=_is_foreign_key,
            evidence=("participant_country",),
        ),
        Rule(
            "CLIENT-001", "medium", "session", date(2020, 5, 30), "UTC",
            reads=lambda params: ["client_version"],
            violation=_is_old_client,
            clock="event_at",
        ),
        Rule(
            "CRYPTO-001", "high", "session", date(2020, 5, 30), "UTC",
            reads=lambda params: ["encryption", "client_version"],
            violation=_is_weak,
            clock="event_at",
        ),
        Rule(
            "RES-001", "high", "session", None, "",
            reads=lambda params: [
                "hop_role", "has_residency", "jurisdictions", "residency", "connection_type",
                "meeting_started_at",
            ],
            applies=_is_promised,
            violation=_breaks_promise,
            doubt=_peer_to_peer,
        ),
        Rule(
            "RES-US-001", "critical", "session", None, "",
            reads=lambda params: [
                "account_kind", *COUNTRY_FIELDS, "jurisdictions", "connection_type",
                "meeting_started_at",
            ],
            applies=_is_of("government", "US"),
            violation=_leaves("US"),
            doubt=_peer_to_peer,
            evidence=("hop_role",),
        ),
        Rule(
            "RES-CN-001", "critical", "session", None, "",
            reads=lambda params: ["jurisdictions"],
            violation=lambda facts, params: touches(facts.jurisdictions, facts.is_open, "CN"),
            evidence=("hop_role",),
        ),
        Rule(
            "RES-DIAL-001", "medium", "session", None, "",
            reads=lambda params: ["hop_role", "jurisdictions", "opted_in", "meeting_started_at"],
            applies=_has_role("dial_in"),
            violation=_is_outside,
        ),
        Rule(
            "RES-REC-001", "high", "session", None, "",
            reads=lambda params: ["hop_role", "jurisdictions", "opted_in", "meeting_started_at"],
            applies=_has_role("recording"),
            violation=_is_outside,
        ),
        Rule(
            "RES-CN-LOCAL-001", "medium", "meeting", None, "",
            reads=lambda params: [
                "hop_role", "account_kind", *COUNTRY_FIELDS, "meeting_countries", "jurisdictions",
                "meeting_started_at",
            ],
            applies=_is_local_partner,
            violation=_is_local_meeting_abroad,
            evidence=("participant_country",),
        ),
        Rule(
            "ACCESS-001", "medium", "meeting", None, "",
            reads=lambda params: ["is_host", "has_passcode", "has_waiting_room"],
            applies=_field("is_host"),
            violation=_is_open_to_all,
        ),
        Rule(
            "REC-001", "high", "meeting", None, "",
            reads=lambda params: ["is_recorded", "recording_has_passcode"],
            applies=_field("is_recorded"),
            violation=lambda facts, params: negation(
                _field("recording_has_passcode")(facts, params)
            ),
        ),
    )
}  # fmt: skip
