"""The explanation as a page for people: what was found, why, and what the rule has to say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from rich.console import RenderableType
from rich.text import Text

from auditor.explanation import Check, Condition, Decision, Explanation, RuleWords
from auditor.reports.escape import visible
from auditor.reports.explaining.rows import row_of
from auditor.reports.explaining.values import value_text
from auditor.reports.terminal.page import write_page
from auditor.reports.terminal.text import BAD, WARN, Hanging, bullets, heading

_LABEL: Final = 15
_FINDING: Final = (
    "id", "message", "subject", "events", "first_at", "last_at", "media_bytes", "route",
    "jurisdictions", "jurisdictions_outside", "opted_in", "basis", "start_basis", "policy",
    "boundary", "rows", "state", "waiver",
)  # fmt: skip

_OTHER: Final = "This is not, or not wholly, an explanation of what the report is about"
_SHORT: Final = "Not all that was named could be read"


def write_text(explanation: Explanation, stream: BinaryIO) -> None:
    """Writes the page; rows that are decided as the first one is are only named."""
    write_page(_page(explanation), stream)


def _page(explanation: Explanation) -> Iterator[RenderableType]:
    rule = explanation.rule
    if rule is not None:
        yield Hanging(Text(visible(rule.title), "bold"), f"{rule.id} ({rule.severity})  ")
    if explanation.problems:
        yield heading(_SHORT if explanation.finding is None else _OTHER)
        yield bullets([Text(visible(one), BAD) for one in explanation.problems])
    if explanation.finding is not None:
        yield from _finding(explanation.finding)
    yield from _checks(explanation.checks)
    yield from _rows(explanation.rows)
    if rule is not None:
        yield from _words(rule)


def _finding(finding: Mapping[str, object]) -> Iterator[RenderableType]:
    yield heading("The finding, as the report has it")
    for name in _FINDING:
        value = finding.get(name)
        if value is not None and value != []:
            yield _line(name.replace("jurisdictions_", ""), _shown(value))


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        given = {name: item for name, item in value.items() if item is not None}
        return ", ".join(f"{visible(name)} {_shown(item)}" for name, item in given.items())
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return _places((str(one["path"]), one["row"]) for one in value)
    return value_text(value)


def _places(places: Iterable[tuple[str, object]]) -> str:
    """Rows by file."""
    by_path: dict[str, list[str]] = {}
    for path, row in places:
        by_path.setdefault(path, []).append(str(row))
    return "; ".join(
        f"{visible(path)}, row{'s' if len(rows) > 1 else ''} {', '.join(rows)}"
        for path, rows in by_path.items()
    )


def _line(label: str, text: str, style: str = "") -> Hanging:
    return Hanging(Text(text, style), f"  {label.replace('_', ' '):<{_LABEL}}")


def _checks(checks: Sequence[Check]) -> Iterator[RenderableType]:
    """What was compared with the report, by state; worst first."""
    if not checks:
        return
    yield heading("Compared with the report")
    styles = {"missing": BAD, "changed": BAD, "not verified": WARN, "same": ""}
    for state, style in styles.items():
        names = [f"{one.kind} {visible(one.name)}" for one in checks if one.state == state]
        if names:
            yield _line(state, "; ".join(names), style)


def _rows(rows: Sequence[Decision]) -> Iterator[RenderableType]:
    if not rows:
        return
    yield heading("What led to the outcome, row by row")
    first, *others = rows
    yield from row_of(first)
    alike = [row for row in others if _essence(row) == _essence(first)]
    for row in others:
        if row not in alike:
            yield from row_of(row)
    if alike:
        yield Text()
        yield _line("Likewise", _places((row.path, row.row) for row in alike))
        yield _line("", "--format json has their values")


def _essence(row: Decision) -> object:
    """What two rows share that came to the same outcome for the same reasons."""
    doubts = [_truths(doubt.when) for doubt in row.undecided]
    force = row.in_force and row.in_force.truth
    return row.outcome, row.because, _truths(row.applies), force, _truths(row.violation), doubts


def _truths(condition: Condition | None) -> object:
    if condition is None:
        return None
    return condition.truth, [_truths(part) for part in condition.parts]


def _words(rule: RuleWords) -> Iterator[RenderableType]:
    for title, text in (("Why", rule.why), ("What to do", rule.remediation)):
        if text:
            yield heading(title)
            yield Hanging(Text(visible(" ".join(text.split()))), "  ")
    if rule.references:
        yield heading("References")
        yield bullets([visible(one) for one in rule.references])
    yield heading("The rule")
    yield _line("file", visible(rule.path))
    for name, value in rule.params.items():
        yield _line("parameter", f"{name} = {value_text(value)}")
