"""`--profile` and `--progress`: what a run tells of itself, which changes nothing that it finds."""

import io
import json
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from auditor.cli.waiting import wait_for
from auditor.engine.progress import Progress, Stage
from auditor.engine.skimming import cases
from tests.acceptance.logs import CLEAN, REJECT, VIOLATION, invoke, report_of, write_log

SCHEMA = json.loads((files("auditor.reports") / "profile.schema.json").read_text())
COUNTS = ["rows", "cases", "rows_by_case", "rows_one_by_one"]


def _profile(path: Path) -> dict[str, Any]:
    """A written profile that keeps to the published schema. `Any`: a document."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(document)
    return document


def _skimmed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of 20,000 rows, most of which are counted by their case."""
    monkeypatch.setattr("auditor.engine.deciding.SKIMMED_ROWS", 0)
    monkeypatch.setattr(cases, "LEARNING_ROWS", 100)
    invoke("generate", "--rows", "20000", "--seed", "3", "log", cwd=folder)
    return folder / "log"


def test_the_published_schema_of_profiles_is_a_schema_and_names_every_stage() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$defs"]["phase"]["properties"]["name"]["enum"] == [s.value for s in Stage]


def test_a_profile_tells_phases_in_their_order_and_adds_up(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN, VIOLATION, REJECT)

    done = invoke("audit", log, "--format", "json", "--profile", "p.json", cwd=tmp_path)

    profile = _profile(tmp_path / "p.json")
    names = [phase["name"] for phase in profile["phases"]]
    assert names == sorted(names, key=[s.value for s in Stage].index)
    assert names[-1] == Stage.WRITING
    for spent in ("wall_seconds", "cpu_seconds"):
        total = sum(phase[spent] for phase in profile["phases"])
        assert profile["totals"][spent] == pytest.approx(total, abs=0.01)
    assert profile["run"]["id"] == report_of(done)["run"]["id"]
    assert profile["totals"]["bytes"] == log.stat().st_size
    assert [profile["totals"][name] for name in COUNTS] == [3, 0, 0, 3]
    assert profile["totals"]["violating_rows"] == 1


def test_a_profile_tells_the_rows_counted_by_their_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _skimmed(tmp_path, monkeypatch)
    truth = pl.read_parquet(log / "truth.parquet")

    invoke(
        "audit", log / "events", "--accounts", log / "accounts.csv", "--profile", "p.json",
        cwd=tmp_path,
    )  # fmt: skip

    profile = _profile(tmp_path / "p.json")
    totals, (group,) = profile["totals"], profile["groups"]
    assert totals["rows"] == totals["rows_by_case"] + totals["rows_one_by_one"] == 20_000
    assert totals["rows_by_case"] > totals["rows_one_by_one"] > 0
    assert {name: totals[name] for name in COUNTS} == {name: group[name] for name in COUNTS}
    rows = {phase["name"]: phase["rows"] for phase in profile["phases"]}
    assert rows[Stage.SKIMMING] == 20_000
    assert rows[Stage.DECIDING] == totals["rows_one_by_one"]
    assert rows[Stage.EVIDENCE] == totals["violating_rows"]
    assert totals["findings"] == truth.height


def test_a_profile_says_which_files_were_read_together_and_which_not_at_all(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, name="a.csv")
    write_log(tmp_path, CLEAN, CLEAN, name="b.csv")
    (tmp_path / "c.parquet").write_bytes(b"no Parquet")

    invoke("audit", "a.csv", "b.csv", "c.parquet", "--profile", "p.json", cwd=tmp_path)

    profile = _profile(tmp_path / "p.json")
    assert [(i["path"], i["rows"], i["group"]) for i in profile["inputs"]] == [
        ("a.csv", 1, 1), ("b.csv", 2, 1), ("c.parquet", None, None),
    ]  # fmt: skip
    assert [(g["group"], g["files"], g["rows"]) for g in profile["groups"]] == [(1, 2, 3)]


def test_a_profile_that_cannot_be_written_makes_the_run_incomplete(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    done = invoke("audit", log, "--profile", "no/such/p.json", cwd=tmp_path)

    assert done.exit_code == 3
    assert "no/such/p.json" in done.stderr
    assert "could not be written" in done.stderr


@pytest.mark.parametrize("flags", [("p.json", "--output", "p.json"), ("log.csv",)])
def test_a_profile_overwrites_no_other_file_of_the_run(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    log = write_log(tmp_path, CLEAN)
    before = log.read_bytes()

    done = invoke("audit", "log.csv", "--profile", *flags, cwd=tmp_path)

    assert done.exit_code == 2
    assert log.read_bytes() == before
    assert list(tmp_path.iterdir()) == [log]


def test_where_no_audit_was_performed_no_profile_is_written(tmp_path: Path) -> None:
    done = invoke("audit", "missing.csv", "--profile", "p.json", cwd=tmp_path)

    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_plain_progress_is_lines_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.cli.waiting._PLAIN_SECONDS", 0.001)
    log = write_log(tmp_path, CLEAN)

    told = invoke("audit", log, "--format", "json", "--progress", "plain", cwd=tmp_path)
    silent = invoke("audit", log, "--format", "json", "--progress", "off", cwd=tmp_path)
    quiet = invoke("audit", log, "--progress", "plain", "--quiet", cwd=tmp_path)

    lines = [line for line in told.stderr.splitlines() if line.startswith(Stage.DECIDING)]
    assert lines
    assert all("0 violating rows" in line and line.endswith(" so far") for line in lines)
    assert report_of(told)["coverage"] == report_of(silent)["coverage"]
    assert "so far" not in silent.stderr
    assert quiet.stderr == ""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("seconds", "is_shown"), [(0.3, True), (0.0, False)])
def test_on_a_terminal_a_line_is_written_over_and_gone_in_the_end(
    monkeypatch: pytest.MonkeyPatch, seconds: float, is_shown: bool
) -> None:
    stderr = _Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr("auditor.cli.waiting._SHORT_SECONDS", 0.1)
    monkeypatch.setattr("auditor.cli.waiting._REFRESH_SECONDS", 0.01)
    progress = Progress()

    wait_for(lambda: time.sleep(seconds), progress, "auto")

    _, *lines = stderr.getvalue().split("\r") if is_shown else ["", "", ""]
    assert bool(stderr.getvalue()) == is_shown
    assert lines[-1] == lines[-2].strip() == ""
    assert all(line.startswith(Stage.LOADING) for line in lines[:-2])
