"""`auditor rules lint` in all its formats, and its exit codes."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from click.testing import Result

from auditor.rules.lint.checks import CHECKS
from tests.acceptance.logs import invoke, run
from tests.unit.rules.lint.linting import RULE, changed

_ROOT: Final = Path(__file__).parents[2]
_HOSTILE: Final = "100%,a:b \x1b[31m::error::x"

# The parts of SARIF 2.1.0 that our documents use, as its specification states them: what each
# object must have and may have, and how the parts refer to each other.
_TEXT: Final = {"type": "object", "required": ["text"], "properties": {"text": {"minLength": 1}}}
_SARIF: Final = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "additionalProperties": False,
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name", "version", "rules"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "string"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id", "shortDescription", "defaultConfiguration"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": _TEXT,
                "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
            },
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "result": {
            "type": "object",
            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"$ref": "#/$defs/level"},
                "message": _TEXT,
                "locations": {
                    "type": "array",
                    "items": {
                        "required": ["physicalLocation"],
                        "properties": {"physicalLocation": {"$ref": "#/$defs/place"}},
                    },
                },
            },
        },
        "place": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine"],
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rules with an error, with a warning, and with hostile names and texts."""
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "TEST-001.yaml").write_text(changed("is_host\n", "is_hots\n"))
    (tmp_path / "r" / "a b,c:d%é.yaml").write_text(RULE.replace("TEST-001", "TEST-002"))
    (tmp_path / "r" / "bad.yaml").write_bytes(b"\xff")
    hostile = RULE.replace("TEST-001", "TEST-003").replace("high", json.dumps(_HOSTILE))
    (tmp_path / "r" / "TEST-003.yaml").write_text(hostile)
    return tmp_path


def _lint(folder: Path, *flags: str) -> Result:
    return invoke("rules", "lint", *flags, cwd=folder)


def _document(done: Result) -> Any:  # Any: JSON
    return json.loads(done.stdout)


def test_text_shows_place_line_caret_hint_and_sums(folder: Path) -> None:
    done = _lint(folder, "r/TEST-001.yaml")

    assert done.stdout.splitlines() == [
        "r/TEST-001.yaml:7:12: error: unknown field 'is_hots' [unknown-name]",
        "  violation: is_hots",
        "             ^",
        "  hint: did you mean 'is_host'?",
        "1 file, 1 rule: 1 error, 0 warnings",
    ]


def test_no_format_lets_a_control_character_through(folder: Path) -> None:
    for format_ in ("text", "json", "sarif", "github"):
        shown = _lint(folder, "r", "--format", format_).stdout

        assert "\x1b" not in shown
        assert "TEST-003" in shown


def test_json_is_as_its_schema_says(folder: Path) -> None:
    schema = json.loads((_ROOT / "auditor/reports/lint.schema.json").read_text())

    document = _document(_lint(folder, "r", "--format", "json"))

    jsonschema.validate(document, schema)
    assert (document["errors"], document["warnings"]) == (3, 1)
    assert [remark["check"] for remark in document["remarks"]] == [
        "unknown-name", "unknown-value", "file-name", "unreadable-file",
    ]  # fmt: skip
    assert document["rules"] == ["TEST-001", "TEST-002", "TEST-003"]


def test_sarif_is_valid_and_refers_to_its_rules(folder: Path) -> None:
    document = _document(_lint(folder, "r", "--format", "sarif"))

    jsonschema.validate(document, _SARIF)
    (lint_run,) = document["runs"]
    rules = lint_run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CHECKS)
    assert len(lint_run["results"]) == 4
    for result in lint_run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in lint_run["results"]
    }
    assert "r/a%20b%2Cc%3Ad%25%C3%A9.yaml" in uris


def test_commands_for_github_are_escaped(folder: Path) -> None:
    done = _lint(folder, "r", "--format", "github", "--strict")

    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(("::error file=r/", "::warning file=r/")) for line in lines)
    assert lines[0] == (
        "::error file=r/TEST-001.yaml,line=7,col=12,title=unknown-name::"
        "unknown field 'is_hots' (did you mean 'is_host'?)"
    )
    assert "file=r/a b%2Cc%3Ad%25é.yaml,line=2,col=5," in lines[2]
    assert "100%25,a:b" in lines[1]


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["r/TEST-001.yaml"], 1),
        (["r/a b,c:d%é.yaml"], 0),
        (["r/a b,c:d%é.yaml", "--strict"], 1),
        (["r/a b,c:d%é.yaml", "--strict", "--ignore", "file-name"], 0),
        (["zoom-2020", "--strict"], 0),
        (["--list"], 0),
    ],
)
def test_the_exit_code_tells_whether_something_is_wrong(
    folder: Path, flags: list[str], code: int
) -> None:
    assert _lint(folder, *flags).exit_code == code


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["nowhere"], "no such rules: nowhere"),
        (["empty"], "no rules in empty"),
        (["r", "--ignore", "file-nmae"], "did you mean 'file-name'?"),
        (["r", "--accounts", "a.csv"], "--accounts: belongs to a log"),
        (["r", "--source", "zoom-qss"], "--source: belongs to a log"),
    ],
)
def test_nothing_linted_is_no_clean_result(folder: Path, flags: list[str], message: str) -> None:
    (folder / "empty").mkdir()

    done: subprocess.CompletedProcess[bytes] = run("rules", "lint", *flags, cwd=folder)

    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert not done.stdout


def test_the_list_names_every_check(folder: Path) -> None:
    shown = _lint(folder, "--list").stdout

    assert [line.split()[0] for line in shown.splitlines()] == list(CHECKS)
