"""What the shipped rules on events ask of a row, each written out by hand."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .facts import Facts
from .logic import Truth, both, is_one_of, negation, touches, within

Params = Mapping[str, str]


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def is_outside(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.opted_in))


def has_role(*roles: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: is_one_of(facts.hop_role, *roles)


def peer_to_peer(facts: Facts) -> str | None:
    is_p2p = str(facts.event.values["connection_type"] or "").upper().startswith("P2P")
    return "peer-to-peer media may bypass every site" if is_p2p else None


def cn_participant_allows(params: Params) -> bool:
    return params.get("cn_participant_allows", "false") == "true"


def is_in_mainland(facts: Facts, params: Params) -> Truth:
    spared = both(cn_participant_allows(params), touches(facts.meeting_countries, False, "CN"))
    return both(
        touches(facts.jurisdictions, facts.is_open, "CN"),
        negation(touches(facts.opted_in, False, "CN")),
        negation(spared),
    )


def mainland_reads(params: Params) -> Sequence[str]:
    countries = ["meeting_countries"] if cn_participant_allows(params) else []
    return ["jurisdictions", "opted_in", *countries, "meeting_started_at"]


COUNTRY_FIELDS = ("billing_country", "registered_country", "home")


def country_field(facts: Facts) -> str:
    known = [name for name in COUNTRY_FIELDS if facts.account[name] is not None]
    return known[0] if known else ""


def is_mainland_account(facts: Facts) -> Truth:
    field = country_field(facts)
    return facts.account[field] == "CN" if field else None


def is_free_mainland(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.account["plan"], "free"), is_mainland_account(facts))


def is_individual(facts: Facts, params: Params) -> Truth:
    return is_one_of(facts.account["account_kind"], "individual")


def is_late_upgrade(facts: Facts, params: Params) -> Truth:
    cut_off = date.fromisoformat(params.get("cut_off", "2020-05-01"))
    upgraded_at = facts.account["upgraded_at"]
    is_late = None
    if isinstance(upgraded_at, datetime):
        is_late = upgraded_at >= midnight(cut_off, params.get("timezone", "Asia/Shanghai"))
    is_paid = negation(is_one_of(facts.account["plan"], "free", "trial"))
    return both(is_paid, is_mainland_account(facts), is_late)


def field(name: str) -> Callable[[Facts, Params], Truth]:
    """A Boolean column of the log."""

    def truth(facts: Facts, params: Params) -> Truth:
        value = facts.event.values[name]
        return value if isinstance(value, bool) else None

    return truth


def is_foreign_key(facts: Facts, params: Params) -> Truth:
    return both(
        touches(facts.jurisdictions, facts.is_open, "CN"),
        negation(touches(facts.opted_in, False, "CN")),
        negation(touches(facts.meeting_countries, False, "CN")),
    )


def version_reaches(facts: Facts, floor: str) -> Truth:
    found = re.search("[0-9]+([.][0-9]+)*", str(facts.event.values["client_version"] or ""))
    if found is None:
        return None
    numbers = [int(part) for part in found.group().split(".")]
    wanted = [int(part) for part in floor.split(".")]
    width = max(len(numbers), len(wanted))
    padded = [part + [0] * (width - len(part)) for part in (numbers, wanted)]
    return padded[0] >= padded[1]


def is_old_client(facts: Facts, params: Params) -> Truth:
    return negation(version_reaches(facts, params.get("floor", "5.0")))


STRONG = "aes256-gcm;aes-256-gcm;aes_256_gcm;aes256gcm;e2ee;e2e;end-to-end;end_to_end"


def is_weak(facts: Facts, params: Params) -> Truth:
    stated = facts.event.values["encryption"]
    if stated is None:
        return None
    mode = str(stated).lower()
    if mode in params.get("strong", STRONG).split(";"):
        return False
    if mode in {"enhanced", "enhanced_encryption"}:
        return negation(version_reaches(facts, "5.0"))
    return True


def breaks_promise(facts: Facts, params: Params) -> Truth:
    return negation(within(facts.jurisdictions, facts.is_open, facts.residency))


def is_promised(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.hop_role, "processing", "relay"), facts.has_residency)


def is_of(kind: str, country: str) -> Callable[[Facts, Params], Truth]:
    def truth(facts: Facts, params: Params) -> Truth:
        field = country_field(facts)
        is_there = facts.account[field] == country if field else None
        return both(is_one_of(facts.account["account_kind"], kind), is_there)

    return truth


def leaves(country: str) -> Callable[[Facts, Params], Truth]:
    return lambda facts, params: negation(
        within(facts.jurisdictions, facts.is_open, frozenset({country}))
    )


def is_local_partner(facts: Facts, params: Params) -> Truth:
    return both(is_one_of(facts.hop_role, "processing"), is_of("partner", "CN")(facts, params))


def is_local_meeting_abroad(facts: Facts, params: Params) -> Truth:
    countries = facts.meeting_countries
    is_local = None if countries is None else countries <= {"CN"}
    return both(is_local, leaves("CN")(facts, params))


def is_open_to_all(facts: Facts, params: Params) -> Truth:
    return both(
        negation(field("has_passcode")(facts, params)),
        negation(field("has_waiting_room")(facts, params)),
    )
