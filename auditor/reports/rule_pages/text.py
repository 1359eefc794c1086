"""Rules for a terminal of eighty columns: all of one, and a list of many."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from auditor.reports.escape import visible
from auditor.reports.rule_pages.words import (
    outcomes_of,
    params_text,
    period_text,
    rows_of,
    runs_by_default,
    value_text,
)
from auditor.rules.model import Example, Reference, Rule
from auditor.rules.params import params_of

_WIDTH: Final = 80
_LABEL: Final = 11
_GAP: Final = "  "


def page_lines(rule: Rule) -> Iterator[str]:
    """Everything that a rule says."""
    yield from _wrapped(f"{rule.id}: {rule.title}")
    yield ""
    for label, text in _facts(rule):
        yield from _labelled(label, text)
    yield from _section("Why", _wrapped(rule.why))
    yield from _section("What to do", _wrapped(rule.remediation))
    yield from _section("References", _references(rule.references))
    yield from _section("Examples", _each(_example(one) for one in rule.examples))


def list_lines(rules: Sequence[Rule]) -> Iterator[str]:
    """Rules by pack, those that run by default marked; what they find, and their tags."""
    ids = max((len(visible(rule.id)) for rule in rules), default=0)
    ordered = sorted(rules, key=lambda rule: (rule.pack, rule.id))
    for pack, of_pack in groupby(ordered, key=lambda rule: rule.pack):
        yield visible(pack)
        for rule in of_pack:
            mark = "*" if runs_by_default(rule) else " "
            head = f"{mark} {visible(rule.id):<{ids}}  {rule.severity:<8}  {rule.table:<6}  "
            room = max(_WIDTH - len(head), _LABEL)
            lines = [*_wrapped(rule.title, room), *_wrapped(_tags(rule), room)]
            for number, line in enumerate(lines):
                yield f"{'' if number else head:<{len(head)}}{line}".rstrip()
        yield ""
    if any(runs_by_default(rule) for rule in rules):
        yield "* runs unless rules are selected"


def _tags(rule: Rule) -> str:
    return f"[{', '.join(rule.tags)}]" if rule.tags else ""


def _facts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "severity", rule.severity.value
    yield "pack", rule.pack
    yield "judges", f"rows of {rule.table}; one finding per {rule.subject}"
    yield "runs", "by default" if runs_by_default(rule) else f"with --select {rule.id}"
    yield "tags", ", ".join(rule.tags) or "none"
    yield "in force", period_text(rule)
    yield "applies", rule.applies or "to every row"
    yield "violation", rule.violation
    for clause in rule.undecided:
        yield "unknown", f"{clause.when} ({clause.because})"
    if rule.evidence_level is not None:
        yield "evidence", f"places count if known as surely as: {rule.evidence_level}"
    for param in params_of(rule).values():
        head = f"{param.name} ({param.type}, default {value_text(param.default)})"
        yield "parameter", f"{head}: {param.meaning}" if param.meaning else head
    yield "message", rule.message
    for name, sql in rule.evidence.items():
        yield "evidence", f"{name}: {sql}"
    if rule.basis is not None:
        yield "basis", rule.basis


def _references(references: Iterable[Reference]) -> Iterator[str]:
    for one in references:
        yield from _each([f"{one.title}, {one.publisher}, {one.published or 'undated'}"])
        # NOTE: addresses have a line of their own, so that few are cut
        yield from (f"{_GAP}{line}" for line in _wrapped(one.url, _WIDTH - len(_GAP)))


def _example(example: Example) -> str:
    params = params_text(example)
    given = f" with {params}" if params else ""
    return f"{outcomes_of(example)}: {example.name}{given} ({'; then '.join(rows_of(example))})"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = list(lines)
    if body:
        yield from ("", title, *body)


def _labelled(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(_wrapped(text, _WIDTH - _LABEL) or [""]):
        yield f"{'' if number else label:<{_LABEL}}{line}".rstrip()


def _each(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for number, line in enumerate(_wrapped(text, _WIDTH - len(_GAP))):
            yield f"{_GAP if number else '- '}{line}"


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    # NOTE: made visible first, so that what a terminal would obey has its width too
    line = visible(" ".join(text.split()))
    # NOTE: an address in two parts can neither be followed nor copied
    return textwrap.wrap(line, width, break_on_hyphens=False, break_long_words=False)
