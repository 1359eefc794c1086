"""JSON and NDJSON files: every record is a row, and a broken one is a reject with its text."""

import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest
import zstandard

from auditor.schema import PATH, REJECT, ROW
from auditor.sources.discover import find_files
from auditor.sources.json_stream import LONGEST_VALUE
from auditor.sources.log_file import with_records
from auditor.sources.reread import raw_text
from auditor.sources.scan import Opened, open_files
from tests.unit.sources.opening import log, opened, rows_of


def texts(found: Opened, *columns: str) -> list[tuple[object, ...]]:
    return rows_of(found).sort(PATH, ROW).select(*columns).rows()


def failure(found: Opened) -> str:
    assert found.groups == []
    return str(found.failures[0])


def pages(folder: Path, content: bytes, *paths: str, name: str = "log.json") -> Opened:
    return open_files(with_records([log(folder, content, name)], paths), folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.ndjson", b'{"a": 1, "b": "x"}\n{"b": "y", "a": 2}'),
        ("log.jsonl", b'\xef\xbb\xbf{"a": 1, "b": "x"}\r\n\r\n{"b": "y", "a": 2}\r\n'),
        ("log.json", b'[{"a": 1, "b": "x"},\n {"b": "y", "a": 2}]'),
        ("log.json", b'{"a": 1,\n "b": "x"}\n{"b": "y", "a": 2}'),
        ("log.json", b'{"a": 1, "b": "x"}\n{"b": "y", "a": 2}\n'),
        ("log.ndjson.gz", gzip.compress(b'{"a": 1, "b": "x"}\n{"b": "y", "a": 2}', mtime=0)),
        ("log.json.zst", zstandard.compress(b'[{"a": 1, "b": "x"}, {"b": "y", "a": 2}]')),
        ("log", b' [{"a": 1, "b": "x"}, {"b": "y", "a": 2}]'),
        ("log.txt", gzip.compress(b'{"a": 1, "b": "x"}\n{"b": "y", "a": 2}\n', mtime=0)),
    ],
)
def test_every_layout_of_json_gives_the_same_rows(
    tmp_path: Path, name: str, content: bytes
) -> None:
    found = opened(tmp_path, content, name)

    assert texts(found, ROW, "a", "b", REJECT) == [(1, "1", "x", None), (2, "2", "y", None)]
    assert found.inputs[0].rows == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.50", "1.50"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("null", None),
        ('""', ""),
        ('["EU", "US"]', "EU;US;"),
        ("[]", ""),
        ("[1, null]", "1;;"),
        ('[{"x": 1}]', '[{"x": "1"}]'),
        ('"\\u00e9\\ud83d\\ude00"', "é😀"),
    ],
)
def test_values_are_texts_as_they_are_written(tmp_path: Path, value: str, text: str | None) -> None:
    found = opened(tmp_path, f'{{"a": {value}}}'.encode(), "log.ndjson")

    assert texts(found, "a", REJECT) == [(text, None)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1} {"a": 2}', "not JSON"),
        (b'{"a": "\xff"}', "invalid UTF-8"),
        (b"7", "not an object"),
        (b'{"a": 1, "a": 2}', "a key is given twice"),
        (b'{"a.b": 1, "a": {"b": 2}}', "a key is given twice"),
        (b'{"a": {"b": 1, "b": 2}}', "a key is given twice"),
        (b'{"a": "\\u0000"}', "NUL byte"),
        (b'{"a": "\\ud800"}', "half a surrogate pair"),
        (b'{"\\udc00": 1}', "half a surrogate pair"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": "' + b"x" * LONGEST_VALUE + b'"}', "line over 16 MiB"),
    ],
)
def test_a_broken_line_is_a_reject_and_its_neighbours_are_rows(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    found = opened(tmp_path, b'{"z": 1}\n' + line + b'\n{"z": 3}\n', "log.ndjson")

    assert texts(found, ROW, "z", REJECT) == [(1, "1", None), (2, None, reason), (3, "3", None)]
    assert found.inputs[0].rows == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a": 1},\n {"a" 2}]', "log.json:2: is not JSON: Expecting ':' delimiter"),
        (b'[{"a": 1}\n {"a": 2}]', "log.json:2: is not JSON: expected ',' or ']'"),
        (b'[{"a": 1}, {"a": 2}', "log.json:1: is not JSON: expected ',' or ']'"),
        (b'{"a": [1, 2', "is not JSON"),
        (b'[{"a": 1}] x', "is not JSON"),
        (b'[{"a": "\xff"}]', "is not UTF-8"),
        (b"\xff\xfe[\0]\0", "is UTF-16"),
        (b"", "is empty"),
        (b'[{"a": "' + b"x" * 2 * LONGEST_VALUE, "a value over 16 MiB"),
        (json.dumps([{str(i): 1} for i in range(2_001)]).encode(), "2,000 different keys"),
        (b'[{"@row": 1}]', "keys with reserved names: @row"),
    ],
)
def test_a_document_that_is_broken_anywhere_gives_no_row_at_all(
    tmp_path: Path, content: bytes, message: str
) -> None:
    found = opened(tmp_path, content, "log.json")

    assert message in failure(found)
    assert list(tmp_path.glob("exact-*")) == []


def test_a_page_holds_one_record_per_item_with_what_stands_around_it(tmp_path: Path) -> None:
    page = b'{"meeting": {"id": 7}, "people": [{"name": "a"}, {"name": "b"}], "next": ""}'

    found = pages(tmp_path, page, "people")

    assert texts(found, ROW, "meeting.id", "people.name", "next") == [
        (1, "7", "a", ""),
        (2, "7", "b", ""),
    ]


def test_arrays_within_arrays_are_followed_on_the_path(tmp_path: Path) -> None:
    page = b'[{"m": [{"id": 1, "p": [{"n": "a"}, {"n": "b"}]}, {"id": 2, "p": []}, {"id": 3}]}]'

    found = pages(tmp_path, page, "m.p")

    assert texts(found, "m.id", "m.p.n") == [("1", "a"), ("1", "b"), ("3", None)]


def test_records_at_any_of_several_paths_are_read(tmp_path: Path) -> None:
    lines = b'{"b": [{"x": 1}]}\n{"x": 2}\n{"a": [], "b": [{"x": 3}]}\n{"b": [4]}\n{"a": []}\n'

    found = pages(tmp_path, lines, "a", "b", name="log.ndjson")

    assert texts(found, ROW, "b.x", "x", REJECT) == [
        (1, "1", None, None),
        (2, None, "2", None),
        (3, "3", None, None),
        (4, None, None, "not an object"),
    ]


@pytest.mark.parametrize("paths", [("m.p", "m"), ("m", "m.p")])
def test_of_paths_inside_one_another_the_first_counts(
    tmp_path: Path, paths: tuple[str, ...]
) -> None:
    page = b'{"m": [{"p": [{"n": "a"}, {"n": "b"}]}]}'

    found = pages(tmp_path, page, *paths)

    assert found.inputs[0].rows == (2 if paths[0] == "m.p" else 1)


def test_a_cloud_event_is_its_data_with_its_attributes_beside(tmp_path: Path) -> None:
    event = b'{"specversion": "1.0", "id": "e", "time": "t", "data": {"id": "d", "x": 1}}'

    found = opened(tmp_path, event, "log.ndjson")

    assert texts(found, "ce-id", "ce-time", "id", "x") == [("e", "t", "d", "1")]


def test_a_key_given_twice_in_a_page_or_envelope_is_not_passed_over(tmp_path: Path) -> None:
    lines = b'{"p": [{"x": 1}], "y": 1, "y": 2}\n{"specversion": 1, "data": {"x": 1, "x": 2}}\n'

    found = pages(tmp_path, lines, "p", name="log.ndjson")

    assert texts(found, REJECT) == [("a key is given twice",)] * 2


def test_files_with_different_keys_are_read_together(tmp_path: Path) -> None:
    log(tmp_path, b'{"a": 1}\n', "1.ndjson")
    log(tmp_path, b'[{"b": 2}]', "2.json")
    log(tmp_path, b"[]", "3.json")

    found = open_files(find_files([str(tmp_path)], tmp_path, io.BytesIO()).files, tmp_path)

    assert len(found.groups) == 1
    assert texts(found, "a", "b") == [("1", None), (None, "2")]
    assert [file.rows for file in found.inputs] == [1, 1, 0]


def test_a_folders_key_stands_in_where_a_record_has_none(tmp_path: Path) -> None:
    (tmp_path / "day=mon").mkdir()
    log(tmp_path / "day=mon", b'{"a": 1}\n{"a": 2, "day": "tue"}\n', "1.ndjson")

    found = open_files(find_files([str(tmp_path)], tmp_path, io.BytesIO()).files, tmp_path)

    assert texts(found, "a", "day") == [("1", "mon"), ("2", "tue")]


def test_long_files_are_read_in_several_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.sources.json_exact._BATCH_ROWS", 7)
    lines = "".join(f'{{"a": {i}, "b{i % 9}": 1}}\n' for i in range(100))

    found = opened(tmp_path, lines.encode(), "log.ndjson")

    assert texts(found, ROW, "a") == [(i + 1, str(i)) for i in range(100)]


@pytest.mark.parametrize("size", [4, 5, 6, 7, 64])
def test_where_a_file_is_cut_into_pieces_does_not_matter(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = '\ufeff[ {"a": "é\\n"}, 12 , {"a": [1,2]} ]\n{"a": 5}'.encode()

    monkeypatch.setattr("auditor.sources.streams.PIECE", size)
    found = opened(tmp_path, content, "log.json")

    assert texts(found, "a", REJECT) == [
        ("é\n", None), (None, "not an object"), ("1;2;", None), ("5", None),
    ]  # fmt: skip


def test_raw_text_is_the_record_as_it_stands(tmp_path: Path) -> None:
    log(tmp_path, b'{"a":1}\n\n{"a":\xff}\r\n{"p":[{"x":1},{"x":2}]}\n', "1.ndjson")
    log(tmp_path, b'[ {"a" : 1.0},\n{"b":2} ]', "2.json")
    files = with_records(find_files([str(tmp_path)], tmp_path, io.BytesIO()).files, ("p",))
    rows = pl.DataFrame(
        [(str(tmp_path / name), row) for name, row in
         [("1.ndjson", 1), ("1.ndjson", 2), ("1.ndjson", 4), ("2.json", 1)]],
        schema={PATH: pl.String, ROW: pl.Int64}, orient="row",
    )  # fmt: skip

    assert raw_text(files, rows).select(ROW, "line", "raw").rows() == [
        (1, 1, '{"a":1}'),
        (2, 3, '{"a":\\xff}'),
        (4, 4, '{"p.x": "2"}'),
        (1, None, '{"a" : 1.0}'),
    ]


def test_a_cut_compressed_file_gives_no_row(tmp_path: Path) -> None:
    content = gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)

    found = opened(tmp_path, content[:-9], "log.ndjson.gz")

    assert "cannot be read" in failure(found)


def test_reports_of_this_program_in_a_folder_are_no_logs(tmp_path: Path) -> None:
    log(tmp_path, b'{"a": 1}', "1.json")
    log(tmp_path, b'{"schema":"auditor/report/v1","tool":{}}', "report.json")
    log(tmp_path, b'{"kind":"run","schema": "auditor/report/v1"}\n', "report.ndjson")

    found = find_files([str(tmp_path)], tmp_path, io.BytesIO())

    assert [Path(file.shown).name for file in found.files] == ["1.json"]
    assert {file.reason for file in found.skipped} == {"a report of this program"}
