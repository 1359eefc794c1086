"""The shipped rules on events, each written out by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .facts import Facts
from .logic import Truth, negation, touches
from .predicates import (
    COUNTRY_FIELDS,
    Params,
    breaks_promise,
    country_field,
    field,
    has_role,
    is_foreign_key,
    is_free_mainland,
    is_in_mainland,
    is_individual,
    is_late_upgrade,
    is_local_meeting_abroad,
    is_local_partner,
    is_of,
    is_old_client,
    is_open_to_all,
    is_outside,
    is_promised,
    is_weak,
    leaves,
    mainland_reads,
    midnight,
    peer_to_peer,
)


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
        return midnight(self.effective, params.get("timezone", self.timezone))


RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "ROUTE-001", "high", "session", date(2020, 4, 18), "UTC",
            reads=lambda params: [
                "connection_type", "hop_role", "jurisdictions", "meeting_started_at", "opted_in",
            ],
            applies=has_role("processing", "relay"),
            violation=is_outside,
            doubt=peer_to_peer,
        ),
        Rule(
            "ROUTE-002", "critical", "session", date(2020, 4, 25), "UTC",
            reads=mainland_reads,
            violation=is_in_mainland,
            evidence=("participant_country",),
        ),
        Rule(
            "ROUTE-003", "medium", "session", date(2020, 4, 18), "UTC",
            reads=lambda params: ["hop_role", "jurisdictions", "meeting_started_at", "opted_in"],
            applies=has_role("transit"),
            violation=is_outside,
        ),
        Rule(
            "HOST-001", "high", "meeting", date(2020, 5, 1), "Asia/Shanghai",
            reads=lambda params: ["plan", *COUNTRY_FIELDS, "meeting_started_at"],
            violation=is_free_mainland,
            basis=country_field,
        ),
        Rule(
            "HOST-002", "low", "meeting", date(2020, 5, 1), "Asia/Shanghai",
            reads=lambda params: [
                "account_kind", "plan", *COUNTRY_FIELDS, "upgraded_at", "meeting_started_at",
            ],
            applies=is_individual,
            violation=is_late_upgrade,
            basis=country_field,
        ),
        Rule(
            "KEY-001", "critical", "session", None, "",
            reads=lambda params: [
                "hop_role", "jurisdictions", "opted_in", "meeting_countries", "meeting_started_at",
            ],
            applies=has_role("key", "signalling"),
            violation=is_foreign_key,
            evidence=("participant_country",),
        ),
        Rule(
            "CLIENT-001", "medium", "session", date(2020, 5, 30), "UTC",
            reads=lambda params: ["client_version"],
            violation=is_old_client,
            clock="event_at",
        ),
        Rule(
            "CRYPTO-001", "high", "session", date(2020, 5, 30), "UTC",
            reads=lambda params: ["encryption", "client_version"],
            violation=is_weak,
            clock="event_at",
        ),
        Rule(
            "RES-001", "high", "session", None, "",
            reads=lambda params: [
                "hop_role", "has_residency", "jurisdictions", "residency", "connection_type",
                "meeting_started_at",
            ],
            applies=is_promised,
            violation=breaks_promise,
            doubt=peer_to_peer,
        ),
        Rule(
            "RES-US-001", "critical", "session", None, "",
            reads=lambda params: [
                "account_kind", *COUNTRY_FIELDS, "jurisdictions", "connection_type",
                "meeting_started_at",
            ],
            applies=is_of("government", "US"),
            violation=leaves("US"),
            doubt=peer_to_peer,
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
            applies=has_role("dial_in"),
            violation=is_outside,
        ),
        Rule(
            "RES-REC-001", "high", "session", None, "",
            reads=lambda params: ["hop_role", "jurisdictions", "opted_in", "meeting_started_at"],
            applies=has_role("recording"),
            violation=is_outside,
        ),
        Rule(
            "RES-CN-LOCAL-001", "medium", "meeting", None, "",
            reads=lambda params: [
                "hop_role", "account_kind", *COUNTRY_FIELDS, "meeting_countries", "jurisdictions",
                "meeting_started_at",
            ],
            applies=is_local_partner,
            violation=is_local_meeting_abroad,
            evidence=("participant_country",),
        ),
        Rule(
            "ACCESS-001", "medium", "meeting", None, "",
            reads=lambda params: ["is_host", "has_passcode", "has_waiting_room"],
            applies=field("is_host"),
            violation=is_open_to_all,
        ),
        Rule(
            "REC-001", "high", "meeting", None, "",
            reads=lambda params: ["is_recorded", "recording_has_passcode"],
            applies=field("is_recorded"),
            violation=lambda facts, params: negation(
                field("recording_has_passcode")(facts, params)
            ),
        ),
    )
}  # fmt: skip
