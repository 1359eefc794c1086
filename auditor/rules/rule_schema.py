"""The JSON Schema of rule files, made from the tables that loading goes by.

Editors complete and check rule files with it. What it refuses, loading refuses too; loading knows
more, such as names in predicates and the order of dates. It is of draft 7, which editors know best.
"""

from collections.abc import Mapping
from typing import Any, Final

from auditor.addresses.locations import LEVELS
from auditor.findings import FINDING_SCHEMA, Outcome, Severity
from auditor.rules import message, parse
from auditor.rules.fields import MOST_CLAUSES, MOST_ITEMS
from auditor.rules.model import ROW_TIME, RULE_SCHEMA, TIMEZONE, ParamType
from auditor.rules.rule_examples import FIXTURE_SUFFIXES, LOGS, REJECTED
from auditor.rules.rule_file import REQUIRED, SUBJECTS
from auditor.rules.rule_schema_texts import MEANINGS
from auditor.schema import FACTS, SUBJECT_KEYS, TABLES, Field, Kind

Schema = dict[str, Any]  # Any: JSON

_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT: Final = (
    _DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)
_NAME: Final = "^[a-z][a-z0-9_]*$"
_TEXT: Final[Schema] = {"type": "string", "pattern": r"\S"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "pattern": r"\S"}
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}
_OUTCOMES: Final = [outcome.name.lower() for outcome in Outcome]
_DEFAULTS: Final[Mapping[ParamType, Schema]] = {
    ParamType.BOOLEAN: {"type": "boolean"},
    ParamType.TEXT: {"type": "string"},
    ParamType.NUMBER: {"type": "number"},
    ParamType.DATE: {"type": "string", "pattern": f"^{_DAY}$"},
    ParamType.TEXTS: {"type": "array", "items": {"type": "string"}},
}


def rule_schema() -> Schema:
    """The schema as JSON values."""
    keys = _keys()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:auditor:rule:v1",
        "title": RULE_SCHEMA,
        "description": "One rule of auditor: what violates it, why, and examples that are tests.",
        "type": "object",
        "additionalProperties": False,
        "required": list(REQUIRED),
        "properties": {name: _told(name, schema) for name, schema in keys.items()},
        "allOf": [_of_table(table) for table in TABLES],
        "definitions": {
            **{f"{table}-row": _row(table) for table in TABLES},
            **{f"{table}-example": _example(table) for table in TABLES},
        },
    }


def _told(name: str, schema: Schema) -> Schema:
    """`schema` with what the key means, and examples of it."""
    meaning, examples = MEANINGS[name]
    return schema | {"description": meaning} | ({"examples": list(examples)} if examples else {})


def _object(prefix: str, properties: Mapping[str, Schema], **more: object) -> Schema:
    told = {name: _told(f"{prefix}.{name}", schema) for name, schema in properties.items()}
    return {"type": ["object", "null"], "additionalProperties": False, "properties": told} | more


def _keys() -> Mapping[str, Schema]:
    sql = {"maxLength": parse.MAX_CHARACTERS}
    clause = _object("undecided", {"when": _TEXT | sql, "because": _TEXT})
    return {
        "schema": {"const": RULE_SCHEMA},
        "id": {"type": "string", "pattern": "^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$"},
        "title": _TEXT,
        "severity": {"enum": [severity.value for severity in Severity]},
        "table": {"enum": list(TABLES)},
        "subject": {"enum": sorted({name for names in SUBJECTS.values() for name in names})},
        "applies": _TEXT_OR_NULL | sql,
        "violation": _TEXT | sql,
        "undecided": _list(clause | {"type": "object", "required": ["when", "because"]})
        | {"maxItems": MOST_CLAUSES},
        "effective": _effective(),
        "message": _TEXT | {"maxLength": message.MAX_CHARACTERS},
        "tags": _list(_TEXT),
        "why": _TEXT_OR_NULL,
        "remediation": _TEXT_OR_NULL,
        "references": _list(_reference()),
        "params": _params(),
        "basis": _TEXT_OR_NULL | sql,
        "evidence": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": _NAME, "not": {"enum": sorted(FINDING_SCHEMA)}},
            "additionalProperties": _TEXT | sql,
            "maxProperties": MOST_CLAUSES,
        },
        "evidence_level": {"enum": [*LEVELS, None]},
        "examples": _list({"type": "object"}),
    }


def _list(item: Schema) -> Schema:
    return {"type": ["array", "null"], "items": item, "maxItems": MOST_ITEMS}


def _effective() -> Schema:
    moment = {"type": ["string", "null"], "pattern": f"^({_DAY}|{_INSTANT})$"}
    ends = ("from", "until", "earliest")
    properties = dict.fromkeys(ends, moment) | {
        "doubt": _TEXT_OR_NULL,
        "timezone": _TEXT_OR_NULL,
        "clock": {"type": ["string", "null"]},
    }
    return _object(
        "effective",
        properties,
        allOf=[
            _if_any(ends, {"type": "string"}, "clock"),
            _if_any(ends, {"type": "string", "pattern": f"^{_DAY}$"}, TIMEZONE),
            _if_any(("earliest", "doubt"), {}, "from", "earliest", "doubt"),
        ],
    )


def _if_any(names: tuple[str, ...], schema: Schema, *required: str) -> Schema:
    """Where one of `names` is there and as `schema` says, the others are required."""
    given = [{"required": [name], "properties": {name: schema}} for name in names]
    return {"if": {"anyOf": given}, "then": {"required": list(required)}}


def _reference() -> Schema:
    day = {"type": ["string", "null"], "pattern": f"^{_DAY}$"}
    properties = {"title": _TEXT, "publisher": _TEXT, "published": day, "url": _TEXT_OR_NULL}
    return _object("references", properties) | {
        "type": "object",
        "required": ["title", "publisher"],
    }


def _params() -> Schema:
    types = [type_.value for type_ in ParamType]
    properties = {"type": {"enum": types}, "default": {}, "meaning": _TEXT_OR_NULL}
    param = _object("params", properties) | {
        "type": "object",
        "required": ["type", "default"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_.value}}, "required": ["type"]},
                "then": {"properties": {"default": schema}},
            }
            for type_, schema in _DEFAULTS.items()
        ],
    }
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": _NAME, "not": {"const": TIMEZONE}},
        "additionalProperties": param,
        "maxProperties": MOST_CLAUSES,
    }


def _of_table(table: str) -> Schema:
    """What depends on the table: subjects, clocks, and the fields of examples."""
    clocks = [name for name, field in FACTS[table].items() if field.kind is Kind.TIME]
    return {
        "if": {"properties": {"table": {"const": table}}, "required": ["table"]},
        "then": {
            "properties": {
                "subject": {"enum": list(SUBJECTS[table])},
                "effective": {"properties": {"clock": {"enum": [*clocks, None]}}},
                "examples": {"items": {"$ref": f"#/definitions/{table}-example"}},
            }
        },
    }


def _row(table: str) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "description": f"Raw values of {table}; what is left out has a default. {ROW_TIME[table]} "
        "is an hour after the rule begins.",
        "properties": {field.name: _value(field) for field in TABLES[table]},
    }


def _value(field: Field) -> Schema:
    told = {"description": field.meaning}
    if field.kind in {Kind.SET, Kind.HOPS}:
        return {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]} | told
    if field.kind is Kind.CHOICE:
        # NOTE: any text is let through, for examples of what is outside the vocabulary.
        return {"anyOf": [{"enum": list(field.choices)}, _SCALAR]} | told
    return _SCALAR | told


def _example(table: str) -> Schema:
    row = {"$ref": f"#/definitions/{table}-row"}
    claims: dict[str, Schema] = {
        "expect": {"enum": _OUTCOMES},
        "reason": _TEXT_OR_NULL,
        "boundary": {"type": ["boolean", "null"]},
        "message": _TEXT_OR_NULL,
    }
    one = _object("examples", {"event": row} | claims)
    several = _list(one | {"type": "object", "required": ["event", "expect"]})
    file = {"type": "string", "pattern": f"({'|'.join(map(_escaped, FIXTURE_SUFFIXES))})$"}
    counts = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"type": "integer", "minimum": 0} for name in (*_OUTCOMES, REJECTED)},
    }
    subjects = sorted({key for name in SUBJECTS[table] for key in SUBJECT_KEYS[name]})
    finding = {"type": "object", "propertyNames": {"enum": subjects}}
    value = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
    properties = {
        "name": _TEXT,
        "event": row,
        "events": several | {"type": "array"},
        "fixture": file,
        "accounts": file | {"type": ["string", "null"]},
        **claims,
        "expect": {"anyOf": [claims["expect"], counts]},
        "findings": _list(finding),
        "params": {"type": ["object", "null"], "additionalProperties": value},
    }
    return _object("examples", properties) | {
        "type": "object",
        "required": ["name"],
        "oneOf": [
            {"required": [name], "not": {"properties": {name: {"type": "null"}}}} for name in LOGS
        ],
    }


def _escaped(suffix: str) -> str:
    return suffix.replace(".", r"\.")
