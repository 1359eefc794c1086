"""The JSON Schema of source profiles, made from the tables that loading goes by.

Editors complete and check profiles with it. What it refuses, loading refuses too; loading knows
more, such as regular expressions and which keys exclude each other. It is of draft 7, which
editors know best.
"""

from typing import Any, Final

from auditor.schema import Field, Kind, Need
from auditor.sources.profile_model import NAME_TABLES, OTHERWISE, PROFILE_SCHEMA, TABLES, TIME_WORDS

Schema = dict[str, Any]  # Any: JSON

_TEXT: Final[Schema] = {"type": ["string", "boolean"]}
_TEXTS: Final[Schema] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_FLAG: Final[Schema] = {"type": "boolean"}


def profile_schema() -> Schema:
    """The schema as JSON values."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": PROFILE_SCHEMA,
        "title": "A source profile: how the columns of one feed become canonical fields",
        "type": "object",
        "required": ["schema", "name", "title", "table"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": PROFILE_SCHEMA},
            "name": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            "title": _said(_TEXT, "one line for people"),
            "table": {"enum": list(TABLES)},
            "operator": _said(_TEXT, "whose site codes its hops are; absent: nobody's"),
            "about": _said(_TEXT, "what to know about the feed"),
            "records": _said(_TEXTS, "where the arrays of records may be in JSON"),
            "prefix_of": _said(_TEXTS, "columns that tell the log's column prefix"),
            "detect": _said(
                {"type": ["array", "string"], "items": _TEXTS},
                "columns that a log must have to be of this feed; a list holds alternatives",
            ),
            "unread": _said(_TEXTS, "columns that look like one that is read and are not"),
            "same_names": _said(_FLAG, "every field is read from the column of its own name"),
            "fields": {"type": "object"},
            "never": {"type": "object"},
        },
        "allOf": [_of_table(table, fields) for table, fields in TABLES.items()],
        "definitions": _definitions(),
    }


def _said(schema: Schema, meaning: str) -> Schema:
    return {**schema, "description": meaning}


def _of_table(table: str, fields: tuple[Field, ...]) -> Schema:
    optional = [field for field in fields if field.need is not Need.VALUE]
    return {
        "if": {"properties": {"table": {"const": table}}},
        "then": {
            "properties": {
                "fields": {
                    "additionalProperties": False,
                    "properties": {f.name: _field(f) for f in fields},
                },
                "never": {
                    "additionalProperties": False,
                    "properties": {f.name: _TEXT for f in optional},
                },
            }
        },
    }


def _field(field: Field) -> Schema:
    kind = {Kind.TIME: "time", Kind.SET: "items", Kind.HOPS: "items"}.get(field.kind, "source")
    return {
        "description": field.meaning,
        "anyOf": [_TEXTS, {"$ref": f"#/definitions/{kind}"}],
    }


def _definitions() -> Schema:
    shared: Schema = {
        "columns": _said(
            _TEXTS, "alternatives; the first one that the log has is read, of hops all"
        ),
        "coalesce": _said(_FLAG, "read, row by row, the first of the columns that has a value"),
        "join": {
            "type": ["array", "string", "object"],
            "items": {"anyOf": [_TEXTS, _object({"field": _TEXT}, "field")]},
            "description": "parts to join",
        },
        "param": _said(_TEXT, "the parameter that stands in where no column is there"),
        "constant": _said(_TEXT, "the value where no column is there"),
        "trim": _said(_TEXT, "characters cut from both ends"),
        "otherwise": {"enum": list(OTHERWISE)},
        "only_if": _object({"columns": _TEXTS, "is": _TEXTS}, "columns", "is"),
        "prefixed": _said(_FLAG, "whether the log's column prefix belongs before the columns"),
    }
    step = _object({
        "extract": _said({"type": "string", "maxLength": 500}, "a regular expression, one group"),
        "values": {"type": "object", "additionalProperties": _TEXT},
        "names": {"enum": list(NAME_TABLES)},
        "as": _said({"type": "string"}, "the result, with {} for what was read"),
    })  # fmt: skip
    steps = {"read": {"anyOf": [step, {"type": "array", "items": step}]}}
    word = {"anyOf": [{"enum": list(TIME_WORDS)}, {"type": "string", "pattern": "%"}]}
    times = {"times": {"anyOf": [word, {"type": "array", "items": word}]}}
    return {
        "source": _object({**shared, **steps}),
        "items": _object({**shared, **steps, "separators": _TEXT}),
        "time": _object({**shared, **times}),
    }


def _object(properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }
