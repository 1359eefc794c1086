"""The expressions of a rule with its parameters worked out, and the facts that they read."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.errors import ConfigError, RuleError
from auditor.jurisdictions import Groups
from auditor.rules.bind import ParamFault
from auditor.rules.instants import Instants, instants_of
from auditor.rules.ir import Node, fields_in_order, fields_of, reads_groups
from auditor.rules.message import facts_behind, names_in
from auditor.rules.model import ROW_TIME, TIMEZONE, ParamValue, Rule
from auditor.rules.params import param_values
from auditor.rules.period import Period, period_of
from auditor.rules.program import bind_rule, decides, type_rule


@dataclass(frozen=True, slots=True)
class BoundRule:
    """One rule whose parameters have values.

    Attributes:
        values: every parameter's value.
        period: when it holds.
        nodes: place in the file → typed expression.
    """

    rule: Rule
    values: Mapping[str, ParamValue]
    period: Period
    nodes: Mapping[str, Node]

    @property
    def deciding(self) -> dict[str, Node]:
        """The expressions on which outcomes hang, by place."""
        return {place: node for place, node in self.nodes.items() if decides(place)}

    def reads_to_decide(self) -> frozenset[str]:
        """The facts that `deciding` reads."""
        return _reads(self.deciding.values(), self.rule.table)

    def reads(self) -> frozenset[str]:
        """The facts that decide, the clock among them."""
        clock = self.period.clock
        return self.reads_to_decide() | ({clock} if clock is not None else frozenset())

    def shows(self) -> frozenset[str]:
        """The facts behind basis, evidence and message."""
        texts = [node for place, node in self.nodes.items() if not decides(place)]
        names = [name for name in names_in(self.rule.message) if name not in self.rule.evidence]
        facts = (facts_behind(name, self.rule.table) for name in names)
        return _reads(texts, self.rule.table).union(*facts)

    def reasons_in_order(self) -> list[str]:
        """The facts whose lack can leave a row undecided, as the file reads them; clock last."""
        predicates = [
            self.nodes[place] for place in ("applies", "violation") if place in self.nodes
        ]
        names = [name for node in predicates for name in fields_in_order(node)]
        return list(dict.fromkeys([*names, *([self.period.clock] if self.period.clock else [])]))

    def instants(self, groups: Groups) -> Instants:
        """Field of a time that decides → the instants at which it matters, the clock's too."""
        found = dict(instants_of(self.deciding.values(), ROW_TIME[self.rule.table], groups))
        clock = self.period.clock
        if clock is not None:
            read = found.get(clock, frozenset())
            found[clock] = None if read is None else read | frozenset(self.period.instants())
        return found

    def digest(self) -> str:
        """SHA-256 of the rule's content and its parameters."""
        content = json.dumps([self.rule.digest, dict(self.values)], sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()


def with_params(rule: Rule, params: Mapping[str, str]) -> BoundRule:
    """`rule` with texts for some of its parameters; the others have their defaults.

    Raises:
        RuleError: the rule is wrong.
        ConfigError: a parameter is unknown or its value does not fit.
    """
    values = param_values(rule, params)
    zone = str(values[TIMEZONE]) if TIMEZONE in values else None
    typed, problems = type_rule(rule)
    if problems:
        raise RuleError.of(problems)
    nodes, faults = bind_rule(rule, typed, values, zone)
    for found in faults:
        if isinstance(found.fault, ParamFault) and found.fault.param in params:
            name, fault = found.fault.param, found.fault
            place = f"--param {name}={params[name]}"
            raise ConfigError(f"{rule.id}: {fault.message}", location=place, hint=fault.hint)
    if faults:
        raise RuleError.of(found.problem for found in faults)
    return BoundRule(rule, values, period_of(rule.effective, zone), nodes)


def _reads(nodes: Iterable[Node], table: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for node in nodes:
        found |= fields_of(node)
        if reads_groups(node):
            found |= {ROW_TIME[table]}
    return found
