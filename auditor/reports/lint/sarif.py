"""Lint as SARIF 2.1.0, which code scanning services and editors read."""

from pathlib import PurePath
from typing import Final, TextIO
from urllib.parse import quote

from auditor import __version__
from auditor.reports.escape import json_text
from auditor.rules.lint.checks import CHECKS
from auditor.rules.lint.model import Check, Remark
from auditor.rules.lint.run import Linted

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_INDEX: Final = {id_: number for number, id_ in enumerate(CHECKS)}


def write(linted: Linted, stream: TextIO) -> None:
    """Write one run with all checks as its rules, and a result per remark."""
    driver = {
        "name": "auditor",
        "version": __version__,
        "rules": [_rule(check) for check in CHECKS.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark) for remark in linted.remarks],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    stream.write(json_text(document, indent=2) + "\n")


def _rule(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "shortDescription": {"text": check.summary},
        "defaultConfiguration": {"level": check.level.value},
    }


def _result(remark: Remark) -> dict[str, object]:
    problem = remark.problem
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    location: dict[str, object] = {"artifactLocation": {"uri": _uri(remark.path)}}
    if remark.line is not None:
        region = {"startLine": remark.line}
        if remark.column is not None:
            region["startColumn"] = remark.column
        location["region"] = region
    return {
        "ruleId": remark.check.id,
        "ruleIndex": _INDEX[remark.check.id],
        "level": remark.check.level.value,
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
    }


def _uri(path: str) -> str:
    """A path as a URI reference; a relative one stays relative to wherever lint ran."""
    quoted = quote(PurePath(path).as_posix(), safe="/", errors="surrogateescape")
    return f"file://{quoted}" if PurePath(path).is_absolute() else quoted
