"""Rules tested by their examples: what fails, and why."""

import gzip
from pathlib import Path

import pytest

from auditor.engine.rule_tests import run_examples
from auditor.errors import RegistryError, RuleError
from auditor.rules.load import load_rules
from tests.unit.engine.tested_rules import failures_of, report_of

_ROUTES = "violation: NOT within(jurisdictions, opted_in)\nexamples:\n"
_DATED = (
    "violation: NOT within(jurisdictions, opted_in)\n"
    "effective: {from: 2020-05-01, timezone: UTC, clock: meeting_started_at}\nexamples:\n"
)
_COUNTRIES = "violation: NOT touches(meeting_countries, 'CN')\nexamples:\n"


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
    report = report_of(tmp_path, _ROUTES, example)

    assert [e.failures for rule in report.rules for e in rule.examples] == [[]]
    assert report.is_passed


def test_a_finding_that_no_example_expects_fails_with_its_message(tmp_path: Path) -> None:
    example = "{name: n, event: {route: TJ, opted_in: [US], account_id: A}, expect: compliant}"

    (failure,) = failures_of(tmp_path, _ROUTES, example)

    assert (failure.expected, failure.got) == ("compliant", "violation")
    assert failure.why == "session-1 of A went through CN"
    assert failure.location.startswith(f"{tmp_path}/rules/TEST-001.yaml:10:")


def test_a_violation_that_is_not_found_fails_with_the_reason(tmp_path: Path) -> None:
    (failure,) = failures_of(tmp_path, _ROUTES, "{name: n, event: {route: SC}, expect: violation}")

    assert (failure.expected, failure.got) == ("violation", "unknown")
    assert failure.why == "opted_in is missing"


@pytest.mark.parametrize(
    ("example", "expected", "got"),
    [
        ("{name: n, event: {route: SC}, expect: unknown, reason: x}",
         "unknown because: x", "opted_in is missing"),
        ("{name: n, event: {route: TJ, opted_in: [US]}, expect: violation, message: to FR}",
         "a message with: to FR", "session-1 of account-1 went through CN"),
        ("{name: n, event: {route: TJ, opted_in: [US]}, expect: violation, boundary: false}",
         "does not depend on how a date is read", "depends on how a date is read"),
        ("{name: n, event: {event_at: never}, expect: compliant}", "compliant", "rejected"),
        ("{name: n, event: {meeting_id: ' '}, expect: compliant}", "compliant", "rejected"),
    ],
)  # fmt: skip
def test_every_other_expectation_that_is_not_met_fails(
    tmp_path: Path, example: str, expected: str, got: str
) -> None:
    (failure,) = failures_of(tmp_path, _DATED, example)

    assert (failure.expected, failure.got) == (expected, got)


def test_a_row_just_before_the_cut_off_depends_on_its_zone(tmp_path: Path) -> None:
    row = "{route: TJ, opted_in: [US], meeting_started_at: 2020-04-30T20:00:00Z}"
    near = f"{{name: n, event: {row}, expect: not_applicable, boundary: true}}"
    shifted = f"{{name: z, event: {row}, expect: violation, params: {{timezone: Asia/Shanghai}}}}"

    assert failures_of(tmp_path, _DATED, near, shifted) == []


def test_the_rows_of_an_example_are_one_meeting_and_those_of_two_are_two(tmp_path: Path) -> None:
    others = "{event: {participant_country: US}, expect: compliant}"
    meeting = f"{{name: a, events: [{{event: {{participant_country: CN}}, expect: compliant}}, {others}]}}"  # noqa: E501 - one example
    alone = "{name: b, event: {participant_country: US}, expect: violation}"
    same_id = "{name: c, event: {participant_country: US, meeting_id: m}, expect: violation}"
    again = "{name: d, event: {participant_country: CN, meeting_id: m}, expect: compliant}"

    assert failures_of(tmp_path, _COUNTRIES, meeting, alone, same_id, again) == []


def test_a_meeting_that_states_no_start_began_with_its_first_row(tmp_path: Path) -> None:
    early = "{event: {meeting_started_at: null, event_at: 2020-04-29T00:00:00Z}, expect: not_applicable}"  # noqa: E501 - one row
    late = "{event: {meeting_started_at: null, route: TJ, opted_in: [US]}, expect: not_applicable}"

    assert failures_of(tmp_path, _DATED, f"{{name: n, events: [{early}, {late}]}}") == []


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

    assert failures_of(tmp_path, _ROUTES, example) == []


def test_a_fixture_fails_for_every_count_that_differs(tmp_path: Path) -> None:
    start = _fixture(tmp_path)

    failures = failures_of(
        tmp_path, _ROUTES, f"{{{start}, expect: {{violation: 1, compliant: 3}}}}"
    )

    assert [(f.expected, f.got, f.why) for f in failures] == [
        ("3 compliant", "1 compliant", "row 2"),
        ("0 unknown", "1 unknown", "row 3: unknown account"),
        ("0 rejected", "1 rejected", "row 4: event_at is not a time"),
    ]


def test_a_fixture_fails_for_findings_that_are_missing_or_unexpected(tmp_path: Path) -> None:
    start = _fixture(tmp_path)
    other = "{account_id: A, meeting_id: m9, session_id: null}"

    example = f"{{{start}, expect: {{{_COUNTS}}}, findings: [{other}]}}"

    assert [(f.expected, f.got, f.why) for f in failures_of(tmp_path, _ROUTES, example)] == [
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
    (tmp_path / "rules").mkdir()
    (tmp_path / "outside.csv").write_text(_LOG, encoding="utf-8")
    (tmp_path / "rules" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (tmp_path / "rules" / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "rules" / "gzip.csv").write_bytes(gzip.compress(_LOG.encode()))
    with (tmp_path / "rules" / "large.csv").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)

    with pytest.raises(RuleError, match=message):
        report_of(tmp_path, _ROUTES, f"{{name: n, fixture: {name}, expect: {{compliant: 1}}}}")


def test_a_faulty_registry_beside_a_rule_is_its_owners_error(tmp_path: Path) -> None:
    start = _fixture(tmp_path)
    (tmp_path / "rules/data/accounts.csv").write_text("account_id,plan\nA,x\n", encoding="utf-8")

    with pytest.raises(RegistryError, match="plan 'x' is not one of"):
        report_of(tmp_path, _ROUTES, f"{{{start}, expect: {{{_COUNTS}}}}}")


def test_a_rule_without_examples_fails(tmp_path: Path) -> None:
    report = report_of(tmp_path, "violation: is_host\n")

    assert not report.is_passed
    assert list(report.shortcomings(report.rules[0])) == ["has no examples: nothing was tested"]
    assert report.coverage == 0


@pytest.mark.parametrize(
    "body",
    [
        _COUNTRIES,
        "applies: meeting_id = 'm'\n" + _COUNTRIES,
        "basis: LOWER(meeting_id)\n" + _COUNTRIES,
    ],
)
def test_examples_with_equal_ids_do_not_see_each_other(tmp_path: Path, body: str) -> None:
    here = "{name: a, event: {meeting_id: m, participant_country: CN}, expect: compliant}"
    there = "{name: b, event: {meeting_id: m, participant_country: US}, expect: violation}"

    assert failures_of(tmp_path, body, here, there) == []


def test_blanks_around_ids_make_no_other_meeting(tmp_path: Path) -> None:
    one = "{event: {meeting_id: ' m', participant_country: US}, expect: compliant}"
    two = "{event: {meeting_id: 'm ', participant_country: CN}, expect: compliant}"

    assert failures_of(tmp_path, _COUNTRIES, f"{{name: n, events: [{one}, {two}]}}") == []


def test_a_message_shows_ids_as_the_example_gives_them(tmp_path: Path) -> None:
    given = "{name: a, event: {meeting_id: m7}, expect: violation, message: s of m7}"
    left_out = "{name: b, event: {}, expect: violation, message: s of meeting-1}"
    body = "violation: 'TRUE'\nexamples:\n"

    failures = failures_of(tmp_path, body, given, left_out, message="s of {meeting_id}")

    assert failures == []


_ORDER = """\
schema: auditor/rule/v1
id: TEST-002
title: A rule on orders under test
severity: high
table: orders
subject: %s
violation: channel = 'direct'
message: "{account_id} ordered directly"
examples:
  - {name: a, event: {channel: direct}, expect: violation, message: account-1 ordered}
  - {name: b, event: {order_id: order-1, channel: online}, expect: compliant}
  - name: c
    events:
      - {event: {order_id: order-1}, expect: unknown, reason: channel is missing}
      - {event: {channel: direct, ordered_at: 2020}, expect: violation}
  - name: d
    fixture: orders.csv
    expect: {violation: 1, compliant: 1, rejected: 1}
    findings: [%s]
"""


@pytest.mark.parametrize(
    ("subject", "finding"), [("order", "{order_id: o1}"), ("account", "{account_id: A}")]
)
def test_orders_are_tested_as_events_are(tmp_path: Path, subject: str, finding: str) -> None:
    (tmp_path / "rule.yaml").write_text(_ORDER % (subject, finding), encoding="utf-8")
    (tmp_path / "orders.csv").write_text(
        "order_id,account_id,ordered_at,channel\n"
        "o1,A,2020-09-01T00:00:00Z,direct\no2,B,2020-09-01T00:00:00Z,partner\no3,B,never,direct\n",
        encoding="utf-8",
    )

    (rule,) = run_examples(load_rules([str(tmp_path)]), tmp_path).rules

    failures = [(f.expected, f.got) for example in rule.examples for f in example.failures]
    assert failures == [("violation", "rejected")]
    assert [part.missing.names for part in rule.parts] == [[]]


def test_a_fixture_of_too_many_rows_ends_the_run(tmp_path: Path) -> None:
    log = (
        "event_at,meeting_id,session_id,account_id,route\n"
        + "2020-06-01T00:00:00Z,m,s,A,SC\n" * 100_001
    )
    start = _fixture(tmp_path, log)

    with pytest.raises(RuleError, match=r"data/log\.csv of example 'n' has more than 100,000 rows"):
        report_of(tmp_path, _ROUTES, f"{{{start}, expect: {{compliant: 1}}}}")
