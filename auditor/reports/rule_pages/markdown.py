"""One rule as a page of Markdown, and all rules as a table that leads to their pages."""

import re
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

_MARKS: Final = re.compile(r"([\\`*_\[\]<>|~#&$])")
_STARTS: Final = re.compile(r"^([-+=]|\d+[.)])")
_CODE: Final = re.compile(r"`([^`]+)`")
_WEB: Final = re.compile(r"https?://[^\s<>]+")
_FENCE: Final = "```"


INDEX: Final = "README.md"


def pages_of(rules: Sequence[Rule]) -> dict[str, str]:
    """File name → page: one per rule, and the index."""
    return {INDEX: index_page(rules)} | {f"{rule.id}.md": rule_page(rule) for rule in rules}


def rule_page(rule: Rule) -> str:
    """Everything that a rule says, as Markdown."""
    parts = [
        f"# {_text(rule.id)}: {_text(rule.title)}",
        _table(("", ""), _properties(rule)),
        "## What violates it",
        *_predicates(rule),
        *_section("Parameters", _params(rule)),
        *_section("Message", [_fenced(rule.message, "text")]),
        *_section("Why", [_prose(rule.why)] if rule.why else []),
        *_section("What to do", [_prose(rule.remediation)] if rule.remediation else []),
        *_section("References", _references(rule.references)),
        *_section("Examples", _examples(rule.examples)),
    ]
    return "\n\n".join(parts) + "\n"


def index_page(rules: Sequence[Rule]) -> str:
    """A table of rules per pack, each leading to `<ID>.md` beside it."""
    parts = ["# Rules", r"Each rule has a page. \*: it runs unless rules are selected."]
    for pack, of_pack in groupby(sorted(rules, key=_place), key=lambda rule: rule.pack):
        lines = [_line(rule) for rule in of_pack]
        parts += [f"## {_text(pack)}", _table(("rule", "severity", "table", "violated by"), lines)]
    return "\n\n".join(parts) + "\n"


def _place(rule: Rule) -> tuple[str, str]:
    return rule.pack, rule.id


def _line(rule: Rule) -> Sequence[str]:
    mark = r"\*" if runs_by_default(rule) else ""
    name = _text(rule.id)
    return f"[{name}]({rule.id}.md){mark}", rule.severity.value, rule.table, _text(rule.title)


def _properties(rule: Rule) -> Iterator[Sequence[str]]:
    yield "severity", rule.severity.value
    yield "pack", _text(rule.pack)
    yield "judges", f"rows of {rule.table}"
    yield "one finding per", rule.subject
    yield "in force", _text(period_text(rule))
    yield "tags", ", ".join(_code(tag) for tag in rule.tags) or "none"
    yield "runs", "by default" if runs_by_default(rule) else f"with {_code(f'--select {rule.id}')}"


def _predicates(rule: Rule) -> Iterator[str]:
    if rule.applies is None:
        yield f"It applies to every row{' of that time' if rule.effective.clock else ''}."
    else:
        yield "It applies to rows for which this is true:"
        yield _fenced(rule.applies, "sql")
    yield "Such a row violates it if this is true:"
    yield _fenced(rule.violation, "sql")
    for clause in rule.undecided:
        yield f"A row that would be compliant is unknown ({_text(clause.because)}) if this is true:"
        yield _fenced(clause.when, "sql")
    if rule.evidence_level is not None:
        yield (
            f"A hop counts where its place is known as surely as {_code(rule.evidence_level)}; "
            "else it is unresolved."
        )
    if rule.basis is not None:
        yield "A finding's `basis` is:"
        yield _fenced(rule.basis, "sql")
    for name, sql in rule.evidence.items():
        yield f"The message's {_code(name)} is:"
        yield _fenced(sql, "sql")


def _params(rule: Rule) -> Iterator[str]:
    params = params_of(rule).values()
    if params:
        lines = [
            (_code(p.name), p.type.value, _code(value_text(p.default)), _text(p.meaning))
            for p in params
        ]
        yield _table(("name", "type", "default", "meaning"), lines)


def _references(references: Sequence[Reference]) -> Iterator[str]:
    lines = [f"- {_reference(reference)}" for reference in references]
    if lines:
        yield "\n".join(lines)


def _reference(reference: Reference) -> str:
    title = _text(reference.title)
    is_link = _WEB.fullmatch(reference.url) is not None
    shown = f"[{title}](<{reference.url}>)" if is_link else title
    where = _text(reference.url) if reference.url and not is_link else ""
    day = str(reference.published) if reference.published else "undated"
    return ", ".join(part for part in (shown, _text(reference.publisher), day, where) if part)


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    lines = [(_text(example.name), _rows(example), outcomes_of(example)) for example in examples]
    if lines:
        yield "What a row leaves out has its default, or is missing."
        yield _table(("example", "row", "outcome"), lines)


def _rows(example: Example) -> str:
    """The rows of an example in one cell of a table."""
    given = params_text(example)
    rows = "; then ".join(_code(text) for text in rows_of(example))
    return f"{rows} with {_code(given)}" if given else rows


def _section(title: str, body: Iterable[str]) -> list[str]:
    parts = list(body)
    return [f"## {title}", *parts] if parts else []


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _text(text: str) -> str:
    """Text on one line in which nothing is Markdown."""
    line = visible(" ".join(text.split()))
    return _STARTS.sub(r"\\\1", _MARKS.sub(r"\\\1", line)) if line else ""


def _prose(text: str) -> str:
    """The same, but for words between backticks, which are code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        _code(part) if number % 2 else _MARKS.sub(r"\\\1", visible(part))
        for number, part in enumerate(parts)
    )


def _code(text: str) -> str:
    """A span of code that ends no table's cell."""
    line = visible(" ".join(text.split())).replace("|", r"\|")
    ticks = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if "`" in line else ""
    return f"{ticks}{pad}{line}{pad}{ticks}" if line else ""


def _fenced(text: str, language: str) -> str:
    lines = [visible(line) for line in text.strip().splitlines()]
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(len(_FENCE), longest + 1)
    return "\n".join([fence + language, *lines, fence])
