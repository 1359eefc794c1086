"""The period and parameters of a rule file."""

import re
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import available_timezones

from auditor.errors import did_you_mean
from auditor.rules.faults import FaultKind
from auditor.rules.fields import Fields
from auditor.rules.literals import day_of, is_zone
from auditor.rules.model import TIMEZONE, Effective, Param, ParamType, ParamValue
from auditor.rules.period import period_of
from auditor.rules.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar
from auditor.schema import FACTS, Kind

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
NAME_HINT: Final = "write small letters, digits and _"


def read_effective(fields: Fields, table: str | None) -> Effective:
    """The period a rule holds in; unbounded where the file states none."""
    node = fields.map("effective")
    if node is None:
        return Effective()
    known = ("from", "until", "timezone", "clock", "earliest", "doubt")
    part = Fields(node, known, fields.problems)
    from_, until, earliest = (part.moment(name) for name in ("from", "until", "earliest"))
    zone = _zone(part)
    clock = _clock(part, table)
    ends = [end for end in (from_, until, earliest) if end is not None]
    if ends and "clock" not in node.values:
        part.require("clock")
    if any(not isinstance(end, datetime) for end in ends) and "timezone" not in node.values:
        part.require("timezone")
    if "earliest" in node.values or "doubt" in node.values:
        part.require("from", "earliest", "doubt")
    effective = Effective(from_, until, zone, clock, earliest, part.text("doubt"))
    _check_order(part, effective)
    return effective


def _check_order(part: Fields, effective: Effective) -> None:
    period = period_of(effective, effective.timezone)
    ends = {"earliest": period.earliest, "from": period.from_, "until": period.until}
    given = [(name, edge) for name, edge in ends.items() if edge is not None]
    for (before, first), (after, second) in pairwise(given):
        if second.at <= first.at:
            late, early = second.day or second.at, first.day or first.at
            message = f"{after} {late} is not after {before} {early}"
            part.fault(after, message, kind=FaultKind.DATES_OUT_OF_ORDER)


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
