"""The first lines: whether the audit is complete and clean, and if not, what to do."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from auditor.findings import Report
from auditor.reports.document import tally_of
from auditor.reports.escape import visible_lines
from auditor.reports.terminal.text import BAD, GOOD, WARN, bullets, counted, heading, number

_NO_REASON: Final = "the run gave no reason"


def verdict_of(report: Report) -> Iterator[RenderableType]:
    """The verdict, then every reason for which the audit is incomplete, with its hint."""
    yield _verdict(report)
    if not _is_complete(report):
        yield heading("Why it is incomplete")
        yield bullets(_reasons(report), "!")


def _is_complete(report: Report) -> bool:
    return report.run.complete and report.coverage.reconciles


def _verdict(report: Report) -> Text:
    if not _is_complete(report) and not report.count():
        text = "INCOMPLETE, NOT CLEAN: no finding, but not everything could be checked"
        return Text(text, style=BAD)
    if not _is_complete(report):
        return Text(f"INCOMPLETE: {_found(report)}, and not everything could be checked", style=BAD)
    if report.count():
        return Text(f"COMPLETE: {_found(report)}", style=BAD)
    accepted = _accepted(report)
    if accepted:
        return Text(f"COMPLETE: no finding, but {', '.join(accepted)}", style=WARN)
    checked = counted(sum(rule.status == "ran" for rule in report.rules), "rule")
    events = counted(report.coverage.events, "event")
    return Text(f"COMPLETE AND CLEAN: {checked} checked {events}, no finding", style=GOOD)


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


def _accepted(report: Report) -> list[str]:
    unknown = sum(rule.unknown for rule in report.rules)
    not_run = sum(rule.status == "not_run" for rule in report.rules)
    nothing_ran = not any(rule.status == "ran" for rule in report.rules)
    texts = {
        f"{counted(unknown, 'outcome')} unknown": unknown,
        f"{counted(report.coverage.rows_rejected, 'row')} rejected": report.coverage.rows_rejected,
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
