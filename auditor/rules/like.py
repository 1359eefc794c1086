"""LIKE patterns → regular expressions: `%` any text, `_` one character.

The engine of Polars matches in time linear in the text, whatever the pattern; Python's would
backtrack, and a pattern such as `%a%a%a%b` could stall it.
"""

from typing import Final

import polars as pl

MAX_PATTERN: Final = 500
"""Characters of a pattern; the compiled automaton grows with them."""


def ends_in_escape(pattern: str, escape: str) -> bool:
    """Whether the last character of `pattern` escapes nothing."""
    return (len(pattern) - len(pattern.rstrip(escape))) % 2 == 1


def like(text: pl.Expr, pattern: str, escape: str | None) -> pl.Expr:
    """Whether the whole of `text` matches; null where it is missing.

    Without `escape` no character escapes, as in standard SQL.
    """
    return text.str.contains(_regex(pattern, escape))


def is_like(text: str, pattern: str, escape: str | None) -> bool:
    """The same of one text."""
    return bool(pl.Series([text]).str.contains(_regex(pattern, escape)).item())


def _regex(pattern: str, escape: str | None) -> str:
    regex: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            regex.append(pl.escape_regex(next(characters, "")))
        elif character != "%" or regex[-1:] != [".*"]:
            regex.append({"%": ".*", "_": "."}.get(character) or pl.escape_regex(character))
    return rf"(?s)\A{''.join(regex)}\z"
