"""Names by which rules are found: file, tags."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from auditor.rules.lint.model import Found, Subject

FILE_NAME, INVALID_TAG = "file-name", "invalid-tag"

_TAG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def look(subject: Subject) -> Iterator[Found]:
    """Names that are not what those who look for them expect."""
    rule = subject.rule
    if PurePath(rule.path).stem != rule.id:
        hint = f"rename the file to {rule.id}.yaml"
        yield FILE_NAME, rule.problem("id", 0, f"the file of {rule.id} has another name", hint)
    for number, tag in enumerate(rule.tags):
        place = f"tags.{number}"
        if not _TAG.fullmatch(tag):
            hint = "write small letters, digits and -"
            yield INVALID_TAG, rule.problem(place, 0, f"{tag!r} is not a tag", hint)
        elif tag in rule.tags[:number]:
            yield INVALID_TAG, rule.problem(place, 0, f"tag {tag!r} is given twice")
