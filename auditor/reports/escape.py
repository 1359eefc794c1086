"""Untrusted text made safe for each medium: terminals, JSON and CSV."""

import json
import re
from typing import Final

import polars as pl

_HIDDEN_RANGES: Final = (
    (0x00, 0x1F),  # C0 controls
    (0x7F, 0x9F),  # DEL and C1 controls, which some terminals obey like ESC
    (0x00AD, 0x00AD),  # soft hyphen
    (0x061C, 0x061C),  # Arabic letter mark
    (0x180E, 0x180E),  # Mongolian vowel separator
    (0x200B, 0x200F),  # zero-width space and joiners, direction marks
    (0x2028, 0x202E),  # line and paragraph separators, direction overrides
    (0x2060, 0x2069),  # word joiner, invisible operators, direction isolates
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFFE, 0xFFFF),  # no characters
    (0xE0000, 0xE007F),  # tags: a whole text in ASCII that nobody sees
)
_HIDDEN: Final = [chr(code) for first, last in _HIDDEN_RANGES for code in range(first, last + 1)]
_LATIN: Final = 0xFF
_BASIC_PLANE: Final = 0xFFFF
_HINT: Final = "\n  hint: "


def _shown(character: str) -> str:
    code = ord(character)
    if code <= _LATIN:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _BASIC_PLANE else f"\\U{code:08x}"


_SHOWN: Final = {ord(character): _shown(character) for character in _HIDDEN}

_CSV_HIDDEN: Final = [character for character in _HIDDEN if character not in "\t\r\n"]
_CSV_SHOWN: Final = [_shown(character) for character in _CSV_HIDDEN]
_CSV_FORMULA: Final = r"""^(?:[\s"']*[=+\-@＝＋－＠]|[\t\r\n])"""  # noqa: RUF001 - full-width forms are formulas too

_JSON_HIDDEN: Final = re.compile(
    "[" + "".join(re.escape(character) for character in _HIDDEN if ord(character) > 0x1F) + "]"  # noqa: PLR2004 - JSON writers escape the rest themselves
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    r"""`text` in one line, with `\xNN` (or `\u…`, `\U…`) for what a terminal would obey or hide."""
    return text.encode("utf-8", "backslashreplace").decode().translate(_SHOWN)


def visible_lines(text: str) -> str:
    r"""`visible`, but the line end before a last `  hint: `, which the program made, is kept.

    Every other line end becomes `\x0a`: it may come from the name of a file.
    """
    message, mark, hint = text.rpartition(_HINT)
    return f"{visible(message)}{mark}{visible(hint)}"


def json_text(value: object, *, indent: int | None = None) -> str:
    r"""`value` as JSON that is safe to print and to encode.

    Bytes of a file name that are no UTF-8 (lone surrogates in Python) become the text `\udcNN`.
    """
    separators = None if indent else (",", ":")
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    return _json_visible(_SURROGATE.sub(lambda m: f"\\\\u{ord(m[0]):04x}", text))


def json_bytes(document: bytes) -> bytes:
    """JSON in UTF-8 with escapes, of equal meaning, for what a terminal would obey or hide."""
    if document.isascii() and b"\x7f" not in document:
        return document
    return _json_visible(document.decode()).encode()


def csv_cell(expr: pl.Expr) -> pl.Expr:
    """Text that no spreadsheet takes for a formula and no terminal obeys; null stays null.

    A text that would start a formula, even behind blanks or quotes, gets a leading `'`. Tabs and
    line ends stay, since quoting carries them.
    """
    shown = expr.str.replace_many(_CSV_HIDDEN, _CSV_SHOWN)
    guarded = pl.concat_str(pl.lit("'"), shown)
    return pl.when(shown.str.contains(_CSV_FORMULA)).then(guarded).otherwise(shown)


def csv_list(expr: pl.Expr) -> pl.Expr:
    """A list of texts joined by `;`, each guarded; a `;` or backslash within gets a backslash."""
    escaped = pl.element().str.replace_many(["\\", ";"], ["\\\\", "\\;"])
    return expr.list.eval(csv_cell(escaped)).list.join(";")


def _json_visible(text: str) -> str:
    return _JSON_HIDDEN.sub(lambda match: _JSON_SHOWN[match[0]], text)


def _json_escape(character: str) -> str:
    # NOTE: JSON names UTF-16 units, so what lies beyond the first 65,536 characters is two of them.
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


_JSON_SHOWN: Final = {character: _json_escape(character) for character in _HIDDEN}
