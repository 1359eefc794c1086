"""The command `auditor audit`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import click

from auditor.cli.completion import ids_and_tags
from auditor.cli.costs import write_profile
from auditor.cli.exits import Exit
from auditor.cli.flags import request_of, shared_setting
from auditor.cli.outputs import check_row_file, tell, write_stdout, writes_of, written
from auditor.cli.settings import SettingsCommand, setting, settings_file
from auditor.cli.streams import stdin_stream, stdout_is_terminal
from auditor.cli.types import (
    LimitType,
    Target,
    TargetType,
    distinct_targets,
)
from auditor.cli.waiting import interruptible, spool_folder, wait_for
from auditor.engine.progress import Progress, Stage
from auditor.engine.request import Request
from auditor.engine.run import audit as run_audit
from auditor.errors import ReportError, UsageError
from auditor.findings import Report, Severity
from auditor.reports import REPORT_FORMATS

_EXAMPLES: Final = """
\b
Examples:
  auditor audit logs/ --accounts accounts.csv
  auditor audit 'logs/2020-05-*.parquet' --accounts accounts.csv --format json | jq .summary
  zcat log.csv.gz | auditor audit - --accounts accounts.csv
  auditor audit logs/ --accounts accounts.csv --select HOST-001 --param timezone=UTC
  auditor audit logs/ --accounts accounts.csv --report json=r.json --report csv=r.csv
  auditor audit --orders orders.csv --select sales

Flags come before AUDITOR_* variables (AUDITOR_FAIL_ON=high), those before auditor.toml.

\b
Exit codes:
  0   complete, nothing at or above --fail-on
  1   findings at or above --fail-on
  2   usage, settings, rules or registries are wrong: no audit was performed
  3   incomplete: something could not be read or decided
  70  a bug    130  interrupted
"""


@click.command(
    cls=SettingsCommand,
    epilog=_EXAMPLES,
    short_help="Audit logs and report what violates the rules.",
)
@click.argument("path", nargs=-1, type=click.Path(allow_dash=True))
@shared_setting("--orders")
@shared_setting("--source")
@shared_setting("--operator")
@shared_setting("--accounts")
@shared_setting("--datacentres")
@shared_setting("--ip-ranges")
@shared_setting("--evidence-level")
@shared_setting("--rules")
@setting(
    "--select",
    multiple=True,
    metavar="ID|TAG",
    shell_complete=ids_and_tags,
    help="Rules to run [default: tag `default`].",
)
@setting(
    "--ignore",
    multiple=True,
    metavar="ID",
    shell_complete=ids_and_tags,
    help="Rules not to run.",
)
@shared_setting("--param")
@shared_setting("--from")
@shared_setting("--to")
@shared_setting("--timezone")
@setting(
    "--format",
    "format_",
    type=click.Choice(list(REPORT_FORMATS)),
    default="terminal",
    show_default=True,
    help="Format of the report.",
)
@setting(
    "--output",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write the report here [default: standard output].",
)
@setting("--report", multiple=True, type=TargetType(), help="Write one more report; repeatable.")
@setting(
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write rejected rows with reason and raw text (.ndjson or .parquet).",
)
@setting(
    "--unknowns",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write undecided rows with the reason (.ndjson or .parquet).",
)
@setting(
    "--max-rejects",
    type=LimitType(),
    default="0",
    show_default=True,
    help="Rejected rows that leave the audit complete.",
)
@setting(
    "--max-unknown",
    type=LimitType(),
    default="0",
    show_default=True,
    help="Undecided rows, per rule, that leave it complete.",
)
@setting(
    "--fail-on",
    type=click.Choice([*(s.value for s in Severity), "never"]),
    default="low",
    show_default=True,
    help="Least severity that exits with 1.",
)
@setting(
    "--digest",
    type=click.Choice(["sha256", "none"]),
    default="sha256",
    show_default=True,
    help="Digest of inputs and registries.",
)
@setting("--quiet", is_flag=True, help="Only errors and incompleteness on standard error.")
@setting(
    "--progress",
    type=click.Choice(["auto", "plain", "off"]),
    default="auto",
    show_default=True,
    help="Progress on standard error: auto on terminals, plain a line every ten seconds.",
)
@setting(
    "--profile",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write as JSON where time and memory went.",
)
@settings_file("Settings file [default: ./auditor.toml if there].")
@click.pass_context
def audit(
    ctx: click.Context,
    /,
    *,
    path: Sequence[str],
    format_: str,
    output: Path | None,
    report: Sequence[Target],
    rejects: Path | None,
    unknowns: Path | None,
    quiet: bool,
    progress: str,
    profile: Path | None,
    **asked: object,
) -> None:
    """Audit logs of events at PATH: files, folders, globs, or - for CSV on standard input.

    With the extra auditor[cloud], PATH may be an address too: s3://, gs://, az://, abfss://.
    With auditor[delta], the folder of a Delta table is read at its latest version.
    """
    request = _request(path, asked)
    for rows in (rejects, unknowns):
        check_row_file(rows)
    if output is None and not REPORT_FORMATS[format_].is_text and stdout_is_terminal():
        raise UsageError(f"{format_} is not for a terminal", hint="name a file with --output")
    targets = [*report, *([Target(format_, output)] if output else [])]
    written_to = [t.path for t in targets] + [p for p in (rejects, unknowns, profile) if p]
    distinct_targets(written_to)
    request = replace(request, outputs=written_to, keeps_unknowns=unknowns is not None)
    shown = Progress()
    stdin = stdin_stream()
    with spool_folder() as spool, interruptible(spool):
        call = partial(run_audit, request, spool, stdin, lambda: datetime.now(UTC), shown)
        done = wait_for(call, shown, "off" if quiet else progress)
        shown.begin(Stage.WRITING)
        outputs = writes_of(done, targets, rejects, unknowns)
        failed = [error for error in map(written, outputs) if error is not None]
        if output is None:
            write = partial(REPORT_FORMATS[format_].write, done.report)
            failed += [e for e in [write_stdout(write)] if e is not None]
        if profile is not None:
            last = written(partial(write_profile, done, shown, profile))
            failed += [] if last is None else [last]
    is_shown = output is None and format_ == "terminal" and stdout_is_terminal()
    tell(done, failed, quiet=quiet, is_shown=is_shown)
    ctx.exit(_code(done.report, request, failed))


def _request(paths: Sequence[str], asked: dict[str, object]) -> Request:
    fail_on = str(asked.pop("fail_on"))
    least = None if fail_on == "never" else Severity(fail_on)
    digest = asked.pop("digest") == "sha256"
    return request_of(paths, asked | {"digest": digest, "fail_on": least})


def _code(report: Report, request: Request, failed: Sequence[ReportError]) -> Exit:
    worst = report.worst()
    if request.fail_on and worst and worst.rank >= request.fail_on.rank:
        return Exit.FINDINGS
    if failed or not report.run.complete:
        return Exit.INCOMPLETE
    return Exit.CLEAN
