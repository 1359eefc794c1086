"""Every sample log is counted as the file beside it says."""

import contextlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from auditor.cli.main import cli
from auditor.sources import SOURCES
from auditor.sources.profile import load_profile

SAMPLES = Path(__file__).parents[3] / "sample_logs"
FEEDS = sorted(name for name in SOURCES if (SAMPLES / name).is_dir() and name != "canonical")
COUNTS = ("violation", "unknown", "not_applicable", "compliant", "findings")


def cases() -> list[tuple[Path, dict[str, Any]]]:
    """Every audit of an `expected.json`, with its folder. `Any`: documents."""
    folders = [SAMPLES / name for name in ("edge-cases", "orders", *FEEDS)]
    return [(f, case) for f in folders for case in json.loads((f / "expected.json").read_text())]


def _log_of(case: dict[str, Any]) -> str:
    words: list[str] = case["audit"]
    return next(word for word in words if not word.startswith("-"))


def audited(folder: Path, *args: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `auditor audit` in `folder`. `Any`: a document."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(cli, ["audit", *args, "--format", "json"])
    return result.exit_code, json.loads(result.stdout)


def counts_of(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {rule["id"]: {count: rule[count] for count in COUNTS} for rule in report["rules"]}


@pytest.mark.parametrize(
    ("folder", "case"),
    [pytest.param(*case, id=f"{case[0].name}/{_log_of(case[1])}") for case in cases()],
)
def test_a_sample_is_counted_as_its_folder_says(folder: Path, case: dict[str, Any]) -> None:
    code, report = audited(folder, *case["audit"])

    ledger = report["coverage"]["orders"] or report["coverage"]
    assert {
        "audit": case["audit"],
        "exit": code,
        "complete": report["run"]["complete"],
        "rejects": {reject["reason"]: reject["rows"] for reject in ledger["rejects"]},
        "invalid_values": len(ledger["invalid_values"]),
        "boundary_rows": {rule["id"]: rule["boundary_rows"] for rule in report["rules"]},
        "found": sorted(
            # the last key of a subject tells it from the others
            f"{f['rule_id']} {list(f['subject'].values())[-1]}"
            for f in report["findings"]
        ),
        "rules": counts_of(report),
    } == case


def test_the_canonical_sample_has_all_its_findings_and_is_complete() -> None:
    folder = SAMPLES / "canonical"

    code, report = audited(folder, "events", "--accounts", "accounts.csv")

    truth = pl.read_parquet(folder / "truth.parquet")
    expected = json.loads((folder / "expected.json").read_text())
    assert code == 1
    assert report["run"]["complete"]
    assert [(f["id"], f["events"]) for f in report["findings"]] == truth.select(
        "id", "events"
    ).rows()
    assert counts_of(report) == expected["rules"]
    assert all(rule["findings"] > 1 for rule in expected["rules"].values())


@pytest.mark.parametrize("folder", ["canonical", "edge-cases", "orders", *FEEDS])
def test_every_file_of_a_sample_is_explained(folder: str) -> None:
    page = (SAMPLES / folder / "README.md").read_text()

    files = [p for p in (SAMPLES / folder).rglob("*") if p.is_file() and p.name != "README.md"]

    unexplained = [
        str(path) for path in files if path.stem not in page and path.parent.name + "/" not in page
    ]
    assert unexplained == []


def test_every_feed_of_events_has_a_sample() -> None:
    feeds = {name for name in SOURCES if load_profile(name).table == "events"}

    assert feeds == {"canonical", *FEEDS}


def test_samples_stay_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLES.rglob("*") if p.is_file()) < 300_000
