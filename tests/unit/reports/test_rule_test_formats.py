"""Tests of rules as text, JSON and JUnit XML."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from auditor.reports.rule_tests import RULE_TEST_FORMATS
from auditor.rules.rule_tests import (
    ExampleResult,
    Failure,
    PartCoverage,
    RuleTestReport,
    RuleTests,
    Truth,
)

_SCHEMA = Path(__file__).parents[3] / "auditor/reports/rule-tests.schema.json"
_HOSTILE = "a\x00b\x1b[31m<&\"'>\ud800\ufffe\n]]>\u202e"

_FAILED = ExampleResult(
    "a hop outside",
    "r.yaml:9:5",
    1,
    [
        Failure("compliant", "violation", "s1 went through CN", "r.yaml:9:5"),
        Failure("a message with: x", "y", "", "r.yaml:9:5"),
    ],
)
_PART = PartCoverage(
    "violation", "is_host", "r.yaml:7:12", Truth.TRUE | Truth.FALSE | Truth.NULL, Truth.TRUE
)


def _rule(*examples: ExampleResult, parts: tuple[PartCoverage, ...] = (_PART,)) -> RuleTests:
    return RuleTests("TEST-001", "a title", "pack", "r.yaml:2:5", examples, parts)


def _written(format_: str, *rules: RuleTests, min_coverage: float = 0.0) -> str:
    stream = io.BytesIO()
    RULE_TEST_FORMATS[format_](RuleTestReport("1.0", rules, min_coverage), stream)
    return stream.getvalue().decode()


def test_text_tells_what_failed_and_what_was_not_covered() -> None:
    rule = _rule(ExampleResult("fine", "r.yaml:8:5", 1), _FAILED)

    assert (
        _written("text", rule)
        == """\
FAIL  TEST-001  2 examples, 1 failed, coverage 33.3 %
      failed: a hop outside
        expected  compliant
        got       violation
        why       s1 went through CN
        at        r.yaml:9:5
        expected  a message with: x
        got       y
        at        r.yaml:9:5
      never false or null in violation: is_host
        at        r.yaml:7:12

2 examples of 1 rule: 1 passed, 1 failed; coverage 33.3 %
FAILED
"""
    )


def test_text_says_what_a_rule_as_a_whole_lacks() -> None:
    text = _written("text", _rule(parts=()), min_coverage=50)

    assert text.splitlines()[:2] == [
        "FAIL  TEST-001  0 examples, coverage 100.0 %",
        "      has no examples: nothing was tested (r.yaml:2:5)",
    ]


def test_json_holds_all_of_it_as_its_schema_says() -> None:
    document = json.loads(_written("json", _rule(_FAILED), min_coverage=90))

    jsonschema.validate(document, json.loads(_SCHEMA.read_text(encoding="utf-8")))
    assert document["schema"] == "auditor/rule-tests/v1"
    assert document["passed"] is False
    assert document["summary"] == {
        "rules": 1, "examples": 1, "failed": 1, "coverage": 33.3, "min_coverage": 90,
    }  # fmt: skip
    (rule,) = document["rules"]
    assert rule["shortcomings"] == ["coverage of 33.3 % is below 90 %"]
    assert rule["examples"][0]["failures"][0] == {
        "expected": "compliant", "got": "violation", "why": "s1 went through CN",
        "location": "r.yaml:9:5",
    }  # fmt: skip
    assert rule["parts"] == [
        {"predicate": "violation", "sql": "is_host", "location": "r.yaml:7:12",
         "possible": ["true", "false", "null"], "seen": ["true"], "missing": ["false", "null"]}
    ]  # fmt: skip


def test_junit_has_a_case_per_example_and_one_failure_in_each_that_failed() -> None:
    passed = ExampleResult("fine", "r.yaml:8:5", 1)

    root = ET.fromstring(_written("junit", _rule(passed, _FAILED), min_coverage=90))

    (suite,) = root
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "2")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("TEST-001", "3", "2")
    cases = {case.get("name"): case.findall("failure") for case in suite.iter("testcase")}
    assert {name: len(failures) for name, failures in cases.items()} == {
        "fine": 0, "a hop outside": 1, "examples as a whole": 1,
    }  # fmt: skip
    (failure,) = cases["a hop outside"]
    assert failure.get("message") == "expected compliant, got violation"
    assert failure.text == (
        "expected compliant, got violation\nwhy: s1 went through CN\nat: r.yaml:9:5\n\n"
        "expected a message with: x, got y\nat: r.yaml:9:5"
    )


@pytest.mark.parametrize("format_", RULE_TEST_FORMATS)
def test_hostile_texts_are_shown_and_not_obeyed(format_: str) -> None:
    failure = Failure(_HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE)
    part = PartCoverage("violation", _HOSTILE, _HOSTILE, Truth.TRUE, Truth.NONE)
    example = ExampleResult(_HOSTILE, _HOSTILE, 1, [failure])

    text = _written(format_, RuleTests("TEST-001", _HOSTILE, "p", _HOSTILE, [example], [part]))

    assert not set(text) & set("\x00\x1b\ud800\ufffe\u202e")
    if format_ == "json":
        json.loads(text)
    if format_ == "junit":
        suite = ET.fromstring(text)[0]
        shown = "a\\x00b\\x1b[31m<&\"'>\\ud800\\ufffe\\x0a]]>\\u202e"
        assert suite[1].get("name") == shown
        assert shown in str(suite[1][0].text)
