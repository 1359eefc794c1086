"""Events with what their meeting and their account add: the facts that rules judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .events import Event
from .model import Accounts, Row
from .reference import Reference
from .values import items_of, text_of, time_of, value_of

ACCOUNT_FACTS = (
    "plan", "account_kind", "billing_country", "registered_country", "home", "upgraded_at",
)  # fmt: skip
ACCOUNT_SETS = ("opted_in", "residency")


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the accounts registry."""

    account_id: str
    valid_from: datetime | None
    valid_to: datetime | None
    values: Mapping[str, object]

    def holds_at(self, instant: datetime) -> bool:
        """Whether the policy is in force at `instant`."""
        return (self.valid_from is None or self.valid_from <= instant) and (
            self.valid_to is None or instant < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """One event and all that rules may know about it.

    `account` holds the account facts; `log_columns` names those that came from the log itself.
    `trouble` says why no policy is in force (None: one is, or no registry was given).
    `has_residency` is None where nobody says whether there is a promise.
    """

    event: Event
    started_at: datetime
    start_basis: str
    policy: Policy | None
    trouble: str | None
    account: Mapping[str, object]
    opted_in: frozenset[str] | None
    residency: frozenset[str] | None
    has_residency: bool | None
    log_columns: frozenset[str]
    meeting_countries: frozenset[str] | None

    @property
    def hop_role(self) -> object:
        """The role, or None where it is invalid."""
        if "hop_role" in self.event.invalid:
            return None
        return self.event.values["hop_role"] or "processing"

    @property
    def jurisdictions(self) -> frozenset[str]:
        """The countries of the resolved hops."""
        return frozenset(hop.country for hop in self.event.hops if hop.country)

    @property
    def is_open(self) -> bool:
        """Whether some hop is unresolved."""
        return any(hop.country is None for hop in self.event.hops)

    @property
    def outside(self) -> frozenset[str]:
        """The countries outside the opt-in; none where that is missing."""
        return frozenset() if self.opted_in is None else self.jurisdictions - self.opted_in


def _instant(row: Row, column: str) -> datetime | None:
    text = text_of(row.get(column))
    moment = time_of(text, None) if text else None
    assert moment is None or isinstance(moment, datetime)
    return moment


def _policies(accounts: Accounts) -> list[Policy]:
    return [
        Policy(
            account_id=text_of(row["account_id"]) or "",
            valid_from=_instant(row, "valid_from"),
            valid_to=_instant(row, "valid_to"),
            values={
                **{name: value_of(name, row.get(name), None) for name in ACCOUNT_FACTS},
                **{name: items_of(row.get(name)) for name in ACCOUNT_SETS},
            },
        )
        for row in accounts.rows
    ]


def _policy_of(
    account_id: str | None, started_at: datetime, policies: Sequence[Policy]
) -> tuple[Policy | None, str | None]:
    if account_id is None:
        return None, "no account id"
    own = [policy for policy in policies if policy.account_id == account_id]
    in_force = [policy for policy in own if policy.holds_at(started_at)]
    if in_force:
        return in_force[0], None
    return None, "no policy in force" if own else "unknown account"


def _meeting_countries(events: Sequence[Event]) -> dict[str, frozenset[str] | None]:
    stated: dict[str, set[object]] = {}
    for event in events:
        country = event.values["participant_country"]
        stated.setdefault(event.meeting_id, set()).add(country)
    return {
        meeting: None if None in countries else frozenset(map(str, countries))
        for meeting, countries in stated.items()
    }


def _opted_in(
    tokens: object, home: object, event: Event, reference: Reference
) -> frozenset[str] | None:
    if not isinstance(tokens, list):
        return None
    extra = event.values["extra_opted_in"]
    widened = [*tokens, *(extra if isinstance(extra, list) else ())]
    allowed = [reference.countries_of(token, event.event_at) for token in widened]
    return frozenset({home} if isinstance(home, str) else ()).union(*allowed)


def _residency(tokens: object, event: Event, reference: Reference) -> frozenset[str] | None:
    if not isinstance(tokens, list):
        return None
    return frozenset().union(*(reference.countries_of(t, event.event_at) for t in tokens))


def _has_promise(
    residency: frozenset[str] | None, accounts: Accounts | None, trouble: str | None, stated: bool
) -> bool | None:
    if residency is not None:
        return True
    is_registered = accounts is not None and "residency" in accounts.columns
    is_known = trouble is None if is_registered else stated
    return False if is_known else None


def enriched(
    events: Sequence[Event],
    accounts: Accounts | None,
    reference: Reference,
    *,
    is_residency_stated: bool,
) -> list[Facts]:
    """The facts of each event. Meetings are summed up over all `events` given."""
    first_at: dict[str, datetime] = {}
    for event in events:
        earlier = first_at.get(event.meeting_id, datetime.max.replace(tzinfo=UTC))
        first_at[event.meeting_id] = min(earlier, event.event_at)
    countries = _meeting_countries(events)
    policies = _policies(accounts) if accounts else []
    in_registry = frozenset(accounts.columns if accounts else ())
    facts = []
    for event in events:
        own_start = event.values["meeting_started_at"]
        is_reported = isinstance(own_start, datetime)
        started_at = own_start if isinstance(own_start, datetime) else first_at[event.meeting_id]
        policy, trouble = _policy_of(event.account_id, started_at, policies)
        from_log = frozenset((*ACCOUNT_FACTS, *ACCOUNT_SETS)) - in_registry
        registered = policy.values if policy else {}
        account = {
            name: event.values[name] if name in from_log else registered.get(name)
            for name in (*ACCOUNT_FACTS, *ACCOUNT_SETS)
        }
        residency = _residency(account["residency"], event, reference)
        facts.append(
            Facts(
                event=event,
                started_at=started_at,
                start_basis="reported" if is_reported else "observed",
                policy=policy,
                trouble=trouble if accounts else None,
                account=account,
                opted_in=_opted_in(account["opted_in"], account["home"], event, reference),
                residency=residency,
                has_residency=_has_promise(residency, accounts, trouble, is_residency_stated),
                log_columns=from_log,
                meeting_countries=countries[event.meeting_id],
            )
        )
    return facts
