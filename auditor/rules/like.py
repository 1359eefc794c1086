"""LIKE patterns → regular expressions: `%` any text, `_` one character."""

import polars as pl


def ends_in_escape(pattern: str, escape: str) -> bool:
    """Whether the last character of `pattern` escapes nothing."""
    return (len(pattern) - len(pattern.rstrip(escape))) % 2 == 1


def like(text: pl.Expr, pattern: str, escape: str | None) -> pl.Expr:
    """Whether the whole of `text` matches; null where it is missing.

    Without `escape` no character escapes, as in standard SQL.
    """
    regex: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            regex.append(pl.escape_regex(next(characters, "")))
        else:
            regex.append({"%": ".*", "_": "."}.get(character) or pl.escape_regex(character))
    return text.str.contains(rf"(?s)\A{''.join(regex)}\z")
