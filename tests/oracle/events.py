"""Records as events: rejects with their reason, the rest with values and invalid texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .model import Broken, LogFile, Raw, Record
from .reference import Reference
from .values import COUNTRIES, KINDS, Bad, items_of, text_of, time_of, value_of

SETS = ("opted_in", "extra_opted_in", "residency")


@dataclass(frozen=True, slots=True)
class Hop:
    """One place of a route; `country` is None where nothing resolves it."""

    text: str
    country: str | None = None
    basis: str = "unresolved"


@dataclass(frozen=True, slots=True)
class Event:
    """One sound record. `values` hold what the log itself states, `invalid` what it garbles."""

    path: str
    row: int
    event_at: datetime
    meeting_id: str
    session_id: str
    account_id: str | None
    hops: Sequence[Hop]
    values: Mapping[str, object]
    invalid: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be made an event."""

    path: str
    row: int
    reason: str


_KNOWN_ADDRESSES = {"52.81.151.250": "CN"}
"""Where addresses of random logs are, as both shipped databases say."""


def _hop(text: str, instant: datetime, reference: Reference) -> Hop:
    prefix, _, code = text.partition(":")
    if prefix.casefold() == "country" and code.upper() in COUNTRIES:
        return Hop(text, code.upper(), "reported")
    if text in _KNOWN_ADDRESSES:
        return Hop(text, _KNOWN_ADDRESSES[text], "corroborated")
    country = reference.country_of_site(text, instant) if text else None
    return Hop(text, country, "registry") if country else Hop(text)


def _tokens(raw: Raw, reference: Reference) -> list[str] | Bad | None:
    items = items_of(raw)
    if items is None or all(reference.is_token(item) for item in items):
        return items
    return Bad(text_of(raw) or "")


def _event(
    path: str, row: int, record: Record, zone: str | None, reference: Reference
) -> Event | Reject:
    if isinstance(record, Broken):
        return Reject(path, row, record.reason)
    texts = {
        name: text_of(record.get(name))
        for name in ("event_at", "meeting_id", "session_id", "account_id")
    }
    if texts["event_at"] is None:
        return Reject(path, row, "event_at is missing")
    event_at = time_of(texts["event_at"], zone)
    if isinstance(event_at, Bad):
        return Reject(path, row, f"event_at {event_at.why}")
    meeting_id, session_id = texts["meeting_id"], texts["session_id"]
    if meeting_id is None or session_id is None:
        missing = "meeting_id" if meeting_id is None else "session_id"
        return Reject(path, row, f"{missing} is missing")
    parsed: dict[str, object] = {name: value_of(name, record.get(name), zone) for name in KINDS}
    parsed |= {name: _tokens(record.get(name), reference) for name in SETS}
    return Event(
        path=path,
        row=row,
        event_at=event_at,
        meeting_id=meeting_id,
        session_id=session_id,
        account_id=texts["account_id"],
        hops=[_hop(text, event_at, reference) for text in items_of(record.get("route")) or [""]],
        values={name: None if isinstance(v, Bad) else v for name, v in parsed.items()},
        invalid={name: v.text for name, v in parsed.items() if isinstance(v, Bad)},
    )


def read(
    files: Sequence[LogFile], zone: str | None, reference: Reference
) -> tuple[list[Event], list[Reject]]:
    """All records of `files`: the sound ones and the rejected ones."""
    read_ = [
        _event(file.path, number, record, zone, reference)
        for file in files
        for number, record in enumerate(file.records, start=1)
    ]
    return (
        [item for item in read_ if isinstance(item, Event)],
        [item for item in read_ if isinstance(item, Reject)],
    )
