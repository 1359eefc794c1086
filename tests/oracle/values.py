"""Raw texts as values: what is missing, what is invalid, and what the rest means."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import iso3166

from .model import Raw

COUNTRIES = frozenset({c.alpha2 for c in iso3166.countries} | {"XK"})

CHOICES = {
    "plan": [
        *("free", "trial", "pro", "business", "enterprise"),
        *("education", "government", "on_prem"),
    ],
    "account_kind": ["individual", "business", "government", "education", "partner"],
    "hop_role": ["processing", "transit", "relay", "signalling", "key", "recording", "dial_in"],
}
KINDS = {
    **dict.fromkeys(CHOICES, "choice"),
    **dict.fromkeys(("meeting_started_at", "upgraded_at"), "time"),
    **dict.fromkeys(
        ("billing_country", "registered_country", "home", "participant_country"), "country"
    ),
    "media_bytes": "bytes",
    **dict.fromkeys(("is_host", "has_passcode", "has_waiting_room"), "boolean"),
    **dict.fromkeys(("is_recorded", "recording_has_passcode"), "boolean"),
    **dict.fromkeys(("connection_type", "client_version", "encryption"), "text"),
}
"""The columns, other than sets and keys, that the rules or their findings depend on."""

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "1", "t", "y"), True),
    **dict.fromkeys(("false", "no", "0", "f", "n"), False),
}

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?( ?UTC|Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Bad:
    """A text that is not a value of its field; `why` completes "<field> …"."""

    text: str
    why: str = "is not a value"


def text_of(raw: Raw) -> str | None:
    """The trimmed text of a cell; empty is missing. In a list a separator follows each item."""
    if raw is None:
        return None
    text = raw if isinstance(raw, str) else "".join(f"{(item or '').strip()};" for item in raw)
    return text.strip() or None


def items_of(raw: Raw) -> list[str] | None:
    """The trimmed items of a set; None where it is missing."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        return [(item or "").strip() for item in raw]
    text = raw.strip()
    return [item.strip() for item in text.removesuffix(";").split(";")] if text else None


def _local(moment: datetime, zone: str) -> datetime | None:
    """`moment` in `zone` as UTC, or None where it is ambiguous or does not exist there."""
    offsets = {moment.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1)}
    if len(offsets) != 1:
        return None
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _offset(zone: str) -> timezone:
    if zone.strip() in {"Z", "UTC"}:
        return UTC
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)


def time_of(text: str, zone: str | None) -> datetime | Bad:
    """The instant that `text` names; `zone` is that of times that name none."""
    match = _TIME.fullmatch(text)
    bad = Bad(text, "is not a time")
    if match is None:
        return bad
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction, named = match.groups()[6:]
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001 - zone below
    except ValueError:
        return bad
    if not 1900 <= moment.year <= 2200:
        return bad
    if named is not None:
        return moment.replace(tzinfo=_offset(named)).astimezone(UTC)
    if zone is None:
        return Bad(text, "has no zone")
    return _local(moment, zone) or bad


def value_of(column: str, raw: Raw, zone: str | None) -> object:
    """The value of a column in `KINDS`: None where missing, `Bad` where invalid."""
    text = text_of(raw)
    if text is None:
        return None
    if KINDS[column] == "time":
        return time_of(text, zone)
    values: dict[str, object] = {
        "text": text,
        "boolean": _BOOLEANS.get(text.lower()),
        "country": text.upper() if text.upper() in COUNTRIES else None,
        "choice": text.lower() if text.lower() in CHOICES.get(column, ()) else None,
        "bytes": int(text) if re.fullmatch(r"\d{1,18}", text) else None,
    }
    value = values[KINDS[column]]
    return Bad(text) if value is None else value


def shown(moment: datetime | None) -> str | None:
    """`moment` as reports print it."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
