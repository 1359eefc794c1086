"""Groups of countries that a predicate names and nobody knows."""

from collections.abc import Iterator

from auditor.errors import did_you_mean
from auditor.rules.faults import FaultKind
from auditor.rules.ir import Op
from auditor.rules.lint.model import Found, Subject


def look(subject: Subject) -> Iterator[Found]:
    """Every group that is not known, where it is named."""
    for place, node in subject.nodes.items():
        for part in node.walk():
            name = str(part.value)
            if part.op in {Op.GROUP, Op.IN_GROUP} and name not in subject.groups:
                hint = did_you_mean(name, subject.groups.names)
                problem = subject.rule.problem(place, part.at, f"unknown group {name!r}", hint)
                yield FaultKind.UNKNOWN_GROUP, problem
