"""Every kind of damage a CSV log may have: what is kept, what is rejected, and why."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard

from auditor import schema
from auditor.sources.csv_lines import LONGEST_LINE
from auditor.sources.csv_preflight import Shape, preflight
from auditor.sources.scan import open_files
from tests.unit.sources.opening import log, opened, rows_of

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".csv": bytes,
    ".csv.gz": gzip.compress,
    ".csv.zst": zstandard.compress,
}
ENDS = {"LF": b"\n", "CRLF": b"\r\n"}

DAMAGE = {
    "too few fields": (b"1,2,3\n4,5\n7,8,9\n", [1, 3], [(2, "too few fields")]),
    "too many fields": (b"1,2,3\n4,5,6,7\n7,8,9\n", [1, 3], [(2, "too many fields")]),
    "invalid UTF-8": (b"1,2,3\n4,\xff,6\n7,8,9\n", [1, 3], [(2, "invalid UTF-8")]),
    "an unclosed quote without a partner": (
        b'1,2,3\n4,"5,6\n7,8,9\n',
        [1, 3],
        [(2, "unclosed quote")],
    ),
    "two stray quotes that pair over lines": (
        b'1,2,3\n4,"5,6\n7,8,9\n1,2",3\n7,8,9\n',
        [1, 3, 5],
        [(2, "unclosed quote"), (4, "stray quote")],
    ),
    "a quote inside a field": (b'1,2,3\n4,5"x,6\n7,8,9\n', [1, 3], [(2, "stray quote")]),
    "two quotes inside a field": (b'1,2,3\n4,5"x",6\n7,8,9\n', [1, 3], [(2, "stray quote")]),
    "text after a closing quote": (b'1,2,3\n4,"5"x,6\n7,8,9\n', [1, 3], [(2, "stray quote")]),
    "a blank line": (b"1,2,3\n\n7,8,9\n", [1, 3], [(2, "blank line")]),
    "blank lines first": (b"\n\n1,2,3\n", [3], [(1, "blank line"), (2, "blank line")]),
    "blanks only": (b"1,2,3\n   \n7,8,9\n", [1, 3], [(2, "too few fields")]),
    "a NUL byte": (b"1,2,3\n4,\x00,6\n7,8,9\n", [1, 3], [(2, "NUL byte")]),
    "a repeated header": (b"1,2,3\na,b,c\n7,8,9\n", [1, 3], [(2, "repeated header")]),
    "joined files": (b"1,2,3\n\xef\xbb\xbfa,b,c\n7,8,9\n", [1, 3], [(2, "repeated header")]),
    "a mark where files were joined": (
        b"1,2,3\n\xef\xbb\xbf7,8,9\n4,5\n",
        [1, 2],
        [(3, "too few fields")],
    ),
    "a comment": (b"1,2,3\n# x\n7,8,9\n", [1, 3], [(2, "too few fields")]),
    "a cut last row": (b"1,2,3\n4,5,6\n7,8", [1, 2], [(3, "too few fields")]),
    "a quote cut off at the end": (b'1,2,3\n4,5,"6', [1], [(2, "unclosed quote")]),
    "a lone carriage return": (b"1,2,3\n4,5\r,6\n7,8,9\n", [1, 3], [(2, "stray carriage return")]),
    "an overlong line": (
        b"1,2,3\n4,5," + b"x" * LONGEST_LINE + b"\n7,8,9\n",
        [1, 3],
        [(2, "line over 1 MiB")],
    ),
}


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_rejected_where_it_is_and_nothing_else(
    tmp_path: Path, kind: str, end: str, suffix: str
) -> None:
    body, good, rejects = DAMAGE[kind]
    content = PACKERS[suffix]((b"a,b,c\n" + body).replace(b"\n", ENDS[end]))

    result = opened(tmp_path, content, "log" + suffix)

    rows = rows_of(result)
    sound = rows.filter(pl.col(schema.REJECT).is_null())
    broken = rows.filter(pl.col(schema.REJECT).is_not_null())
    assert sound[schema.ROW].to_list() == good
    assert sound["c"].null_count() == 0
    assert broken.select(schema.ROW, schema.REJECT).rows() == rejects
    assert broken.select("a", "b", "c").null_count().row(0) == (len(rejects),) * 3
    assert result.inputs[0].rows == len(good) + len(rejects) == rows.height


SOUND = {
    "plain": (b"1,2,3\n4,5,6\n", Shape.PLAIN, [("1", "2", "3"), ("4", "5", "6")]),
    "no final line end": (b"1,2,3\n4,5,6", Shape.PLAIN, [("1", "2", "3"), ("4", "5", "6")]),
    "a last field left empty": (b"1,2,3\n4,5,", Shape.PLAIN, [("1", "2", "3"), ("4", "5", None)]),
    "nothing but separators": (b",,\n,,\n", Shape.PLAIN, [(None,) * 3] * 2),
    "blank lines at the end": (b"1,2,3\n\n\n", Shape.PLAIN, [("1", "2", "3")]),
    "quotes": (b'1,"2, ""x""",3\n', Shape.QUOTED, [("1", '2, "x"', "3")]),
    "empty quotes": (b'"","",""\n4,5,6\n', Shape.QUOTED, [(None,) * 3, ("4", "5", "6")]),
    "quotes, blank end": (b'"1",2,3\n\n', Shape.QUOTED, [("1", "2", "3")]),
    "unit separators": (b"1\x1f,2,3\n", Shape.PLAIN, [("1\x1f", "2", "3")]),
    "line separators": ("1\u2028,é,3\n".encode(), Shape.PLAIN, [("1\u2028", "é", "3")]),
    "a field over two lines": (b'1,"x\ny",3\n', Shape.DAMAGED, [("1", "x\ny", "3")]),
    "two fields over three lines": (b'1,"x\ny","\nz"\n', Shape.DAMAGED, [("1", "x\ny", "\nz")]),
    "a blank line in a field": (b'1,"x\n\ny",3\n', Shape.DAMAGED, [("1", "x\n\ny", "3")]),
    "a carriage return in quotes": (b'1,"x\ry",3\n', Shape.DAMAGED, [("1", "x\ry", "3")]),
    "no rows": (b"", Shape.PLAIN, []),
}  # fmt: skip


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("kind", SOUND)
def test_what_is_no_damage_is_read_right(tmp_path: Path, kind: str, suffix: str) -> None:
    body, shape, expected = SOUND[kind]
    content = PACKERS[suffix](b"a,b,c\n" + body)

    result = opened(tmp_path, content, "log" + suffix)

    rows = rows_of(result)
    values = [tuple(value or None for value in row) for row in rows.select("a", "b", "c").rows()]
    assert values == expected
    assert rows[schema.ROW].to_list() == list(range(1, len(expected) + 1))
    assert rows[schema.REJECT].null_count() == rows.height == result.inputs[0].rows
    assert preflight(log(tmp_path, content, "log" + suffix)).shape is shape


@pytest.mark.parametrize("kind", ["plain", "quotes", "blank lines at the end", "quotes, blank end"])
def test_windows_line_ends_change_nothing(tmp_path: Path, kind: str) -> None:
    body, shape, expected = SOUND[kind]
    file = log(tmp_path, (b"a,b,c\n" + body).replace(b"\n", b"\r\n"))

    rows = rows_of(open_files([file], tmp_path))

    assert rows.select("a", "b", "c").rows() == expected
    assert preflight(file).shape is shape


HEADERS = {
    "empty": (b"", "is empty"),
    "a mark alone": (b"\xef\xbb\xbf", "is empty"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "is UTF-16, or is no text at all"),
    "UTF-16 without mark": ("a,b\n1,2\n".encode("utf-16-le"), "is UTF-16, or is no text at all"),
    "bzip2": (bz2.compress(b"a,b\n1,2\n"), "is packed (bzip2)"),
    "xz": (lzma.compress(b"a,b\n1,2\n"), "is packed (xz)"),
    "a workbook": (b"PK\x03\x04\x14\0\x06\0", "is packed (zip, as workbooks are)"),
    "CR alone": (b"a,b\r1,2\r3,4\r", "ends its lines with CR alone"),
    "names twice": (b"a,b,a\n1,2,3\n", "names columns twice: 'a'"),
    "names twice but for blanks": (b"a,b, a\n1,2,3\n", "names columns twice: 'a'"),
    "no names": (b"a,,\n1,2,3\n", "names columns twice: ''"),
    "our own names": (b"a,@row\n1,2\n", "has columns with reserved names: @row"),
    "not UTF-8": (b"a,\xff\n1,2\n", "has a header that is not UTF-8"),
    "semicolons": (
        b'a;"b"\n1;2\n',
        "looks semicolon-separated; auditor reads comma-separated files",
    ),
    "tabs": (b"a\tb\n1\t2\n", "looks tab-separated; auditor reads comma-separated files"),
    "pipes": (b"a|b\n1|2\n", "looks pipe-separated; auditor reads comma-separated files"),
    "blank": (b"\na,b\n1,2\n", "starts with a blank line"),
    "an open quote": (b'a,"b\n1,2\n', "has a broken header: unclosed quote"),
    "a stray quote": (b'a,b"c"\n1,2\n', "has a broken header: stray quote"),
    "no line end": (b"x" * (LONGEST_LINE + 1), "has no line end in its first MiB"),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_file_without_a_sound_header_is_unreadable(tmp_path: Path, kind: str) -> None:
    content, message = HEADERS[kind]

    result = opened(tmp_path, content)

    (failure,) = result.failures
    assert failure.problems[0].message == message
    assert failure.problems[0].location == str(tmp_path / "log.csv")
    assert failure.problems[0].hint
    assert result.inputs[0].rows is None
    assert not result.groups


@pytest.mark.parametrize("header", [b"\xef\xbb\xbfa,b\n", b" a ,b\t\n", b'"a","b"\r\n', b"a,b\r\n"])
def test_header_names_are_read_exactly(tmp_path: Path, header: bytes) -> None:
    rows = rows_of(opened(tmp_path, header + b"1,2\n"))

    assert rows.select("a", "b").rows() == [("1", "2")]


GZIP = gzip.compress(b"a,b\n" + b"1,2\n" * 500_000)
ZSTD = zstandard.compress(b"a,b\n" + b"1,2\n" * 500_000)
STREAMS = {
    "gzip cut": ("x.csv.gz", GZIP[:-20]),
    "gzip checksum cut": ("x.csv.gz", GZIP[:-3]),
    "gzip checksum wrong": ("x.csv.gz", GZIP[:-6] + b"\xff" + GZIP[-5:]),
    "gzip and more": ("x.csv.gz", GZIP + b"and more"),
    "gzip only by name": ("x.csv.gz", b"a,b\n1,2\n"),
    "zstd cut": ("x.csv.zst", ZSTD[:-3]),
    "zstd and more": ("x.csv.zst", ZSTD + b"and more"),
    "damage, then cut": ("x.csv.gz", gzip.compress(b"a,b\n1\n" + b"1,2\n" * 500_000)[:-3]),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_a_damaged_compressed_stream_is_unreadable(tmp_path: Path, kind: str) -> None:
    name, content = STREAMS[kind]
    spool = tmp_path / "spool"
    spool.mkdir()

    result = open_files([log(tmp_path, content, name)], spool)

    assert result.failures[0].problems[0].message.startswith("cannot be read: ")
    assert result.inputs[0].rows is None
    assert not list(spool.iterdir())


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_stream_of_several_members_is_read_whole(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    rows = rows_of(opened(tmp_path, pack(b"a,b\n1,2\n") + pack(b"3,4\n"), "x"))

    assert rows.select("a", "b").rows() == [("1", "2"), ("3", "4")]


def test_many_open_quotes_in_a_row_cost_one_reject_each(tmp_path: Path) -> None:
    rows = rows_of(opened(tmp_path, b"a,b\n" + b'1,"2\n' * 1000 + b"3,4\n"))

    assert rows[schema.REJECT].to_list() == ["unclosed quote"] * 1000 + [None]


def test_a_field_over_too_many_lines_is_not_believed(tmp_path: Path) -> None:
    rows = rows_of(opened(tmp_path, b'a,b\n1,"' + b"x\n" * 64 + b'"\n3,4\n'))

    assert rows.height == 66
    assert rows.filter(pl.col(schema.REJECT).is_null()).select("a", "b").rows() == [("3", "4")]


def test_damage_far_into_a_large_file_is_found(tmp_path: Path) -> None:
    many = b"12345678,abcdefgh\n" * 200_000

    rows = rows_of(opened(tmp_path, b"a,b\n" + many + b"x\n" + many))

    broken = rows.filter(pl.col(schema.REJECT).is_not_null())
    assert broken.select(schema.ROW, schema.REJECT).rows() == [(200_001, "too few fields")]
    assert rows.height == 400_001


def test_a_line_as_long_as_allowed_is_clean(tmp_path: Path) -> None:
    longest = b"1," + b"x" * (LONGEST_LINE - 2)

    clean = preflight(log(tmp_path, b"a,b\n1,2\n" + longest + b"\n3,4\n"))
    damaged = preflight(log(tmp_path, b"a,b\n1,2\n" + longest + b"x\n3,4\n"))

    assert (clean.shape, clean.rows) == (Shape.PLAIN, 3)
    assert damaged.shape is Shape.DAMAGED
