"""LIKE patterns → regular expressions: `%` any text, `_` one character."""

import re
from collections.abc import Callable

import polars as pl


def ends_in_escape(pattern: str, escape: str) -> bool:
    """Whether the last character of `pattern` escapes nothing."""
    return (len(pattern) - len(pattern.rstrip(escape))) % 2 == 1


def like(text: pl.Expr, pattern: str, escape: str | None) -> pl.Expr:
    """Whether the whole of `text` matches; null where it is missing.

    Without `escape` no character escapes, as in standard SQL.
    """
    return text.str.contains(rf"(?s)\A{_regex(pattern, escape, pl.escape_regex)}\z")


def is_like(text: str, pattern: str, escape: str | None) -> bool:
    """The same of one text."""
    return re.fullmatch(_regex(pattern, escape, re.escape), text, re.DOTALL) is not None


def _regex(pattern: str, escape: str | None, quoted: Callable[[str], str]) -> str:
    regex: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            regex.append(quoted(next(characters, "")))
        else:
            regex.append({"%": ".*", "_": "."}.get(character) or quoted(character))
    return "".join(regex)
