"""Which truths a predicate can have: TRUE, FALSE, NULL, or less; only what is certain is excluded.

A predicate is certain to miss a truth where what that truth asks of some term leaves the term no
value. Parameters may have any value: what only their defaults exclude is not excluded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from auditor.jurisdictions import COUNTRIES
from auditor.rules.fold import folded
from auditor.rules.ir import Node, Op, Type, Value
from auditor.rules.lint.comparisons import (
    MIRRORED,
    OPPOSITE,
    allowed_by,
    is_out_of_case,
    listed_of,
    plain,
)
from auditor.rules.lint.domains import NOT_NULL, ONLY_NULL, Domain
from auditor.rules.lint.nulls import Nulls
from auditor.schema import Field, Kind


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a truth is impossible: no value is left for `term`, as of character `at`."""

    term: Node
    at: int


Facts = Mapping[Node, Domain]
"""Term → what it must be; a term that is not there may be anything."""

Needs = Facts | Conflict


class _Need(Protocol):
    def __call__(self, node: Node, *, want: bool) -> Needs: ...


class Truth:
    """Answers for the predicates of one rule.

    Args:
        fields: the fields of its table.
        missing: fields that are NULL on every row.
    """

    def __init__(self, fields: Mapping[str, Field], missing: Iterable[str] = ()) -> None:
        self._fields = fields
        self.nulls = Nulls(fields, missing)
        self._known: dict[tuple[int, bool], tuple[Node, Needs]] = {}
        self._terms: dict[int, tuple[Node, Node]] = {}
        self._by_op: Mapping[Op, _Need] = {
            **dict.fromkeys((Op.AND, Op.OR), self._connector),
            **dict.fromkeys(OPPOSITE, self._comparison),
            Op.NOT: self._negation,
            Op.LITERAL: self._literal,
            Op.BETWEEN: self._between,
            Op.IN: self._membership,
            Op.IS_NULL: self._is_null,
            Op.LIKE: self._like,
            Op.CASE: self._case,
            Op.COALESCE: self._coalesce,
        }

    def needs(self, node: Node, *, want: bool) -> Needs:
        """What must hold for `node` to be TRUE (or FALSE), or why it cannot be."""
        found = self._known.get((id(node), want))
        if found is None:
            # NOTE: the node is kept, so that its id stays its own.
            found = node, self._by_op.get(node.op, self._opaque)(node, want=want)
            self._known[id(node), want] = found
        return found[1]

    def all_of(self, parts: Iterable[Needs]) -> Needs:
        """What must hold for all at once."""
        found: dict[Node, Domain] = {}
        for part in parts:
            if isinstance(part, Conflict):
                return part
            for term, domain in part.items():
                left = found.get(term, self._base(term)).meet(domain)
                if left.is_empty:
                    return Conflict(term, domain.at)
                found[term] = left
        return found

    def any_of(self, parts: Iterable[Needs]) -> Needs:
        """What holds whichever of them does; a conflict where none can."""
        listed = list(parts)
        possible = [part for part in listed if not isinstance(part, Conflict)]
        if not possible:
            return listed[0]
        first, *others = possible
        found = dict(first)
        for other in others:
            found = {
                term: replace(domain.join(other[term]), at=domain.at)
                for term, domain in found.items()
                if term in other
            }
        return found

    def term(self, node: Node) -> Node:
        """The same expression wherever it stands."""
        found = self._terms.get(id(node))
        if found is None:
            args = tuple(self.term(arg) for arg in node.args)
            found = node, replace(node, args=args, at=0, label="")
            self._terms[id(node)] = found
        return found[1]

    def _base(self, term: Node) -> Domain:
        field = self._fields.get(str(term.value)) if term.op is Op.FIELD else None
        domain = Domain(
            may_be_null=self.nulls.may_be(term), may_be_known=not self.nulls.must_be(term)
        )
        if term.type is Type.BOOLEAN:
            domain = replace(domain, values=frozenset({True, False}))
        elif term.op is Op.FIELD and term.type is Type.CHOICE:
            domain = replace(domain, values=frozenset(term.choices))
        elif term.op is Op.FIELD and term.type is Type.COUNTRY:
            domain = replace(domain, values=frozenset(COUNTRIES))
        elif field is not None and field.kind is Kind.BYTES:
            domain = replace(domain, low=0)
        return domain

    def known(self, node: Node) -> dict[Node, Domain]:
        """What must hold for `node` not to be NULL."""
        found: dict[Node, Domain] = {}
        todo = [node]
        while todo:
            part = todo.pop()
            if part.op is Op.LITERAL or part.op is Op.GROUP:
                continue
            found[self.term(part)] = replace(NOT_NULL, at=part.at)
            todo += self.nulls.strict_args(part)
        return found

    def _connector(self, node: Node, *, want: bool) -> Needs:
        parts = [self.needs(arg, want=want) for arg in node.args]
        return self.all_of(parts) if (node.op is Op.AND) is want else self.any_of(parts)

    def _negation(self, node: Node, *, want: bool) -> Needs:
        return self.needs(node.args[0], want=not want)

    def _literal(self, node: Node, *, want: bool) -> Needs:
        return {} if node.value is want else Conflict(node, node.at)

    def _comparison(self, node: Node, *, want: bool) -> Needs:
        one, other = node.args
        op = node.op if want else OPPOSITE[node.op]
        if one.is_literal and other.is_literal:
            return self._literal(folded(node), want=want)
        if one.is_literal:
            one, other, op = other, one, MIRRORED.get(op, op)
        if other.is_literal:
            return self._against(one, op, other.value, node.at)
        if self.term(one) == self.term(other):
            is_met = op in {Op.EQ, Op.LE, Op.GE, Op.SAME}
            return self._of_equals(op, one) if is_met else Conflict(self.term(one), node.at)
        return self._between_terms(op, one, other, node.at)

    def _of_equals(self, op: Op, one: Node) -> Needs:
        return {} if op is Op.SAME else self.all_of([self.known(one)])

    def _against(self, one: Node, op: Op, value: Value, at: int) -> Needs:
        """A term against a literal; `op` is what must hold."""
        term = self.term(one)
        if value is None:
            if op is Op.SAME:
                return self.all_of([{term: replace(ONLY_NULL, at=at)}])
            return self.all_of([self.known(one)]) if op is Op.DIFFERS else Conflict(term, at)
        if op is Op.DIFFERS:
            return self.all_of([{term: Domain(excluded=plain(value), at=at)}])
        domain = replace(allowed_by(op, value, one), may_be_null=False, at=at)
        return self.all_of([self.known(one), {term: domain}])

    def _between_terms(self, op: Op, one: Node, other: Node, at: int) -> Needs:
        """Two terms in some order: opaque, but an order and its opposite contradict each other."""
        if op in {Op.GT, Op.LE}:
            one, other, op = other, one, MIRRORED[op]
        is_kept = op in {Op.LT, Op.EQ, Op.SAME}
        first, second = self.term(one), self.term(other)
        if op not in {Op.LT, Op.GE} and repr(second) < repr(first):
            first, second = second, first
        kept = op if is_kept else OPPOSITE[op]
        fact = self._fact(Node(kept, Type.BOOLEAN, (first, second)), at, want=is_kept)
        if op in {Op.SAME, Op.DIFFERS}:
            return self.all_of([fact])
        return self.all_of([self.known(one), self.known(other), fact])

    def _fact(self, term: Node, at: int, *, want: bool) -> Facts:
        return {term: Domain(frozenset({want}), may_be_null=False, at=at)}

    def _between(self, node: Node, *, want: bool) -> Needs:
        value, low, high = node.args
        ends = (
            replace(node, op=Op.GE, args=(value, low)),
            replace(node, op=Op.LE, args=(value, high)),
        )
        parts = [self._comparison(end, want=want) for end in ends]
        return self.all_of(parts) if want else self.any_of(parts)

    def _membership(self, node: Node, *, want: bool) -> Needs:
        needle, *listed = node.args
        has_null = any(item.is_null for item in listed)
        values = frozenset(item.value for item in listed if item.is_literal)
        is_listed = all(item.is_literal for item in listed)
        if needle.is_literal:
            tests = [Node(Op.EQ, Type.BOOLEAN, (item, needle), at=node.at) for item in listed]
            parts = [self.needs(test, want=want) for test in tests]
            return self.any_of(parts) if want else {}
        term = self.term(needle)
        if want:
            allowed = listed_of(values, needle) if is_listed else None
            domain = Domain(allowed, may_be_null=False, at=node.at)
            return self.all_of([self.known(needle), {term: domain}])
        if has_null:
            return Conflict(term, node.at)
        # NOTE: a parameter may be an empty list, in which even NULL certainly is not.
        may_be_empty = all(item.op is Op.PARAM for item in listed)
        excluded = frozenset[Value]().union(*(plain(value) for value in values))
        others = {term: Domain(excluded=excluded, at=node.at)}
        return self.all_of([others, {} if may_be_empty else self.known(needle)])

    def _is_null(self, node: Node, *, want: bool) -> Needs:
        (arg,) = node.args
        if arg.is_literal:
            return self._literal(folded(node), want=want)
        if want:
            chain = [arg]
            while chain[-1].op in {Op.LOWER, Op.UPPER}:
                chain += chain[-1].args
            return self.all_of([{self.term(a): replace(ONLY_NULL, at=node.at)} for a in chain])
        return self.all_of([self.known(arg)])

    def _like(self, node: Node, *, want: bool) -> Needs:
        text, pattern = node.args
        if pattern.is_null or text.is_null:
            return Conflict(self.term(text), node.at)
        if pattern.is_literal and text.is_literal:
            return self._literal(folded(node), want=want)
        is_met = not (pattern.is_literal and is_out_of_case(text, str(pattern.value)))
        is_always = pattern.is_literal and set(str(pattern.value)) == {"%"} and node.value != "%"
        if (want and not is_met) or (not want and is_always):
            return Conflict(self.term(text), node.at)
        return self._opaque(node, want=want)

    def _case(self, node: Node, *, want: bool) -> Needs:
        *pairs, other = node.args
        branches = [
            self.all_of([self.needs(condition, want=True), self.needs(value, want=want)])
            for condition, value in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        return self.any_of([*branches, self.needs(other, want=want)])

    def _coalesce(self, node: Node, *, want: bool) -> Needs:
        return self.any_of([self.needs(arg, want=want) for arg in node.args])

    def _opaque(self, node: Node, *, want: bool) -> Needs:
        """A field, a parameter or a function: all that is known is that it is not NULL."""
        return self.all_of([self.known(node), self._fact(self.term(node), node.at, want=want)])
