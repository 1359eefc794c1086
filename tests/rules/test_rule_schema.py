"""The JSON Schema of rule files is current, and agrees with what loading accepts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rules.document import parse_document
from auditor.rules.load import RuleFile, load_rule
from auditor.rules.rule_file import KEYS, REQUIRED
from auditor.rules.rule_schema import rule_schema
from auditor.rules.rule_schema_texts import MEANINGS
from auditor.rules.source import Source
from auditor.rules.yaml_nodes import plain_of
from tests.acceptance.logs import invoke
from tests.property.rule_texts import SHIPPED
from tests.unit.rules.frames import HEAD

_FILE: Final = Path(__file__).parents[2] / "auditor" / "rules" / "rule.schema.json"
_VALIDATOR: Final = jsonschema.Draft7Validator(rule_schema())
BODY: Final = "violation: is_host\n"
SALES: Final = (
    HEAD.replace("events", "orders").replace("session", "order") + "violation: partner = 'x'\n"
)


def _errors(text: str) -> list[str]:
    document, _ = parse_document(Source("r.yaml", text))
    assert document is not None
    return [error.message for error in _VALIDATOR.iter_errors(plain_of(document))]


def _faults(folder: Path, text: str) -> list[str]:
    path = folder / "r.yaml"
    path.write_text(text, encoding="utf-8")
    return [problem.message for problem in load_rule(RuleFile(path, "r.yaml", "x"))[1]]


def test_the_published_file_is_current(golden: Callable[[str, bytes], None]) -> None:
    current = json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"

    golden("../../../auditor/rules/rule.schema.json", current.encode())


def test_it_is_a_schema_and_describes_every_key() -> None:
    schema = rule_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert set(schema["properties"]) == set(KEYS)
    assert schema["required"] == list(REQUIRED)
    assert all(property_["description"] for property_ in schema["properties"].values())


def test_no_meaning_is_left_over() -> None:
    shown = json.dumps(rule_schema(), ensure_ascii=False)

    assert [name for name, (meaning, _) in MEANINGS.items() if meaning not in shown] == []


def test_the_command_prints_the_published_file(tmp_path: Path) -> None:
    assert invoke("rules", "schema", cwd=tmp_path).stdout == _FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", SHIPPED)
def test_every_shipped_rule_is_valid(text: str) -> None:
    assert _errors(text) == []


_WRONG: Final = [
    HEAD,
    HEAD + BODY + "severty: low\n",
    HEAD.replace("high", "hgh") + BODY,
    HEAD.replace("rule/v1", "rule/v2") + BODY,
    HEAD.replace("TEST-001", "test-1") + BODY,
    HEAD.replace("A rule under test", "''") + BODY,
    HEAD.replace("A rule under test", "5") + BODY,
    HEAD.replace("A rule under test", "[a]") + BODY,
    HEAD.replace("events", "event") + BODY,
    HEAD.replace("subject: session", "subject: order") + BODY,
    SALES.replace("subject: order", "subject: meeting"),
    HEAD.replace("{session_id}", "x" * 4001) + BODY,
    HEAD + "violation: " + "x" * 20001 + "\n",
    HEAD + BODY + "applies: true\n",
    HEAD + BODY + "tags: default\n",
    HEAD + BODY + "tags: [1]\n",
    HEAD + BODY + "undecided: [{when: is_host}]\n",
    HEAD + BODY + "undecided: [{when: is_host, because: x, or: y}]\n",
    HEAD + BODY + "effective: {from: 2020-05-01, clock: event_at}\n",
    HEAD + BODY + "effective: {from: 2020-05-01, timezone: UTC}\n",
    HEAD + BODY + "effective: {from: 1.5.2020, timezone: UTC, clock: event_at}\n",
    HEAD + BODY + "effective: {from: '2020-05-01T00:00:00', clock: event_at}\n",
    HEAD + BODY + "effective: {from: 2020-05-01, timezone: UTC, clock: ordered_at}\n",
    SALES + "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}\n",
    HEAD + BODY + "effective: {from: 2020-05-01, timezone: UTC, clock: event_at, doubt: x}\n",
    HEAD + BODY + "references: [{title: a}]\n",
    HEAD + BODY + "references: [{title: a, publisher: b, published: 2020}]\n",
    HEAD + BODY + "params: {a: {type: boolean, default: maybe}}\n",
    HEAD + BODY + "params: {a: {type: date, default: tomorrow}}\n",
    HEAD + BODY + "params: {a: {type: texts, default: [1]}}\n",
    HEAD + BODY + "params: {a: {type: number, default: '1'}}\n",
    HEAD + BODY + "params: {a: {type: flag, default: true}}\n",
    HEAD + BODY + "params: {a: {default: true}}\n",
    HEAD + BODY + "params: {A: {type: text, default: x}}\n",
    HEAD + BODY + "params: {timezone: {type: text, default: UTC}}\n",
    HEAD + BODY + "evidence: {events: partner}\n",
    HEAD + BODY + "evidence: {A: partner}\n",
    HEAD + BODY + "evidence: [partner]\n",
    HEAD + BODY + "evidence_level: sure\n",
    HEAD + BODY + "evidence_level: [registry]\n",
    HEAD + BODY + "examples: [{name: x, event: {plann: free}, expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, event: {order_id: '1'}, expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, event: {plan: [free]}, expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, event: {}, expect: maybe}]\n",
    HEAD + BODY + "examples: [{event: {}, expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, event: {}, events: [], expect: violation}]\n",
    HEAD + BODY + "examples: [{name: x, events: [{event: {}}]}]\n",
    HEAD + BODY + "examples: [{name: x, fixture: log.txt, expect: {violation: 1}}]\n",
    HEAD + BODY + "examples: [{name: x, fixture: log.csv, expect: {violation: -1}}]\n",
    "- a\n",
]  # fmt: skip


@pytest.mark.parametrize("text", _WRONG)
def test_a_wrong_file_is_refused_by_the_schema_and_by_loading(tmp_path: Path, text: str) -> None:
    assert _errors(text)
    assert _faults(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + BODY,
        SALES,
        HEAD + BODY + "applies: null\nundecided: null\ntags: ~\neffective: {from: null}\n",
        HEAD + BODY + "effective: {from: '2020-05-01T00:00:00Z', clock: event_at}\n",
        HEAD + BODY + "examples: [{name: x, event: {plan: B+, route: [5]}, expect: unknown}]\n",
        HEAD + BODY + "examples: [{name: x, events: [{event: {}, expect: unknown, reason: x}]}]\n",
        HEAD + BODY + "examples: [{name: x, fixture: log.csv, expect: {violation: 1, rejected: 2},"
        " findings: []}]\n",
    ],
)  # fmt: skip
def test_a_right_file_is_accepted_by_both(tmp_path: Path, text: str) -> None:
    assert _errors(text) == []
    assert _faults(tmp_path, text) == []


_PLAIN: Final[list[Any]] = [plain_of(d) for t in SHIPPED if (d := parse_document(Source("", t))[0])]
_ODD: Final = st.sampled_from(
    ["null", "true", "5", "1.5", '""', '" "', '"x"', '"2020-05-01"', "[]", '["x"]', "{}",
     '{"x": "y"}']
).map(json.loads)  # fmt: skip


@st.composite
def _altered(draw: st.DrawFn) -> Any:  # Any: JSON
    """A shipped rule with some values replaced or removed, some keys added."""
    document = json.loads(json.dumps(draw(st.sampled_from(_PLAIN))))
    for _ in range(draw(st.integers(1, 3))):
        node: Any = document
        for _ in range(draw(st.integers(0, 3))):
            below = [
                v
                for v in (node.values() if isinstance(node, dict) else node)
                if v and isinstance(v, dict | list)
            ]
            node = draw(st.sampled_from(below)) if below else node
        if isinstance(node, list):
            node[draw(st.integers(0, len(node) - 1))] = draw(_ODD)
            continue
        key = draw(st.sampled_from([*node, *KEYS, "x"]))
        if draw(st.booleans()):
            node[key] = draw(_ODD)
        else:
            node.pop(key, None)
    return document


@settings(max_examples=150, deadline=None)
@given(_altered())
def test_what_loads_is_valid(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False)

    faults = _faults(tmp_path_factory.getbasetemp(), text)

    assert faults or not _errors(text), _errors(text)
