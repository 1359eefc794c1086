"""Lint for people: place, message, the line with a caret, a hint; then the sums."""

from collections.abc import Iterator
from typing import TextIO

from auditor.reports.escape import visible
from auditor.rules.lint.model import Level, Remark
from auditor.rules.lint.run import Linted


def write(linted: Linted, stream: TextIO) -> None:
    """Write what was found, and how many files were looked at."""
    for remark in linted.remarks:
        stream.writelines(f"{visible(line)}\n" for line in _lines(remark))
    files, rules = len(linted.files), len(linted.rules)
    errors, warnings = (linted.count(level) for level in (Level.ERROR, Level.WARNING))
    stream.write(
        f"{_many(files, 'file')}, {_many(rules, 'rule')}: "
        f"{_many(errors, 'error')}, {_many(warnings, 'warning')}\n"
    )


def _lines(remark: Remark) -> Iterator[str]:
    problem, check = remark.problem, remark.check
    yield f"{problem.location}: {check.level}: {problem.message} [{check.id}]"
    for line in problem.excerpt.splitlines():
        yield f"  {line.expandtabs(4)}"
    if problem.hint:
        yield f"  hint: {problem.hint}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
