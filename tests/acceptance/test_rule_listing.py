"""`auditor rules list`, `show` and `docs`."""

import json
from pathlib import Path

import pytest

from tests.acceptance.logs import invoke


def _ids(folder: Path, *arguments: str) -> set[str]:
    done = invoke("rules", "list", "--format", "json", *arguments, cwd=folder)
    return {rule["id"] for rule in json.loads(done.stdout)}


@pytest.mark.parametrize(
    ("arguments", "some", "none"),
    [
        ((), {"ROUTE-001", "SALE-001", "REC-001"}, set()),
        (("--severity", "critical"), {"ROUTE-002", "KEY-001", "RES-US-001"}, {"ROUTE-001"}),
        (("--severity", "LOW", "--severity", "high"), {"HOST-002", "REC-001"}, {"ROUTE-002"}),
        (("--min-severity", "high"), {"ROUTE-001", "KEY-001"}, {"ROUTE-003", "HOST-002"}),
        (("--table", "orders"), {"SALE-001", "SALE-002"}, {"HOST-001"}),
        (("--tag", "China"), {"RES-CN-001", "HOST-001"}, {"RES-001"}),
        (("--pack", "residency", "--tag", "china"), {"RES-CN-001"}, {"RES-001", "HOST-001"}),
    ],
)
def test_rules_are_listed_that_pass_all_filters(
    tmp_path: Path, arguments: tuple[str, ...], some: set[str], none: set[str]
) -> None:
    found = _ids(tmp_path, *arguments)

    assert some <= found
    assert not none & found


def test_filters_that_no_rule_passes_are_told_apart_from_no_output(tmp_path: Path) -> None:
    done = invoke("rules", "list", "--pack", "residency", "--table", "orders", cwd=tmp_path)

    assert done.exit_code == 0
    assert done.stdout == ""
    assert "passes these filters" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--tag", "chinna"), "did you mean 'china'?"),
        (("--pack", "residence"), "did you mean 'residency'?"),
        (("--severity", "hihg"), "critical"),
        (("--table", "event"), "events"),
    ],
)
def test_a_filter_that_nothing_can_pass_is_an_error(
    tmp_path: Path, arguments: tuple[str, ...], hint: str
) -> None:
    done = invoke("rules", "list", *arguments, cwd=tmp_path)

    assert done.exit_code == 2
    assert hint in done.stderr


def test_a_rule_is_shown_as_json_with_all_it_says(tmp_path: Path) -> None:
    shown = json.loads(invoke("rules", "show", "host-001", "--format", "json", cwd=tmp_path).stdout)

    assert shown["effective"]["from"] == "2020-05-01"
    assert "billing_country" in shown["basis"]
    assert {"message", "evidence", "why", "remediation", "references", "path"} <= shown.keys()


def test_pages_are_written_for_any_rules(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()

    done = invoke("rules", "docs", "pages", "--rules", "meeting-security", cwd=tmp_path)

    assert done.exit_code == 0
    names = {path.name for path in (tmp_path / "pages").iterdir()}
    assert names == {"README.md", "ACCESS-001.md", "REC-001.md"}


def test_a_folder_of_pages_must_be_there(tmp_path: Path) -> None:
    assert invoke("rules", "docs", "nowhere", cwd=tmp_path).exit_code == 2
