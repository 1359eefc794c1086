"""JSON and NDJSON: valid, in the published order and shape, whatever the logs hold."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.findings import InputFile, Report, Run, Settings
from auditor.reports.document import time_of

from .builders import FINISHED, HOSTILE, STARTED, MemoryFindings, finding, frame, make_report

Written = Callable[[str, Report], bytes]
SCHEMA = json.loads((files("auditor.reports") / "report.schema.json").read_text())
MEMBERS = [
    "schema", "tool", "run", "settings", "inputs", "registries", "coverage", "rules", "unresolved",
    "warnings", "suspected", "summary", "findings",
]  # fmt: skip


def validator(definition: str = "") -> Draft202012Validator:
    if not definition:
        return Draft202012Validator(SCHEMA)
    reference = {"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]}
    return Draft202012Validator(reference)


def test_the_published_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", ["full", "clean", "incomplete"])
def test_json_keeps_to_the_published_schema(
    case: str, request: pytest.FixtureRequest, written: Written
) -> None:
    document = json.loads(written("json", request.getfixturevalue(f"{case}_report")))

    validator().validate(document)
    assert list(document) == MEMBERS


@pytest.mark.parametrize("case", ["full", "clean", "incomplete"])
def test_ndjson_keeps_to_the_published_schema(
    case: str, request: pytest.FixtureRequest, written: Written
) -> None:
    lines = written("ndjson", request.getfixturevalue(f"{case}_report")).splitlines()
    run, *findings = (json.loads(line) for line in lines)

    validator("run_record").validate(run)
    for record in findings:
        validator("finding_record").validate(record)
    assert run["summary"]["findings"] == len(findings)


def test_the_schema_knows_every_member_that_is_written(
    full_report: Report, written: Written
) -> None:
    document = json.loads(written("json", full_report))

    assert _unknown_members(document, SCHEMA) == []


@pytest.mark.parametrize("member", MEMBERS)
def test_the_schema_demands_every_member(
    member: str, full_report: Report, written: Written
) -> None:
    document = json.loads(written("json", full_report))
    del document[member]

    assert not validator().is_valid(document)


def test_ndjson_findings_are_those_of_json(full_report: Report, written: Written) -> None:
    document = json.loads(written("json", full_report))
    _, *records = (json.loads(line) for line in written("ndjson", full_report).splitlines())

    own = {"kind": "finding", "tool": document["tool"], "run_id": document["run"]["id"]}
    assert records == [own | one for one in document["findings"]]


def test_hostile_text_comes_back_as_it_was(full_report: Report, written: Written) -> None:
    document = json.loads(written("json", full_report))

    assert document["findings"][1]["subject"]["account_id"] == HOSTILE
    assert document["unresolved"]["hops"][0]["value"] == HOSTILE


@pytest.mark.parametrize("name", ["json", "ndjson"])
def test_no_character_that_a_terminal_obeys_is_written_raw(
    name: str, full_report: Report, written: Written
) -> None:
    text = written(name, full_report).decode().replace("\n", "")

    assert text.isprintable()


def test_a_file_name_that_is_no_utf8_stays_readable(written: Written) -> None:
    report = make_report(inputs=[InputFile("a\udcff.csv", "csv", 1, 1)])

    document = json.loads(written("json", report))

    assert document["inputs"][0]["path"] == "a\\udcff.csv"


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_jq_reads_the_report(full_report: Report, written: Written) -> None:
    done = subprocess.run(
        ["jq", "-r", ".findings[].subject.kind"],
        input=written("json", full_report),
        capture_output=True,
        check=True,
    )

    assert done.stdout.split() == [b"meeting", b"session", b"session", b"order"]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("session", ["account_id", "meeting_id", "session_id"]),
        ("meeting", ["account_id", "meeting_id"]),
        ("account", ["account_id"]),
        ("order", ["order_id"]),
    ],
)
def test_a_subject_holds_the_keys_of_its_kind(kind: str, keys: list[str], written: Written) -> None:
    mixed = frame(finding(1), finding(2, subject_kind=kind, order_id="o"), finding(3))

    document = json.loads(written("json", make_report(findings=MemoryFindings([mixed]))))

    assert list(document["findings"][1]["subject"]) == ["kind", *keys]
    assert [one["id"][-1] for one in document["findings"]] == ["1", "2", "3"]


def test_findings_over_several_batches_are_all_there(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.reports.records.BATCH_ROWS", 4)
    frames = [frame(*(finding(10 * part + n) for n in range(part))) for part in range(6)]

    document = json.loads(written("json", make_report(findings=MemoryFindings(frames))))

    numbers = [int(one["id"], 16) for one in document["findings"]]
    assert numbers == [10 * part + n for part in range(6) for n in range(part)]


def test_the_summary_counts_states_and_waivers_apart(written: Written) -> None:
    findings = frame(finding(1), finding(2, state="unchanged"), finding(3, waiver="accepted"))

    report = make_report(findings=MemoryFindings([findings]), resolved=7)
    summary = json.loads(written("json", report))["summary"]

    counts = {name: summary[name] for name in ("new", "unchanged", "resolved", "waived")}
    assert counts == {"new": 2, "unchanged": 1, "resolved": 7, "waived": 1}


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2020, 5, 1, tzinfo=UTC), "2020-05-01T00:00:00Z"),
        (datetime(2020, 5, 1, 0, 0, 0, 123456, tzinfo=UTC), "2020-05-01T00:00:00.123456Z"),
        (datetime(2020, 5, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2020-05-01T00:00:00Z"),
    ],
)
def test_times_are_utc_and_exact(instant: datetime, text: str, written: Written) -> None:
    found = frame(finding(1, first_at=instant, last_at=instant))
    run = Run("run-1", STARTED, FINISHED, "streaming", complete=True)

    report = make_report(run=run, findings=MemoryFindings([found]))
    document = json.loads(written("json", report))

    assert time_of(instant) == text
    assert document["findings"][0]["first_at"] == text


def _unknown_members(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices:
        return min((_unknown_members(value, one, where) for one in choices), key=len)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [name for one in value for name in _unknown_members(one, items, where)]
    if not isinstance(value, dict) or isinstance(schema.get("additionalProperties"), dict):
        return []
    known = schema.get("properties", {})
    found = [f"{where}.{name}" for name in value if name not in known]
    parts = (_unknown_members(value[n], known[n], f"{where}.{n}") for n in value if n in known)
    return [*found, *(name for part in parts for name in part)]


def test_the_settings_name_the_profile_that_read_the_log(written: Written) -> None:
    report = make_report(settings=Settings(source="acme-export"))

    settings = json.loads(written("json", report))["settings"]

    assert settings["source"] == "acme-export"
    assert not validator("settings").is_valid({**settings, "source": None})
