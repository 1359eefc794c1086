"""The table of rules, and notes on those that did not decide every row."""

from collections.abc import Iterator, Sequence
from itertools import chain

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from auditor.findings import Report, RuleResult
from auditor.reports.escape import visible
from auditor.reports.terminal.text import (
    BAD,
    QUIET,
    SEVERITY_STYLES,
    SHOWN,
    WARN,
    bullets,
    counted,
    heading,
    number,
)

_STATUSES = {"never_applied": "never applied", "not_run": "not run"}


def rules_of(report: Report) -> Iterator[RenderableType]:
    """One line per selected rule, worst severity first, with the rows in each outcome."""
    rules = sorted(report.rules, key=lambda rule: -rule.severity.rank)
    yield heading("Rules, and the rows by outcome")
    yield _table(rules)
    notes = list(chain.from_iterable(_notes(rule, report) for rule in rules))
    if notes:
        yield bullets(notes)


def _table(rules: Sequence[RuleResult]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False)
    table.add_column("rule", overflow="fold")
    table.add_column("severity", no_wrap=True)
    for name in ("violation", "compliant", "unknown", "n.a.", "findings"):
        table.add_column(name, justify="right", overflow="fold")
    for rule in rules:
        severity = Text(rule.severity.value, style=SEVERITY_STYLES[rule.severity])
        table.add_row(Text(visible(rule.id)), severity, *_counts(rule))
    return table


def _counts(rule: RuleResult) -> list[Text]:
    if rule.status == "not_run":
        return [*(Text("-", style=QUIET) for _ in range(4)), Text("not run", style=BAD)]
    counts = (rule.violation, rule.compliant, rule.unknown, rule.not_applicable)
    styles = (BAD, "", WARN, QUIET)
    cells = [
        Text(number(count), style=style if count else QUIET)
        for count, style in zip(counts, styles, strict=True)
    ]
    last = _STATUSES.get(rule.status, number(rule.findings))
    return [*cells, Text(last, style=BAD if rule.findings else "")]


def _notes(rule: RuleResult, report: Report) -> Iterator[str]:
    """What the table does not tell of a rule, and the reasons of incompleteness do not either."""
    name = visible(rule.id)
    if rule.status == "not_run":
        yield f"{name} was not run: {visible(rule.not_run_reason or 'no reason was given')}"
    if rule.status == "never_applied" and (report.run.complete or _is_any_run(report)):
        yield f"{name} never applied: no row was in its scope"
    if rule.unknown and not _is_told(rule, report):
        yield f"{name} could not decide {counted(rule.unknown, 'row')}: {_unknown_reasons(rule)}"
    if rule.boundary_rows:
        yield (
            f"{name} has {counted(rule.boundary_rows, 'row')} which would be violations if its "
            f"dates were meant otherwise: it {visible(rule.boundary or 'depends on them')}"
        )


def _is_any_run(report: Report) -> bool:
    return any(rule.status == "ran" for rule in report.rules)


def _is_told(rule: RuleResult, report: Report) -> bool:
    """Whether the only reason of the rule's unknown rows is one why the audit is incomplete."""
    told = (reason.startswith(f"{rule.id} ") for reason in report.run.incomplete_reasons)
    return len(rule.unknown_reasons) == 1 and any(told)


def _unknown_reasons(rule: RuleResult) -> str:
    shown = [f"{visible(one.value)} ({number(one.rows)})" for one in rule.unknown_reasons[:SHOWN]]
    rest = len(rule.unknown_reasons) - SHOWN
    more = [f"and {counted(rest, 'more reason')}"] if rest > 0 else []
    return "; ".join([*shown, *more]) or "no reason was given"
