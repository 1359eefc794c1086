"""The findings by rule, worst first, each with what a person needs to act on it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Final, TypedDict, cast

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from auditor.findings import Report, Severity
from auditor.reports.document import time_of
from auditor.reports.escape import visible
from auditor.reports.terminal.text import (
    QUIET,
    SEVERITY_STYLES,
    WARN,
    Hanging,
    counted,
    heading,
    number,
    unbroken,
)

SHOWN_FINDINGS: Final = 20
_SHOWN_ROWS: Final = 3
_SHOWN_PLACES: Final = 12
_SHOWN_OPT_INS: Final = 8
_BASES: Final = {
    "registry": "places known from a registry",
    "corroborated": "places on which databases of addresses agree",
    "single-source": "places that only one database of addresses knows",
    "reported": "as the log states",
}
_START_BASES: Final = {
    "reported": "meeting start as the log states",
    "observed": "meeting start taken from its first row",
}


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
    """At most `SHOWN_FINDINGS` of them, by rule.

    Chosen and in order: waived ones last, then by severity, then in the findings' own order.
    """
    total = report.count()
    if not total:
        return
    worst = _worst_first(report)
    titles = {rule.id: rule.title for rule in report.rules}
    yield heading("Findings, worst first")
    for rule_id, findings in _by_rule(worst).items():
        yield from _rule(findings[0], titles.get(rule_id, ""))
        yield from chain.from_iterable(_story(one) for one in findings)
    if total > len(worst):
        rest = f"{number(len(worst))} of {number(total)} findings shown; --format json for all"
        yield Text(f"\n{rest}", style=WARN)


def _worst_first(report: Report) -> list[_Finding]:
    ranks = {severity.value: severity.rank for severity in Severity}
    rank = pl.col("severity").replace_strict(ranks, return_dtype=pl.Int8)
    order = (pl.col("waiver").is_not_null(), -rank)
    best = pl.DataFrame(schema={"@at": pl.UInt32, "waiver": pl.String, "severity": pl.String})
    at = 0
    for frame in report.findings.columns("waiver", "severity"):
        both = pl.concat([best, frame.with_row_index("@at", at).select(best.columns)])
        # NOTE: a stable sort keeps the findings' total order within a severity.
        best = both.sort(*order, maintain_order=True).head(SHOWN_FINDINGS)
        at += frame.height
    return _findings_at(report, best["@at"].to_list())


def _findings_at(report: Report, places: list[int]) -> list[_Finding]:
    """The findings at `places` of the total order, in the order of `places`."""
    found: dict[int, _Finding] = {}
    first = 0
    for frame in report.findings:
        here = [place for place in places if first <= place < first + frame.height]
        rows = frame[[place - first for place in here]].to_dicts()
        found |= zip(here, cast("list[_Finding]", rows), strict=True)
        first += frame.height
        if len(found) == len(places):
            break
    return [found[place] for place in places]


def _by_rule(findings: list[_Finding]) -> dict[str, list[_Finding]]:
    grouped: dict[str, list[_Finding]] = {}
    for one in findings:
        grouped.setdefault(one["rule_id"], []).append(one)
    return grouped


def _rule(one: _Finding, title: str) -> Iterator[RenderableType]:
    severity = Severity(one["severity"])
    name = visible(one["rule_id"])
    head = Text.assemble((severity.value, SEVERITY_STYLES[severity]), f" {name}: {visible(title)}")
    yield Text()
    yield Hanging(head, "")
    yield Hanging(Text(f"auditor rules show {name} tells why and what to do", style=QUIET), "  ")


def _story(one: _Finding) -> Iterator[RenderableType]:
    yield Text()
    yield Hanging(Text(visible(one["message"] or "(no message)")), "  ")
    for name, value in _evidence(one).items():
        if value:
            yield Hanging(Text(value), f"    {name}: ", QUIET)
    yield unbroken("    ", ("rows:", QUIET))
    for line in _rows(one):
        yield unbroken("      ", line)


def _evidence(one: _Finding) -> dict[str, str]:
    return {
        "when": _when(one),
        "route": _places(one["route"]),
        "outside": _places(one["jurisdictions_outside"]),
        "opted in": _places(one["opted_in"], _SHOWN_OPT_INS),
        "basis": _basis(one),
        "policy": _policy(one["policy"]),
        "boundary": visible(one["boundary"] or ""),
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
    basis, start = one["basis"] or "", one["start_basis"] or ""
    known = (_BASES.get(basis, basis), _START_BASES.get(start, start))
    return visible("; ".join(text for text in known if text))


def _policy(policy: _Policy | None) -> str:
    if policy is None or policy == {"valid_from": None, "valid_to": None}:
        return ""
    start, end = policy["valid_from"], policy["valid_to"]
    after = f"from {time_of(start)}" if start else ""
    before = f"until {time_of(end)}" if end else ""
    return f"{after} {before}".strip()


def _places(values: list[str], most: int = _SHOWN_PLACES) -> str:
    shown = ", ".join(visible(value) or "(empty)" for value in values[:most])
    rest = len(values) - most
    return f"{shown} and {number(rest)} more" if rest > 0 else shown


def _rows(one: _Finding) -> Iterator[str]:
    shown = one["rows"][:_SHOWN_ROWS]
    for row in shown:
        yield f"{visible(row['path'])}, row {row['row']}"
    rest = one["events"] - len(shown)
    if rest > 0:
        yield f"and {number(rest)} more"
