"""Every fault of a rule file is reported with path, line, column and hint."""

from pathlib import Path

import pytest

from auditor.errors import AuditorError, RuleError
from auditor.rules.load import load_rules
from tests.unit.rules.frames import HEAD

BODY = "violation: plan = 'free'\n"


def _faults(folder: Path, text: str) -> list[str]:
    path = folder / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuditorError) as caught:
        load_rules([str(path)])
    assert isinstance(caught.value, RuleError)
    return [
        f"{p.location.replace(str(folder) + '/', '')}: {p.message} ({p.hint})"
        for p in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("predicate", "fault"),
    [
        ("plan = 'free' AND opted_inn IS NULL",
         "r.yaml:8:30: unknown field 'opted_inn' (did you mean 'opted_in'?)"),
        ("witin(jurisdictions, opted_in)",
         "r.yaml:8:12: unknown function 'witin' (did you mean 'within'?)"),
        ("media_bytes > 'x'",
         ("r.yaml:8:26: wrong types: number and quoted text do not compare "
         "(write numbers without quotes)")),
        ("plan = 'Free'", "r.yaml:8:19: unknown value 'Free' of plan (did you mean 'free'?)"),
        ("billing_country IN ('CN', 'UK')",
         "r.yaml:8:38: unknown country 'UK' (did you mean 'GB'?)"),
        ("billing_country = 'china'", "r.yaml:8:30: unknown country 'china' (did you mean 'CN'?)"),
        ("touches(jurisdictions, 'cn')",
         "r.yaml:8:35: unknown country 'cn' (did you mean 'CN'?)"),
        ("plan", "r.yaml:8:12: a condition is wanted here, not choice ()"),
        ("plan = 'free' AND media_bytes + 1",
         "r.yaml:8:30: a condition is wanted here, not number ()"),
        ("event_at > TIMESTAMP '2020-05-01T00:00:00'",
         ("r.yaml:8:33: '2020-05-01T00:00:00' is not an instant with a zone "
         "(write TIMESTAMP '2020-05-01T00:00:00Z')")),
        ("event_at > DATE '2020-05-01'",
         ("r.yaml:8:28: a DATE needs the rule's zone "
         "(state effective.timezone, or write TIMESTAMP '2020-05-01T00:00:00Z')")),
        ("event_at > '2020-05-01'",
         ("r.yaml:8:23: wrong types: time and quoted text do not compare "
         "(write an instant as TIMESTAMP '2020-05-01T00:00:00Z')")),
        ("partner = billing_country",
         ("r.yaml:8:22: wrong types: text and country do not compare "
         "(LOWER() or UPPER() makes a text of a country or choice)")),
        ("opted_in = jurisdictions",
         "r.yaml:8:12: = does not take sets (ask within() or touches())"),
        ("plan < 'pro'", "r.yaml:8:12: < does not order choice values (use = or IN)"),
        ("plan LIKE 'f%'", "r.yaml:8:12: LIKE takes a text, not choice (LOWER() makes it one)"),
        ("is_host = media_bytes BETWEEN 1 AND 2",
         "r.yaml:8:22: put brackets around this comparison ()"),
        (":threshold > 1", ("r.yaml:8:12: unknown parameter 'threshold' "
         "(none is known; declare it in params)")),
        ("partner LIKE 'a!' ESCAPE '!'",
         "r.yaml:8:25: the pattern ends in its escape character ()"),
        ("version_at_least(client_version, 'five')",
         "r.yaml:8:45: 'five' is not a version (write it as in '5.0')"),
        ("within(jurisdictions, plan)",
         "r.yaml:8:34: within() takes sets, quoted countries and group('…'), not choice ()"),
        ("partner = 'x", "r.yaml:8:22: a quote or comment is not closed ()"),
        ("partner = 'x'; DROP TABLE t", "r.yaml:8:25: one expression only: ';' is not allowed ()"),
    ],
)  # fmt: skip
def test_a_fault_in_a_predicate_has_its_place(tmp_path: Path, predicate: str, fault: str) -> None:
    assert _faults(tmp_path, f"{HEAD}violation: {predicate}\n") == [fault]


@pytest.mark.parametrize(
    ("predicate", "place"),
    [
        ("partner ILIKE 'x'", "8:12: ilike"),
        ("event_at > (SELECT 1)", "8:31: subquery"),
        ("partner || 'x' = 'y'", "8:12: dpipe"),
        ("LENGTH(partner) > 1", "8:12: unknown function 'LENGTH'"),
        ("NVL(partner, 'x') = 'x'", "8:12: unknown function 'NVL'"),
        ("CAST(partner AS INT) = 1", "8:17: casts"),
        ("partner::int = 1", "8:19: casts"),
        ("x.partner = 'y'", "8:12: column"),
        ("is_host IS TRUE", "8:12: IS takes"),
        ("partner IN (SELECT 1)", "8:12: in"),
        ("LOWER(partner) OVER () = 'x'", "8:12: window"),
        ("partner = 'x' XOR is_host", "8:26: not SQL"),
    ],
)
def test_sql_beyond_the_subset_is_refused(tmp_path: Path, predicate: str, place: str) -> None:
    (fault,) = _faults(tmp_path, f'{HEAD}violation: "{predicate}"\n')

    line, column, rest = place.split(":", 2)
    assert fault.startswith(f"r.yaml:{line}:{int(column) + 1}:{rest}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD + BODY + "severty: low\n",
         "r.yaml:9:1: unknown key 'severty' (did you mean 'severity'?)"),
        (HEAD, "r.yaml:1:1: key 'violation' is missing ()"),
        (HEAD.replace("high", "hgh") + BODY,
         "r.yaml:4:11: unknown severity 'hgh' (did you mean 'high'?)"),
        (HEAD.replace("TEST-001", "test-1") + BODY,
         "r.yaml:2:5: 'test-1' is not a rule id (write capitals and digits: ROUTE-001)"),
        (HEAD.replace("title: A rule under test", "title: 5") + BODY,
         "r.yaml:3:8: title must be a text, not a number or Boolean (put it in quotes: '5')"),
        (HEAD.replace("subject: session", "subject: order") + BODY,
         "r.yaml:6:10: unknown subject 'order' (known: account, meeting, session)"),
        (HEAD + BODY + "effective: {from: 2020-05-01, timezone: Asia/Shangai, clock: event_at}\n",
         "r.yaml:9:41: unknown time zone 'Asia/Shangai' (did you mean 'Asia/Shanghai'?)"),
        (HEAD + BODY + "effective: {from: 2020-02-30, timezone: UTC, clock: event_at}\n",
         ("r.yaml:9:19: from '2020-02-30' is neither a date nor an instant (write 2020-05-01, or "
         "an instant with its zone such as 2020-05-01T00:00:00Z)")),
        (HEAD + BODY
         + "effective: {from: 2020-05-02, until: 2020-05-01, timezone: UTC, clock: event_at}\n",
         "r.yaml:9:38: until 2020-05-01 is not after from 2020-05-02 ()"),
        (HEAD + BODY + "effective: {from: 2020-05-01, timezone: UTC, clock: meeting_started}\n",
         "r.yaml:9:53: unknown clock 'meeting_started' (did you mean 'meeting_started_at'?)"),
        (HEAD + BODY + "effective: {from: 2020-05-01, clock: event_at}\n",
         "r.yaml:9:12: key 'timezone' is missing ()"),
        (HEAD.replace("{session_id}", "{session} x") + BODY,
         "r.yaml:7:11: unknown placeholder 'session' (did you mean 'session_id'?)"),
        (HEAD.replace("{session_id}", "50% } x") + BODY,
         "r.yaml:7:15: '}' has no partner (write it twice to show it)"),
        (HEAD + BODY + "params: {a: {type: boolean, default: maybe}}\n",
         "r.yaml:9:38: the default of a is not of type boolean ()"),
        (HEAD + BODY + "evidence: {events: plan}\n",
         "r.yaml:9:12: 'events' is already the name of a finding's column (choose another)"),
        (HEAD + BODY + "evidence: {plan: partner}\n",
         "r.yaml:9:12: 'plan' is already the name of a fact of events (choose another)"),
        (HEAD + BODY + "examples: [{name: x, event: {plann: free}, expect: violation}]\n",
         "r.yaml:9:30: unknown key 'plann' (did you mean 'plan'?)"),
        (HEAD + BODY + "tags: default\n", "r.yaml:9:7: tags must be a list ()"),
        ("", "r.yaml:1:1: the file is empty ()"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_has_its_place(tmp_path: Path, text: str, fault: str) -> None:
    assert _faults(tmp_path, text) == [fault]


def test_a_fault_in_a_block_of_lines_has_its_place(tmp_path: Path) -> None:
    text = HEAD + "violation: >-\n  plan = 'free'\n  AND opted_inn IS NULL\n"

    assert _faults(tmp_path, text)[0].startswith("r.yaml:10:7: unknown field 'opted_inn'")


@pytest.mark.parametrize(
    "predicate",
    [
        "(" * 201 + "is_host" + ")" * 201,
        "NOT " * 201 + "is_host",
        "CASE WHEN " * 201 + "is_host" + " THEN is_host END" * 201,
        " + ".join(["media_bytes"] * 300) + " > 1",
        "LOWER(" * 300 + "partner" + ")" * 300 + " = 'x'",
    ],
)
def test_deep_nesting_is_a_located_fault(tmp_path: Path, predicate: str) -> None:
    (fault,) = _faults(tmp_path, f"{HEAD}violation: {predicate}\n")

    assert fault.startswith("r.yaml:8:")
    assert "nested more than 200 deep" in fault


def test_an_overlong_predicate_is_a_located_fault(tmp_path: Path) -> None:
    predicate = " OR ".join(["is_host"] * 3000)

    faults = _faults(tmp_path, f"{HEAD}violation: {predicate}\n")

    assert faults == ["r.yaml:8:12: longer than 20000 characters ()"]


def test_a_predicate_that_would_explode_is_a_located_fault(tmp_path: Path) -> None:
    predicate = "media_bytes"
    for _ in range(18):
        predicate = f"CASE {predicate} WHEN 1 THEN 2 WHEN 3 THEN 4 END"

    (fault,) = _faults(tmp_path, f"{HEAD}violation: {predicate} = 1\n")

    assert "the expression is too large" in fault


def test_all_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "violation: opted_inn IS NULL OR plann = 'x'\nx: 1\n")
    other = HEAD.replace("TEST-001", "TEST-002").replace("high", "hgh")
    (tmp_path / "b.yaml").write_text(other + BODY)

    with pytest.raises(RuleError) as caught:
        load_rules([str(tmp_path)])

    assert [p.message for p in caught.value.problems] == [
        "unknown field 'opted_inn'",
        "unknown field 'plann'",
        "unknown key 'x'",
        "unknown severity 'hgh'",
    ]


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + BODY)
    (tmp_path / "b.yaml").write_text(HEAD + BODY)

    with pytest.raises(RuleError) as caught:
        load_rules([str(tmp_path)])

    (problem,) = caught.value.problems
    assert problem.location == f"{tmp_path}/b.yaml:2:5"
    assert problem.message == "duplicate rule id 'TEST-001'"
    assert problem.hint == f"it is first at {tmp_path}/a.yaml:2:5"


def test_a_file_that_is_too_large_or_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"#" * 300_000)
    (tmp_path / "b.yaml").write_bytes(b"a: 1\nb: \xff\n")

    with pytest.raises(RuleError) as caught:
        load_rules([str(tmp_path)])

    assert [(p.location, p.message) for p in caught.value.problems] == [
        (f"{tmp_path}/a.yaml:1", "larger than 256 KiB"),
        (f"{tmp_path}/b.yaml:2", "not UTF-8"),
    ]


def test_a_folder_without_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules in"):
        load_rules([str(tmp_path)])


@pytest.mark.parametrize(("key", "bad"), [("TEST-001", "x1"), ("high", "hgh")])
def test_another_fault_does_not_hide_those_of_the_predicate(
    tmp_path: Path, key: str, bad: str
) -> None:
    faults = _faults(tmp_path, HEAD.replace(key, bad) + "violation: opted_inn IS NULL\n")

    assert [f"'{bad}'" in fault or "'opted_inn'" in fault for fault in faults] == [True, True]
