"""Files looked at again: raw text of records, culprits of a failed scan, and what has changed."""

import gzip
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from auditor.schema import PATH, REJECT, ROW
from auditor.sources.discover import find_files
from auditor.sources.log_file import CHANGED, LogFile
from auditor.sources.reread import (
    CUT_MARK,
    LONGEST_TEXT,
    changed_since,
    raw_text,
    readable,
)
from auditor.sources.scan import open_files


def found(folder: Path) -> list[LogFile]:
    return find_files([str(folder)], folder, io.BytesIO()).files


def text(folder: Path, name: str, *rows: int) -> list[tuple[int, int | None, str]]:
    wanted = pl.DataFrame(
        {PATH: [str(folder / name)] * len(rows), ROW: rows},
        schema={PATH: pl.String, ROW: pl.Int64},
    )
    return raw_text(found(folder), wanted).drop(PATH).rows()


def test_records_of_a_csv_file_are_shown_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'x,y\r\n1,"2"\r\n3,\xff\r\n4,"a\r\nb"\r\n\r\n5\r\n')

    assert text(tmp_path, "a.csv", 5, 1, 2, 3, 4) == [
        (1, 2, '1,"2"'),
        (2, 3, "3,\\xff"),
        (3, 4, '4,"a\r\nb"'),
        (4, 6, ""),
        (5, 7, "5"),
    ]


def test_rows_of_the_raw_text_are_those_of_the_scan(tmp_path: Path) -> None:
    content = b'x,y\n1,2\n3,"4\n5,6\n7"8,9\n\n"a\nb",1\n2,3\n\n\n'
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    opened = open_files(found(tmp_path), tmp_path)
    frame = opened.groups[0].lf.collect(engine="streaming")

    raw = raw_text(found(tmp_path), frame.select(PATH, ROW))

    assert raw.join(frame, on=[PATH, ROW]).select("line", "raw", REJECT).rows() == [
        (2, "1,2", None),
        (3, '3,"4', "unclosed quote"),
        (4, "5,6", None),
        (5, '7"8,9', "stray quote"),
        (6, "", "blank line"),
        (7, '"a\nb",1', None),
        (9, "2,3", None),
    ]


@pytest.mark.parametrize("size", [LONGEST_TEXT, LONGEST_TEXT + 1, 3 << 20])
def test_a_long_record_is_cut_with_a_mark(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n" + b"v" * size + b"\n")

    ((_, _, raw),) = text(tmp_path, "a.csv", 1)

    expected = "v" * LONGEST_TEXT + ("" if size == LONGEST_TEXT else CUT_MARK)
    assert raw == expected


def test_long_records_are_cut_by_characters(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n" + "€".encode() * (LONGEST_TEXT + 1) + b"\n")

    ((_, _, raw),) = text(tmp_path, "a.csv", 1)

    assert raw == "€" * LONGEST_TEXT + CUT_MARK


def test_rows_of_a_parquet_file_are_shown_as_json(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "x": [1, 2, 3],
            "when": [datetime(2020, 5, 1, tzinfo=UTC)] * 3,
            "set": [["US"], [], None],
            "bytes": [b"\xff", None, b""],
            "deep": [[b"\xff"]] * 3,
            "kind": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
        }
    ).write_parquet(tmp_path / "a.parquet")

    rows = text(tmp_path, "a.parquet", 3, 1)

    assert [(row, line) for row, line, _ in rows] == [(1, None), (3, None)]
    first = json.loads(rows[0][2])
    assert (first["x"], first["set"], first["bytes"], first["kind"]) == (1, ["US"], "ff", "a")
    assert first["when"].startswith("2020-05-01")
    assert json.loads(rows[1][2])["set"] is None


def test_a_long_parquet_row_is_cut_with_a_mark(tmp_path: Path) -> None:
    pl.DataFrame({"x": ["v" * 100_000]}).write_parquet(tmp_path / "a.parquet")

    ((_, _, raw),) = text(tmp_path, "a.parquet", 1)

    assert raw.startswith('{"x":"vvv')
    assert raw.endswith("v" + CUT_MARK)


def test_nothing_wanted_is_nothing_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")

    assert text(tmp_path, "a.csv") == []


def test_the_file_with_a_corrupt_page_is_found(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [f"text {n}" for n in range(10_000)], "y": ["same"] * 10_000})
    frame.write_parquet(tmp_path / "good.parquet")
    frame.write_parquet(tmp_path / "bad.parquet")
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n")
    content = bytearray((tmp_path / "bad.parquet").read_bytes())
    content[100:2000] = b"\x55" * 1900
    (tmp_path / "bad.parquet").write_bytes(content)
    files = found(tmp_path)

    ((file, error),) = readable(files, ["x", "other"])

    assert file.shown == str(tmp_path / "bad.parquet")
    assert error.startswith("cannot be read: ")
    assert not open_files(files, tmp_path).failures
    assert not readable(files, ["y"])


def test_a_file_that_has_gone_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    files = found(tmp_path)
    (tmp_path / "a.csv").unlink()

    assert readable(files, ["x"]) == [(files[0], "cannot be read: No such file or directory")]


def test_a_parquet_time_beyond_any_calendar_is_shown_as_a_number(tmp_path: Path) -> None:
    times = pl.Series([2**62, 0]).cast(pl.Datetime("ms", "UTC"))
    pl.DataFrame({"at": times}).write_parquet(tmp_path / "a.parquet")

    shown = [json.loads(raw)["at"] for _, _, raw in text(tmp_path, "a.parquet", 1, 2)]

    assert shown == [str(2**62), "1970-01-01 00:00:00.000+00:00"]


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"2\n")


def rewrite(path: Path) -> None:
    old = path.stat().st_mtime_ns
    path.write_bytes(b"x\n3\n")
    os.utime(path, ns=(old, old + 1))


def replace(path: Path) -> None:
    old = path.stat().st_mtime_ns
    other = path.with_suffix(".new")
    other.write_bytes(b"x\n3\n")
    os.utime(other, ns=(old, old))
    other.replace(path)


@pytest.mark.parametrize("change", [grow, rewrite, replace, Path.unlink])
def test_a_file_that_changed_since_it_was_found_is_named(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"x\n1\n")
    files = found(tmp_path)
    open_files(files, tmp_path)

    change(tmp_path / "b.csv")

    assert changed_since(files) == [(files[1], CHANGED)]


def test_files_that_stay_as_they_are_have_not_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    (tmp_path / "gone.csv").symlink_to("nowhere")
    (tmp_path / "spool").mkdir()
    files = find_files([str(tmp_path), "-"], tmp_path / "spool", io.BytesIO(b"x\n1\n")).files
    open_files(files, tmp_path / "spool")

    assert len(files) == 3
    assert changed_since(files) == []
