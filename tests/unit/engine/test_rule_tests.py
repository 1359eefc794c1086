"""Rules tested by their examples: what fails, why, and which parts were covered."""

from pathlib import Path

import pytest

from auditor.engine.rule_tests import run_examples
from auditor.errors import RegistryError, RuleError
from auditor.rules.load import load_rules
from auditor.rules.rule_tests import Failure, RuleTestReport, RuleTests

_HEAD = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
message: "{session_id} of {account_id} went through {jurisdictions_outside}"
"""
_ROUTES = "violation: NOT within(jurisdictions, opted_in)\nexamples:\n"
_DATED = (
    "violation: NOT within(jurisdictions, opted_in)\n"
    "effective: {from: 2020-05-01, timezone: UTC, clock: meeting_started_at}\nexamples:\n"
)
_COUNTRIES = "violation: NOT touches(meeting_countries, 'CN')\nexamples:\n"


def _report(folder: Path, body: str, *examples: str, **options: float) -> RuleTestReport:
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    text = _HEAD + body + "".join(f"  - {example}\n" for example in examples)
    (rules / "TEST-001.yaml").write_text(text, encoding="utf-8")
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    return run_examples(load_rules([str(rules)]), spool, **options)


def _tested(folder: Path, body: str, *examples: str) -> RuleTests:
    (rule,) = _report(folder, body, *examples).rules
    return rule


def _failures(folder: Path, body: str, *examples: str) -> list[Failure]:
    tested = _tested(folder, body, *examples)
    return [failure for example in tested.examples for failure in example.failures]


@pytest.mark.parametrize(
    "example",
    [
        "{name: n, event: {route: TJ, opted_in: [US]}, expect: violation}",
        "{name: n, event: {route: TJ, opted_in: []}, expect: violation}",
        "{name: n, event: {route: SC, opted_in: US}, expect: compliant}",
        "{name: n, event: {route: SC}, expect: unknown, reason: opted_in is missing}",
        (
            "{name: n, event: {route: SC, opted_in: x}, expect: unknown, reason: invalid value in "
            "opted_in}"
        ),
        (
            "{name: n, event: {route: TJ, opted_in: [US], session_id: s9, account_id: A}, "
            "expect: violation, message: s9 of A went through CN}"
        ),
    ],
)
def test_an_example_that_comes_out_as_expected_passes(tmp_path: Path, example: str) -> None:
    report = _report(tmp_path, _ROUTES, example)

    assert [e.failures for rule in report.rules for e in rule.examples] == [[]]
    assert report.is_passed


def test_a_finding_that_no_example_expects_fails_with_its_message(tmp_path: Path) -> None:
    example = "{name: n, event: {route: TJ, opted_in: [US], account_id: A}, expect: compliant}"

    (failure,) = _failures(tmp_path, _ROUTES, example)

    assert (failure.expected, failure.got) == ("compliant", "violation")
    assert failure.why == "session-1 of A went through CN"
    assert failure.location.startswith(f"{tmp_path}/rules/TEST-001.yaml:10:")


def test_a_violation_that_is_not_found_fails_with_the_reason(tmp_path: Path) -> None:
    (failure,) = _failures(tmp_path, _ROUTES, "{name: n, event: {route: SC}, expect: violation}")

    assert (failure.expected, failure.got) == ("violation", "unknown")
    assert failure.why == "opted_in is missing"


@pytest.mark.parametrize(
    ("example", "expected", "got"),
    [
        ("{name: n, event: {route: SC}, expect: unknown, reason: x}",
         "unknown because: x", "opted_in is missing"),
        ("{name: n, event: {route: TJ, opted_in: [US]}, expect: violation, message: to FR}",
         "a message with: to FR", "session-1 of account-TEST-001-1 went through CN"),
        ("{name: n, event: {route: TJ, opted_in: [US]}, expect: violation, boundary: false}",
         "does not depend on the zone of a date", "depends on the zone of a date"),
        ("{name: n, event: {event_at: never}, expect: compliant}", "compliant", "rejected"),
        ("{name: n, event: {meeting_id: ' '}, expect: compliant}", "compliant", "rejected"),
    ],
)  # fmt: skip
def test_every_other_expectation_that_is_not_met_fails(
    tmp_path: Path, example: str, expected: str, got: str
) -> None:
    (failure,) = _failures(tmp_path, _DATED, example)

    assert (failure.expected, failure.got) == (expected, got)


def test_a_row_just_before_the_cut_off_depends_on_its_zone(tmp_path: Path) -> None:
    row = "{route: TJ, opted_in: [US], meeting_started_at: 2020-04-30T20:00:00Z}"
    near = f"{{name: n, event: {row}, expect: not_applicable, boundary: true}}"
    shifted = f"{{name: z, event: {row}, expect: violation, params: {{timezone: Asia/Shanghai}}}}"

    assert _failures(tmp_path, _DATED, near, shifted) == []


def test_the_rows_of_an_example_are_one_meeting_and_those_of_two_are_two(tmp_path: Path) -> None:
    others = "{event: {participant_country: US}, expect: compliant}"
    meeting = f"{{name: a, events: [{{event: {{participant_country: CN}}, expect: compliant}}, {others}]}}"  # noqa: E501 - one example
    alone = "{name: b, event: {participant_country: US}, expect: violation}"
    same_id = "{name: c, event: {participant_country: US, meeting_id: m}, expect: violation}"
    again = "{name: d, event: {participant_country: CN, meeting_id: m}, expect: compliant}"

    assert _failures(tmp_path, _COUNTRIES, meeting, alone, same_id, again) == []


def test_a_meeting_that_states_no_start_began_with_its_first_row(tmp_path: Path) -> None:
    early = "{event: {meeting_started_at: null, event_at: 2020-04-29T00:00:00Z}, expect: not_applicable}"  # noqa: E501 - one row
    late = "{event: {meeting_started_at: null, route: TJ, opted_in: [US]}, expect: not_applicable}"

    assert _failures(tmp_path, _DATED, f"{{name: n, events: [{early}, {late}]}}") == []


_LOG = """\
event_at,meeting_id,session_id,account_id,route
2020-06-01T00:00:00Z,m1,s1,A,TJ
2020-06-01T00:00:00Z,m1,s2,A,SC
2020-06-01T00:00:00Z,m2,s1,B,SC
never,m3,s1,A,SC
"""
_ACCOUNTS = "account_id,opted_in\nA,US\n"
_COUNTS = "violation: 1, compliant: 1, unknown: 1, rejected: 1"
_FINDING = "{account_id: A, meeting_id: m1, session_id: s1}"


def _fixture(folder: Path, log: str = _LOG) -> str:
    """The start of an example whose log is in a file."""
    data = folder / "rules" / "data"
    data.mkdir(parents=True)
    (data / "log.csv").write_text(log, encoding="utf-8")
    (data / "accounts.csv").write_text(_ACCOUNTS, encoding="utf-8")
    return "name: n, fixture: data/log.csv, accounts: data/accounts.csv"


def test_a_fixture_passes_where_every_row_and_finding_is_expected(tmp_path: Path) -> None:
    start = _fixture(tmp_path)

    example = f"{{{start}, expect: {{{_COUNTS}}}, findings: [{_FINDING}]}}"

    assert _failures(tmp_path, _ROUTES, example) == []


def test_a_fixture_fails_for_every_count_that_differs(tmp_path: Path) -> None:
    start = _fixture(tmp_path)

    failures = _failures(tmp_path, _ROUTES, f"{{{start}, expect: {{violation: 1, compliant: 3}}}}")

    assert [(f.expected, f.got, f.why) for f in failures] == [
        ("3 compliant", "1 compliant", "rows 2"),
        ("0 unknown", "1 unknown", "rows 3: 1 unknown account"),
        ("0 rejected", "1 rejected", "rows 4: 1 event_at is not a time"),
    ]


def test_a_fixture_fails_for_findings_that_are_missing_or_unexpected(tmp_path: Path) -> None:
    start = _fixture(tmp_path)
    other = "{account_id: A, meeting_id: m9, session_id: null}"

    example = f"{{{start}, expect: {{{_COUNTS}}}, findings: [{other}]}}"

    assert [(f.expected, f.got, f.why) for f in _failures(tmp_path, _ROUTES, example)] == [
        ("finding account_id A, meeting_id m9, session_id missing", "no such finding", ""),
        ("no such finding", "finding account_id A, meeting_id m1, session_id s1",
         "s1 of A went through CN"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "none.csv of example 'n' is no file beside the rule"),
        ("link.csv", "link.csv of example 'n' leads out of the rule's folder"),
        ("bad.csv", "bad.csv of example 'n' no column for"),
        ("gzip.csv", "gzip.csv of example 'n' is compressed"),
        ("large.csv", "large.csv of example 'n' is larger than 16 MiB"),
    ],
)
def test_a_fixture_that_cannot_be_used_ends_the_run(
    tmp_path: Path, name: str, message: str
) -> None:
    import gzip

    (tmp_path / "rules").mkdir()
    (tmp_path / "outside.csv").write_text(_LOG, encoding="utf-8")
    (tmp_path / "rules" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (tmp_path / "rules" / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "rules" / "gzip.csv").write_bytes(gzip.compress(_LOG.encode()))
    with (tmp_path / "rules" / "large.csv").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)

    with pytest.raises(RuleError, match=message):
        _report(tmp_path, _ROUTES, f"{{name: n, fixture: {name}, expect: {{compliant: 1}}}}")


def test_a_faulty_registry_beside_a_rule_is_its_owners_error(tmp_path: Path) -> None:
    start = _fixture(tmp_path)
    (tmp_path / "rules/data/accounts.csv").write_text("account_id,plan\nA,x\n", encoding="utf-8")

    with pytest.raises(RegistryError, match="plan 'x' is not one of"):
        _report(tmp_path, _ROUTES, f"{{{start}, expect: {{{_COUNTS}}}}}")


def test_a_rule_without_examples_fails(tmp_path: Path) -> None:
    report = _report(tmp_path, "violation: is_host\n")

    assert not report.is_passed
    assert list(report.shortcomings(report.rules[0])) == ["has no examples: nothing was tested"]
    assert report.coverage == 0


def test_coverage_below_the_threshold_fails(tmp_path: Path) -> None:
    example = "{name: n, event: {is_host: true}, expect: violation}"

    report = _report(tmp_path, "violation: is_host\nexamples:\n", example, min_coverage=34)

    assert not report.is_passed
    assert list(report.shortcomings(report.rules[0])) == ["coverage of 33.3 % is below 34 %"]


def _parts(folder: Path, body: str, *examples: str) -> dict[str, tuple[list[str], list[str]]]:
    parts = _tested(folder, body + "examples:\n", *examples).parts
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
