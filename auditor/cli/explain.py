"""The command `auditor explain`."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import click
from click.core import ParameterSource

from auditor.cli.completion import ids
from auditor.cli.exits import Exit
from auditor.cli.flags import request_of, shared_setting
from auditor.cli.settings import SettingsCommand, settings_file
from auditor.cli.streams import stdin_stream, stdout_stream
from auditor.cli.waiting import interruptible, spool_folder, wait_for
from auditor.engine.explaining.of_report import explain_finding
from auditor.engine.explaining.of_rows import explain_rows
from auditor.engine.explaining.question import Question
from auditor.engine.progress import Progress
from auditor.errors import ReportError, UsageError
from auditor.explanation import Explanation, Place, Reported
from auditor.reports.explaining.document import write_json
from auditor.reports.explaining.page import write_text
from auditor.reports.reading.finding import read_finding

_EXAMPLES: Final = """
\b
Examples:
  auditor explain report.json 3f2a
  auditor explain report.json 3f2a --format json | jq .rows[0].violation
  auditor explain --why-not HOST-001 --row log.csv:17 --accounts accounts.csv
  auditor explain --why-not ROUTE-001 --row logs/a.csv:17 logs/ --accounts accounts.csv

A row counts from 1, the header left out, as in reports. Where the log does not state when a
meeting began, its first row in all logs counts: name them all.

\b
Exit codes:
  0   explained
  2   usage, report, rules or registries are wrong: nothing was explained
  3   logs or registries are missing or have changed since the report was written
  70  a bug    130  interrupted
"""

_AUDIT: Final = "audit"
"""The table of the settings file that counts here too, so that both commands judge alike."""

_ASK: Final = "see the examples of `auditor explain --help`"
_DIGITS: Final = 18

WRITERS: Final[Mapping[str, Callable[[Explanation, BinaryIO], None]]] = {
    "text": write_text,
    "json": write_json,
}
"""Format → what writes an explanation in it."""


class RowType(click.ParamType[Place]):
    """`PATH:N`."""

    name = "PATH:N"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        """The place, or click's usage error."""
        path, _, row = str(value).rpartition(":")
        if not (path and row.isascii() and row.isdigit() and 0 < int(row[:_DIGITS]) == int(row)):
            self.fail(f"{value!r} is not a file and a row of it, such as log.csv:17", param, ctx)
        return Place(path, int(row))


@click.command(
    cls=SettingsCommand, epilog=_EXAMPLES, short_help="Explain a finding, or the outcome of a row."
)
@click.argument("about", nargs=-1, metavar="[REPORT FINDING | PATH...]")
@click.option(
    "--why-not",
    metavar="RULE",
    shell_complete=ids,
    help="Explain what RULE says of a row, be it a violation or not; no report is needed.",
)
@click.option("--row", "rows", multiple=True, type=RowType(), help="A row for --why-not.")
@shared_setting("--orders", help="Log of orders, for rules that judge them.")
@shared_setting("--source", show_default=False, help="Source profile of the logs.")
@shared_setting("--operator", help="Whose site codes the routes hold.")
@shared_setting("--accounts", help="Accounts registry.")
@shared_setting("--datacentres")
@shared_setting("--ip-ranges", help="Files of address ranges.")
@shared_setting("--evidence-level", show_default=False)
@shared_setting("--rules", help="Where the rule is.")
@shared_setting("--param", help="Set a parameter of the rule.")
@shared_setting("--from", help="First instant that is audited.")
@shared_setting("--to", help="First instant that no longer is.")
@shared_setting("--timezone", help="Zone of times that state none.")
@click.option(
    "--format", "format_", type=click.Choice(list(WRITERS)), default="text", show_default=True
)
@settings_file(
    "Settings file, whose table [audit] counts [default: ./auditor.toml if there].", of=_AUDIT
)
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    *,
    about: Sequence[str],
    why_not: str | None,
    rows: Sequence[Place],
    format_: str,
    **given: object,
) -> None:
    """Explain why FINDING (an id, or its beginning) of REPORT is one, predicate by predicate.

    What the report names is read again and compared with it: its logs, registries, rule and
    settings. Flags replace what the report says of them.

    With --why-not, explain what a rule says of rows of the logs at PATH instead.
    """
    if why_not is not None:
        answer = _of_rows(why_not, rows, about, given)
    elif rows:
        raise UsageError("a row is explained for one rule", location="--row", hint=_ASK)
    elif len(about) == 2:  # noqa: PLR2004 - a report and a finding
        explicit = {n: v for n, v in given.items() if _is_typed(ctx, n)}
        if "orders" in explicit:
            raise UsageError("a report names its own logs", location="--orders", hint=_ASK)
        answer = _of_finding(about[0], about[1], explicit)
    else:
        raise UsageError("a report and the id of a finding are wanted", hint=_ASK)
    WRITERS[format_](answer, stdout_stream())
    ctx.exit(Exit.CLEAN if answer.is_complete else Exit.INCOMPLETE)


def _is_typed(ctx: click.Context, name: str) -> bool:
    """Whether a flag stands on the command line: a report's settings come before all others."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _of_rows(
    rule_id: str, rows: Sequence[Place], paths: Sequence[str], given: Mapping[str, object]
) -> Explanation:
    if not rows:
        raise UsageError("a row is wanted", location="--why-not", hint="name it: --row log.csv:17")
    request = request_of(paths, {**given, "digest": False})
    question = Question(request, rule_id, list(dict.fromkeys(rows)))
    return _done(lambda spool, progress: explain_rows(question, spool, stdin_stream(), progress))


def _of_finding(path: str, wanted: str, given: Mapping[str, object]) -> Explanation:
    reported = _reported(path, wanted)
    request = request_of((), {**_as_reported(reported), **given, "digest": False})
    question = Question(request, reported.rule_id, reported.places)
    return _done(lambda spool, progress: explain_finding(question, reported, spool, progress))


def _done(work: Callable[[Path, Progress], Explanation]) -> Explanation:
    progress = Progress()
    with spool_folder() as spool, interruptible(spool):
        return wait_for(partial(work, spool, progress), progress, "auto")


def _reported(path: str, wanted: str) -> Reported:
    if path == "-":
        return read_finding(stdin_stream(), "-", wanted)
    try:
        with Path(path).open("rb") as stream:
            return read_finding(stream, path, wanted)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReportError(f"cannot be read: {why}", location=path) from error


def _as_reported(reported: Reported) -> dict[str, object]:
    """The flags with which the audit of the report would be run again."""
    settings = reported.settings
    own = [file for file in reported.registries if file.path != "shipped"]
    return {
        "source": settings.source,
        "operator": settings.operator,
        "accounts": [file.path for file in own if file.kind == "accounts"],
        "datacentres": next((f.path for f in own if f.kind == "datacentres"), None),
        "ip_ranges": [file.path for file in own if file.kind == "ip-ranges"],
        "evidence_level": settings.evidence_level,
        "timezone": settings.timezone,
        "from_": settings.from_,
        "to": settings.to,
    }
