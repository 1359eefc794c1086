"""The command `auditor explain`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import click
from click.core import ParameterSource

from auditor.addresses.locations import LEVELS
from auditor.cli.cache import cache_folder
from auditor.cli.completion import ids, sources
from auditor.cli.exits import Exit
from auditor.cli.settings import SettingsCommand, setting, use_settings
from auditor.cli.streams import stdin_stream, stdout_stream
from auditor.cli.types import PairType, check_timezone, instant
from auditor.cli.waiting import interruptible, spool_folder, wait_for
from auditor.engine.explaining.of_report import explain_finding
from auditor.engine.explaining.of_rows import explain_rows
from auditor.engine.explaining.question import Question
from auditor.engine.progress import Progress
from auditor.engine.request import Request
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


def _load_settings(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    use_settings(ctx, value, of=_AUDIT)


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
@setting(
    "--orders",
    multiple=True,
    metavar="F",
    type=click.Path(allow_dash=True),
    help="Log of orders, for rules that judge them.",
)
@setting(
    "--source",
    default="canonical",
    shell_complete=sources,
    help="Source profile of the logs.",
)
@setting("--operator", help="Whose site codes the routes hold.")
@setting("--accounts", multiple=True, metavar="F", help="Accounts registry.")
@setting("--datacentres", metavar="F", help="Data centres beside the shipped ones.")
@setting("--ip-ranges", multiple=True, metavar="F", help="Files of address ranges.")
@setting(
    "--evidence-level",
    type=click.Choice(LEVELS),
    default=LEVELS[0],
    help="A hop whose place is known less surely is unknown.",
)
@setting("--rules", multiple=True, metavar="DIR|PACK", help="Where the rule is.")
@setting("--param", multiple=True, type=PairType(), help="Set a parameter of the rule.")
@setting("--from", "from_", metavar="T", help="First instant that is audited.")
@setting("--to", metavar="T", help="First instant that no longer is.")
@setting("--timezone", metavar="TZ", help="Zone of times that state none.")
@click.option(
    "--format", "format_", type=click.Choice(list(WRITERS)), default="text", show_default=True
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="F",
    is_eager=True,
    expose_value=False,
    envvar="AUDITOR_CONFIG",
    callback=_load_settings,
    help="Settings file, whose table [audit] counts [default: ./auditor.toml if there].",
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
    question = Question(_request(paths, given), rule_id, list(dict.fromkeys(rows)))
    return _done(lambda spool, progress: explain_rows(question, spool, stdin_stream(), progress))


def _of_finding(path: str, wanted: str, given: Mapping[str, object]) -> Explanation:
    reported = _reported(path, wanted)
    request = _request((), _as_reported(reported) | dict(given))
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


def _request(paths: Sequence[str], given: Mapping[str, object]) -> Request:
    """The request that flags make; raises UsageError where they do not fit together."""
    asked = dict(given)
    zone = asked.pop("timezone", None)
    timezone = None if zone is None else str(zone)
    check_timezone(timezone)
    return Request(
        paths=paths,
        cache=cache_folder(),
        params=tuple(asked.pop("param", ())),  # type: ignore[arg-type]  # pairs, by PairType
        from_=_instant(asked.pop("from_", None), timezone, "--from"),
        to=_instant(asked.pop("to", None), timezone, "--to"),
        timezone=timezone,
        digest=False,
        **asked,  # type: ignore[arg-type]  # flags named like the request's own fields
    )


def _instant(value: object, timezone: str | None, flag: str) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return instant(str(value), timezone, flag)
