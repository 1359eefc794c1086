"""One exit code for each way in which an audit can end."""

import bz2
from pathlib import Path

import pytest

from tests.acceptance.logs import (
    CLEAN,
    EARLY,
    HEADER,
    REJECT,
    UNKNOWN,
    VIOLATION,
    invoke,
    report_of,
    write_log,
)


@pytest.mark.parametrize(
    ("rows", "flags", "code"),
    [
        ((CLEAN,), (), 0),
        ((CLEAN, VIOLATION), (), 1),
        ((CLEAN, VIOLATION), ("--fail-on", "critical", "--select", "ROUTE-001"), 0),
        ((CLEAN, VIOLATION), ("--fail-on", "never"), 0),
        ((CLEAN, UNKNOWN), (), 3),
        ((CLEAN, UNKNOWN), ("--max-unknown", "1"), 0),
        ((CLEAN, UNKNOWN), ("--max-unknown", "50%"), 0),
        ((CLEAN, UNKNOWN), ("--max-unknown", "49%"), 3),
        ((CLEAN, REJECT), (), 3),
        ((CLEAN, REJECT), ("--max-rejects", "1"), 0),
        ((CLEAN, REJECT), ("--max-rejects", "50%"), 0),
        ((EARLY,), (), 3),
        ((), (), 3),
        ((VIOLATION, UNKNOWN), (), 1),
        ((VIOLATION, REJECT), (), 1),
        ((VIOLATION, REJECT), ("--fail-on", "never"), 3),
        ((CLEAN,), ("--to", "2020-05-01"), 3),
        ((CLEAN,), ("--select", "ROUTE-999"), 2),
        ((CLEAN,), ("--select", "no-such-tag"), 2),
        ((CLEAN,), ("--ignore", "ROUTE-999"), 2),
        ((CLEAN,), ("--select", "ROUTE-001", "--ignore", "ROUTE-001"), 2),
        ((CLEAN,), ("--rules", "no-such-pack"), 2),
        ((CLEAN,), ("--param", "no_such=1"), 2),
        ((CLEAN,), ("--param", "nonsense"), 2),
        ((CLEAN,), ("--operator", "nobody"), 2),
        ((CLEAN,), ("--source", "nothing"), 2),
        ((CLEAN,), ("--accounts", "missing.csv"), 2),
        ((CLEAN,), ("--datacentres", "missing.csv"), 2),
        ((CLEAN,), ("--timezone", "Europe/Nowhere"), 2),
        ((CLEAN,), ("--from", "yesterday"), 2),
        ((CLEAN,), ("--from", "2020-05-02", "--to", "2020-05-01"), 2),
        ((CLEAN,), ("--max-rejects", "many"), 2),
        ((CLEAN,), ("--format", "pdf"), 2),
        ((CLEAN,), ("--no-such-flag",), 2),
        ((CLEAN,), ("--unknowns", "rows.txt"), 2),
        ((CLEAN, VIOLATION), ("--output", "/no/such/folder/r.json"), 1),
        ((CLEAN,), ("--output", "/no/such/folder/r.json"), 3),
        ((CLEAN,), ("--report", "json=/no/such/folder/r.json"), 3),
    ],
)
def test_the_exit_code_tells_what_came_of_the_audit(
    tmp_path: Path, rows: tuple[str, ...], flags: tuple[str, ...], code: int
) -> None:
    log = write_log(tmp_path, *rows)

    done = invoke("audit", log, *flags, cwd=tmp_path)

    assert done.exit_code == code, done.stderr


@pytest.mark.parametrize("place", ["missing.csv", "missing/*.parquet", "."])
def test_a_place_without_logs_is_no_audit(tmp_path: Path, place: str) -> None:
    done = invoke("audit", place, cwd=tmp_path)

    assert done.exit_code == 2
    assert "No audit was performed" in done.stderr
    assert done.stdout == ""


def test_no_path_is_no_audit(tmp_path: Path) -> None:
    done = invoke("audit", cwd=tmp_path)

    assert done.exit_code == 2
    assert "No audit was performed" in done.stderr


def test_a_broken_rule_is_no_audit_although_the_log_violates(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text("schema: auditor/rule/v1\nid: X-1\n", encoding="utf-8")
    log = write_log(tmp_path, VIOLATION)

    done = invoke("audit", log, "--rules", tmp_path / "rule.yaml", cwd=tmp_path)

    assert done.exit_code == 2
    assert "rule.yaml:" in done.stderr
    assert "No audit was performed" in done.stderr


def test_an_unreadable_file_makes_the_audit_incomplete_and_the_others_are_audited(
    tmp_path: Path,
) -> None:
    log = write_log(tmp_path, CLEAN)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")

    done = invoke("audit", log, tmp_path / "broken.parquet", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert done.exit_code == 3
    assert report["run"]["complete"] is False
    assert "broken.parquet" in report["run"]["incomplete_reasons"][0]
    assert report["coverage"]["events"] == 1
    assert [(i["rows"], i["path"].endswith(".csv")) for i in report["inputs"]] == [
        (None, False), (1, True),
    ]  # fmt: skip


def test_findings_outrank_incompleteness_and_both_are_said(tmp_path: Path) -> None:
    log = write_log(tmp_path, VIOLATION, REJECT)

    done = invoke("audit", log, "--format", "json", cwd=tmp_path)

    assert done.exit_code == 1
    assert report_of(done)["run"]["complete"] is False
    assert "INCOMPLETE" in done.stderr


def test_only_files_without_rows_are_incomplete(tmp_path: Path) -> None:
    done = invoke("audit", write_log(tmp_path), "--format", "json", cwd=tmp_path)

    assert done.exit_code == 3
    assert "no rows" in report_of(done)["run"]["incomplete_reasons"][0]


def test_a_log_that_lacks_a_needed_column_names_it(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("event_at,meeting_id,session_id,acount_id,route\n", encoding="utf-8")

    done = invoke("audit", log, "--format", "json", cwd=tmp_path)

    assert done.exit_code == 3
    (reason, *_) = report_of(done)["run"]["incomplete_reasons"]
    assert "account_id" in reason
    assert "log.csv" in reason


@pytest.mark.parametrize(
    ("content", "arguments", "hint"),
    [
        ("a,b\n1,2\n", (), "no row could be read: mend what is named above"),
        (
            f"{HEADER}\n{CLEAN}\n",
            ("--from", "2021-01-01"),
            "check the period of the log, --from and --to",
        ),
        (f"{HEADER}\n{REJECT}\n", (), "every row was rejected: mend what is named above"),
    ],
)
def test_what_to_do_where_nothing_was_judged(
    tmp_path: Path, content: str, arguments: tuple[str, ...], hint: str
) -> None:
    (tmp_path / "log.csv").write_text(content)

    done = invoke("audit", "log.csv", *arguments, "--format", "csv", cwd=tmp_path)

    assert done.exit_code == 3
    assert f"nothing was judged\n  hint: {hint}" in done.stderr


@pytest.mark.parametrize(
    ("rows", "flags", "last"),
    [
        ((CLEAN,), (), "complete: 0 findings, 1 event audited"),
        ((CLEAN, VIOLATION), (), "complete: 2 findings, 2 events audited"),
        (
            (CLEAN,),
            ("--output", "no/such/r.json"),
            "complete: 0 findings, 1 event audited; 1 output could not be written",
        ),
        (
            (CLEAN,),
            ("--output", "no/such/r.json", "--rejects", "no/such/r.ndjson"),
            "complete: 0 findings, 1 event audited; 2 outputs could not be written",
        ),
    ],
)
def test_the_last_line_counts_what_was_audited_and_what_was_not_written(
    tmp_path: Path, rows: tuple[str, ...], flags: tuple[str, ...], last: str
) -> None:
    done = invoke("audit", write_log(tmp_path, *rows), *flags, cwd=tmp_path)

    assert done.stderr.splitlines()[-1] == last


@pytest.mark.parametrize("name", ["b.csv.bz2", "b.ndjson.bz2", "b.parquet.gz", "B.JSON.BZ2"])
def test_a_log_in_a_packing_that_is_not_read_makes_its_folder_incomplete(
    tmp_path: Path, name: str
) -> None:
    write_log(tmp_path, CLEAN, name="a.csv")
    (tmp_path / name).write_bytes(bz2.compress(f"{HEADER}\n{VIOLATION}\n".encode()))

    done = invoke("audit", tmp_path, "--quiet", "--output", "../r.txt", cwd=tmp_path)

    assert done.exit_code == 3
    assert name in done.stderr
