"""Flags come before the environment, that before the settings file."""

from pathlib import Path

import pytest

from tests.acceptance.logs import CLEAN, VIOLATION, invoke, report_of, write_log


def test_flags_come_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)
    (tmp_path / "auditor.toml").write_text('[audit]\nfail-on = "info"\n', encoding="utf-8")
    command = ("audit", log, "--format", "json")

    by_file = invoke(*command, cwd=tmp_path)
    by_environment = invoke(*command, cwd=tmp_path, AUDITOR_FAIL_ON="medium")
    by_flag = invoke(*command, "--fail-on", "never", cwd=tmp_path, AUDITOR_FAIL_ON="medium")

    fail_on = [report_of(d)["settings"]["fail_on"] for d in (by_file, by_environment, by_flag)]
    assert fail_on == ["info", "medium", "never"]


def test_lists_and_underscores_are_read_from_the_file(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION)
    (tmp_path / "auditor.toml").write_text(
        '[audit]\npath = ["log.csv"]\nselect = ["ROUTE-001", "ROUTE-003"]\nmax_unknown = 5\n',
        encoding="utf-8",
    )

    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert [rule["id"] for rule in report["rules"]] == ["ROUTE-001", "ROUTE-003"]
    assert report["settings"]["max_unknown"] == "5"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audit]\nfail-onn = 1\n", "did you mean 'fail-on'"),
        ("[audits]\n", "unknown table [audits]"),
        ("audit = 3\n", "must be a table"),
        ("[audit\n", "is no TOML"),
        ('[audit]\nformat = ["json"]\n', "one value"),
        ('[audit]\nformat = "pdf"\n', "pdf"),
    ],
)
def test_a_wrong_settings_file_is_no_audit(tmp_path: Path, text: str, said: str) -> None:
    log = write_log(tmp_path, CLEAN)
    (tmp_path / "auditor.toml").write_text(text, encoding="utf-8")

    done = invoke("audit", log, cwd=tmp_path)

    assert done.exit_code == 2
    assert said in done.stderr
    assert "No audit was performed" in done.stderr


def test_a_settings_file_that_is_named_must_exist(tmp_path: Path) -> None:
    done = invoke("audit", write_log(tmp_path, CLEAN), "--config", "other.toml", cwd=tmp_path)

    assert done.exit_code == 2
    assert "other.toml" in done.stderr


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("fail-on", "loud", "'--fail-on' (from {origin}): 'loud'"),
        ("max-rejects", "many", "'--max-rejects' (from {origin}): 'many'"),
        ("select", "ROUTE-999", "--select (from {origin}): unknown rule or tag"),
        ("timezone", "Mars", "--timezone (from {origin}): unknown time zone"),
        ("from", "soon", "--from (from {origin}): 'soon' is no date"),
        ("param", "timezone=Mars", "--param timezone=Mars (from {origin}): 'Mars' is not"),
        ("operator", "nobody", "--operator (from {origin}): no data centres"),
    ],
)
def test_an_error_names_the_variable_or_the_file_that_the_value_came_from(
    tmp_path: Path, key: str, value: str, said: str
) -> None:
    log = write_log(tmp_path, CLEAN)
    variable = f"AUDITOR_{key.replace('-', '_').upper()}"

    by_flag = invoke("audit", log, f"--{key}", value, cwd=tmp_path)
    by_environment = invoke("audit", log, cwd=tmp_path, **{variable: value})
    (tmp_path / "auditor.toml").write_text(f'[audit]\n{key} = "{value}"\n', encoding="utf-8")
    by_file = invoke("audit", log, cwd=tmp_path)

    assert said.replace(" (from {origin})", "") in by_flag.stderr
    assert said.format(origin=variable) in by_environment.stderr
    assert said.format(origin="auditor.toml") in by_file.stderr


def test_a_settings_file_that_a_variable_names_must_exist_too(tmp_path: Path) -> None:
    done = invoke("audit", write_log(tmp_path, CLEAN), cwd=tmp_path, AUDITOR_CONFIG="other.toml")

    assert "other.toml: cannot be read" in done.stderr
    assert "check AUDITOR_CONFIG" in done.stderr


@pytest.mark.parametrize("variable", ["AUDITOR_FAILON", "AUDITOR_FAIL_ONN", "AUDITOR_FAIL_O"])
def test_a_misspelt_variable_is_no_audit(tmp_path: Path, variable: str) -> None:
    log = write_log(tmp_path, VIOLATION)

    done = invoke("audit", log, cwd=tmp_path, **{variable: "critical"})

    assert done.exit_code == 2
    assert f"{variable}: no setting has this variable" in done.stderr
    assert "did you mean AUDITOR_FAIL_ON?" in done.stderr


def test_variables_of_something_else_are_no_concern(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    done = invoke("audit", log, cwd=tmp_path, AUDITOR_HOME="/opt", AUDITORS="many")

    assert done.exit_code == 0
