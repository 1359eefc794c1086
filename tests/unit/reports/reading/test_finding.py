"""One finding is found in a report of any layout; a report that is none is refused."""

import io
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import ReportError
from auditor.explanation import Place, Reported
from auditor.reports.json_format import write
from auditor.reports.ndjson_format import write as write_ndjson
from auditor.reports.reading.finding import read_finding
from tests.unit.reports.builders import make_full_report


def _document() -> dict[str, Any]:
    stream = io.BytesIO()
    write(make_full_report(), stream)
    document: dict[str, Any] = json.loads(stream.getvalue())
    return document


DOCUMENT = _document()
FIRST = DOCUMENT["findings"][0]["id"]


def _read(content: bytes | str | object, wanted: str = FIRST) -> Reported:
    if not isinstance(content, bytes | str):
        content = json.dumps(content)
    data = content.encode() if isinstance(content, str) else content
    return read_finding(io.BytesIO(data), "r.json", wanted)


def test_a_finding_is_read_with_what_it_rests_on() -> None:
    found = _read(DOCUMENT)

    first = DOCUMENT["findings"][0]
    assert found.rule_id == first["rule_id"]
    assert found.places == [Place(row["path"], row["row"]) for row in first["rows"]]
    assert found.settings.params == DOCUMENT["settings"]["params"]
    assert [file.path for file in found.inputs] == [file["path"] for file in DOCUMENT["inputs"]]
    assert found.finding == {name: first[name] for name in found.finding}


@pytest.mark.parametrize(
    "layout",
    [
        {"indent": 2},
        {"separators": (",", ":")},
        {"sort_keys": True, "indent": 1},
        {"ensure_ascii": False},
    ],
)
def test_the_layout_of_a_report_does_not_matter(layout: dict[str, Any]) -> None:
    assert _read(json.dumps(DOCUMENT, **layout)) == _read(DOCUMENT)


def test_the_feed_for_a_siem_is_a_report_too() -> None:
    stream = io.BytesIO()
    write_ndjson(make_full_report(), stream)

    assert _read(stream.getvalue()) == _read(DOCUMENT)


def test_the_beginning_of_an_id_will_do_in_any_case() -> None:
    found = _read(_of_ids("ab" + "0" * 30, "ac" + "0" * 30), "AB0")

    assert found.finding["id"] == "ab" + "0" * 30


def _of_ids(*ids: str) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["findings"] = [{**DOCUMENT["findings"][0], "id": name} for name in ids]
    return document


def test_an_id_wins_over_those_it_begins() -> None:
    found = _read(_of_ids("ab" + "0" * 30 + "1", "ab" + "0" * 30), "ab" + "0" * 30)

    assert found.finding["id"] == "ab" + "0" * 30


def test_several_findings_are_listed() -> None:
    with pytest.raises(ReportError) as caught:
        _read(_of_ids(*(f"ab{number:030}" for number in range(12))), "ab")

    (problem,) = caught.value.problems
    assert problem.message == "12 findings have an id that begins with 'ab'"
    assert problem.hint.startswith(f"give more of it: ab{0:030}, ")
    assert problem.hint.endswith("and 2 more")


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("f" + FIRST[1:31] + "g", f"did you mean '{FIRST}'?"),
        (DOCUMENT["findings"][0]["rule_id"], f"that is a rule; findings of it: {FIRST}"),
        ("zzz", "its ids: jq -r '.findings[].id' r.json"),
    ],
)
def test_a_finding_that_is_not_there_is_looked_for(wanted: str, hint: str) -> None:
    with pytest.raises(ReportError, match="has an id that begins with") as caught:
        _read(DOCUMENT, wanted)

    assert caught.value.problems[0].hint.startswith(hint)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PAR1\x15\x04\xff", "is wanted here|not UTF-8"),
        ("id,rule_id\n1,2\n", "'{' is wanted here"),
        ("[]", "'{' is wanted here"),
        ("", "ends too early"),
        ("{}", "has no schema"),
        ('{"schema": "auditor/report/v2", "findings": [{"id": "x"}]}', "v2"),
        ('{"schema": ["auditor"]}', "is of schema"),
        ('{"schema" 1}', "':' is wanted here"),
        ("{1: 2}", "the name of a member"),
        (json.dumps(DOCUMENT) + "{}", "goes on after the end"),
        (json.dumps(DOCUMENT)[:-200], "ends too early|no JSON"),
        ('{"findings": {"id": "x"}}', "has no schema"),
        ('{"findings": [3]}', r"findings\[0\] is not an object"),
        ('{"findings": [{"id": 3}]}', r"findings\[0\]\.id is not a text"),
    ],
)
def test_what_is_no_report_is_a_located_error(content: str | bytes, message: str) -> None:
    with pytest.raises(ReportError, match=message) as caught:
        _read(content)

    assert caught.value.problems[0].location.startswith("r.json")


def _location(content: bytes | object) -> str:
    """Where a report is wrong; empty where it is not."""
    try:
        _read(content)
    except ReportError as error:
        return error.problems[0].location
    return ""


PLACES = [
    ("settings",),
    ("settings", "params"),
    ("settings", "from"),
    ("inputs",),
    ("inputs", 0, "path"),
    ("inputs", 0, "bytes"),
    ("registries", 0, "sha256"),
    ("rules",),
    ("findings", 0, "subject"),
    ("findings", 0, "rows"),
    ("findings", 0, "rows", 0, "row"),
    ("findings", 0, "policy"),
    ("findings", 0, "route"),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [True, "never", -1, 2.5, [[]], {"x": 1}, 10**30])
def test_a_member_of_another_type_is_refused_or_read(place: tuple[Any, ...], value: Any) -> None:
    document = deepcopy(DOCUMENT)
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value

    assert _location(document) in {"", "r.json"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_report_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(json.dumps(DOCUMENT, indent=2).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b"", b'"', b"{", b"]", b"\xff", b"null", b"[[[", b"9"]))
        content[at : at + data.draw(st.integers(0, 40))] = piece

    assert _location(bytes(content)).partition(":")[0] in {"", "r.json"}
