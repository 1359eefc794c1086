"""Versions compared number by number: `5.10` is newer than `5.9`.

The version is the first run of dotted numbers in a text, be it `win_5.1.1697.0821` or
`5.2.45120.0906(win)`. Where other words come first it may be that of the platform: no version is
known of `Windows 10 (4.6.12)` and `mac 10.15 4.6.9`, which have another such run, nor of
`Chrome/83.0` and `macOS 10.15`, which have fewer than three numbers. A build in brackets, such as
`(24046.0510)`, is no such run.
"""

import re
from typing import Final

import polars as pl

_VERSION: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){0,7}")
_DIGITS: Final = 18
_MAX_TEXT: Final = 1000
_AFTER_WORDS: Final = r"^[^0-9]+[0-9]+(?:\.[0-9]+)*"
_BUILD: Final = r"\([^()0-9]*[0-9]{4,}(?:\.[0-9]+)*[^()0-9]*\)"
_IS_SHORT: Final = r"^[^0-9]+[0-9]+(?:\.[0-9]+)?(?:[^.0-9]|\.[^0-9]|\.?$)"
_DOTTED: Final = r"[0-9]\.[0-9]"
_ENDLESS: Final = 10**_DIGITS
"""Stands for any number of more than `_DIGITS` digits."""


def parts_of(text: str) -> tuple[int, ...] | None:
    """The numbers of a version as a rule states it, without zeros at the end."""
    if not _VERSION.fullmatch(text):
        return None
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def is_text_at_least(version: str, wanted: str) -> bool | None:
    """As `is_at_least`, of one text."""
    found = re.search(r"[0-9]+(\.[0-9]+)*", version)
    if found is None or _is_doubtful_text(version):
        return None
    numbers = [int(part) for part in found.group()[:_MAX_TEXT].split(".") if part]
    parts = parts_of(wanted) or ()
    numbers += [0] * (len(parts) - len(numbers))
    return tuple(numbers[: len(parts)]) >= parts


def is_at_least(version: pl.Expr, wanted: str) -> pl.Expr:
    """Whether `version` is `wanted` or newer.

    Args:
        version: String.
        wanted: dotted numbers.

    Returns:
        Boolean; null where the text is missing or tells no version.
    """
    parts = parts_of(wanted) or ()
    is_newer = pl.lit(value=True)
    for depth, part in reversed(list(enumerate(parts))):
        number = _number(version, depth)
        is_newer = (number > part) | ((number == part) & is_newer)
    is_told = version.str.contains("[0-9]") & ~_is_doubtful(version)
    return pl.when(is_told).then(is_newer)


def _is_doubtful(version: pl.Expr) -> pl.Expr:
    """Whether the first numbers of the text may not be the version's."""
    rest = version.str.replace(_AFTER_WORDS, "").str.replace_all(_BUILD, "")
    is_twofold = version.str.contains(_AFTER_WORDS) & rest.str.contains(_DOTTED)
    return is_twofold | version.str.contains(_IS_SHORT)


def _is_doubtful_text(version: str) -> bool:
    words = re.match(_AFTER_WORDS, version)
    rest = re.sub(_BUILD, "", version[words.end() :]) if words else ""
    return re.search(_DOTTED, rest) is not None or re.search(_IS_SHORT, version) is not None


def _number(version: pl.Expr, depth: int) -> pl.Expr:
    pattern = r"^[^0-9]*" + r"[0-9]+\." * depth + "([0-9]+)"
    digits = version.str.extract(pattern, 1).str.strip_chars_start("0")
    number = digits.cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(digits.str.len_bytes() > _DIGITS).then(_ENDLESS).otherwise(number)
