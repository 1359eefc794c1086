"""Tests of rules for people: a line per rule, what failed below it, and what was not covered."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from auditor.reports.escape import visible
from auditor.rules.rule_tests import ExampleResult, PartCoverage, RuleTestReport, RuleTests

_NAMES: Final = 8
"""Width of the names of what is told of a failure."""


def write(report: RuleTestReport, stream: BinaryIO) -> None:
    """Write lines of text that hide nothing from a terminal."""
    stream.writelines(f"{visible(line)}\n".encode() for line in _lines(report))


def _lines(report: RuleTestReport) -> Iterator[str]:
    width = max(len(rule.id) for rule in report.rules)
    for rule in report.rules:
        yield from _rule(report, rule, width)
    passed = report.examples - report.failed
    yield ""
    yield (
        f"{_counted(report.examples, 'example')} of {_counted(len(report.rules), 'rule')}: "
        f"{passed} passed, {report.failed} failed; coverage {report.coverage:.1f} %"
    )
    yield "passed" if report.is_passed else "FAILED"


def _rule(report: RuleTestReport, rule: RuleTests, width: int) -> Iterator[str]:
    shortcomings = list(report.shortcomings(rule))
    mark = "FAIL" if shortcomings or rule.failed else "ok"
    failed = f", {len(rule.failed)} failed" if rule.failed else ""
    examples = _counted(len(rule.examples), "example") + failed
    yield f"{mark:<4}  {rule.id:<{width}}  {examples}, coverage {rule.coverage:.1f} %"
    for text in shortcomings:
        yield f"      {text} ({rule.location})"
    for example in rule.failed:
        yield from _example(example)
    for part in rule.parts:
        if part.missing:
            yield from _part(part)


def _example(example: ExampleResult) -> Iterator[str]:
    yield f"      failed: {example.name}"
    for failure in example.failures:
        told = {"expected": failure.expected, "got": failure.got, "why": failure.why}
        for name, text in told.items():
            if text:
                yield f"        {name:<{_NAMES}}  {text}"
        yield f"        {'at':<{_NAMES}}  {failure.location}"


def _part(part: PartCoverage) -> Iterator[str]:
    yield f"      never {' or '.join(part.missing.names)} in {part.place}: {part.sql}"
    yield f"        {'at':<{_NAMES}}  {part.location}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
