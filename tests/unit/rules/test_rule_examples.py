"""The examples of a rule file: rows, several rows, fixtures, parameters, and their faults."""

from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.findings import Outcome
from auditor.rules.examples import example_rows
from auditor.rules.model import Example, Rule
from tests.unit.rules.frames import HEAD, rule_of

_BODY = """\
params: {most: {type: number, default: 5, meaning: m}, names: {type: texts, default: [a]}}
violation: media_bytes > :most OR partner IN (:names)
examples:
"""


def _rule(folder: Path, *examples: str) -> Rule:
    return rule_of(folder, _BODY + "".join(f"  - {example}\n" for example in examples))


def _example(folder: Path, example: str) -> Example:
    (found,) = _rule(folder, example).examples
    return found


def test_an_example_of_one_row_says_what_it_expects_and_where_it_stands(tmp_path: Path) -> None:
    text = "{name: n, event: {plan: pro}, expect: unknown, reason: r, boundary: false}"

    example = _example(tmp_path, text)

    (row,) = example.rows
    assert (row.values, row.expect, row.reason) == ({"plan": "pro"}, Outcome.UNKNOWN, "r")
    assert (row.boundary, row.message) == (False, None)
    line = (HEAD + _BODY).count("\n") + 1
    assert example.location == f"{tmp_path}/rule.yaml:{line}:5"


def test_an_example_of_a_meeting_expects_something_of_every_row(tmp_path: Path) -> None:
    text = (
        "{name: n, events: [{event: {session_id: a}, expect: violation, message: a}, "
        "{event: {session_id: b}, expect: compliant}]}"
    )

    example = _example(tmp_path, text)

    assert [row.expect for row in example.rows] == [Outcome.VIOLATION, Outcome.COMPLIANT]
    assert example.outcomes == {Outcome.VIOLATION, Outcome.COMPLIANT}


def test_a_fixture_expects_rows_by_outcome_and_findings(tmp_path: Path) -> None:
    text = (
        "{name: n, fixture: data/log.csv, accounts: data/a.csv, "
        "expect: {violation: 2, rejected: 1}, "
        "findings: [{account_id: null, meeting_id: m, session_id: 1}]}"
    )

    fixture = _example(tmp_path, text).fixture

    assert fixture is not None
    assert (fixture.log, fixture.accounts) == ("data/log.csv", "data/a.csv")
    assert fixture.rows == {outcome: 2 * (outcome is Outcome.VIOLATION) for outcome in Outcome}
    assert fixture.rejected == 1
    assert fixture.findings == ({"account_id": None, "meeting_id": "m", "session_id": "1"},)


def test_parameters_of_an_example_are_what_the_command_line_would_give(tmp_path: Path) -> None:
    text = "{name: n, event: {}, expect: unknown, params: {most: 7, names: [b, c]}}"

    assert _example(tmp_path, text).params == {"most": "7", "names": "b;c"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{name: n, expect: compliant}", "takes one of event, events and fixture"),
        ("{name: n, event: {}, events: [], expect: compliant}", "takes one of event, events"),
        ("{name: n, events: []}", "events is empty"),
        ("{event: {}, expect: compliant}", "key 'name' is missing"),
        ("{name: n, event: {}}", "key 'expect' is missing"),
        ("{name: n, event: {}, expect: complaint}", "unknown expect 'complaint'"),
        ("{name: n, event: {pan: x}, expect: unknown}", "unknown key 'pan'"),
        ("{name: n, event: {}, expect: compliant, reason: r}", "only an unknown row has a reason"),
        ("{name: n, event: {}, expect: unknown, message: m}", "only a violation has a message"),
        ("{name: n, event: {}, expect: unknown, boundary: 1}", "boundary must be true or false"),
        ("{name: n, event: {}, expect: unknown, accounts: a.csv}", "'accounts' does not go with"),
        ("{name: n, events: [{event: {}, expect: unknown}], expect: unknown}", "'expect' does not"),
        ("{name: n, fixture: a.csv, expect: violation}", "expect must be a mapping"),
        ("{name: n, fixture: a.csv, expect: {violation: -1}}", "violation takes a number of rows"),
        ("{name: n, fixture: a.csv, expect: {violation: true}}", "violation takes a number"),
        ("{name: n, fixture: a.csv, expect: {violatoin: 1}}", "unknown key 'violatoin'"),
        ("{name: n, fixture: a.csv, expect: {violation: 0}}", "expect names no row"),
        ("{name: n, fixture: a.txt, expect: {violation: 1}}", "fixture must end in .csv"),
        ("{name: n, fixture: /a.csv, expect: {violation: 1}}", "fixture must lie beside the rule"),
        ("{name: n, fixture: x/../../a.csv, expect: {violation: 1}}", "must lie beside the rule"),
        ('{name: n, fixture: "..\\\\a.csv", expect: {violation: 1}}', "must lie beside the rule"),
        ("{name: n, fixture: a.csv, accounts: ../b.csv, expect: {violation: 1}}",
         "accounts must lie beside"),
        ("{name: n, fixture: a.csv, expect: {violation: 1}, reason: r}", "'reason' does not go"),
        ("{name: n, fixture: a.csv, expect: {violation: 1}, findings: [{account_id: A}]}",
         "key 'meeting_id' is missing"),
        ("{name: n, event: {}, expect: unknown, params: {mots: 7}}",
         "params of this example: no selected rule has a parameter 'mots'"),
        ("{name: n, event: {}, expect: unknown, params: {most: x}}", "'x' is not a number"),
        ("{name: n, event: {}, expect: unknown, params: {most: null}}", "most takes one value"),
        ("{name: n, event: {}, expect: unknown, params: {most: {a: 1}}}", "most takes one value"),
    ],
)  # fmt: skip
def test_a_faulty_example_is_refused_where_it_stands(
    tmp_path: Path, text: str, message: str
) -> None:
    line = (HEAD + _BODY).count("\n") + 1

    with pytest.raises(RuleError, match=rf"rule\.yaml:{line}:\d+: .*{message}"):
        _rule(tmp_path, text)


def test_the_rows_of_an_example_are_raw_texts_of_one_meeting(tmp_path: Path) -> None:
    rule = _rule(
        tmp_path,
        "{name: n, events: [{event: {is_host: true, media_bytes: 7, opted_in: [], route: [SC, TJ]},"
        " expect: unknown}, {event: {opted_in: 'US;', route: '', event_at: never}, expect: unknown}"
        "]}",
    )

    first, second = example_rows(rule, rule.examples[0])

    assert (first["is_host"], first["media_bytes"], first["plan"]) == ("true", "7", None)
    assert (first["opted_in"], first["route"]) == ([], ["SC", "TJ"])
    assert (second["opted_in"], second["route"], second["event_at"]) == (["US"], None, "never")
    assert first["meeting_id"] == second["meeting_id"] == "meeting-1"
    assert [first["session_id"], second["session_id"]] == ["session-1", "session-2"]
