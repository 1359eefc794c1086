"""The parts of a predicate: their texts, places and truth."""

from pathlib import Path

import pytest

from auditor.errors import ConfigError, RuleError
from auditor.rules.parts import Part, parts_of
from tests.unit.rules.frames import GROUPS, HEAD, facts, rule_of


def _parts(folder: Path, body: str, **params: str) -> list[Part]:
    return parts_of(rule_of(folder, body), params, GROUPS)


def _tree(part: Part) -> object:
    if not part.children:
        return part.sql
    return {str(part.op): [_tree(child) for child in part.children]}


@pytest.mark.parametrize(
    ("sql", "tree"),
    [
        ("is_host", "is_host"),
        ("(is_host)", "is_host"),
        ("is_host AND has_passcode AND is_recorded", {"AND": ["is_host", "has_passcode",
                                                              "is_recorded"]}),
        ("is_host OR has_passcode AND is_recorded",
         {"OR": ["is_host", {"AND": ["has_passcode", "is_recorded"]}]}),
        ("(is_host OR has_passcode) AND (is_recorded)",
         {"AND": [{"OR": ["is_host", "has_passcode"]}, "is_recorded"]}),
        ("media_bytes BETWEEN 1 AND 2 AND is_host", {"AND": ["media_bytes BETWEEN 1 AND 2",
                                                             "is_host"]}),
        ("NOT (media_bytes BETWEEN 1 AND (2)) OR NOT is_host",
         {"OR": [{"NOT": ["media_bytes BETWEEN 1 AND (2)"]}, {"NOT": ["is_host"]}]}),
        ("plan NOT IN ('free', 'trial')", "plan NOT IN ('free', 'trial')"),
        ("NOT plan IS NOT NULL", {"NOT": ["plan IS NOT NULL"]}),
        ("plan IS NULL and not NOT is_host", {"AND": ["plan IS NULL", {"NOT": [{"NOT": [
            "is_host"]}]}]}),
        ("CASE WHEN is_host OR is_recorded THEN has_passcode ELSE NOT is_host END",
         {"CASE": [{"OR": ["is_host", "is_recorded"]}, "has_passcode", {"NOT": ["is_host"]}]}),
        ("CASE plan WHEN 'free' THEN is_host WHEN 'pro' THEN FALSE END AND is_recorded",
         {"AND": [{"CASE": ["plan = 'free'", "is_host", "plan = 'pro'", "FALSE"]}, "is_recorded"]}),
        ("CASE WHEN is_host THEN plan ELSE 'pro' END = 'free'",
         "CASE WHEN is_host THEN plan ELSE 'pro' END = 'free'"),
        ("within(jurisdictions,opted_in)OR is_host",
         {"OR": ["within(jurisdictions,opted_in)", "is_host"]}),
        ("partner = 'a AND b' AND LOWER(partner) LIKE '%  (%'",
         {"AND": ["partner = 'a AND b'", "LOWER(partner) LIKE '%  (%'"]}),
        ("is_host -- AND is_recorded\n  AND /* OR */ plan\n = 'free'",
         {"AND": ["is_host", "plan = 'free'"]}),
    ],
)  # fmt: skip
def test_a_predicate_falls_into_the_conditions_that_its_text_shows(
    tmp_path: Path, sql: str, tree: object
) -> None:
    indented = sql.replace("\n", "\n  ")

    (part,) = _parts(tmp_path, f"violation: |-\n  {indented}\n")

    assert _tree(part) == tree


def test_every_part_says_where_in_the_file_it_stands(tmp_path: Path) -> None:
    body = (
        "applies: is_host\n"
        "violation: NOT (has_passcode\n  OR is_recorded)\n"
        "undecided: [{when: connection_type = 'P2P', because: peer to peer}]\n"
    )

    parts = _parts(tmp_path, body)

    top = HEAD.count("\n")
    assert [part.place for part in parts] == ["applies", "violation", "undecided.0.when"]
    assert [p.location.removeprefix(f"{tmp_path}/rule.yaml:") for p in parts[1].walk()] == [
        f"{top + 2}:12", f"{top + 2}:17", f"{top + 2}:17", f"{top + 3}:6",
    ]  # fmt: skip
    assert [part.depth for part in parts[1].walk()] == [0, 1, 2, 2]


def test_the_truth_of_a_part_is_three_valued(tmp_path: Path) -> None:
    (part,) = _parts(tmp_path, "violation: is_host OR NOT has_passcode\n")

    rows = facts([{"is_host": False, "has_passcode": None}, {"is_host": True}])
    truths = rows.select(p.expr.alias(str(i)) for i, p in enumerate(part.walk())).rows()

    assert truths == [(None, False, None, None), (True, True, None, None)]


def test_a_part_names_the_facts_and_parameters_it_reads(tmp_path: Path) -> None:
    body = (
        "params: {free: {type: boolean, default: true, meaning: m}}\n"
        "violation: plan = 'free' AND :free OR within(jurisdictions, group('EU'))\n"
    )

    (part,) = _parts(tmp_path, body)

    free, europe = part.children
    assert (free.fields, free.params) == (("plan",), ("free",))
    assert (europe.fields, europe.params) == (("jurisdictions", "event_at"), ())
    assert part.fields == ("plan", "jurisdictions", "event_at")


def test_a_constant_ends_what_a_part_reads_but_not_what_its_parts_read(tmp_path: Path) -> None:
    body = (
        "params: {strict: {type: boolean, default: false, meaning: m}}\n"
        "violation: is_host AND (:strict AND is_recorded)\n"
    )

    (whole,) = _parts(tmp_path, body)
    (strict,) = _parts(tmp_path, body, strict="yes")

    assert whole.fields == ()
    assert [part.fields for part in whole.walk()][-1] == ("is_recorded",)
    assert strict.fields == ("is_host", "is_recorded")


def test_an_unknown_group_is_a_located_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"rule.yaml:8:40: unknown group 'UE'"):
        _parts(tmp_path, "violation: within(jurisdictions, group('UE'))\n")


def test_an_unknown_parameter_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no selected rule has a parameter 'x'"):
        _parts(tmp_path, "violation: is_host\n", x="1")
