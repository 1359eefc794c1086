"""Rules made from a few keys and examples, and what testing them shows."""

from pathlib import Path

from auditor.engine.rule_tests import run_examples
from auditor.rules.load import load_rules
from auditor.rules.rule_tests import Failure, RuleTestReport, RuleTests

_HEAD = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
message: "%s"
"""
_MESSAGE = "{session_id} of {account_id} went through {jurisdictions_outside}"


def report_of(
    folder: Path,
    body: str,
    *examples: str,
    message: str = _MESSAGE,
    min_coverage: float = 0,
) -> RuleTestReport:
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    text = _HEAD % message + body + "".join(f"  - {example}\n" for example in examples)
    (rules / "TEST-001.yaml").write_text(text, encoding="utf-8")
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    return run_examples(load_rules([str(rules)]), spool, min_coverage)


def rule_of(folder: Path, body: str, *examples: str, message: str = _MESSAGE) -> RuleTests:
    (rule,) = report_of(folder, body, *examples, message=message).rules
    return rule


def failures_of(folder: Path, body: str, *examples: str, message: str = _MESSAGE) -> list[Failure]:
    tested = rule_of(folder, body, *examples, message=message)
    return [failure for example in tested.examples for failure in example.failures]
