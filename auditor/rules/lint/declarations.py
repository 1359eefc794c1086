"""Parameters, evidence and demands that do nothing; parameter dates out of order."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from auditor.errors import Problem
from auditor.rules.ir import Op, fields_of
from auditor.rules.lint.model import Found, Subject
from auditor.rules.message import names_in
from auditor.rules.model import Rule
from auditor.rules.program import decides
from auditor.rules.yaml_nodes import YamlMap

UNUSED_PARAMETER, UNUSED_EVIDENCE = "unused-parameter", "unused-evidence"
UNUSED_LEVEL = "unused-evidence-level"
DATES_OUT_OF_ORDER = "dates-out-of-order"

_FROM: Final = re.compile(r"(.+_)?from(_.+)?")
_ENDS: Final = ("until", "to")


def look(subject: Subject) -> Iterator[Found]:
    """Declarations that nothing uses, or that contradict each other."""
    yield from _unordered(subject.rule)
    if not subject.nodes:
        return
    rule = subject.rule
    parts = (part for node in subject.nodes.values() for part in node.walk())
    used = {str(part.value) for part in parts if part.op is Op.PARAM}
    for name in rule.params.keys() - used:
        hint = f"use it as :{name}, or remove it"
        yield UNUSED_PARAMETER, _at(rule, "params", name, f"parameter {name!r} is not used", hint)
    yield from _unused_level(subject)
    for name in rule.evidence.keys() - set(names_in(rule.message)):
        hint = f"show it with {{{name}}}, or remove it"
        message = f"evidence {name!r} is not shown in the message"
        yield UNUSED_EVIDENCE, _at(rule, "evidence", name, message, hint)


def _unused_level(subject: Subject) -> Iterator[Found]:
    rule = subject.rule
    deciding = (node for place, node in subject.nodes.items() if decides(place))
    if rule.evidence_level is None or any("jurisdictions" in fields_of(node) for node in deciding):
        return
    message = "no predicate reads jurisdictions, so that no evidence of places is demanded"
    problem = rule.document.values["evidence_level"].problem(message, "remove it")
    yield UNUSED_LEVEL, problem


def _unordered(rule: Rule) -> Iterator[Found]:
    """Two dates named alike but for `from` and `until` (or `to`) are the ends of a span."""
    for name, param in rule.params.items():
        found = _FROM.fullmatch(name)
        for end in _ENDS if found else ():
            last = rule.params.get(_renamed(name, end))
            values = (param.default, last.default if last else None)
            first, until = values
            if isinstance(first, date) and isinstance(until, date) and until <= first:
                message = f"{_renamed(name, end)} {until} is not after {name} {first}"
                yield DATES_OUT_OF_ORDER, _at(rule, "params", _renamed(name, end), message, "")


def _renamed(name: str, end: str) -> str:
    return re.sub(r"(?<![a-z0-9])from(?![a-z0-9])", end, name, count=1)


def _at(rule: Rule, key: str, name: str, message: str, hint: str) -> Problem:
    node = rule.document.values[key]
    if not isinstance(node, YamlMap):  # pragma: no cover - loading sees to it
        raise TypeError(key)
    return node.keys[name].problem(message, hint)
