"""The period, parameters and examples of a rule file."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from auditor.errors import did_you_mean
from auditor.findings import Outcome
from auditor.rules.document import YamlList, YamlMap, YamlNode, YamlScalar
from auditor.rules.faults import FaultKind
from auditor.rules.fields import Fields
from auditor.rules.literals import day_of, is_zone
from auditor.rules.model import TIMEZONE, Effective, Example, Param, ParamType, ParamValue
from auditor.rules.period import period_of
from auditor.schema import EVENTS, FACTS, ORDERS, Field, Kind

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
NAME_HINT: Final = "write small letters, digits and _"

_EXAMPLE_FIELDS: Final[dict[str, Sequence[Field]]] = {"events": EVENTS, "orders": ORDERS}
_OUTCOMES: Final = {outcome.name.lower(): outcome for outcome in Outcome}


def read_effective(fields: Fields, table: str | None) -> Effective:
    """The period a rule holds in; unbounded where the file states none."""
    node = fields.map("effective")
    if node is None:
        return Effective()
    part = Fields(node, ("from", "until", "timezone", "clock"), fields.problems)
    from_, until = part.moment("from"), part.moment("until")
    zone = _zone(part)
    clock = _clock(part, table)
    ends = [end for end in (from_, until) if end is not None]
    if ends and "clock" not in node.values:
        part.require("clock")
    if any(not isinstance(end, datetime) for end in ends) and "timezone" not in node.values:
        part.require("timezone")
    effective = Effective(from_, until, zone, clock)
    if len(ends) > 1:
        period = period_of(effective, zone)
        if period.from_ and period.until and period.until.at <= period.from_.at:
            message = f"until {until} is not after from {from_}"
            part.fault("until", message, kind=FaultKind.DATES_OUT_OF_ORDER)
    return effective


def _zone(part: Fields) -> str | None:
    zone = part.text("timezone")
    if zone is None or is_zone(zone):
        return zone
    hint = did_you_mean(zone, available_timezones())
    part.fault("timezone", f"unknown time zone {zone!r}", hint)
    return None


def _clock(part: Fields, table: str | None) -> str | None:
    if table is None:
        return None
    times = [name for name, field in FACTS[table].items() if field.kind is Kind.TIME]
    return part.choice("clock", times)


def read_params(fields: Fields) -> dict[str, Param]:
    """The parameters a rule declares, by name."""
    node = fields.map("params")
    found: dict[str, Param] = {}
    if node is None:
        return found
    for name, value in node.values.items():
        if not NAME.fullmatch(name) or name == TIMEZONE:
            fields.problems.append(node.keys[name].problem(f"{name!r} is not a name", NAME_HINT))
        elif not isinstance(value, YamlMap):
            fields.problems.append(value.problem(f"parameter {name} must be a mapping"))
        else:
            param = _param(name, Fields(value, ("type", "default", "meaning"), fields.problems))
            found |= {name: param} if param else {}
    return found


def _param(name: str, part: Fields) -> Param | None:
    part.require("type", "default")
    kind = part.choice("type", list(ParamType))
    default = part.scalar_or_node("default")
    if kind is None or default is None:
        return None
    value = _default(ParamType(kind), default)
    if value is None:
        part.fault("default", f"the default of {name} is not of type {kind}")
        return None
    return Param(name, ParamType(kind), value, part.text("meaning") or "")


def _default(kind: ParamType, node: YamlNode) -> ParamValue | None:
    if isinstance(node, YamlList):
        items = [item.value if isinstance(item, YamlScalar) else None for item in node.items]
        texts = tuple(item for item in items if isinstance(item, str))
        return texts if kind is ParamType.TEXTS and len(texts) == len(items) else None
    value = node.value if isinstance(node, YamlScalar) else None
    if kind is ParamType.BOOLEAN:
        return value if isinstance(value, bool) else None
    if kind is ParamType.NUMBER:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number else None
    if not isinstance(value, str):
        return None
    return day_of(value) if kind is ParamType.DATE else value if kind is ParamType.TEXT else None


def read_examples(fields: Fields, table: str | None) -> tuple[Example, ...]:
    """The examples: raw log values and the outcome they must have."""
    found = []
    for item in fields.maps("examples", ("name", "event", "expect")):
        item.require("name", "event", "expect")
        expect = item.choice("expect", _OUTCOMES)
        event = item.map("event")
        values = _event(event, fields, table) if event and table else {}
        outcome = _OUTCOMES[expect] if expect else Outcome.UNKNOWN
        found.append(Example(item.text("name") or "", values, outcome))
    return tuple(found)


def _event(node: YamlMap, fields: Fields, table: str) -> dict[str, object]:
    known = {field.name: field for field in _EXAMPLE_FIELDS[table]}
    values: dict[str, object] = {}
    part = Fields(node, list(known), fields.problems)
    for name, value in node.values.items():
        if name not in known:
            continue
        is_list = known[name].kind in {Kind.SET, Kind.HOPS}
        if isinstance(value, YamlScalar):
            values[name] = _raw(value, known[name].kind)
        elif isinstance(value, YamlList) and is_list:
            values[name] = [v.text for v in value.items if isinstance(v, YamlScalar)]
        else:
            part.fault(name, f"{name} takes {'texts' if is_list else 'one value'}")
    return values


def _raw(scalar: YamlScalar, kind: Kind) -> object:
    """The value as a log would hold it: only Booleans and numbers are typed."""
    is_typed = kind in {Kind.BOOLEAN, Kind.BYTES} or scalar.value is None
    return scalar.value if is_typed else scalar.text
