"""Whether two reports hold the same findings, with the same evidence."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import polars as pl

from benchmarks.entries import FOUR_RULES

Key: TypeAlias = tuple[str, str, str, str | None]
Evidence: TypeAlias = tuple[int, int | None, datetime, tuple[str, ...]]
Findings: TypeAlias = dict[Key, Evidence]
Outcomes: TypeAlias = dict[str, dict[str, int]]
"""Rule → outcome → rows."""

_SHOWN: Final = 3
_BY_ROUTE_ALONE: Final = frozenset({"ROUTE-001", "ROUTE-003"})
"""Rules that can decide no row without a resolved hop."""


def findings_of_report(path: Path) -> Findings:
    """The findings of the four rules in a JSON report of ours.

    Returns:
        Rule, account, meeting and session (None where the subject is a meeting) → violating
        rows, their media bytes, the first one's time, and the countries outside the opt-in.
    """
    report = json.loads(path.read_text("utf-8"))
    return dict(
        _of_report(finding) for finding in report["findings"] if finding["rule_id"] in FOUR_RULES
    )


def findings_of_contender(path: Path) -> Findings:
    """The findings in a contender's Parquet file, as `findings_of_report`."""
    return dict(_of_contenders(pl.read_parquet(path)))


def truth_of(path: Path) -> dict[Key, int] | None:
    """Violating rows per finding that must be found, from `truth.parquet` of a data set.

    None where there is none: with fewer hops, other rows violate than were planted.
    """
    if not path.is_file():
        return None
    names = ("rule_id", "account_id", "meeting_id", "session_id", "events")
    rows = pl.read_parquet(path).select(names).iter_rows()
    return {
        (rule, account, meeting, session): events
        for rule, account, meeting, session, events in rows
    }


def events_of(findings: Findings) -> dict[Key, int]:
    """Violating rows per finding, as `truth_of`."""
    return {key: evidence[0] for key, evidence in findings.items()}


def difference(found: Mapping[Key, object], wanted: Mapping[Key, object]) -> str | None:
    """What tells the two apart, or None where they are equal."""
    missing, extra = (
        sorted(wanted.keys() - found.keys(), key=str),
        sorted(found.keys() - wanted.keys(), key=str),
    )
    other = sorted((k for k in wanted.keys() & found.keys() if wanted[k] != found[k]), key=str)
    if not (missing or extra or other):
        return None
    parts = [_part("missing", missing), _part("too many", extra)]
    parts += [_part("other evidence", [(k, found[k], wanted[k]) for k in other])]
    return "; ".join(part for part in parts if part)


def outcomes_of(path: Path) -> Outcomes:
    """Rows per rule and outcome, from a JSON report of ours."""
    names = ("violation", "compliant", "unknown", "not_applicable")
    rules = json.loads(path.read_text("utf-8"))["rules"]
    return {rule["id"]: {name: rule[name] for name in names} for rule in rules}


def unresolved(outcomes: Outcomes) -> Outcomes:
    """What becomes of rows by outcome if no hop is resolved: HOST-001 does not ask for hops.

    An opt-in to China complies with ROUTE-002 wherever hops are: its judged rows are summed up.
    """
    return {rule: _unresolved(rule, rows) for rule, rows in outcomes.items()}


def outcome_difference(found: Outcomes, wanted: Outcomes) -> str | None:
    """What tells outcomes of an audit from those that `unresolved` says, or None."""
    seen = {rule: {k: rows[k] for k in wanted[rule] if k in rows} for rule, rows in found.items()}
    seen["ROUTE-002"]["judged"] = _judged(found["ROUTE-002"])
    return None if seen == wanted else f"rows by outcome {seen}, wanted {wanted}"


def _unresolved(rule: str, rows: Mapping[str, int]) -> dict[str, int]:
    sure = {"violation": 0, "not_applicable": rows["not_applicable"]}
    if rule in _BY_ROUTE_ALONE:
        return sure | {"compliant": 0, "unknown": _judged(rows)}
    return sure | {"judged": _judged(rows)} if rule == "ROUTE-002" else {**rows}


def _judged(rows: Mapping[str, int]) -> int:
    return rows["violation"] + rows["compliant"] + rows["unknown"]


def _part(name: str, items: Iterable[object]) -> str:
    items = list(items)
    return f"{len(items)} {name}, such as {items[:_SHOWN]}" if items else ""


def _of_report(finding: dict[str, Any]) -> tuple[Key, Evidence]:
    subject = finding["subject"]
    key = (
        finding["rule_id"],
        subject["account_id"],
        subject["meeting_id"],
        subject.get("session_id"),
    )
    first_at = datetime.fromisoformat(finding["first_at"])
    outside = tuple(finding["jurisdictions_outside"])
    return key, (finding["events"], finding["media_bytes"], first_at, outside)


def _of_contenders(df: pl.DataFrame) -> Iterator[tuple[Key, Evidence]]:
    for row in df.iter_rows(named=True):
        key = (row["rule"], row["account_id"], row["meeting_id"], row["session_id"])
        size = None if row["media_bytes"] is None else int(row["media_bytes"])
        yield key, (row["events"], size, row["first_at"], tuple(row["jurisdictions_outside"]))
