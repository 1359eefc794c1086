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
