"""Texts, numbers and native times → UTC instants in microseconds, with what could not be read."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from auditor.schema import TIME
from auditor.sources.values import NULL_TEXT, VALUE, reading

IS_MISSING, NOT_A_TIME, NO_ZONE = "is missing", "is not a time", "has no zone"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_FIRST_US: Final = round((datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * _SECOND_US
_END_US: Final = round((datetime(2201, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * _SECOND_US
_FIRST_EPOCH_US: Final = (
    round((datetime(1990, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * _SECOND_US
)
"""Seconds that are taken for milliseconds make days of 1970, before any rule holds."""
_UNITS_US: Final = {"epoch_ms": 1_000, "epoch_s": _SECOND_US}

_UNITS_PER_SECOND: Final = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_MOST: Final = 2**63 - 1
_DAY_S: Final = 24 * 60 * 60
_NEAR_SECONDS: Final = (_FIRST_US // _SECOND_US - _DAY_S, _END_US // _SECOND_US + _DAY_S)
_NO_TIME_SECOND: Final = round((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
_PRINTABLE_SECONDS: Final = (_NO_TIME_SECOND, -4 * _NO_TIME_SECOND)
_NO_TIME_TEXT: Final = r"^0001-01-01[Tt ]00:00:00(?:\.0+)?\s*(?:[Zz]|[+-]00:?00)?$"

_USUAL, _USUAL_LENGTH, _LEAP_END = "%Y-%m-%dT%H:%M:%SZ", 20, "60Z"

_DIRECTIVE: Final = re.compile(r"%[^A-Za-z%]*[A-Za-z%]")
_UTC_WORD: Final = re.compile(r"(?<![A-Za-z])(?:Z|UTC|GMT)(?![A-Za-z+-])|\+00:?00")
"""Found in a format without its directives if its texts say that they are UTC."""

_LEAP_TEXT: Final = r":60(?:\D|$)"
_ZONE: Final = r"(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)"
_ENDS_IN_ZONE: Final = rf"\d\s*{_ZONE}$"
_DAY_AND_MINUTE: Final = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d"
_ISO: Final = rf"^{_DAY_AND_MINUTE}(?::\d\d(?:\.\d+)?)?(?:\s*{_ZONE})?$"
_NO_SECONDS: Final = rf"^({_DAY_AND_MINUTE})(\s*{_ZONE})?$"
_HOUR_ZONE: Final = r"(:\d\d(?:\.\d+)?\s*[+-]\d\d)$"


def read_time_texts(
    texts: pl.Series, formats: Sequence[str], timezone: str | None, *, key: str | None
) -> pl.Series:
    """Texts as a struct of `value` (UTC, microseconds; finer fractions are cut) and `fault`.

    A local time that `timezone` does not have, or has twice, is a fault, and so are second 60
    and years outside 1900 to 2200.

    Args:
        texts: String; blank and null are missing.
        formats: `iso`, `epoch_ms`, `epoch_s` or strptime formats, tried in this order.
        timezone: zone of times that state none; without it those are faults.
        key: name of a key field, whose `fault` is a reason for a reject and not the text.
    """
    if formats[0] != "iso":
        slow = _read_slowly(texts, formats, timezone)
        return reading(slow[VALUE], slow["text"] if key is None else key + " " + slow["reason"])
    usual = _read_usual(texts)
    if usual is not None:
        return reading(usual, NULL_TEXT.clear(len(usual)))
    at = texts.str.to_datetime("%+", time_zone="UTC", time_unit="us", strict=False)
    rows = _doubtful_rows(texts, at)
    fault = NULL_TEXT.clear(len(at))
    if rows.is_empty():
        return reading(at, fault)
    slow = _read_slowly(texts.gather(rows), formats, timezone)
    fault = fault.scatter(rows, slow["text"] if key is None else key + " " + slow["reason"])
    return reading(at.scatter(rows, slow[VALUE]), fault)


def read_native_times(times: pl.Series, timezone: str | None, *, key: str | None) -> pl.Series:
    """The same for a Datetime column; one without a zone is local time of `timezone`."""
    value = _possible(_to_utc(times, timezone))
    if value.null_count() == times.null_count():
        return reading(value, NULL_TEXT.clear(len(value)))
    is_none = _is_within(times, (_NO_TIME_SECOND, _NO_TIME_SECOND))
    is_bad = value.is_null() & times.is_not_null() & ~is_none
    return reading(value, _faults(shown_times(times), is_bad, key=key))


def read_epochs(numbers: pl.Series, unit: str, *, key: str | None) -> pl.Series:
    """The same for whole numbers; `unit` is `epoch_ms` or `epoch_s`."""
    value = _from_epoch(numbers, unit)
    is_bad = value.is_null() & numbers.is_not_null()
    return reading(value, _faults(numbers.cast(pl.String), is_bad, key=key))


def _faults(shown: pl.Series, is_bad: pl.Series, *, key: str | None) -> pl.Series:
    if key is not None:
        shown = pl.Series([f"{key} {NOT_A_TIME}"]).new_from_index(0, len(shown))
    return shown.zip_with(is_bad, NULL_TEXT.clear(len(shown)))


def shown_times(times: pl.Series) -> pl.Series:
    """Native times as text; those beyond any calendar, which Polars cannot print, as numbers."""
    is_printable = _is_within(times, _PRINTABLE_SECONDS)
    text = times.set(~is_printable, None).cast(pl.String)
    return text.zip_with(is_printable, times.to_physical().cast(pl.String))


def _is_within(times: pl.Series, seconds: tuple[int, int]) -> pl.Series:
    """Whether native times lie in a span; null is in any."""
    if not isinstance(times.dtype, pl.Datetime):
        raise TypeError(times.dtype)
    unit = _UNITS_PER_SECOND[times.dtype.time_unit]
    first, last = max(-_MOST, seconds[0] * unit), min(_MOST, seconds[1] * unit)
    if first > last:
        return times.is_null()
    return times.to_physical().is_between(first, last).fill_null(value=True)


def _read_usual(texts: pl.Series) -> pl.Series | None:
    """Times, if all texts are of the commonest form and sound; twice as fast as any other way."""
    lengths = texts.str.len_bytes()
    if lengths.min() != _USUAL_LENGTH or lengths.max() != _USUAL_LENGTH:
        return None
    at = texts.str.to_datetime(_USUAL, time_zone="UTC", time_unit="us", strict=False, cache=False)
    us = at.to_physical()
    least, most = us.min(), us.max()
    if at.null_count() != texts.null_count() or not isinstance(least, int):
        return None
    # NOTE: texts of this length that are not of this form make years outside the range
    if least < _FIRST_US or not isinstance(most, int) or most >= _END_US:
        return None
    full_minute = (us % _MINUTE_US == 0).arg_true()
    is_leap = texts.gather(full_minute).str.ends_with(_LEAP_END)
    return None if is_leap.any() else at


def _doubtful_rows(texts: pl.Series, at: pl.Series) -> pl.Series:
    """Rows that the fast parser could not read, or may have read too kindly."""
    us = at.to_physical()
    # NOTE: Polars reads second 60 as second 0 of the next minute, without a word.
    full_minute = (us % _MINUTE_US < _SECOND_US).arg_true()
    leap = full_minute.filter(texts.gather(full_minute).str.contains(_LEAP_TEXT))
    rows = [leap]
    if at.null_count() != texts.null_count():
        rows.append((at.is_null() & texts.is_not_null()).arg_true())
    if _possible(at).null_count() != at.null_count():
        rows.append(((us < _FIRST_US) | (us >= _END_US)).arg_true())
    return pl.concat(rows).unique()


def impossible(us: pl.Series) -> list[pl.Series]:
    """Where times in microseconds lie outside 1900 to 2200; nothing where none does."""
    least, most = us.min(), us.max()
    if not isinstance(least, int) or not isinstance(most, int):
        return []
    is_sound = least >= _FIRST_US and most < _END_US
    return [] if is_sound else [((us < _FIRST_US) | (us >= _END_US)).fill_null(value=False)]


def _possible(at: pl.Series) -> pl.Series:
    """Null where the year is outside 1900 to 2200."""
    us = at.to_physical()
    is_impossible = (us < _FIRST_US) | (us >= _END_US)
    return at.set(is_impossible, None) if is_impossible.any() else at


def _to_utc(times: pl.Series, timezone: str | None) -> pl.Series:
    if times.dtype == TIME:
        return times
    if not isinstance(times.dtype, pl.Datetime):
        raise TypeError(times.dtype)
    # NOTE: Polars panics or overflows when it converts times far beyond any calendar.
    near = times.set(~_is_within(times, _NEAR_SECONDS), None)
    at = near.dt.cast_time_unit("us")
    if times.dtype.time_zone is None:
        at = at.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return at.dt.convert_time_zone("UTC")


def _from_epoch(numbers: pl.Series, unit: str) -> pl.Series:
    scale = _UNITS_US[unit]
    whole = numbers.cast(pl.Int64, strict=False)
    is_possible = whole.is_between(_FIRST_EPOCH_US // scale, _END_US // scale, closed="left")
    return (whole.set(~is_possible, None) * scale).cast(TIME)


def _read_slowly(texts: pl.Series, formats: Sequence[str], timezone: str | None) -> pl.DataFrame:
    """Columns `value`, `text` (of a fault) and `reason`, row for row."""
    text = texts.str.strip_chars()
    is_missing = (text.is_null() | (text == "") | text.str.contains(_NO_TIME_TEXT)).fill_null(
        value=True
    )
    text = text.set(is_missing, None)
    is_leap = text.str.contains(_LEAP_TEXT).fill_null(value=False)
    value = text.clear(len(text)).cast(TIME)
    has_no_zone = is_leap.clear(len(text)).fill_null(value=False)
    for time_format in formats:
        found, is_local = _by_format(text, time_format, timezone)
        value = value.zip_with(value.is_not_null(), found)
        has_no_zone |= is_local
    value = _possible(value.set(is_leap, None))
    is_bad = value.is_null() & text.is_not_null()
    nothing = NULL_TEXT.clear(len(text))
    reason = pl.select(pl.when(has_no_zone).then(pl.lit(NO_ZONE)).otherwise(pl.lit(NOT_A_TIME)))
    return pl.DataFrame(
        {
            VALUE: value,
            "text": text.zip_with(is_bad, nothing),
            "reason": reason.to_series().zip_with(is_bad, nothing),
        }
    )


def _by_format(
    text: pl.Series, time_format: str, timezone: str | None
) -> tuple[pl.Series, pl.Series]:
    """The instants of one format, and where only the zone was missing."""
    no_row = text.is_null() & text.is_not_null()
    if time_format in _UNITS_US:
        return _from_epoch(text, time_format), no_row
    if time_format == "iso":
        return _by_iso(text, timezone)
    parsed = text.str.to_datetime(time_format, time_unit="us", strict=False)
    if not _is_zoned(parsed) and _UTC_WORD.search(_DIRECTIVE.sub(" ", time_format)):
        return parsed.dt.replace_time_zone("UTC"), no_row
    return _in_zone(parsed, timezone)


def _by_iso(text: pl.Series, timezone: str | None) -> tuple[pl.Series, pl.Series]:
    full = text.str.replace(_NO_SECONDS, "${1}:00${2}").str.replace(_HOUR_ZONE, "${1}:00")
    is_iso = text.str.contains(_ISO)
    has_zone = text.str.contains(_ENDS_IN_ZONE)
    zoned = full.set(~has_zone, None).str.to_datetime(
        "%+", time_zone="UTC", time_unit="us", strict=False
    )
    bare = (full.set(has_zone | ~is_iso, None) + "Z").str.to_datetime(
        "%+", time_zone="UTC", time_unit="us", strict=False
    )
    local, has_no_zone = _in_zone(bare.dt.replace_time_zone(None), timezone)
    return zoned.zip_with(zoned.is_not_null(), local), has_no_zone


def _in_zone(parsed: pl.Series, timezone: str | None) -> tuple[pl.Series, pl.Series]:
    if _is_zoned(parsed):
        return parsed.dt.convert_time_zone("UTC"), parsed.is_null() & parsed.is_not_null()
    if timezone is None:
        return parsed.clear(len(parsed)).dt.replace_time_zone("UTC"), parsed.is_not_null()
    return _to_utc(parsed, timezone), parsed.is_null() & parsed.is_not_null()


def _is_zoned(times: pl.Series) -> bool:
    return isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None
