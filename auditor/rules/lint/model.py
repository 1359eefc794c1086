"""What a check finds in a rule file, and what it may look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from auditor.errors import Problem
from auditor.jurisdictions import Groups
from auditor.rules.ir import Node
from auditor.rules.model import Rule


class Level(StrEnum):
    """An error makes a rule wrong or useless; a warning makes it hard to trust or to keep."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule that could be read.

    Attributes:
        nodes: its typed expressions by their place in the file; empty where one has a fault.
        groups: what `group()` and example opt-ins may name.
    """

    rule: Rule
    nodes: Mapping[str, Node]
    groups: Groups


Found = tuple[str, Problem]
"""Id of a check, and what it found."""

Look = Callable[[Subject], Iterator[Found]]
"""What looks at one rule for some of the checks."""


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of finding.

    Attributes:
        id: its stable name.
        summary: one line for people.
    """

    id: str
    level: Level
    summary: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that lint found.

    Attributes:
        path: the file, as the user knows it.
        line, column: where in it, from 1; None where the whole file is meant.
    """

    check: Check
    path: str
    line: int | None
    column: int | None
    problem: Problem
