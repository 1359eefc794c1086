"""Files that break, grow or vanish while they are audited are named, and hide no others."""

from pathlib import Path

import polars as pl
import pytest

from auditor.engine.progress import Progress, Stage
from tests.acceptance.logs import CLEAN, VIOLATION, invoke, report_of, write_log


def test_a_file_that_breaks_while_it_is_read_is_named_and_the_others_are_audited(
    tmp_path: Path,
) -> None:
    rows = pl.read_csv(write_log(tmp_path, *[VIOLATION] * 2000), infer_schema=False)
    sound, broken = tmp_path / "a.parquet", tmp_path / "b.parquet"
    for path in (sound, broken):
        rows.write_parquet(path, compression="zstd")
    data = bytearray(broken.read_bytes())
    data[4 : len(data) // 3] = bytes(len(data) // 3 - 4)
    broken.write_bytes(data)

    done = invoke("audit", "a.parquet", "b.parquet", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert done.exit_code == 1
    assert report["run"]["complete"] is False
    assert "b.parquet" in report["run"]["incomplete_reasons"][0]
    assert report["coverage"]["events"] == 2000


def test_a_file_that_grows_while_it_is_audited_is_named_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = write_log(tmp_path, *[CLEAN] * 10, name="a.csv")
    write_log(tmp_path, CLEAN, VIOLATION, name="b.csv")
    counting = Progress.counting

    def grow(progress: Progress, events: pl.LazyFrame) -> pl.LazyFrame:
        if growing.read_text().count("\n") == 11:
            with growing.open("a", encoding="utf-8") as stream:
                stream.write(f"{CLEAN}\n")
        return counting(progress, events)

    monkeypatch.setattr(Progress, "counting", grow)

    done = invoke("audit", "a.csv", "b.csv", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert done.exit_code == 1
    assert "a.csv: changed" in report["run"]["incomplete_reasons"][0]
    assert {f["rows"][0]["path"] for f in report["findings"]} == {"b.csv"}
    assert report["coverage"]["rows_read"] == 2


def test_a_file_that_vanishes_after_it_was_decided_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(tmp_path, VIOLATION, name="a.csv")
    write_log(tmp_path, VIOLATION, name="b.csv")
    begin = Progress.begin

    def vanish(progress: Progress, stage: Stage, total: int = 0) -> None:
        if stage is Stage.EVIDENCE:
            (tmp_path / "a.csv").unlink(missing_ok=True)
        begin(progress, stage, total)

    monkeypatch.setattr(Progress, "begin", vanish)

    done = invoke("audit", "a.csv", "b.csv", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert done.exit_code == 1
    assert "a.csv: " in report["run"]["incomplete_reasons"][0]
    assert report["coverage"]["rows_read"] == 1
