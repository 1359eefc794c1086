"""Which parts of a rule its examples cover."""

from pathlib import Path

from tests.unit.engine.tested_rules import report_of, rule_of


def test_coverage_below_the_threshold_fails(tmp_path: Path) -> None:
    example = "{name: n, event: {is_host: true}, expect: violation}"

    report = report_of(tmp_path, "violation: is_host\nexamples:\n", example, min_coverage=34)

    assert not report.is_passed
    assert list(report.shortcomings(report.rules[0])) == ["coverage of 33.3 % is below 34 %"]


def _parts(folder: Path, body: str, *examples: str) -> dict[str, tuple[list[str], list[str]]]:
    parts = rule_of(folder, body + "examples:\n", *examples).parts
    return {part.sql: (part.seen.names, part.missing.names) for part in parts}


def test_a_part_is_covered_only_where_its_predicate_has_a_say(tmp_path: Path) -> None:
    body = (
        "applies: hop_role = 'relay'\nviolation: is_host\n"
        "undecided: [{when: is_recorded, because: b}]\n"
    )

    parts = _parts(
        tmp_path,
        body,
        "{name: a, event: {is_host: true, is_recorded: true}, expect: not_applicable}",
        "{name: b, event: {hop_role: relay, is_host: 7, is_recorded: true}, expect: unknown}",
        "{name: c, event: {hop_role: relay, is_host: false, is_recorded: false}, "
        "expect: compliant}",
    )

    assert parts == {
        "hop_role = 'relay'": (["true", "false"], []),
        "is_host": (["false"], ["true", "null"]),
        "is_recorded": (["false"], ["true", "null"]),
    }


def test_truths_that_are_certain_never_to_happen_are_not_missing(tmp_path: Path) -> None:
    body = "violation: >-\n  meeting_id IS NULL OR jurisdictions IS NOT NULL AND plan IS NULL\n"

    parts = _parts(tmp_path, body, "{name: n, event: {}, expect: violation}")

    assert parts == {
        "meeting_id IS NULL": (["false"], []),
        "jurisdictions IS NOT NULL": (["true"], []),
        "plan IS NULL": (["true"], ["false"]),
    }


def test_branches_of_a_case_are_covered_where_they_are_taken(tmp_path: Path) -> None:
    body = "violation: CASE WHEN is_host THEN is_recorded ELSE has_passcode END\n"

    parts = _parts(
        tmp_path,
        body,
        "{name: n, event: {is_host: true, is_recorded: true, has_passcode: true}, "
        "expect: violation}",
    )

    assert parts == {
        "is_host": (["true"], ["false", "null"]),
        "is_recorded": (["true"], ["false", "null"]),
        "has_passcode": ([], ["true", "false", "null"]),
    }


def test_parameters_of_examples_cover_what_the_defaults_leave_out(tmp_path: Path) -> None:
    body = (
        "params: {strict: {type: boolean, default: false, meaning: m}}\n"
        "violation: :strict AND is_host\n"
    )
    loose = "{name: a, event: {is_host: true}, expect: compliant}"
    strict = "{name: b, event: {is_host: true}, params: {strict: true}, expect: violation}"

    assert _parts(tmp_path, body, loose) == {
        ":strict": (["false"], ["true"]),
        "is_host": ([], ["true", "false", "null"]),
    }
    assert _parts(tmp_path, body, loose, strict) == {
        ":strict": (["true", "false"], []),
        "is_host": (["true"], ["false", "null"]),
    }
