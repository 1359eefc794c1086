"""Tests of rules as JUnit XML: a suite per rule, a case per example."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from auditor.reports.escape import visible
from auditor.rules.rule_tests import ExampleResult, RuleTestReport, RuleTests


def write(report: RuleTestReport, stream: BinaryIO) -> None:
    """Write the document.

    Texts are made visible first, which leaves no character that XML 1.0 forbids.
    """
    root = Element("testsuites", name="auditor rules test")
    suites = [_suite(root, report, rule) for rule in report.rules]
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in suites)))
    indent(root)
    ElementTree(root).write(stream, encoding="utf-8", xml_declaration=True)
    stream.write(b"\n")


def _suite(root: Element, report: RuleTestReport, rule: RuleTests) -> Element:
    suite = SubElement(root, "testsuite", name=visible(rule.id))
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="location", value=visible(rule.location))
    SubElement(properties, "property", name="coverage", value=f"{rule.coverage:.1f}")
    cases = [_case(suite, rule, example.name, _failures(example)) for example in rule.examples]
    cases += [
        _case(suite, rule, "examples as a whole", [f"{text}\nat: {rule.location}"])
        for text in report.shortcomings(rule)
    ]
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(len(case) for case in cases)))
    suite.set("errors", "0")
    return suite


def _case(suite: Element, rule: RuleTests, name: str, failures: list[str]) -> Element:
    """A case; one failure tells all that is wrong, for readers that show no more than one."""
    case = SubElement(suite, "testcase", classname=visible(rule.id), name=visible(name))
    if failures:
        lines = [visible(line) for line in "\n\n".join(failures).split("\n")]
        failure = SubElement(case, "failure", type="expectation", message=lines[0])
        failure.text = "\n".join(lines)
    return case


def _failures(example: ExampleResult) -> list[str]:
    return ["\n".join(_told(example, number)) for number in range(len(example.failures))]


def _told(example: ExampleResult, number: int) -> Iterator[str]:
    failure = example.failures[number]
    yield f"expected {visible(failure.expected)}, got {visible(failure.got)}"
    if failure.why:
        yield f"why: {visible(failure.why)}"
    yield f"at: {visible(failure.location)}"
