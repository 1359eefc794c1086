"""Rules that demand evidence: what is less sure is suspected, neither finding nor compliance."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import Result

from tests.acceptance.logs import invoke, report_of, write_log

LEVELS = ["single-source", "corroborated", "reported", "registry"]
RULE = """\
schema: auditor/rule/v1
id: {id}
title: Outside the opt-in
severity: high
table: events
subject: session
violation: NOT within(jurisdictions, opted_in)
{level}
message: "{{session_id}} went through {{jurisdictions_outside}}"
tags: [default]
"""
OWN = "first,last,country\n3000::,3000::ff,CN\n3001::,3001::ff,US\n"
HOPS = {
    "single-source": "3000::1",
    "corroborated": "114.114.114.114",
    "reported": "country:CN",
    "registry": "TJ",
}
INSIDE = {
    "single-source": "3001::1",
    "corroborated": "8.8.8.8",
    "reported": "country:US",
    "registry": "SJ",
}


def _rule(folder: Path, level: str | None, rule_id: str = "ACME-001") -> None:
    (folder / "rules").mkdir(exist_ok=True)
    line = f"evidence_level: {level}" if level else ""
    text = RULE.format(id=rule_id, level=line)
    (folder / "rules" / f"{rule_id}.yaml").write_text(text)


def _log(folder: Path, *routes: str) -> None:
    rows = (
        f"2020-05-02T10:00:00Z,m,s{number},A,{route},US,US,pro,US"
        for number, route in enumerate(routes)
    )
    write_log(folder, *rows)
    (folder / "own.csv").write_text(OWN)


def _audit(folder: Path, *more: str) -> Result:
    return invoke(
        "audit", "log.csv", "--rules", "rules", "--ip-ranges", "own.csv", *more, cwd=folder
    )


def _report(folder: Path, *more: str) -> dict[str, Any]:
    return report_of(_audit(folder, "--format", "json", *more))


@pytest.mark.parametrize("by_flag", [None, "corroborated", "registry"])
@pytest.mark.parametrize("by_rule", [None, *LEVELS])
def test_the_stricter_of_rule_and_run_decides(
    tmp_path: Path, by_rule: str | None, by_flag: str | None
) -> None:
    _rule(tmp_path, by_rule)
    _log(tmp_path, *HOPS.values(), *INSIDE.values())

    report = _report(tmp_path, *(["--evidence-level", by_flag] if by_flag else []))

    demanded = max(LEVELS.index(level or "single-source") for level in (by_rule, by_flag))
    enough, less = LEVELS[demanded:], LEVELS[:demanded]
    (rule,) = report["rules"]
    assert rule["violation"] == rule["compliant"] == len(enough)
    assert rule["unknown"] == 2 * len(less)
    suspicions = {(one["hop"], one["basis"], *one["countries"]) for one in report["suspected"]}
    assert suspicions == {(HOPS[basis], basis, "CN") for basis in less}
    assert [finding["basis"] for finding in report["findings"]] == enough


def test_one_rule_may_demand_more_than_another(tmp_path: Path) -> None:
    _rule(tmp_path, "registry")
    _rule(tmp_path, None, "ACME-002")
    _log(tmp_path, "country:CN")

    report = _report(tmp_path)

    counts = {rule["id"]: (rule["violation"], rule["unknown"]) for rule in report["rules"]}
    assert counts == {"ACME-001": (0, 1), "ACME-002": (1, 0)}
    reasons = [reason["reason"] for rule in report["rules"] for reason in rule["unknown_reasons"]]
    assert reasons == ["a hop is known less surely than the rule demands (registry)"]
    assert [one["rule_id"] for one in report["suspected"]] == ["ACME-001"]
    unresolved = {
        "value": "country:CN", "rows": 1, "reason": "known less surely than demanded",
    }  # fmt: skip
    assert report["unresolved"]["hops"] == [unresolved]


def test_findings_of_such_a_rule_show_only_places_that_are_sure_enough(tmp_path: Path) -> None:
    _rule(tmp_path, "corroborated")
    _log(tmp_path, "3000::1;114.114.114.114;3001::1;168.95.1.1")

    (finding,) = _report(tmp_path)["findings"]

    assert finding["jurisdictions"] == finding["jurisdictions_outside"] == ["CN", "TW"]
    assert finding["basis"] == "corroborated"
    assert finding["message"] == "s0 went through CN, TW"


def test_databases_that_differ_are_suspected_by_such_a_rule_too(tmp_path: Path) -> None:
    _rule(tmp_path, "registry")
    _log(tmp_path, "8.8.8.8")
    (tmp_path / "own.csv").write_text("first,last,country\n8.8.8.0,8.8.8.255,CN\n")

    (suspicion,) = _report(tmp_path)["suspected"]

    assert suspicion["basis"] == "conflicting"
    assert suspicion["countries"] == ["CN", "US"]


def test_a_run_with_nothing_but_suspicions_is_not_clean(tmp_path: Path) -> None:
    _rule(tmp_path, "corroborated")
    _log(tmp_path, "3000::1")

    done = _audit(tmp_path)
    accepted = _audit(tmp_path, "--max-unknown", "100%")

    assert done.exit_code == 3
    first = done.stdout.splitlines()[0]
    assert first.startswith("INCOMPLETE, NOT CLEAN: no finding, SUSPICION of violations of 1 rule")
    assert accepted.stdout.startswith("COMPLETE: no finding, SUSPICION of violations of 1 rule")
    assert "ACME-001: 3000::1 in CN (single-source), 1 row" in done.stdout
    assert "warning: ACME-001 may be violated by 1 hop" in accepted.stderr


@pytest.mark.parametrize("level", LEVELS)
def test_long_logs_are_judged_alike(tmp_path: Path, level: str) -> None:
    _rule(tmp_path, level)
    _rule(tmp_path, None, "ACME-002")
    _log(tmp_path, *HOPS.values(), *INSIDE.values(), *HOPS.values(), "nowhere;SJ")

    read = _report(tmp_path)
    with (
        patch("auditor.engine.deciding.SKIMMED_ROWS", 0),
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 1),
    ):
        skimmed = _report(tmp_path)

    assert {**read, "run": None} == {**skimmed, "run": None}


def test_an_explanation_shows_what_was_not_sure_enough(tmp_path: Path) -> None:
    _rule(tmp_path, "corroborated")
    _log(tmp_path, "3000::1")

    done = invoke(
        "explain", "--why-not", "ACME-001", "--row", "log.csv:1", "--rules", "rules",
        "--ip-ranges", "own.csv", cwd=tmp_path,
    )  # fmt: skip

    assert "3000::1: not resolved, known only by the word of one database" in done.stdout
    assert "a hop is known less surely than the rule demands (corroborated)" in " ".join(
        done.stdout.split()
    )


def test_the_rule_s_page_tells_what_it_demands(tmp_path: Path) -> None:
    _rule(tmp_path, "corroborated")

    text = invoke("rules", "show", "ACME-001", "--rules", "rules", cwd=tmp_path).stdout
    shown = invoke(
        "rules", "show", "ACME-001", "--rules", "rules", "--format", "json", cwd=tmp_path
    )
    (tmp_path / "pages").mkdir()
    invoke("rules", "docs", "pages", "--rules", "rules", cwd=tmp_path)

    assert "places count if known as surely as: corroborated" in text
    assert json.loads(shown.stdout)["evidence_level"] == "corroborated"
    page = (tmp_path / "pages" / "ACME-001.md").read_text()
    assert "A hop counts where its place is known as surely as `corroborated`" in page


def test_examples_of_a_rule_test_what_it_demands(tmp_path: Path) -> None:
    _rule(tmp_path, "registry")
    path = tmp_path / "rules" / "ACME-001.yaml"
    path.write_text(
        path.read_text()
        + """\
examples:
  - name: a site
    event: {route: TJ, opted_in: [US]}
    expect: violation
  - name: the log's word alone
    event: {route: "country:CN", opted_in: [US]}
    expect: unknown
    reason: a hop is known less surely than the rule demands (registry)
"""
    )

    done = invoke("rules", "test", "rules", cwd=tmp_path)

    assert done.exit_code == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("evidence_level: sure", "unknown evidence_level 'sure'"),
        ("evidence_level: unresolved", "unknown evidence_level 'unresolved'"),
        ("evidence_level: 1", "must be a text"),
    ],
)
def test_levels_are_a_closed_vocabulary(tmp_path: Path, text: str, fault: str) -> None:
    _rule(tmp_path, None)
    path = tmp_path / "rules" / "ACME-001.yaml"
    path.write_text(path.read_text() + text + "\n")
    _log(tmp_path, "SJ")

    done = _audit(tmp_path)

    assert done.exit_code == 2
    assert fault in done.stderr


def test_orders_have_no_hops_to_be_sure_of(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ACME-001.yaml").write_text(
        """\
schema: auditor/rule/v1
id: ACME-001
title: Sold directly
severity: low
table: orders
subject: order
violation: channel = 'direct'
evidence_level: registry
message: "{order_id}"
"""
    )

    done = invoke("rules", "lint", "rules", cwd=tmp_path)

    assert done.exit_code == 1
    assert "8:17: error: rows of orders have no hops" in done.stdout


def test_lint_tells_of_a_demand_that_changes_nothing(tmp_path: Path) -> None:
    _rule(tmp_path, "registry")
    path = tmp_path / "rules" / "ACME-001.yaml"
    path.write_text(path.read_text().replace("NOT within(jurisdictions, opted_in)", "is_host"))

    done = invoke("rules", "lint", "rules", cwd=tmp_path)

    assert "[unused-evidence-level]" in done.stdout
