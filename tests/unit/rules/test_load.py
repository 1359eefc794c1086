"""Packs, folders and files of rules are found, and rules chosen by id or tag."""

from pathlib import Path

import pytest

from auditor.errors import RuleError, UsageError
from auditor.findings import Outcome
from auditor.rules.examples import example_rows
from auditor.rules.load import load_rules, select_rules
from auditor.rules.model import Rule
from auditor.rules.packs import shipped_packs
from tests.unit.rules.frames import HEAD, rule_of


def _write(path: Path, rule_id: str, extra: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "violation: plan = 'free'\n"
    path.write_text(HEAD.replace("TEST-001", rule_id) + body + extra)


def test_the_shipped_packs_are_found_by_name() -> None:
    assert list(shipped_packs()) == ["meeting-security", "residency", "zoom-2020"]
    assert {rule.pack for rule in load_rules(["zoom-2020"])} == {"zoom-2020"}


def test_a_folder_is_read_with_all_below_and_files_named_twice_once(tmp_path: Path) -> None:
    _write(tmp_path / "b" / "x.yaml", "B-1")
    _write(tmp_path / "a.yml", "A-1")
    _write(tmp_path / ".hidden.yaml", "C-1")
    (tmp_path / "notes.txt").write_text("not a rule")

    rules = load_rules([str(tmp_path), str(tmp_path / "a.yml")])

    assert [(rule.id, rule.pack) for rule in rules] == [("A-1", tmp_path.name), ("B-1", "b")]


def test_places_that_do_not_exist_are_all_named() -> None:
    with pytest.raises(UsageError) as caught:
        load_rules(["zoom-2002", "/no/where"])

    problems = caught.value.problems
    assert [p.message for p in problems] == [
        "no such rules: zoom-2002",
        "no such rules: /no/where",
    ]
    assert "did you mean 'zoom-2020'?" in problems[0].hint


def test_what_is_wrong_with_a_file_is_told_from_its_top_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("schema: auditor/rule/v1\nid: A-1\ntags: x\nseverity: y\nwhi: z\n")

    with pytest.raises(RuleError) as caught:
        load_rules([str(path)])

    lines = [int(p.location.split(":")[1]) for p in caught.value.problems]
    assert {3, 4, 5} < set(lines)
    assert lines == sorted(lines)


def test_the_digest_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    plain = rule_of(tmp_path, "violation: is_host\n")
    commented = rule_of(tmp_path, "# why not\nviolation:    is_host\n")
    other = rule_of(tmp_path, "violation: NOT is_host\n")

    assert plain.digest == commented.digest != other.digest


@pytest.mark.parametrize(
    ("select", "ignore", "ids"),
    [
        ([], [], ["A-1"]),
        (["b-1"], [], ["B-1"]),
        (["SLOW"], [], ["A-1", "B-1"]),
        (["slow"], ["a-1"], ["B-1"]),
    ],
)
def test_rules_are_chosen_by_id_or_tag(
    tmp_path: Path, select: list[str], ignore: list[str], ids: list[str]
) -> None:
    _write(tmp_path / "b.yaml", "B-1", "tags: [slow]\n")
    _write(tmp_path / "a.yaml", "A-1", "tags: [default, slow]\n")

    rules = load_rules([str(tmp_path)])

    assert [rule.id for rule in select_rules(rules, select, ignore)] == ids


@pytest.mark.parametrize(
    ("select", "ignore", "message"),
    [
        (["A-2"], [], "unknown rule or tag 'A-2'"),
        ([], ["A-2"], "unknown rule or tag 'A-2'"),
        (["A-1"], ["A-1"], "no rule is selected"),
        ([], [], "no rule is selected"),
    ],
)
def test_choosing_nothing_is_an_error(
    tmp_path: Path, select: list[str], ignore: list[str], message: str
) -> None:
    _write(tmp_path / "a.yaml", "A-1")
    rules = load_rules([str(tmp_path)])

    with pytest.raises(UsageError, match=message):
        select_rules(rules, select, ignore)


@pytest.mark.parametrize("rule", load_rules(["zoom-2020"]), ids=lambda rule: rule.id)
def test_a_shipped_rule_explains_itself_and_shows_every_outcome(rule: Rule) -> None:
    assert rule.why
    assert rule.remediation
    assert rule.references
    assert set().union(*(example.outcomes for example in rule.examples)) == set(Outcome)


def test_an_example_is_a_row_just_after_the_period_begins() -> None:
    (rule,) = [rule for rule in load_rules(["zoom-2020"]) if rule.id == "HOST-001"]

    (row,) = example_rows(rule, rule.examples[0])

    assert row["plan"] == "free"
    assert row["meeting_started_at"] == "2020-04-30T17:00:00+00:00"
    assert row["event_at"] == row["meeting_started_at"]
    assert {"meeting_id", "session_id", "account_id", "route"} <= row.keys()
