"""Generated logs: what the audit finds is exactly what was planted."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.acceptance.logs import invoke, report_of


def _found(report: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(f["rule_id"], f["id"], f["events"]) for f in report["findings"]}


@pytest.mark.parametrize(
    ("flags", "registry"),
    [
        ((), "accounts.csv"),
        (("--format", "csv", "--compression", "gzip"), "accounts.csv"),
        (("--files", "7", "--format", "csv", "--compression", "zstd"), "accounts.csv"),
        (("--files", "5", "--no-start"), "accounts.csv"),
    ],
)
def test_findings_are_the_planted_ones(
    tmp_path: Path, flags: tuple[str, ...], registry: str
) -> None:
    asked = ("--rows", "20000", "--seed", "3", "--violations", "0.01")
    made = invoke("generate", *asked, *flags, "log", cwd=tmp_path)
    assert made.exit_code == 0, made.stderr

    done = invoke(
        "audit", "log/events", "--accounts", f"log/{registry}", "--format", "json", cwd=tmp_path
    )

    report = report_of(done)
    truth = pl.read_parquet(tmp_path / "log" / "truth.parquet").select("rule_id", "id", "events")
    assert _found(report) == set(truth.iter_rows())
    assert {finding["rule_id"] for finding in report["findings"]} == {
        "HOST-001", "ROUTE-001", "ROUTE-002", "ROUTE-003",
    }  # fmt: skip
    assert report["run"]["complete"] is True
    assert report["coverage"]["events"] == 20_000


def test_planted_unknowns_are_counted_and_findings_stay(tmp_path: Path) -> None:
    asked = ("--rows", "20000", "--seed", "3", "--unresolved", "0.01")
    invoke("generate", *asked, "log", cwd=tmp_path)

    done = invoke(
        "audit", "log/events", "--accounts", "log/accounts.csv", "--format", "json", cwd=tmp_path
    )

    report = report_of(done)
    expected = pl.read_json(tmp_path / "log" / "expected.json").to_dicts()[0]["rules"]
    counts = ("violation", "compliant", "unknown", "not_applicable", "findings")
    for rule in report["rules"]:
        assert {c: rule[c] for c in counts} == {c: expected[rule["id"]][c] for c in counts}
    assert report["run"]["complete"] is False
