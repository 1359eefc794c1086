"""Rows cut into parts by their keys: in order, all of them, and gone once they are read."""

from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.parts import Part, parts_of, sort_key
from auditor.schema import ROW
from tests.acceptance.logs import invoke

_KEYS = ("a", "b")
_TEXTS = st.text("\0\1ab", max_size=3)
_ROWS = st.lists(st.tuples(_TEXTS | st.none(), _TEXTS), max_size=30)


@given(rows=_ROWS)
@settings(deadline=None)
def test_a_key_sorts_as_its_columns_do(rows: list[tuple[str | None, str]]) -> None:
    df = pl.DataFrame(rows, schema=dict.fromkeys(_KEYS, pl.String), orient="row")
    df = df.filter((pl.col("a") != "").fill_null(value=True))

    by_key = df.sort(sort_key(_KEYS))

    assert by_key.rows() == df.sort(_KEYS, nulls_last=False).rows()


@given(rows=_ROWS, most=st.integers(1, 5))
@settings(deadline=None)
def test_parts_follow_each_other_and_lose_no_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, str]], most: int
) -> None:
    df = pl.DataFrame(rows, schema=dict.fromkeys(_KEYS, pl.String), orient="row")
    df = df.with_row_index(ROW).filter((pl.col("a") != "").fill_null(value=True))
    folder = tmp_path_factory.mktemp("parts")
    df.write_parquet(folder / "spooled.parquet")
    spooled = pl.scan_parquet(folder / "spooled.parquet")

    with patch("auditor.engine.parts.PART_ROWS", most):
        parts = list(parts_of(spooled, pl.lit(value=True), df.height, _KEYS, folder))
        frames = [part.whole().sort(*_KEYS, ROW) for part in parts]

    assert sum(part.rows for part in parts) == df.height
    together = pl.concat(frames) if frames else df
    assert together.rows() == df.sort(*_KEYS, ROW, nulls_last=False).rows()


def test_rows_of_a_removed_part_leave_no_file(tmp_path: Path) -> None:
    file = tmp_path / "0-0.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(file)

    Part(files=[(file, 1)]).remove()

    assert not file.exists()


@pytest.mark.parametrize("ending", ["ndjson", "parquet"])
def test_undecided_and_rejected_rows_are_the_same_however_few_fit(
    tmp_path: Path, ending: str
) -> None:
    lines = [
        f"2020-05-{day:02}T00:00:00{'Z' if day % 3 else ''},m{day % 7},s{day},A,{route}"
        for day in range(1, 31)
        for route in ("XX", "SJ")
    ]
    header = "event_at,meeting_id,session_id,account_id,route"
    (tmp_path / "log.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    command = ["audit", "log.csv", "--select", "ROUTE-001", "--quiet"]

    def written(name: str) -> list[bytes]:
        files = [f"{name}-{kind}.{ending}" for kind in ("unknowns", "rejects")]
        invoke(*command, "--unknowns", files[0], "--rejects", files[1], cwd=tmp_path)
        return [_content(tmp_path / file) for file in files]

    held = written("held")
    with patch("auditor.engine.parts.PART_ROWS", 3):
        cut = written("cut")

    assert cut == held
    assert all(b"log.csv" in content for content in held)


def _content(file: Path) -> bytes:
    if file.suffix == ".parquet":
        return pl.read_parquet(file).write_ndjson().encode()
    return file.read_bytes()
