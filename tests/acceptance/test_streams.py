"""What goes to standard output, standard error and files, also when something fails."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.reports import REPORT_FORMATS
from tests.acceptance.logs import (
    CLEAN,
    HEADER,
    REJECT,
    UNKNOWN,
    VIOLATION,
    report_of,
    run,
    write_log,
)


@pytest.mark.parametrize("name", list(REPORT_FORMATS))
def test_report_bytes_alone_go_to_standard_output(tmp_path: Path, name: str) -> None:
    log = write_log(tmp_path, CLEAN, VIOLATION, UNKNOWN, REJECT)
    file = tmp_path / "report"

    piped = run("audit", log, "--format", name, cwd=tmp_path)
    written = run("audit", log, "--format", name, "--output", file, cwd=tmp_path)

    assert written.stdout == b""
    assert piped.stdout
    # NOTE: a CSV report says why a run is incomplete, over several lines of a cell
    shared = set(piped.stdout.splitlines()) & set(piped.stderr.splitlines())
    assert not shared or name == "csv"
    assert b"\x1b" not in piped.stdout + piped.stderr or name == "parquet"
    assert (
        len(file.read_bytes().splitlines()) == len(piped.stdout.splitlines()) or name == "parquet"
    )


@pytest.mark.parametrize("name", [n for n in REPORT_FORMATS if n != "terminal"])
def test_incompleteness_is_said_on_standard_error_even_when_quiet(
    tmp_path: Path, name: str
) -> None:
    log = write_log(tmp_path, CLEAN, UNKNOWN)

    done = run("audit", log, "--format", name, "--quiet", cwd=tmp_path)

    assert b"INCOMPLETE" in done.stderr


def test_a_quiet_complete_audit_says_nothing_on_standard_error(tmp_path: Path) -> None:
    done = run("audit", write_log(tmp_path, CLEAN), "--format", "json", "--quiet", cwd=tmp_path)

    assert done.stderr == b""


def test_several_reports_come_from_one_run(tmp_path: Path) -> None:
    log = write_log(tmp_path, VIOLATION)

    done = run(
        "audit", log, "--report", "json=r.json", "--report", "csv=r.csv", "--format", "ndjson",
        cwd=tmp_path,
    )  # fmt: skip

    run_ids = {
        json.loads(done.stdout.splitlines()[0])["run"]["id"],
        json.loads((tmp_path / "r.json").read_text())["run"]["id"],
    }
    assert len(run_ids) == 1
    assert (tmp_path / "r.csv").read_text().startswith("kind,id,")


def test_two_outputs_to_one_file_are_refused(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    done = run("audit", log, "--report", "json=r", "--report", "csv=./r", cwd=tmp_path)

    assert done.returncode == 2


def test_standard_input_is_read_as_csv(tmp_path: Path) -> None:
    stdin = f"{HEADER}\n{VIOLATION}\n".encode()

    done = run("audit", "-", "--format", "json", stdin=stdin, cwd=tmp_path)

    assert done.returncode == 1
    (finding,) = [f for f in report_of(done)["findings"] if f["rule_id"] == "ROUTE-001"]
    assert finding["rows"] == [{"path": "-", "row": 1}]


def test_a_closed_pipe_keeps_the_verdict(tmp_path: Path) -> None:
    rows = [VIOLATION.replace("s1", f"s{i}") for i in range(3000)]
    log = write_log(tmp_path, *rows)
    command = [sys.executable, "-m", "auditor", "audit", str(log), "--format", "ndjson", "--quiet"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        noise = process.stderr.read()
        code = process.wait(60)

    assert code == 1
    assert noise == b""


def test_a_full_disk_is_said_and_makes_the_run_incomplete(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "auditor", "audit", str(log), "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=tmp_path,
        )

    assert done.returncode == 3
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_at_once_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    fifo = tmp_path / "log.csv"
    os.mkfifo(fifo)
    command = [
        sys.executable, "-m", "auditor", "audit", str(fifo), "--output", str(tmp_path / "r.json"),
    ]  # fmt: skip

    with subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(spool)}, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 60
        while not list(spool.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(number)
        code = process.wait(10)

    assert code == 130
    assert not (tmp_path / "r.json").exists()
    assert list(spool.iterdir()) == []


def test_rejected_and_undecided_rows_are_written_with_their_reasons(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN, UNKNOWN, REJECT, "too,few")

    run("audit", log, "--rejects", "rejects.ndjson", "--unknowns", "unknowns.ndjson", cwd=tmp_path)

    rejects = [json.loads(line) for line in (tmp_path / "rejects.ndjson").read_text().splitlines()]
    assert [(r["row"], r["line"], r["reason"], r["raw"]) for r in rejects] == [
        (3, 4, "event_at is not a time", REJECT), (4, 5, "too few fields", "too,few"),
    ]  # fmt: skip
    unknowns = [
        json.loads(line) for line in (tmp_path / "unknowns.ndjson").read_text().splitlines()
    ]
    assert {(u["rule_id"], u["row"], u["reason"]) for u in unknowns} >= {
        ("ROUTE-001", 2, "a hop is unresolved")
    }
