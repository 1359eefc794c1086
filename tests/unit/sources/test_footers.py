"""What footers prove of ids, and what they do not."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.sources.footers import tidy_columns
from auditor.sources.log_file import LogFile
from tests.unit.sources.opening import log

IDS = ["a", "b", "c", "d"]


def _file(folder: Path, ids: list[str | None], name: str = "log.parquet", **how: object) -> LogFile:
    table = pa.table({"id": pa.array(ids, pa.string()), "n": pa.array(range(len(ids)))})
    pq.write_table(table, folder / name, row_group_size=2, **how)
    return log(folder, (folder / name).read_bytes(), name)


@pytest.mark.parametrize("ids", [IDS, ["!", "~", "~", "a b"], ["x" * 500, "y\u00e9", "z", "z"]])
def test_ids_between_the_bounds_are_there(tmp_path: Path, ids: list[str | None]) -> None:
    assert tidy_columns([_file(tmp_path, ids)], ["id"]) == {"id"}


@pytest.mark.parametrize("bad", [None, "", " ", " a", "\t", "\u00a0", "\u2003x", "\U0001f600"])
def test_one_id_that_may_be_blank_in_one_row_group_leaves_all_open(
    tmp_path: Path, bad: str | None
) -> None:
    assert tidy_columns([_file(tmp_path, [*IDS, bad, "z"])], ["id"]) == frozenset()


def test_files_without_bounds_or_rows_and_columns_of_numbers_prove_nothing(tmp_path: Path) -> None:
    sound = _file(tmp_path, [*IDS], "sound.parquet")
    silent = _file(tmp_path, [*IDS], "silent.parquet", write_statistics=False)
    empty = _file(tmp_path, [], "empty.parquet")

    assert tidy_columns([sound], ["id", "n", "absent"]) == {"id"}
    assert tidy_columns([sound, silent], ["id"]) == frozenset()
    assert tidy_columns([sound, empty], ["id"]) == frozenset()


def test_bounds_that_are_no_text_prove_nothing(tmp_path: Path) -> None:
    file = _file(tmp_path, ["QQQQQQQ1", "QQQQQQQ2"], use_dictionary=False, compression="none")
    content = file.path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little") + 8
    footer = content[-size:].replace(b"QQQQQQQ2", b"QQQQQQ\xc3\x28")
    file.path.write_bytes(content[:-size] + footer)

    assert pl.read_parquet(file.path)["id"].to_list() == ["QQQQQQQ1", "QQQQQQQ2"]
    assert tidy_columns([file], ["id"]) == frozenset()


def test_a_file_that_breaks_meanwhile_proves_nothing(tmp_path: Path) -> None:
    cut, gone = _file(tmp_path, [*IDS], "cut.parquet"), _file(tmp_path, [*IDS], "gone.parquet")
    cut.path.write_bytes(cut.path.read_bytes()[:-9])
    gone.path.unlink()

    assert tidy_columns([cut], ["id"]) == frozenset()
    assert tidy_columns([gone], ["id"]) == frozenset()
