"""Lint as one JSON document; `lint.schema.json` describes it."""

from typing import Final, TextIO

from auditor import __version__
from auditor.reports.escape import json_text
from auditor.rules.lint.model import Level, Remark
from auditor.rules.lint.run import Linted

LINT_SCHEMA: Final = "auditor/lint/v1"


def write(linted: Linted, stream: TextIO) -> None:
    """Write the document and a line end."""
    document = {
        "schema": LINT_SCHEMA,
        "tool": {"name": "auditor", "version": __version__},
        "files": list(linted.files),
        "rules": sorted(rule.id for rule in linted.rules),
        "errors": linted.count(Level.ERROR),
        "warnings": linted.count(Level.WARNING),
        "remarks": [_remark(remark) for remark in linted.remarks],
    }
    stream.write(json_text(document, indent=2) + "\n")


def _remark(remark: Remark) -> dict[str, object]:
    return {
        "check": remark.check.id,
        "level": remark.check.level.value,
        "path": remark.path,
        "line": remark.line,
        "column": remark.column,
        "message": remark.problem.message,
        "hint": remark.problem.hint,
    }
