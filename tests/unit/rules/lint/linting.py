"""A sound rule file, and what lint says of it after some lines were changed."""

from pathlib import Path

from auditor.rules.lint.run import lint
from tests.unit.rules.frames import GROUPS

RULE = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
violation: is_host
message: "{session_id}"
why: because
remediation: mend it
references: [{title: a, publisher: b}]
examples:
  - {name: bad, event: {is_host: true}, expect: violation}
  - {name: good, event: {is_host: false}, expect: compliant}
"""


def changed(old: str, new: str) -> str:
    """The rule with one text replaced."""
    assert old in RULE
    return RULE.replace(old, new)


def remarks(folder: Path, text: str, name: str = "TEST-001.yaml") -> list[str]:
    """What lint says of a file: line, column, check and message."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = lint([str(path)], GROUPS).remarks
    return [f"{r.line}:{r.column}: {r.check.id}: {r.problem.message}" for r in found]
