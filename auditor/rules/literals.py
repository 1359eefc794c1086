"""Numbers, days and instants as rules write them."""

import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)"
)
_NUMBER: Final = re.compile(r"-?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,2})?")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200


def day_of(text: str) -> date | None:
    """The day that `YYYY-MM-DD` names, or None."""
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def instant_of(text: str) -> datetime | None:
    """The UTC instant that an ISO 8601 text with a zone names, or None."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        instant = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if _FIRST_YEAR <= instant.year <= _LAST_YEAR else None


def number_of(text: str) -> int | float | None:
    """The number that `text` is, exact where it has neither point nor exponent, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if text.removeprefix("-").isdigit() else float(text)


def midnight(day: date, zone: str) -> datetime:
    """The UTC instant at which `day` begins in `zone`."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
