"""Tests of rules to bytes: the table of formats, the only place where one is named."""

from collections.abc import Callable
from typing import BinaryIO, Final

from auditor.reports.rule_tests import json_format, junit_format, text_format
from auditor.rules.rule_tests import RuleTestReport

RULE_TEST_FORMATS: Final[dict[str, Callable[[RuleTestReport, BinaryIO], None]]] = {
    "text": text_format.write,
    "json": json_format.write,
    "junit": junit_format.write,
}
