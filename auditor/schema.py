"""The canonical tables: field names, types and vocabularies, each spelled once."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl

TIME: Final = pl.Datetime("us", "UTC")


class Kind(StrEnum):
    """How a field's text is read and what a rule may do with it."""

    TEXT = "text"
    TIME = "time"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    COUNTRY = "country"
    CHOICE = "choice"
    SET = "set"
    HOPS = "hops"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the canonical column (a set travels as its text)."""
        return {Kind.TIME: TIME, Kind.BOOLEAN: pl.Boolean(), Kind.BYTES: pl.UInt64()}.get(
            self, pl.String()
        )


class Need(StrEnum):
    """What a table must supply: a value in every row, at least the column, or nothing."""

    VALUE = "value"
    COLUMN = "column"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a canonical table.

    Attributes:
        name: the column's name, the same in logs, registries, rules and reports.
        kind: how its text is read.
        need: what a log or registry must supply.
        choices: the closed vocabulary of a `Kind.CHOICE` field, lower case.
        meaning: one sentence for people.
    """

    name: str
    kind: Kind
    need: Need
    meaning: str
    choices: tuple[str, ...] = ()


PLANS: Final = (
    "free", "trial", "pro", "business", "enterprise", "education", "government", "on_prem",
)  # fmt: skip
ACCOUNT_KINDS: Final = ("individual", "business", "government", "education", "partner")
HOP_ROLES: Final = (
    "processing", "transit", "relay", "signalling", "key", "recording", "dial_in",
)  # fmt: skip
DEFAULT_HOP_ROLE: Final = "processing"
TRUE_WORDS: Final = ("true", "yes", "1", "t", "y")
FALSE_WORDS: Final = ("false", "no", "0", "f", "n")

_OPTIONAL = Need.OPTIONAL

ACCOUNT_FACTS: Final = (
    Field("plan", Kind.CHOICE, _OPTIONAL, "the account's plan", PLANS),
    Field("account_kind", Kind.CHOICE, _OPTIONAL, "who holds the account", ACCOUNT_KINDS),
    Field("billing_country", Kind.COUNTRY, _OPTIONAL, "country of the billing address"),
    Field("registered_country", Kind.COUNTRY, _OPTIONAL, "country the account is registered in"),
    Field("opted_in", Kind.SET, _OPTIONAL, "jurisdictions the account had opted into"),
    Field("home", Kind.COUNTRY, _OPTIONAL, "the jurisdiction that is always allowed"),
    Field("residency", Kind.SET, _OPTIONAL, "jurisdictions promised to the customer"),
    Field("upgraded_at", Kind.TIME, _OPTIONAL, "when the account became a paid one"),
    Field("partner", Kind.TEXT, _OPTIONAL, "the partner the account was bought through"),
)

EVENTS: Final = (
    Field("event_at", Kind.TIME, Need.VALUE, "when this row's media began to flow"),
    Field("meeting_id", Kind.TEXT, Need.VALUE, "one occurrence of a meeting"),
    Field("session_id", Kind.TEXT, Need.VALUE, "one participant's session in it"),
    Field("account_id", Kind.TEXT, Need.COLUMN, "the account that hosts the meeting"),
    Field("route", Kind.HOPS, Need.COLUMN, "the hops as reported"),
    Field("hop_role", Kind.CHOICE, _OPTIONAL, "what the hops did with the media", HOP_ROLES),
    Field("meeting_started_at", Kind.TIME, _OPTIONAL, "when the meeting started"),
    Field("is_host", Kind.BOOLEAN, _OPTIONAL, "the row is the host's own session"),
    Field("participant_id", Kind.TEXT, _OPTIONAL, "who took part"),
    Field("participant_country", Kind.COUNTRY, _OPTIONAL, "where the participant was"),
    Field("participant_ip", Kind.TEXT, _OPTIONAL, "the participant's address"),
    Field("media_bytes", Kind.BYTES, _OPTIONAL, "media carried, in bytes"),
    Field("client_version", Kind.TEXT, _OPTIONAL, "version of the participant's client"),
    Field("encryption", Kind.TEXT, _OPTIONAL, "how the media was encrypted"),
    Field("connection_type", Kind.TEXT, _OPTIONAL, "how the client was connected"),
    Field("has_passcode", Kind.BOOLEAN, _OPTIONAL, "the meeting had a passcode"),
    Field("has_waiting_room", Kind.BOOLEAN, _OPTIONAL, "the meeting had a waiting room"),
    Field("is_recorded", Kind.BOOLEAN, _OPTIONAL, "the meeting was recorded"),
    Field("recording_has_passcode", Kind.BOOLEAN, _OPTIONAL, "the recording has a passcode"),
    *ACCOUNT_FACTS,
    Field("extra_opted_in", Kind.SET, _OPTIONAL, "further opt-ins of this one meeting"),
)

ACCOUNTS: Final = (
    Field("account_id", Kind.TEXT, Need.VALUE, "key"),
    *ACCOUNT_FACTS,
    Field("valid_from", Kind.TIME, _OPTIONAL, "first instant this policy holds"),
    Field("valid_to", Kind.TIME, _OPTIONAL, "first instant it no longer holds"),
)

DATACENTRES: Final = (
    Field("operator", Kind.TEXT, Need.VALUE, "who runs the site"),
    Field("code", Kind.TEXT, Need.VALUE, "the operator's site code"),
    Field("name", Kind.TEXT, _OPTIONAL, "the site's name"),
    Field("aliases", Kind.SET, _OPTIONAL, "other names of it"),
    Field("country", Kind.COUNTRY, _OPTIONAL, "jurisdiction it lies in; missing = not known"),
    Field("valid_from", Kind.TIME, _OPTIONAL, "first instant the entry holds"),
    Field("valid_to", Kind.TIME, _OPTIONAL, "first instant it no longer holds"),
)

GROUPS: Final = (
    Field("group", Kind.TEXT, Need.VALUE, "the group's name"),
    Field("country", Kind.COUNTRY, Need.VALUE, "a member"),
    Field("valid_from", Kind.TIME, _OPTIONAL, "first instant of membership"),
    Field("valid_to", Kind.TIME, _OPTIONAL, "first instant after it"),
)

VENDOR_CODES: Final = (
    Field("vendor", Kind.TEXT, Need.VALUE, "whose code it is"),
    Field("code", Kind.TEXT, Need.VALUE, "the code"),
    Field("countries", Kind.SET, _OPTIONAL, "what it stands for"),
    Field("valid_from", Kind.TIME, _OPTIONAL, "first instant the entry holds"),
    Field("valid_to", Kind.TIME, _OPTIONAL, "first instant it no longer holds"),
)

ORDERS: Final = (
    Field("order_id", Kind.TEXT, Need.VALUE, "key"),
    Field("account_id", Kind.TEXT, Need.COLUMN, "who ordered"),
    Field("ordered_at", Kind.TIME, Need.VALUE, "when"),
    Field("action", Kind.CHOICE, _OPTIONAL, "what was ordered", ("new", "upgrade", "renewal")),
    Field("channel", Kind.CHOICE, _OPTIONAL, "sold by whom", ("direct", "online", "partner")),
    Field("partner", Kind.TEXT, _OPTIONAL, "the partner's name"),
    Field("billing_country", Kind.COUNTRY, _OPTIONAL, "country of the billing address"),
)

TABLES: Final = {"events": EVENTS, "orders": ORDERS}
"""The tables that logs supply and rules judge."""

DERIVED_FACTS: Final = (
    Field("jurisdictions", Kind.SET, _OPTIONAL, "where the hops of the route lie"),
    Field("meeting_countries", Kind.SET, _OPTIONAL, "participants' countries over the meeting"),
    Field("start_basis", Kind.TEXT, _OPTIONAL, "reported or observed meeting start"),
    Field("has_residency", Kind.BOOLEAN, _OPTIONAL, "whether the account has such a promise"),
)

MADE_FROM: Final = {
    "jurisdictions": ("route",),
    "opted_in": ("opted_in", "home", "extra_opted_in"),
    "meeting_countries": ("participant_country",),
    "start_basis": ("meeting_started_at",),
    "has_residency": ("residency",),
}
"""Fact → the fields it is made from, where they are not the one of its own name."""

FACTS: Final = {
    "events": {f.name: f for f in (*EVENTS, *DERIVED_FACTS) if f.name != "extra_opted_in"},
    "orders": {f.name: f for f in ORDERS},
}
"""What a rule may read, per table."""

SUBJECT_KEYS: Final = {
    "session": ("account_id", "meeting_id", "session_id"),
    "meeting": ("account_id", "meeting_id"),
    "account": ("account_id",),
    "order": ("order_id",),
}
"""The columns that identify one subject, in the order in which findings are sorted."""

PATH: Final = "@path"
ROW: Final = "@row"
REJECT: Final = "@reject"
"""Provenance columns: file, row in the file (from 1, header not counted), reject reason."""

POLICY_STATE: Final = "@policy_state"
POLICY_FROM: Final = "@policy_from"
POLICY_TO: Final = "@policy_to"


class PolicyState(StrEnum):
    """Why account facts are there or missing on a row."""

    IN_FORCE = "in_force"
    GAP = "no policy in force"
    UNKNOWN_ACCOUNT = "unknown account"
    NO_ACCOUNT = "no account id"


def invalid(name: str) -> str:
    """Column that holds the text of `name` where that text is not a value of the field."""
    return f"invalid:{name}"


def names_of(fields: Iterable[Field]) -> list[str]:
    """The names of `fields`, in order."""
    return [f.name for f in fields]
