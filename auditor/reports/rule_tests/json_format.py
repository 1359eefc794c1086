"""Tests of rules as one JSON document; `rule-tests.schema.json` describes it."""

from dataclasses import asdict
from typing import BinaryIO, Final

from auditor.reports.escape import json_text
from auditor.rules.rule_tests import ExampleResult, PartCoverage, RuleTestReport, RuleTests

SCHEMA: Final = "auditor/rule-tests/v1"


def write(report: RuleTestReport, stream: BinaryIO) -> None:
    """Write the document."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "auditor", "version": report.version},
        "passed": report.is_passed,
        "summary": {
            "rules": len(report.rules),
            "examples": report.examples,
            "failed": report.failed,
            "coverage": report.coverage,
            "min_coverage": report.min_coverage,
        },
        "rules": [_rule(report, rule) for rule in report.rules],
    }
    stream.write(f"{json_text(document, indent=2)}\n".encode())


def _rule(report: RuleTestReport, rule: RuleTests) -> dict[str, object]:
    shortcomings = list(report.shortcomings(rule))
    return {
        "id": rule.id,
        "title": rule.title,
        "pack": rule.pack,
        "location": rule.location,
        "passed": not shortcomings and not rule.failed,
        "shortcomings": shortcomings,
        "coverage": rule.coverage,
        "examples": [_example(example) for example in rule.examples],
        "parts": [_part(part) for part in rule.parts],
    }


def _example(example: ExampleResult) -> dict[str, object]:
    return {
        "name": example.name,
        "location": example.location,
        "rows": example.rows,
        "passed": example.is_passed,
        "failures": [asdict(failure) for failure in example.failures],
    }


def _part(part: PartCoverage) -> dict[str, object]:
    return {
        "predicate": part.place,
        "sql": part.sql,
        "location": part.location,
        "possible": part.possible.names,
        "seen": part.seen.names,
        "missing": part.missing.names,
    }
