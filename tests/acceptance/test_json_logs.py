"""An audit of JSON says what an audit of the same log as CSV says."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.logs import CLEAN, HEADER, REJECT, UNKNOWN, VIOLATION, invoke, report_of

ROWS = (CLEAN, VIOLATION, UNKNOWN, REJECT)


def records() -> list[dict[str, Any]]:
    rows = list(csv.DictReader(io.StringIO("\n".join([HEADER, *ROWS]))))
    return [{**row, "route": row["route"].split(";")} for row in rows]


def verdict(folder: Path, name: str, content: str, *more: str) -> tuple[int, Any]:
    (folder / name).write_text(content, encoding="utf-8")
    done = invoke("audit", name, "--format", "json", *more, cwd=folder)
    report = report_of(done)
    keep = ("rows_read", "rows_rejected", "events", "rejects", "reconciles", "invalid_values")
    counts = {key: report["coverage"][key] for key in keep}
    findings = [(f["id"], f["message"]) for f in report["findings"]]
    return done.exit_code, (counts, report["rules"], findings, report["unresolved"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.ndjson", "\n".join(map(json.dumps, records()))),
        ("log.json", json.dumps(records(), indent=1)),
    ],
)
def test_json_is_judged_as_csv_is(tmp_path: Path, name: str, content: str) -> None:
    expected = verdict(tmp_path, "log.csv", "\n".join([HEADER, *ROWS]))

    assert verdict(tmp_path, name, content) == expected
    assert expected[0] == 1


def test_a_broken_line_makes_the_audit_incomplete_and_is_written_out(tmp_path: Path) -> None:
    lines = [json.dumps({**records()[0]}), '{"event_at": ']
    (tmp_path / "log.ndjson").write_text("\n".join(lines), encoding="utf-8")

    done = invoke("audit", "log.ndjson", "--rejects", "r.ndjson", cwd=tmp_path)

    assert done.exit_code == 3
    assert json.loads((tmp_path / "r.ndjson").read_text()) == {
        "path": "log.ndjson", "row": 2, "line": 2, "reason": "not JSON", "raw": '{"event_at": ',
    }  # fmt: skip


def test_a_broken_document_is_named_and_the_others_are_audited(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text(json.dumps(records())[:-1], encoding="utf-8")
    (tmp_path / "log.ndjson").write_text(json.dumps(records()[1]), encoding="utf-8")

    done = invoke("audit", "broken.json", "log.ndjson", cwd=tmp_path)

    assert done.exit_code == 1
    assert "broken.json:1: is not JSON" in done.stderr
