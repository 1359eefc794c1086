"""Lint as workflow commands, which GitHub shows beside the lines of a change."""

from typing import Final, TextIO

from auditor.reports.escape import visible
from auditor.rules.lint.model import Remark
from auditor.rules.lint.run import Linted

_IN_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY: Final = {**_IN_DATA, ":": "%3A", ",": "%2C"}
_DATA: Final = str.maketrans(_IN_DATA)
_PROPERTY: Final = str.maketrans(_IN_PROPERTY)


def write(linted: Linted, stream: TextIO) -> None:
    """Write one command per remark; none where there are none."""
    stream.writelines(f"{_command(remark)}\n" for remark in linted.remarks)


def _command(remark: Remark) -> str:
    properties: dict[str, object] = {"file": remark.path}
    if remark.line is not None:
        properties["line"] = remark.line
    if remark.column is not None:
        properties["col"] = remark.column
    properties["title"] = remark.check.id
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    problem = remark.problem
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    return f"::{remark.check.level} {told}::{visible(message).translate(_DATA)}"


def _property(value: str) -> str:
    return visible(value).translate(_PROPERTY)
