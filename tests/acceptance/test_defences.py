"""What must not lead to a wrong verdict, a lost file or a lost exit code."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cli.waiting import wait_for
from auditor.engine.progress import Progress
from auditor.errors import ConfigError
from tests.acceptance.logs import CLEAN, HEADER, UNKNOWN, VIOLATION, invoke, report_of, write_log

_RULE = """
schema: auditor/rule/v1
id: OWN-001
title: A rule of one's own
severity: low
table: {table}
subject: {subject}
violation: {violation}
message: {message}
tags: [default]
{more}
"""


def _rule(
    folder: Path,
    violation: str,
    message: str = "constant",
    more: str = "",
    table: str = "events",
    subject: str = "session",
) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "own.yaml").write_text(
        _RULE.format(
            table=table, subject=subject, violation=violation, message=message, more=more
        ).strip(),
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    "flags",
    [
        ("--output", "log.csv"),
        ("--report", "json=./log.csv"),
        ("--output", "accounts.csv"),
        ("--output", "link.csv"),
    ],
)
def test_an_output_never_overwrites_what_is_read(tmp_path: Path, flags: tuple[str, str]) -> None:
    log = write_log(tmp_path, CLEAN)
    (tmp_path / "accounts.csv").write_text("account_id,opted_in\nA,US\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(log)
    before = log.read_bytes()

    done = invoke("audit", "log.csv", "--accounts", "accounts.csv", *flags, cwd=tmp_path)

    assert done.exit_code == 2
    assert "is read by this audit" in done.stderr
    assert log.read_bytes() == before


def test_a_registry_among_the_logs_is_not_read_as_a_log(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    (tmp_path / "accounts.csv").write_text(
        "account_id,opted_in,home,plan,billing_country\nA,US,US,pro,US\n", encoding="utf-8"
    )

    done = invoke("audit", ".", "--accounts", "accounts.csv", "--format", "json", cwd=tmp_path)

    assert done.exit_code == 0
    (skipped,) = report_of(done)["coverage"]["files_skipped"]
    assert "registry" in skipped["reason"]


@pytest.mark.parametrize(("rows", "code"), [((CLEAN,), 0), ((VIOLATION,), 1), ((UNKNOWN,), 3)])
@pytest.mark.parametrize("redirect", ["2>&1 | true", "2>/dev/full", "2>&-", "2> >(true)"])
def test_the_verdict_outlives_standard_error(
    tmp_path: Path, rows: tuple[str, ...], code: int, redirect: str
) -> None:
    log = write_log(tmp_path, *rows)
    command = f"{sys.executable} -m auditor audit {log} --format json >/dev/null {redirect}"
    if "|" in redirect:
        command = command.replace(">/dev/null ", "") + "; exit ${PIPESTATUS[0]}"

    done = subprocess.run(
        ["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )

    assert done.returncode == code


def test_a_closed_standard_output_is_a_report_that_could_not_be_written(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m auditor audit {log} >&-"],
        stderr=subprocess.PIPE,
        check=False,
    )

    assert done.returncode == 3
    assert b"standard output is closed" in done.stderr


@pytest.mark.parametrize("shown", ["list", "show ROUTE-001"])
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, shown: str) -> None:
    command = f"{sys.executable} -m auditor rules {shown} | true; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", command], stderr=subprocess.PIPE, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def hang_up_is_heard() -> Iterator[None]:
    """As in a terminal, also where the tests are run by `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hang_up_is_heard")
def test_a_closed_terminal_leaves_no_temporary_files(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    fifo = tmp_path / "log.csv"
    os.mkfifo(fifo)

    with subprocess.Popen(
        [sys.executable, "-m", "auditor", "audit", str(fifo)],
        env={**os.environ, "TMPDIR": str(spool)},
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 60
        while not list(spool.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        process.wait(10)

    assert list(spool.iterdir()) == []


def test_a_full_temporary_folder_is_named_with_a_way_out() -> None:
    def fill() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ConfigError, match="temporary files is full"):
        wait_for(fill, Progress(), "off")


def test_a_temporary_folder_that_cannot_be_made_is_no_audit(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    code = f"""
import tempfile
tempfile.tempdir = "/no/such/folder"
from auditor.cli.main import cli
cli(["audit", {str(log)!r}])
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "TMPDIR" in done.stderr


def test_a_message_without_placeholders_serves_any_number_of_findings(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION, VIOLATION.replace("s1", "s2"))
    _rule(tmp_path, "touches(jurisdictions, 'CN')")

    done = invoke("audit", "log.csv", "--rules", "rules", "--format", "json", cwd=tmp_path)

    assert [f["message"] for f in report_of(done)["findings"]] == ["constant", "constant"]


def test_evidence_shows_the_observed_start_of_the_meeting(tmp_path: Path) -> None:
    first = CLEAN.replace("T10:00", "T09:00").replace("m1", "m2")
    write_log(tmp_path, first, VIOLATION)
    _rule(
        tmp_path,
        "touches(jurisdictions, 'CN')",
        '"{when}"',
        "evidence:\n  when: CASE WHEN meeting_started_at < TIMESTAMP '2020-05-02 10:00:00Z' "
        "THEN 'before ten' ELSE 'later' END",
    )

    done = invoke("audit", "log.csv", "--rules", "rules", "--format", "json", cwd=tmp_path)

    assert [f["message"] for f in report_of(done)["findings"]] == ["before ten"]


def test_a_rule_asked_for_by_name_is_not_passed_over(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    _rule(tmp_path, "channel = 'direct'", table="orders", subject="order")
    command = ("audit", "log.csv", "--rules", "rules", "--rules", "zoom-2020")

    asked = invoke(*command, "--select", "OWN-001", cwd=tmp_path)
    not_asked = invoke(*command, "--format", "json", "--unknowns", "u.ndjson", cwd=tmp_path)

    assert asked.exit_code == 2
    assert not_asked.exit_code == 0
    (own,) = [r for r in report_of(not_asked)["rules"] if r["id"] == "OWN-001"]
    assert (own["status"], own["not_run_reason"]) == ("not_run", "no orders were given")


def test_a_missing_registry_is_named_as_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "event_at,meeting_id,session_id,account_id,route\n2020-06-01T00:00:00Z,m,s,A,SJ\n",
        encoding="utf-8",
    )

    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)

    reasons = report_of(done)["run"]["incomplete_reasons"]
    assert "--accounts FILE" in next(r for r in reasons if r.startswith("ROUTE-001"))


def test_a_log_without_zones_is_told_of_the_flag(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN.replace("Z,", ","))

    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)

    assert any("--timezone TZ" in r for r in report_of(done)["run"]["incomplete_reasons"])


def test_names_with_control_characters_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    name = "evil\x1b[31m\nCOMPLETE.csv"
    (tmp_path / name).write_text(f"{HEADER}\n", encoding="utf-8")

    for flags in (("--format", "json"), ("--format", "terminal")):
        done = invoke("audit", name, *flags, cwd=tmp_path)
        assert "\x1b" not in done.stderr + done.stdout
        assert not any(line.startswith("COMPLETE.csv") for line in done.stderr.splitlines())
    missing = invoke("audit", "no\x1b[31m.csv", cwd=tmp_path)
    assert "\x1b" not in missing.stderr


@pytest.mark.parametrize("flag", ["--from", "--to"])
@pytest.mark.parametrize("text", ["2020-10-25T02:30:00", "2020-03-29T02:30:00"])
def test_a_local_time_that_happens_twice_or_never_bounds_no_window(
    tmp_path: Path, flag: str, text: str
) -> None:
    log = write_log(tmp_path, CLEAN)

    done = invoke("audit", log, flag, text, "--timezone", "Europe/Berlin", cwd=tmp_path)

    assert done.exit_code == 2


def test_the_ends_of_time_are_no_bug(tmp_path: Path) -> None:
    log = write_log(tmp_path, CLEAN)

    done = invoke("audit", log, "--from", "0001-01-01T00:00:00+05:00", cwd=tmp_path)

    assert done.exit_code == 2


def test_a_column_that_may_be_misspelt_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        HEADER.replace("plan", "hoprole") + "\n" + CLEAN.replace(",pro,", ",transit,") + "\n",
        encoding="utf-8",
    )

    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)

    assert "warning: log.csv: column 'hoprole' was not read" in done.stderr
    assert "hop_role" in done.stderr


@pytest.mark.parametrize(
    ("files", "warned"),
    [(["account_id,opt_ins"], True), (["account_id,opt_ins", "account_id,opted_in"], False)],
)
def test_a_registry_column_that_resembles_one_that_no_file_has_is_pointed_out(
    tmp_path: Path, files: list[str], *, warned: bool
) -> None:
    log = write_log(tmp_path, CLEAN)
    for number, header in enumerate(files):
        (tmp_path / f"{number}.csv").write_text(f"{header}\nA,US\n")
    flags = [flag for number in range(len(files)) for flag in ("--accounts", f"{number}.csv")]

    done = invoke("audit", log, *flags, "--format", "csv", cwd=tmp_path)

    warning = "column 'opt_ins' was not read; did you mean 'opted_in'?"
    assert (warning in done.stderr) == warned


def test_a_registry_column_that_may_be_misspelt_is_no_audit(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    (tmp_path / "accounts.csv").write_text(
        "account_id,opted_in,valid-to\nA,US;CN,2019-01-01T00:00:00Z\n", encoding="utf-8"
    )

    done = invoke("audit", "log.csv", "--accounts", "accounts.csv", cwd=tmp_path)

    assert done.exit_code == 2
    assert "valid_to" in done.stderr
