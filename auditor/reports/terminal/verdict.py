"""Whether the audit is complete and clean, and if not, what to do: first and last in a report."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from auditor.findings import Report
from auditor.reports.document import tally_of
from auditor.reports.escape import visible_lines
from auditor.reports.terminal.text import (
    BAD,
    GOOD,
    WARN,
    bullets,
    counted,
    heading,
    number,
    unbroken,
)

_NO_REASON: Final = "the run gave no reason"


def verdict_of(report: Report) -> Text:
    """The verdict in one line; reads the findings once, to count them."""
    text, style = _verdict(report)
    return unbroken((text, style))


def reasons_of(report: Report) -> Iterator[RenderableType]:
    """Every reason for which the audit is incomplete, with its hint."""
    if not _is_complete(report):
        yield heading("Why it is incomplete")
        yield bullets(_reasons(report), "!")


def _is_complete(report: Report) -> bool:
    return report.run.complete and report.coverage.reconciles


def _verdict(report: Report) -> tuple[str, str]:
    if not _is_complete(report) and not report.count():
        return f"INCOMPLETE, NOT CLEAN: {_none(report)}, but not everything could be checked", BAD
    if not _is_complete(report):
        return f"INCOMPLETE: {_found(report)}, and not everything could be checked", BAD
    if report.count():
        return f"COMPLETE: {_found(report)}", BAD
    accepted = _accepted(report)
    if accepted:
        return f"COMPLETE: {_none(report)}, but {', '.join(accepted)}", WARN
    checked = counted(sum(rule.status == "ran" for rule in report.rules), "rule")
    rows = " and ".join(
        counted(ledger.judged, table.removesuffix("s"))
        for table, ledger in report.coverage.tables.items()
    )
    return f"COMPLETE AND CLEAN: {checked} checked {rows}, no finding", GOOD


def _found(report: Report) -> str:
    severities = [
        f"{number(count)} {name}" for name, count in report.by_severity().items() if count
    ]
    tally = tally_of(report)
    compared = {"unchanged": tally.unchanged, "waived": tally.waived}
    notes = [f", {number(count)} of them {word}" for word, count in compared.items() if count]
    if report.resolved:
        notes.append(f"; {number(report.resolved)} of the baseline resolved")
    return f"{counted(report.count(), 'finding')} ({', '.join(severities)})" + "".join(notes)


def _none(report: Report) -> str:
    suspected = report.suspected["rule_id"].n_unique()
    rules = counted(suspected, "rule")
    return f"no finding, SUSPICION of violations of {rules}" if suspected else "no finding"


def _accepted(report: Report) -> list[str]:
    unknown = sum(rule.unknown for rule in report.rules)
    rejected = sum(ledger.rows_rejected for ledger in report.coverage.tables.values())
    not_run = sum(rule.status == "not_run" for rule in report.rules)
    nothing_ran = not any(rule.status == "ran" for rule in report.rules)
    texts = {
        f"{counted(unknown, 'outcome')} unknown": unknown,
        f"{counted(rejected, 'row')} rejected": rejected,
        f"{counted(not_run, 'rule')} not run": not_run,
        "no rule applied to any row": nothing_ran,
    }
    return [text for text, holds in texts.items() if holds]


def _reasons(report: Report) -> list[str]:
    reasons = list(report.run.incomplete_reasons)
    if not report.coverage.reconciles:
        reasons.append(
            "the rows do not add up: some row was counted twice or not at all"
            "\n  hint: this is a fault of the program; do not rely on this report, tell its makers"
        )
    return [visible_lines(reason).replace("\n  ", "\n") for reason in reasons or [_NO_REASON]]
