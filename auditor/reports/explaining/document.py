"""The explanation as JSON, `auditor/explanation/v1`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import BinaryIO, Final

from auditor import __version__
from auditor.explanation import (
    EXPLANATION_SCHEMA,
    Condition,
    Decision,
    Explanation,
    Fact,
    InForce,
)
from auditor.reports.document import TOOL, time_of
from auditor.reports.escape import json_text

_RENAMED: Final = {"from_": "from"}


def write_json(explanation: Explanation, stream: BinaryIO) -> None:
    """Writes the document that `explanation.schema.json` describes."""
    stream.write(f"{json_text(document_of(explanation), indent=2)}\n".encode())


def document_of(explanation: Explanation) -> dict[str, object]:
    """The explanation as plain values, in the published order of members."""
    return {
        "schema": EXPLANATION_SCHEMA,
        "tool": {"name": TOOL, "version": __version__},
        "complete": explanation.is_complete,
        "problems": list(explanation.problems),
        "rule": None if explanation.rule is None else _plain(asdict(explanation.rule)),
        "finding": explanation.finding,
        "checks": [asdict(check) for check in explanation.checks],
        "rows": [_decision(row) for row in explanation.rows],
    }


def _decision(row: Decision) -> dict[str, object]:
    return {
        "path": row.path,
        "row": row.row,
        "bucket": row.bucket,
        "outcome": row.outcome,
        "because": row.because,
        "keys": _plain(row.keys),
        "applies": _condition(row.applies),
        "effective": _in_force(row.in_force),
        "violation": _condition(row.violation),
        "undecided": [
            {"because": doubt.because, "when": _condition(doubt.when)} for doubt in row.undecided
        ],
        "hops": [asdict(hop) for hop in row.hops],
        "policy": None if row.policy is None else _plain(asdict(row.policy)),
        "opt_in": None if row.opt_in is None else _plain(asdict(row.opt_in)),
        "meeting": None
        if row.start is None
        else {"started_at": time_of(row.start), "start_basis": row.start_basis},
    }


def _in_force(period: InForce | None) -> object:
    return None if period is None else _plain(asdict(period))


def _condition(condition: Condition | None) -> dict[str, object] | None:
    if condition is None:
        return None
    return {
        "place": condition.place,
        "sql": condition.sql,
        "location": condition.location,
        "truth": condition.truth.value,
        "facts": [_fact(fact) for fact in condition.facts],
        "params": _plain(condition.params),
        "parts": [_condition(part) for part in condition.parts],
    }


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "name": fact.name,
        "value": _plain(fact.value),
        "is_open": fact.is_open,
        "invalid": fact.invalid,
    }


def _plain(value: object) -> object:
    """Times as the report writes them, tuples as lists, names without their last underscore."""
    if isinstance(value, datetime):
        return time_of(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_RENAMED.get(name, name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
