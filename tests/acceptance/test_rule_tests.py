"""The command `auditor rules test`: its exit codes, formats and files."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.acceptance.logs import invoke, run

_RULE = """\
schema: auditor/rule/v1
id: ACME-001
title: Media left the EEA
severity: high
table: events
subject: session
violation: NOT within(jurisdictions, group('EEA'))
message: "{session_id} went through {jurisdictions}"
tags: [acme]
examples:
  - {name: a hop in the US, event: {route: SC}, expect: violation}
  - {name: a hop in Germany, event: {route: FR}, expect: compliant}
"""


def _write(folder: Path, text: str = _RULE) -> None:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "ACME-001.yaml").write_text(text, encoding="utf-8")


def test_all_shipped_rules_pass_their_tests(tmp_path: Path) -> None:
    done = run("rules", "test", cwd=tmp_path)

    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith(b"passed\n")


def test_rules_of_a_folder_are_tested_alone(tmp_path: Path) -> None:
    _write(tmp_path)

    done = invoke("rules", "test", "rules", cwd=tmp_path)

    assert done.exit_code == 0
    assert done.stdout.startswith("ok    ACME-001  2 examples, coverage 66.6 %\n")
    assert "never null in violation: within(jurisdictions, group('EEA'))" in done.stdout


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (_RULE.replace("compliant", "unknown"), []),
        (_RULE.replace("{route: FR}", "{route: SC}"), []),
        (_RULE[: _RULE.index("examples")], []),
        (_RULE, ["--min-coverage", "67"]),
    ],
)
def test_a_test_that_fails_exits_with_1(tmp_path: Path, text: str, flags: list[str]) -> None:
    _write(tmp_path, text)

    done = invoke("rules", "test", "rules", *flags, cwd=tmp_path)

    assert done.exit_code == 1
    assert done.stdout.endswith("FAILED\n")


@pytest.mark.parametrize(
    ("text", "flags", "message"),
    [
        (_RULE.replace("violation: NOT", "violation: NOPE"), [], "rules/ACME-001.yaml:7:17"),
        (_RULE, ["--select", "acne"], "unknown rule or tag 'acne'"),
        (_RULE, ["--ignore", "acme"], "no rule is selected"),
        (_RULE, ["--format", "html"], "'html' is not one of"),
        (_RULE, ["--output", "none/r.xml"], "make its folder first"),
        (_RULE, ["nowhere"], "no such rules: nowhere"),
    ],
)
def test_what_cannot_be_tested_exits_with_2(
    tmp_path: Path, text: str, flags: list[str], message: str
) -> None:
    _write(tmp_path, text)

    done = run("rules", "test", "rules", *flags, cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_rules_are_selected_by_id_and_tag(tmp_path: Path) -> None:
    arguments = ["--select", "routing", "--ignore", "ROUTE-003", "--format", "json"]

    done = invoke("rules", "test", "zoom-2020", *arguments, cwd=tmp_path)

    tested = [rule["id"] for rule in json.loads(done.stdout)["rules"]]
    assert tested == ["ROUTE-001", "ROUTE-002"]


def test_a_junit_file_is_written_whole(tmp_path: Path) -> None:
    _write(tmp_path)

    done = invoke(
        "rules", "test", "rules", "--format", "junit", "--output", "junit.xml", cwd=tmp_path
    )

    assert (done.exit_code, done.stdout) == (0, "")
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "0")
