"""Small logs, and the command line run on them: as a process of its own, or in this one."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from auditor.cli.main import cli

HEADER = "event_at,meeting_id,session_id,account_id,route,opted_in,home,plan,billing_country"
CLEAN = "2020-05-02T10:00:00Z,m1,s1,A,SJ,US,US,pro,US"
VIOLATION = "2020-05-02T10:00:00Z,m2,s1,A,TJ,US,US,pro,US"
UNKNOWN = "2020-05-02T10:00:00Z,m3,s1,A,XYZ,US,US,pro,US"
REJECT = "never,m4,s1,A,SJ,US,US,pro,US"
EARLY = "2020-01-02T10:00:00Z,m5,s1,A,TJ,US,US,pro,US"


def write_log(folder: Path, *rows: str, name: str = "log.csv") -> Path:
    """A CSV log with the common header."""
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def run(
    *arguments: str | Path, cwd: Path | None = None, stdin: bytes | None = None, **env: str
) -> "subprocess.CompletedProcess[bytes]":
    """`auditor` with `arguments`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )


def invoke(*arguments: str | Path, cwd: Path, **env: str) -> Result:
    """`auditor` with `arguments` in this process: quicker, where streams do not matter."""
    with contextlib.chdir(cwd):
        return CliRunner(env=env).invoke(cli, [*map(str, arguments)])


def report_of(done: "subprocess.CompletedProcess[bytes] | Result") -> dict[str, Any]:
    """The JSON report on standard output. `Any`: a document."""
    document: dict[str, Any] = json.loads(done.stdout)
    return document
