"""Versions compared number by number: `5.10` is newer than `5.9`."""

import re
from typing import Final

import polars as pl

_VERSION: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){0,7}")
_DIGITS: Final = 18
_MAX_TEXT: Final = 1000
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
    if found is None:
        return None
    numbers = [int(part) for part in found.group()[:_MAX_TEXT].split(".") if part]
    parts = parts_of(wanted) or ()
    numbers += [0] * (len(parts) - len(numbers))
    return tuple(numbers[: len(parts)]) >= parts


def is_at_least(version: pl.Expr, wanted: str) -> pl.Expr:
    """Whether the first run of dotted numbers in `version` is `wanted` or newer.

    Args:
        version: String, such as `win_5.1.1697.0821` or `5.2.45120.0906(win)`.
        wanted: dotted numbers.

    Returns:
        Boolean; null where the text is missing or holds no digit.
    """
    parts = parts_of(wanted) or ()
    is_newer = pl.lit(value=True)
    for depth, part in reversed(list(enumerate(parts))):
        number = _number(version, depth)
        is_newer = (number > part) | ((number == part) & is_newer)
    return pl.when(version.str.contains("[0-9]")).then(is_newer)


def _number(version: pl.Expr, depth: int) -> pl.Expr:
    pattern = r"^[^0-9]*" + r"[0-9]+\." * depth + "([0-9]+)"
    digits = version.str.extract(pattern, 1).str.strip_chars_start("0")
    number = digits.cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(digits.str.len_bytes() > _DIGITS).then(_ENDLESS).otherwise(number)
