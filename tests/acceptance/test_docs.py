"""What the documentation shows works as shown."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.acceptance.logs import invoke, report_of

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", _README, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_rule_in_the_readme_finds_what_its_examples_say(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "acme.yaml").write_text(_block("yaml"), encoding="utf-8")
    (tmp_path / "log.csv").write_text(
        "event_at,meeting_id,session_id,account_id,route,billing_country\n"
        "2020-05-02T00:00:00Z,m,in-us,A,SC,DE\n"
        "2020-05-02T00:00:00Z,m,in-germany,A,FR,DE\n",
        encoding="utf-8",
    )

    done = invoke("audit", "log.csv", "--rules", "rules", "--format", "json", cwd=tmp_path)

    (finding,) = report_of(done)["findings"]
    assert finding["message"] == "in-us went through US"


def test_the_settings_in_the_readme_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "auditor.toml").write_text(_block("toml"), encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("account_id,opted_in,home\nA,US,US\n", encoding="utf-8")
    (tmp_path / "log.csv").write_text(
        "event_at,meeting_id,session_id,account_id,route\n2020-05-02T00:00:00Z,m,s,A,SC\n",
        encoding="utf-8",
    )

    done = invoke("audit", "log.csv", "--format", "json", "--select", "ROUTE-002", cwd=tmp_path)

    assert done.exit_code == 0, done.stderr
    settings = report_of(done)["settings"]
    assert settings["fail_on"] == tomllib.loads(_block("toml"))["audit"]["fail-on"]
    assert settings["params"] == {"cn_participant_allows": "true"}


def test_every_flag_the_readme_names_exists() -> None:
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _README))
    shown = "".join(
        invoke(*command, "--help", cwd=_ROOT).stdout
        for command in (
            ["audit"], ["generate"], ["rules", "list"], ["rules", "show"], ["rules", "lint"],
            ["rules", "test"], ["sources", "check"], ["sources", "init"], ["explain"],
        )
    )  # fmt: skip

    assert {flag for flag in flags if flag not in shown} == set()


def test_the_help_names_every_command_and_exit_code() -> None:
    shown = " ".join(invoke("--help", cwd=_ROOT).stdout.split())

    assert all(name in shown for name in ("audit", "rules", "sources", "generate"))
    assert all(code in shown for code in ("0 ", "1 ", "2 ", "3 ", "70 ", "130 "))


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_every_file_the_documents_name_exists(path: str) -> None:
    text = (_ROOT / path).read_text(encoding="utf-8")
    named = re.findall(r"`((?:auditor|rules|sample_logs|tests)/[\w./-]+)`", text)

    assert [name for name in named if not (_ROOT / name).exists()] == []
