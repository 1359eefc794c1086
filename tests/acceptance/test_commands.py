"""The commands beside audit."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.logs import CLEAN, HEADER, UNKNOWN, invoke, run, write_log

_ROOT = Path(__file__).parents[2]


def test_rules_are_listed_with_severity_and_tags(tmp_path: Path) -> None:
    listed = json.loads(invoke("rules", "list", "--format", "json", cwd=tmp_path).stdout)

    assert {rule["id"] for rule in listed if "default" in rule["tags"]} == {
        "HOST-001", "ROUTE-001", "ROUTE-002", "ROUTE-003",
    }  # fmt: skip
    assert "HOST-002" in invoke("rules", "list", cwd=tmp_path).stdout


def test_a_rule_is_shown_in_eighty_columns(tmp_path: Path) -> None:
    shown = invoke("rules", "show", "ROUTE-002", cwd=tmp_path).stdout

    assert "touches(jurisdictions, 'CN')" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert (
        json.loads(invoke("rules", "show", "route-002", "--format", "json", cwd=tmp_path).stdout)[
            "severity"
        ]
        == "critical"
    )


def test_an_unknown_rule_is_answered_with_the_nearest(tmp_path: Path) -> None:
    done = invoke("rules", "show", "ROUTE-01", cwd=tmp_path)

    assert done.exit_code == 2
    assert "did you mean" in done.stderr


def test_sources_are_listed_and_shown(tmp_path: Path) -> None:
    assert "zoom-dashboard" in invoke("sources", "list", cwd=tmp_path).stdout
    assert "full_data_center" in invoke("sources", "show", "zoom-dashboard", cwd=tmp_path).stdout
    assert invoke("sources", "show", "zoom-dashbord", cwd=tmp_path).exit_code == 2


def test_checking_a_source_tells_what_is_read_and_what_can_be_decided(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, UNKNOWN, CLEAN.replace(",pro,", ",basic+,"))

    done = invoke("sources", "check", "log.csv", "--format", "json", cwd=tmp_path)

    document = json.loads(done.stdout)
    (group,) = document["groups"]
    plan = next(field for field in group["fields"] if field["name"] == "plan")
    assert (plan["is_supplied"], plan["rows"]) == (True, 2)
    assert {"field": "plan", "problem": "invalid", "value": "basic+", "rows": 1} in group["samples"]
    assert document["unresolved_hops"] == [
        {"value": "XYZ", "rows": 1, "reason": "unknown site or name"}
    ]
    route = next(rule for rule in document["rules"] if rule["id"] == "ROUTE-001")
    assert (route["decided"], route["unknown"]) == (2, 1)
    assert "XYZ" in invoke("sources", "check", "log.csv", cwd=tmp_path).stdout


def test_rows_that_a_rule_does_not_apply_to_are_not_passed_off_as_checked(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, UNKNOWN)

    text = invoke("sources", "check", "log.csv", cwd=tmp_path).stdout
    done = invoke("sources", "check", "log.csv", "--format", "json", cwd=tmp_path)

    rules = {rule["id"]: rule for rule in json.loads(done.stdout)["rules"]}
    transit = rules["ROUTE-003"]
    assert (transit["decided"], transit["not_applicable"], transit["unknown"]) == (2, 2, 0)
    assert "ROUTE-003                  2 decided            0 unknown\n" in text
    assert "2 of those decided: it does not apply\n" in text


def test_a_log_that_cannot_be_read_this_way_is_explained(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"{HEADER.replace('route', 'path')}\n{CLEAN}\n")

    done = invoke("sources", "check", "log.csv", cwd=tmp_path)

    assert "route" in done.stdout
    assert "log.csv" in done.stdout


def test_the_version_is_told_without_loading_the_engine() -> None:
    code = """
import sys
from auditor.cli.main import cli
try:
    cli(["--version"])
except SystemExit:
    print("polars" in sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("group", [[], ["rules"], ["sources"]])
def test_a_group_without_a_command_shows_its_help_once_and_no_error(group: list[str]) -> None:
    done = run(*group, cwd=_ROOT)

    shown = done.stderr.decode()
    assert done.returncode == 2
    assert shown.startswith(f"Usage: {' '.join(['auditor', *group])} ")
    assert shown.count("Usage:") == 1
    assert "Error" not in shown


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["rules", "lnt"], "no such command 'lnt'\n  hint: did you mean 'lint'?"),
        (["verify"], "no such command 'verify'\n  hint: known: audit, explain, generate, rules"),
    ],
)
def test_an_unknown_command_is_told_the_known_ones(words: list[str], hint: str) -> None:
    done = run(*words, cwd=_ROOT)

    assert done.returncode == 2
    assert hint in done.stderr.decode()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_given_completions(shell: str) -> None:
    done = run(cwd=_ROOT, _AUDITOR_COMPLETE=f"{shell}_source")

    assert done.returncode == 0
    assert b"_AUDITOR_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("audit --select ROUTE-0", ["ROUTE-001", "ROUTE-002", "ROUTE-003"]),
        ("audit --select defau", ["default"]),
        ("audit --ignore host", ["HOST-001", "HOST-002", "hosting"]),
        ("rules show host", ["HOST-001", "HOST-002"]),
        ("audit --rules nowhere --select ROUTE", []),
        ("audit --source ZOOM-D", ["zoom-dashboard"]),
        ("sources show zoom-q", ["zoom-qss"]),
    ],
)
def test_shells_are_offered_rules_and_sources_in_the_case_of_their_names(
    words: str, offered: list[str]
) -> None:
    typed = f"auditor {words}"

    done = run(
        cwd=_ROOT,
        _AUDITOR_COMPLETE="bash_complete",
        COMP_WORDS=typed,
        COMP_CWORD=str(len(typed.split()) - 1),
    )

    assert [line.removeprefix("plain,") for line in done.stdout.decode().split()] == offered


@pytest.mark.parametrize("wanted", ["route-01", "default"])
def test_a_rule_that_does_not_exist_cannot_be_shown(wanted: str) -> None:
    done = invoke("rules", "show", wanted, cwd=_ROOT)

    assert done.exit_code == 2
    assert f"there is no rule {wanted!r}" in done.stderr
    assert "ROUTE-001" in done.stderr
    assert "--select" not in done.stderr


def test_the_wheel_works_away_from_the_checkout(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    write_log(tmp_path, CLEAN)

    done = subprocess.run(
        [sys.executable, "-P", "-m", "auditor", "audit", "log.csv", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "COMPLETE AND CLEAN" in done.stdout
