"""Predicates, and parts of them, that are certain to miss a truth; comparisons with NULL."""

from collections.abc import Iterator, Mapping
from datetime import date

from auditor.rules.ir import Node, Op, Type, Value, fields_in_order
from auditor.rules.lint.comparisons import resolved
from auditor.rules.lint.domains import Domain
from auditor.rules.lint.model import Found, Subject
from auditor.rules.lint.truth import Conflict, Needs, Truth
from auditor.rules.literals import midnight
from auditor.rules.model import Rule
from auditor.rules.parse import room_to_recurse
from auditor.rules.period import period_of
from auditor.schema import FACTS

NEVER_TRUE, NEVER_FALSE, NEVER_DECIDED = "never-true", "never-false", "never-decided"
NULL_COMPARISON, CONSTANT_PART = "null-comparison", "constant-part"

_COMPARISONS = frozenset({Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.IN, Op.BETWEEN, Op.LIKE})
_IS_NULL = "ask with IS NULL or IS NOT NULL"


def look(subject: Subject) -> Iterator[Found]:
    """What is certain about the truth of each predicate."""
    if not subject.nodes:
        return
    with room_to_recurse():
        found = list(_Predicates(subject).found())
    yield from found


def predicates_of(rule: Rule, nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The expressions with days as instants of the rule's zone, and constants worked out."""

    def instant(value: Value) -> Value:
        is_day = isinstance(value, date) and rule.effective.timezone is not None
        return midnight(value, str(rule.effective.timezone)) if is_day else value  # type: ignore[arg-type]  # a day, as just asked

    return {place: resolved(node, instant) for place, node in nodes.items()}


def period_needs(rule: Rule, truth: Truth) -> Needs:
    """What the rule's period asks of its clock, whatever zone its dates are taken in."""
    period = period_of(rule.effective, rule.effective.timezone)
    field = FACTS[rule.table].get(str(period.clock))
    if field is None:
        return {}
    clock = truth.term(Node(Op.FIELD, Type.TIME, value=field.name))
    low = period.begins.earliest if period.begins else None
    high = period.until.latest if period.until else None
    return {clock: Domain(low=low, high=high, has_high=False, may_be_null=False)}


class _Predicates:
    def __init__(self, subject: Subject) -> None:
        self._rule = subject.rule
        self._nodes = predicates_of(subject.rule, subject.nodes)
        self._truth = Truth(FACTS[subject.rule.table])

    def found(self) -> Iterator[Found]:
        told: set[str] = set()
        for place, node in self._nodes.items():
            found = list(self._nulls(place, node))
            if not found and node.type is Type.BOOLEAN:
                found = list(self._whole(place, node))
            told |= {place} if found else set()
            yield from found or self._parts(place, node)
        if not told & {"applies", "violation"}:
            yield from self._together(told)

    def _nulls(self, place: str, node: Node) -> Iterator[Found]:
        for part in node.walk():
            if part.op in _COMPARISONS and any(arg.is_null for arg in part.args):
                yield self._at(NULL_COMPARISON, place, part.at, f"{part.op} NULL is NULL", _IS_NULL)

    def _whole(self, place: str, node: Node) -> Iterator[Found]:
        true, false = (self._truth.needs(node, want=want) for want in (True, False))
        if isinstance(true, Conflict) and isinstance(false, Conflict):
            yield self._at(NEVER_DECIDED, place, true.at, f"{place} is never TRUE and never FALSE")
        elif isinstance(true, Conflict):
            yield self._never(NEVER_TRUE, place, true, "is never TRUE")
        elif isinstance(false, Conflict) and not place.startswith("undecided."):
            yield self._never(NEVER_FALSE, place, false, "is never FALSE")

    def _parts(self, place: str, node: Node) -> Iterator[Found]:
        """The outermost conditions below `node` that are constant."""
        for part in node.args:
            if part.type is not Type.BOOLEAN or part.is_literal:
                yield from self._parts(place, part)
                continue
            true, false = (self._truth.needs(part, want=want) for want in (True, False))
            if isinstance(true, Conflict):
                yield self._never(CONSTANT_PART, place, true, "has a part that is never TRUE")
            elif isinstance(false, Conflict):
                yield self._never(CONSTANT_PART, place, false, "has a part that is never FALSE")
            else:
                yield from self._parts(place, part)

    def _together(self, told: set[str]) -> Iterator[Found]:
        """What `applies` and the period leave of `violation`, and those of `undecided`."""
        applies = self._nodes.get("applies")
        scope = self._truth.all_of(
            [
                period_needs(self._rule, self._truth),
                {} if applies is None else self._truth.needs(applies, want=True),
            ]
        )
        if isinstance(scope, Conflict):
            yield self._never(NEVER_TRUE, "applies", scope, "is never TRUE within the period")
            return
        violation = self._nodes["violation"]
        parts = [self._truth.needs(violation, want=want) for want in (True, False)]
        violating, compliant = (self._truth.all_of([scope, part]) for part in parts)
        if isinstance(violating, Conflict):
            yield self._never(
                NEVER_TRUE, "violation", violating, "is never TRUE where the rule applies"
            )
        if isinstance(compliant, Conflict):
            yield self._never(
                NEVER_FALSE, "violation", compliant, "is never FALSE where the rule applies"
            )
            return
        for place, node in self._nodes.items():
            if place.startswith("undecided.") and place not in told:
                doubt = self._truth.all_of([compliant, self._truth.needs(node, want=True)])
                if isinstance(doubt, Conflict):
                    what = "is never TRUE where a row would be compliant"
                    yield self._never(NEVER_TRUE, place, doubt, what)

    def _never(self, check: str, place: str, conflict: Conflict, what: str) -> Found:
        names = " and ".join(fields_in_order(conflict.term))
        why = f": no value of {names} fits" if names else ""
        return self._at(check, place, conflict.at, f"{place} {what}{why}")

    def _at(self, check: str, place: str, at: int, message: str, hint: str = "") -> Found:
        return check, self._rule.problem(place, at, message, hint)
