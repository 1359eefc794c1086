"""Findings and rows, explained as JSON."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from click.testing import Result
from jsonschema import Draft202012Validator

from .logs import invoke

SCHEMA = json.loads((files("auditor.reports") / "explanation.schema.json").read_text())
ACCOUNTS = (
    "account_id,opted_in,home,plan,billing_country,valid_from,valid_to\n"
    "A,US;EU,US,pro,US,,2020-05-02T00:00:00Z\n"
    "A,US,DE,pro,US,2020-05-02T00:00:00Z,\n"
)
CLEAN_BECAUSE = "the rule applies to the row, and its violation is FALSE"
HEADER = "event_at,meeting_id,session_id,account_id,route,extra_opted_in,participant_country"


def report(folder: Path, *flags: str) -> dict[str, Any]:
    """Audits `log.csv` by one rule into `report.json`. `Any`: a document."""
    flags = flags if {"--select", "--rules"} & set(flags) else ("--select", "ROUTE-001", *flags)
    invoke("audit", "log.csv", *flags, "--report", "json=report.json", cwd=folder)
    document: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return document


def explained(done: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["complete"] == (document["problems"] == [])
    assert document["complete"] == (done.exit_code == 0), done.stderr
    return document


def explain(folder: Path, *arguments: str) -> dict[str, Any]:
    return explained(invoke("explain", *arguments, "--format", "json", cwd=folder))


def parts(condition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield condition["sql"], condition["truth"]
    for part in condition["parts"]:
        yield from parts(part)
