"""The command `auditor generate`."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from auditor.cli.generate import generate


def run(*args: object) -> Result:
    return CliRunner().invoke(generate, [str(arg) for arg in args])


def test_the_command_writes_a_log_and_says_so_on_stderr_only(tmp_path: Path) -> None:
    result = run("--rows", 40, "--seed", 1, tmp_path / "log")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "40 events" in result.stderr
    assert "\r" not in result.stderr
    assert pl.read_parquet(tmp_path / "log/events").height == 40


def test_flags_shape_the_log(tmp_path: Path) -> None:
    flags = ["--format", "csv", "--files", 2, "--compression", "gzip", "--no-start"]

    result = run("--rows", 40, "--seed", 1, *flags, "--accounts", 100, tmp_path / "log")

    assert result.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "log/events").iterdir())
    assert names == ["part-0001.csv.gz", "part-0002.csv.gz"]
    df = pl.read_csv(tmp_path / "log/events" / names[0])
    assert "meeting_started_at" not in df.columns


@pytest.mark.parametrize(
    "wrong",
    [
        ["--rows", "0", "--seed", "1"],
        ["--rows", "5"],
        ["--seed", "1"],
        ["--rows", "5", "--seed", "1", "--format", "orc"],
        ["--rows", "5", "--seed", "1", "--violations", "1.5"],
        ["--rows", "5", "--seed", "1", "--unresolved", "-0.1"],
        ["--rows", "5", "--seed", "1", "--files", "0"],
    ],
)
def test_wrong_flags_are_a_usage_error(tmp_path: Path, wrong: list[str]) -> None:
    result = run(*wrong, tmp_path / "log")

    assert result.exit_code == 2
    assert not (tmp_path / "log").exists()
