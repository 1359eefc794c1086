"""Properties of reading CSV: whatever the bytes, nothing is lost, merged or invented."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor import schema
from auditor.errors import InputError
from auditor.sources import csv_preflight, csv_records
from auditor.sources.csv_exact import read_exactly
from auditor.sources.csv_lines import Clean
from auditor.sources.csv_records import records_of
from auditor.sources.log_file import LogFile
from auditor.sources.scan import open_files
from tests.unit.sources.opening import log, opened, rows_of

TOKENS = [
    b"1", b",", b",", b"\n", b"\n", b'"', b'""', b"\r\n", b"\r", b"\0", b"\xff", b"\xc3\xa9", b" ",
    b"1,2\n", b'"q","r"\n', b'"a""b",c\n', b",\n", b"\xef\xbb\xbf", b'"m\nn",z\n', b"a,b\n",
]  # fmt: skip
anything = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(TOKENS)).map(b"".join))
headers = st.sampled_from([b"", b"a\n", b"a,b\n", b"a,b\r\n", b'"a",b\n', b"\xef\xbb\xbfa,b\n"])


def in_pieces(size: int) -> Callable[[LogFile], Iterator[bytes]]:
    """A reader of files whose pieces are the header line and then `size` bytes each."""

    def pieces_of(file: LogFile) -> Iterator[bytes]:
        content = file.path.read_bytes()
        start = content.find(b"\n") + 1 or len(content)
        yield content[:start]
        yield from (content[at : at + size] for at in range(start, len(content), size))

    return pieces_of


@settings(deadline=None, max_examples=300)
@given(headers, anything, st.integers(1, 20))
@example(b"a,b\n", b"\xef\xbb\xbf1,2\n", 20)
@example(b"a\n", b"\n\n", 1)
@example(b"a,b\n", b"1,2\r", 4)
def test_any_bytes_in_any_pieces_are_read_as_records_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, header: bytes, body: bytes, size: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    file = log(folder, header + body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "clean_lines", lambda *_: None)
        expected = open_damaged(file, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "pieces_of", in_pieces(size))
        patch.setattr(csv_preflight, "pieces_of", in_pieces(size))
        result = open_files([file], folder)
        mixed = open_damaged(file, folder)

    if expected is None:
        assert result.failures
        return
    assert mixed is not None
    rows = rows_of(result).with_columns(pl.col(pl.String).replace("", None))
    assert rows.equals(expected)
    assert mixed.equals(expected)
    assert result.inputs[0].rows == rows.height


def open_damaged(file: LogFile, folder: Path) -> pl.DataFrame | None:
    """What the exact reader makes of any file; None where it has no sound header."""
    try:
        exact = read_exactly(file, folder)
    except InputError:
        return None
    columns = [*exact.names, schema.PATH, schema.ROW, schema.REJECT]
    none = pl.DataFrame(schema=dict.fromkeys(columns, pl.String) | {schema.ROW: pl.Int64})
    frame = pl.concat([none, *(pl.read_parquet(part).select(columns) for part in exact.parts)])
    return frame.with_columns(pl.col(pl.String).replace("", None))


@settings(deadline=None, max_examples=300)
@given(anything)
def test_every_line_that_is_not_blank_is_in_exactly_one_record(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    file = log(tmp_path_factory.mktemp("any"), b"a,b\n" + body)

    _, records = records_of(file)

    covered: list[bytes] = []
    for record in records:
        if isinstance(record, Clean):
            covered += record.content.splitlines()
        else:
            covered += record.raw.split(b"\n")
            assert record.lines == record.raw.count(b"\n") + 1
    lines = [line.removeprefix(b"\xef\xbb\xbf") for line in body.split(b"\n")]
    filled = [line.rstrip(b"\r") for line in lines if line.strip(b"\r")]
    assert [line.rstrip(b"\r") for line in covered if line.strip(b"\r")] == filled


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts, texts), max_size=20), st.sampled_from([0, 1]))
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], quoting: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    written = io.StringIO(newline="")
    csv.writer(written, quoting=quoting).writerows([("a", "b", "c"), *rows])  # type: ignore[arg-type]  # 0 and 1 are the two modes

    frame = rows_of(opened(folder, written.getvalue().encode()))

    marked = [row for row in frame.rows() if row[-1] is not None]
    assert all(row[-1] == "repeated header" for row in marked)
    sound = frame.filter(pl.col(schema.REJECT).is_null()).select("a", "b", "c").rows()
    assert [tuple(v or "" for v in row) for row in sound] == [
        row for row in rows if row != ("a", "b", "c")
    ]
