"""Lint looks at names, texts, examples and declarations too, and says everything at once."""

from pathlib import Path

import pytest

from auditor.errors import RuleError, UsageError
from auditor.rules.faults import FaultKind
from auditor.rules.lint.checks import CHECKS
from auditor.rules.lint.run import lint
from tests.unit.rules.frames import GROUPS
from tests.unit.rules.lint.linting import RULE, changed, remarks


def test_a_sound_rule_draws_no_remark(tmp_path: Path) -> None:
    assert remarks(tmp_path, RULE) == []


def test_the_shipped_rules_draw_no_remark() -> None:
    from auditor.engine.prepare import shipped_groups

    linted = lint([], shipped_groups())

    assert linted.remarks == []
    assert len(linted.files) == len(linted.rules) > 0


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("title: A rule", "title: A: rule", "quote a text in which a blank follows a colon"),
        ("why: because", "why: because\n\tmore: x", "indent with blanks"),
        ("title: a, publisher: b", "title: 'a' publisher: b", "a comma is missing"),
        ("why: because", "why: |\n  because\n\tof", "indent with blanks"),
        ("why: because", 'why: "because', "a quote or bracket that was opened is not closed"),
        ("is_host\n", "client_version < 5.0\n", "version_at_least()"),
        ("is_host\n", "hop_role = processing\n", "texts stand in single quotes; known: account_id"),
        ("message:", "params: {x: {type: bool}}\nmessage:", "did you mean 'boolean'?"),
    ],
)
def test_a_hint_says_what_to_write(tmp_path: Path, old: str, new: str, hint: str) -> None:
    path = tmp_path / "TEST-001.yaml"
    path.write_text(RULE.replace(old, new, 1), encoding="utf-8")

    hints = [remark.problem.hint for remark in lint([str(path)], GROUPS).remarks]

    assert any(hint in one for one in hints), hints


EVENT = "event: {is_host: true}"


@pytest.mark.parametrize(
    ("old", "new", "remark"),
    [
        ("violation: is_host", "violation: is_hots", "7:12: unknown-name: unknown field 'is_hots'"),
        ("violation: is_host", "violation: opted_in = 'CN'",
         "7:23: wrong-type: wrong types: set and quoted text do not compare"),
        ("violation: is_host", "violation: event_at > TIMESTAMP '2020-05-01T00:00:00'",
         "7:33: invalid-date: '2020-05-01T00:00:00' is not an instant with a zone"),
        ("violation: is_host", "violation: in_group(home, 'EUU')",
         "7:27: unknown-group: unknown group 'EUU'"),
        ("violation: is_host", "violation: home = 'UK'",
         "7:19: unknown-jurisdiction: unknown country 'UK'"),
        ("violation: is_host", "violation: plan = 'Free'", "7:19: unknown-value"),
        ("violation: is_host", "violation: is_host AND", "7:20: invalid-sql"),
        ("violation: is_host", "violation: is_host AND (is_host OR (is_host)",
         "7:24: invalid-sql: not SQL: this parenthesis is never closed"),
        ("violation: is_host", "violation: " + "NOT " * 300 + "is_host", "7:812: too-large"),
        ("severity: high", "severity: hgh", "4:11: unknown-value: unknown severity 'hgh'"),
        ("why:", "wy:", "1:1: missing-why: why is missing"),
        ("why:", "wy:", "9:1: unknown-key: unknown key 'wy'"),
        ("title: A rule under test\n", "", "1:1: missing-key: key 'title' is missing"),
        ("title: A rule under test", "title: 5", "3:8: invalid-value"),
        ("title: A", "title: !x A", "3:8: invalid-yaml: tags are not allowed"),
        ("remediation: mend it\n", "", "1:1: missing-remediation"),
        ("references: [{title: a, publisher: b}]\n", "", "1:1: missing-references"),
        ("expect: compliant", "expect: unknown", "12:1: missing-example: no example of compl"),
        ("expect: violation", "expect: unknown", "12:1: missing-example: no example of a viol"),
        ("name: good", "name: bad", "14:12: duplicate-example: another example has the name 'bad'"),
        ("is_host: false", "is_host: true", "14:12: duplicate-example: another example has"),
        (EVENT, "event: {billing_country: UK}", "13:42: unknown-jurisdiction"),
        (EVENT, "event: {route: [SC, 'country:UK']}", "13:38: unknown-jurisdiction"),
        (EVENT, "event: {opted_in: [US, EUU]}", "13:40: unknown-jurisdiction"),
        ("why: because", "why: because\ntags: [Default]", "10:8: invalid-tag: 'Default'"),
        ("why: because", "why: because\ntags: [a, a]", "10:11: invalid-tag: tag 'a' is"),
        ("why: because", "why: because\nparams: {x: {type: text, default: y, meaning: m}}",
         "10:10: unused-parameter: parameter 'x' is not used"),
        ("violation: is_host",
         "violation: is_host AND :x\nparams: {x: {type: boolean, default: true}}",
         "8:20: missing-meaning: x has no meaning"),
        ("why: because", "why: because\nevidence: {x: partner}",
         "10:12: unused-evidence: evidence 'x' is not shown in the message"),
        ("violation: is_host",
         ("violation: event_at BETWEEN :gap_from AND :gap_until\n"
         "effective: {timezone: UTC}\nparams:\n"
         "  gap_from: {type: date, default: 2020-06-30, meaning: m}\n"
         "  gap_until: {type: date, default: 2020-06-01, meaning: m}"),
         "11:3: dates-out-of-order: gap_until 2020-06-01 is not after gap_from 2020-06-30"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_place_and_check(
    tmp_path: Path, old: str, new: str, remark: str
) -> None:
    found = remarks(tmp_path, changed(old, new))

    assert any(line.startswith(remark) for line in found), found


@pytest.mark.parametrize(
    "event",
    ["{opted_in: [EU, us, 'zoom:LA']}", "{route: 'country:cn'}", "{home: '', is_host: true}"],
)
def test_values_that_a_log_may_hold_draw_no_remark(tmp_path: Path, event: str) -> None:
    assert remarks(tmp_path, changed(EVENT, f"event: {event}")) == []


def test_an_example_of_an_unknown_row_may_hold_anything(tmp_path: Path) -> None:
    extra = "  - {name: odd, event: {home: UK}, expect: unknown}\n"

    assert remarks(tmp_path, RULE + extra) == []


def test_a_file_is_named_after_its_rule(tmp_path: Path) -> None:
    assert remarks(tmp_path, RULE, "other.yaml") == [
        "2:5: file-name: the file of TEST-001 has another name"
    ]


def test_all_files_are_read_and_ids_are_used_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "TEST-001.yaml").write_text(RULE)
    (tmp_path / "TEST-001.yaml").write_text(RULE)
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "bad.yaml").write_bytes(b"a: \xff")

    linted = lint([str(tmp_path)], GROUPS)

    assert [(r.path.removeprefix(f"{tmp_path}/"), r.line, r.check.id) for r in linted.remarks] == [
        ("a/TEST-001.yaml", 2, "duplicate-id"),
        ("bad.yaml", 1, "unreadable-file"),
        ("empty.yaml", 1, "unreadable-file"),
    ]
    assert len(linted.files) == 4


def test_checks_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(RULE)

    assert lint([str(tmp_path)], GROUPS, {"file-name"}).remarks == []


def test_places_without_rules_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such rules"):
        lint(["/no/where"], GROUPS)
    with pytest.raises(RuleError, match="no rules in"):
        lint([str(tmp_path)], GROUPS)


def test_every_kind_of_fault_is_a_check() -> None:
    assert set(FaultKind) <= CHECKS.keys()
