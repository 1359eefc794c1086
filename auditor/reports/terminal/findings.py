"""The findings, worst first, each with what a person needs to act on it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypedDict, cast

import polars as pl
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from auditor.findings import Report, Severity
from auditor.reports.document import time_of
from auditor.reports.escape import visible
from auditor.reports.terminal.text import QUIET, SEVERITY_STYLES, WARN, counted, heading, number

SHOWN_FINDINGS: Final = 20
_SHOWN_ROWS: Final = 3
_SHOWN_PLACES: Final = 12


class _Row(TypedDict):
    path: str
    row: int


class _Policy(TypedDict):
    valid_from: datetime | None
    valid_to: datetime | None


class _Finding(TypedDict):
    id: str
    rule_id: str
    severity: str
    first_at: datetime | None
    last_at: datetime | None
    events: int
    media_bytes: int | None
    jurisdictions_outside: list[str]
    opted_in: list[str]
    route: list[str]
    basis: str | None
    start_basis: str | None
    policy: _Policy | None
    boundary: str | None
    message: str | None
    rows: list[_Row]
    state: str | None
    waiver: str | None


def findings_of(report: Report) -> Iterator[RenderableType]:
    """At most `SHOWN_FINDINGS` of them: waived ones last, then by severity, then in their order."""
    total = report.count()
    if not total:
        return
    worst = _worst_first(report)
    yield heading("Findings, worst first")
    yield _table(worst)
    if total > len(worst):
        rest = f"{number(len(worst))} of {number(total)} findings shown; --format json for all"
        yield Text(rest, style=WARN)


def _worst_first(report: Report) -> list[_Finding]:
    ranks = {severity.value: severity.rank for severity in Severity}
    rank = pl.col("severity").replace_strict(ranks, return_dtype=pl.Int8)
    best: pl.DataFrame | None = None
    for frame in report.findings:
        both = frame if best is None else pl.concat([best, frame])
        # NOTE: a stable sort keeps the findings' total order within a severity.
        best = both.sort(pl.col("waiver").is_not_null(), -rank, maintain_order=True).head(
            SHOWN_FINDINGS
        )
    return [] if best is None else cast("list[_Finding]", best.to_dicts())


def _table(findings: list[_Finding]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False, leading=1
    )
    table.add_column("severity", no_wrap=True)
    table.add_column("rule", overflow="fold", max_width=16)
    table.add_column("what was found, and where", overflow="fold")
    for one in findings:
        severity = Severity(one["severity"])
        name = Text(severity.value, style=SEVERITY_STYLES[severity])
        table.add_row(name, Text(visible(one["rule_id"])), _story(one))
    return table


def _story(one: _Finding) -> Text:
    story = Text(visible(one["message"] or "(no message)"))
    for name, value in _evidence(one).items():
        if value:
            story.append(f"\n{name}: ", style=QUIET)
            story.append(value)
    return story


def _evidence(one: _Finding) -> dict[str, str]:
    return {
        "when": _when(one),
        "route": _places(one["route"]),
        "outside": _places(one["jurisdictions_outside"]),
        "opted in": _places(one["opted_in"]),
        "basis": _basis(one),
        "policy": _policy(one["policy"]),
        "boundary": visible(one["boundary"] or ""),
        "rows": _rows(one),
        "state": "" if one["state"] == "new" else visible(one["state"] or ""),
        "waived": visible(one["waiver"] or ""),
        "id": one["id"],
    }


def _when(one: _Finding) -> str:
    ends = sorted({time_of(at) for at in (one["first_at"], one["last_at"]) if at})
    size = one["media_bytes"]
    volume = "" if size is None else f", {counted(size, 'byte')}"
    return f"{' to '.join(ends)}, {counted(one['events'], 'row')}{volume}".removeprefix(", ")


def _basis(one: _Finding) -> str:
    start = f"meeting start {one['start_basis']}" if one["start_basis"] else ""
    return visible(", ".join(text for text in (one["basis"] or "", start) if text))


def _policy(policy: _Policy | None) -> str:
    if policy is None or policy == {"valid_from": None, "valid_to": None}:
        return ""
    start, end = policy["valid_from"], policy["valid_to"]
    after = f"from {time_of(start)}" if start else ""
    before = f"until {time_of(end)}" if end else ""
    return f"{after} {before}".strip()


def _places(values: list[str]) -> str:
    shown = ", ".join(visible(value) or "(empty)" for value in values[:_SHOWN_PLACES])
    rest = len(values) - _SHOWN_PLACES
    return f"{shown} and {number(rest)} more" if rest > 0 else shown


def _rows(one: _Finding) -> str:
    shown = [f"{visible(row['path'])}:{row['row']}" for row in one["rows"][:_SHOWN_ROWS]]
    rest = one["events"] - len(shown)
    return ", ".join(shown) + (f" and {number(rest)} more" if rest > 0 else "")
