"""Pages on rules: all that a rule says, and nothing that its texts could smuggle in."""

from pathlib import Path

import pytest

from auditor.reports.rule_pages.markdown import index_page, rule_page
from auditor.reports.rule_pages.text import list_lines, page_lines
from auditor.rules.load import load_rules
from auditor.rules.model import Rule
from tests.unit.rules.frames import HEAD, rule_of

HOSTILE = r"""
why: "<script>x</script> [a](javascript:y) | # *b* \e[2J `code|` ``"
remediation: "1. do | that"
tags: ["a|b", "`"]
references: [{title: "x](javascript:y)", publisher: "<b>", url: "javascript:z"}]
params: {p: {type: text, default: "`|`", meaning: "<i>"}}
examples: [{name: "a | b", event: {connection_type: "``` | <b>"}, expect: unknown}]
violation: connection_type = :p
"""


def _hostile(folder: Path) -> Rule:
    return rule_of(folder, HOSTILE, HEAD.replace("A rule under test", "'<h1> | ** [x](y)'"))


@pytest.mark.parametrize("rule", load_rules([]), ids=lambda rule: rule.id)
def test_a_page_says_all_that_a_rule_says(rule: Rule) -> None:
    for page in (rule_page(rule), "\n".join(page_lines(rule))):
        words = " ".join(page.replace("\\", "").split())
        plain = "".join(words.split())
        for text in (
            rule.title, rule.violation, rule.applies or "", rule.basis or "", rule.message,
            rule.why, rule.remediation, rule.severity, rule.pack, rule.table, rule.subject,
            *(clause.when for clause in rule.undecided), *rule.evidence.values(), *rule.tags,
            *(clause.because for clause in rule.undecided),
            *(param.meaning for param in rule.params.values()),
            *(one.title for one in rule.references), *(one.url for one in rule.references),
            *(one.name for one in rule.examples),
        ):  # fmt: skip
            assert "".join(text.split()) in plain


@pytest.mark.parametrize("rule", load_rules([]), ids=lambda rule: rule.id)
def test_a_rule_is_shown_in_eighty_columns_but_for_addresses_which_stay_whole(rule: Rule) -> None:
    lines = list(page_lines(rule))

    addresses = {f"  {reference.url}" for reference in rule.references if reference.url}
    assert max(len(line) for line in lines if line not in addresses) <= 80
    assert addresses <= set(lines)


def test_rules_are_listed_in_eighty_columns_by_pack_with_those_marked_that_run() -> None:
    lines = list(list_lines(load_rules([])))

    assert max(map(len, lines)) <= 80
    assert lines[0] == "meeting-security"
    marked = {line.split()[1] for line in lines if line.startswith("* ") and "-0" in line}
    assert marked == {"HOST-001", "ROUTE-001", "ROUTE-002", "ROUTE-003"}


def test_texts_of_a_rule_are_no_markdown(tmp_path: Path) -> None:
    page = rule_page(_hostile(tmp_path))

    assert r"\<script\>x\</script\> \[a\](javascript:y) \| \# \*b\* \\x1b\[2J" in page
    assert r"`code\|`" in page
    assert r"- x\](javascript:y), \<b\>, undated, javascript:z" in page
    assert "\x1b" not in page


def test_texts_of_a_rule_end_no_cell_of_a_table(tmp_path: Path) -> None:
    rows = [line for line in rule_page(_hostile(tmp_path)).splitlines() if line.startswith("| ")]

    cells = {len(row.replace(r"\|", "").split("|")) for row in rows}
    assert cells == {4, 5, 6}


def test_a_fence_is_longer_than_any_in_the_text(tmp_path: Path) -> None:
    head = HEAD.replace("{session_id}", "``` {session_id}")

    page = rule_page(rule_of(tmp_path, "violation: is_host\n", head))

    assert "````text\n``` {session_id}\n````" in page


def test_the_index_leads_to_every_page() -> None:
    rules = load_rules([])

    page = index_page(rules)

    assert all(f"[{rule.id}]({rule.id}.md)" in page for rule in rules)


def test_a_terminal_obeys_no_text_of_a_rule(tmp_path: Path) -> None:
    rule = _hostile(tmp_path)

    assert "\x1b" not in "".join([*page_lines(rule), *list_lines([rule])])
