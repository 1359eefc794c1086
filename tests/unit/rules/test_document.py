"""YAML is read by the 1.2 core schema, and every part knows where it stands."""

import pytest

from auditor.rules.document import parse_document
from auditor.rules.source import Source
from auditor.rules.yaml_nodes import YamlMap, YamlScalar, plain_of


def _located(text: str) -> list[str]:
    _, problems = parse_document(Source("r.yaml", text))
    return [f"{p.location}: {p.message}" for p in problems]


def test_only_the_core_schemas_words_are_not_text() -> None:
    text = "a: [NO, yes, 2020-04-18, 12, 1.5, true, null, ~, 0o7, '3']"

    node, problems = parse_document(Source("r.yaml", text))

    assert not problems
    assert node is not None
    assert plain_of(node) == {
        "a": ["NO", "yes", "2020-04-18", 12, 1.5, True, None, None, "0o7", "3"]
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", "r.yaml:3:1: duplicate key 'a'"),
        ("a: &x 1\n", "r.yaml:1:4: anchors are not allowed"),
        ("a: !py 1\n", "r.yaml:1:4: tags are not allowed"),
        ("a: 1\n---\nb: 2\n", "r.yaml:2:1: a second document"),
        ("a: [1\nb: 2", "r.yaml:2:2: not YAML: did not find expected ',' or ']'"),
        ("a: " + "[" * 5000, "r.yaml:1:35: nested more than 32 deep"),
        ("{" * 5000, "r.yaml:1:33: nested more than 32 deep"),
        ("? [a]\n: b\n", "r.yaml:1:3: a key must be a text"),
    ],
)
def test_a_fault_in_yaml_has_its_place(text: str, fault: str) -> None:
    assert _located(text) == [fault]


def test_a_bomb_of_aliases_is_refused_at_its_first_alias() -> None:
    lines = ["a0: &a0 x"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 9)]

    faults = _located("\n".join(lines))

    assert faults[:3] == [
        "r.yaml:1:5: anchors are not allowed",
        "r.yaml:2:5: anchors are not allowed",
        "r.yaml:2:10: aliases are not allowed",
    ]


@pytest.mark.parametrize(
    ("yaml", "needle", "place"),
    [
        ("a: one two", "two", "r.yaml:1:8"),
        ("a: 'it''s two'", "two", "r.yaml:1:11"),
        ('a: "one two"', "two", "r.yaml:1:9"),
        ("a: |\n  one\n  two\n", "two", "r.yaml:3:3"),
        ("a: >-\n  one\n  two\n", "two", "r.yaml:3:3"),
        ("a: one\n  two\n", "two", "r.yaml:2:3"),
        ("b: 1\na: |2\n    one\n   two\n", "two", "r.yaml:4:4"),
        ('a: "one\\ttwo"', "two", "r.yaml:1:4"),
    ],
)
def test_a_character_of_a_value_is_found_in_the_file(yaml: str, needle: str, place: str) -> None:
    node, _ = parse_document(Source("r.yaml", yaml))
    assert isinstance(node, YamlMap)
    scalar = node.values["a"]
    assert isinstance(scalar, YamlScalar)

    problem = scalar.problem("here", at=scalar.text.index(needle))

    assert problem.location == place


def test_an_excerpt_shows_the_line_and_a_caret() -> None:
    _, problems = parse_document(Source("r.yaml", "ok: 1\nbad: !x 2\n"))

    assert problems[0].excerpt == "bad: !x 2\n     ^"


def test_the_excerpt_of_a_very_long_line_is_cut() -> None:
    text = "a: '" + "x" * 5000 + "'\nb: 1\nb: 2\n" + "c" * 500 + ": !x 1"

    _, problems = parse_document(Source("r.yaml", text))

    assert all(len(line) <= 101 for p in problems for line in p.excerpt.splitlines())
