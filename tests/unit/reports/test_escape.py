"""Untrusted text, per medium."""

import json

import polars as pl
import pytest

from auditor.reports.escape import csv_cell, json_bytes, json_text, visible, visible_lines

HIDDEN = [
    *range(0x20),
    *range(0x7F, 0xA0),
    *(0xAD, 0x061C, 0x180E),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x206A),
    *(0xFEFF, 0xFFFE, 0xFFFF),
    *range(0xE0000, 0xE0080),
]


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
        ("pay\u00adpal \u200d\u180e\uffff", "pay\\xadpal \\u200d\\u180e\\uffff"),
        ("a\U000e0041\U000e007f", "a\\U000e0041\\U000e007f"),
    ],
)
def test_what_a_terminal_obeys_or_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("b.csv cannot be read\n  hint: ask", "b.csv cannot be read\n  hint: ask"),
        ("b\n.csv cannot be read\n  hint: ask", "b\\x0a.csv cannot be read\n  hint: ask"),
        ("b\n  hint: x\n  hint: ask\x1b", "b\\x0a  hint: x\n  hint: ask\\x1b"),
        ("b\nCOMPLETE AND CLEAN", "b\\x0aCOMPLETE AND CLEAN"),
        ("a hint: b", "a hint: b"),
        ("", ""),
    ],
)
def test_only_the_hint_gets_a_line_of_its_own(text: str, shown: str) -> None:
    assert visible_lines(text) == shown


@pytest.mark.parametrize("code", HIDDEN)
def test_no_hidden_character_is_left_on_a_terminal(code: int) -> None:
    assert visible(chr(code)).isprintable()


@pytest.mark.parametrize("code", HIDDEN)
def test_json_escapes_it_and_means_the_same(code: int) -> None:
    raw = json.dumps([chr(code)], ensure_ascii=False).encode()

    for text in (json_text([chr(code)]), json_bytes(raw).decode()):
        assert text.isprintable()
        assert json.loads(text) == [chr(code)]


def test_csv_shows_it_but_quotes_tabs_and_line_ends() -> None:
    codes = [code for code in HIDDEN if chr(code) not in "\t\r\n"]
    df = pl.DataFrame({"text": [f"a{chr(code)}b" for code in codes]})

    shown = df.select(csv_cell(pl.col("text"))).to_series().to_list()

    assert shown == [f"a{visible(chr(code))}b" for code in codes]


def test_bytes_of_json_are_escaped_too() -> None:
    raw = json.dumps(["\x7f\x9b\u202eü"], ensure_ascii=False).encode()

    assert json_bytes(raw) == '["\\u007f\\u009b\\u202eü"]'.encode()


def test_json_has_no_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text([float("nan")])
