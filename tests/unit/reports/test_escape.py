"""Untrusted text, per medium."""

import json

import pytest

from auditor.reports.escape import json_bytes, json_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Zürich 北京 🎥", "plain Zürich 北京 🎥"),
        ("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\ufeff\u200b\u2028", "\\ufeff\\u200b\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_obeys_or_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x202E, 0xFEFF])
def test_json_escapes_it_and_means_the_same(code: int) -> None:
    text = json_text([chr(code)])

    assert text.isprintable()
    assert json.loads(text) == [chr(code)]


def test_bytes_of_json_are_escaped_too() -> None:
    raw = json.dumps(["\x7f\x9b\u202eü"], ensure_ascii=False).encode()

    assert json_bytes(raw) == '["\\u007f\\u009b\\u202eü"]'.encode()


def test_json_has_no_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text([float("nan")])
