"""The command `auditor rules lint`."""

import io
from collections.abc import Sequence

import click

from auditor.cli.exits import Exit
from auditor.cli.flags import shared
from auditor.cli.streams import stdin_stream
from auditor.cli.waiting import spool_folder
from auditor.engine.columns import log_columns
from auditor.engine.prepare import shipped_groups
from auditor.engine.request import CANONICAL
from auditor.errors import UsageError, did_you_mean
from auditor.reports.lint import LINT_FORMATS
from auditor.rules.lint.against import LogColumns
from auditor.rules.lint.checks import CHECKS
from auditor.rules.lint.model import Level
from auditor.rules.lint.run import lint


@click.command("lint", short_help="Check rule files.")
@click.argument("places", metavar="[PATH|PACK]...", nargs=-1)
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(LINT_FORMATS)),
    default="text",
    show_default=True,
    help="How to show what is found.",
)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option("--ignore", multiple=True, metavar="CHECK", help="Leave out a check.")
@click.option(
    "--against",
    multiple=True,
    metavar="PATH",
    help="Tell what the rules cannot decide on this log for want of a column.",
)
@shared("--source", help="Source of that log.")
@shared("--accounts", help="Accounts registry beside it.")
@click.option("--list", "lists", is_flag=True, help="Show all checks and exit.")
@click.pass_context
def lint_rules(
    ctx: click.Context,
    /,
    *,
    places: Sequence[str],
    format_: str,
    strict: bool,
    ignore: Sequence[str],
    against: Sequence[str],
    source: str,
    accounts: Sequence[str],
    lists: bool,
) -> None:
    """Check rule files, folders of them, or packs [default: the shipped packs].

    Shows everything that is wrong with any of them in one run. Errors make a rule wrong or
    useless, warnings make it hard to trust or to keep.

    \b
    Examples:
      auditor rules lint our-rules/
      auditor rules lint our-rules/ --strict --format github
      auditor rules lint --against logs/ --accounts accounts.csv
      auditor rules lint --list

    Exit codes: 0 clean, 1 errors (with --strict also warnings), 2 nothing could be linted.
    """  # noqa: D301 - click wants the backspace itself
    if lists:
        for check in CHECKS.values():
            click.echo(f"{check.id:<22}{check.level:<9}{check.summary}")
        return
    for name in ignore:
        if name not in CHECKS:
            hint = did_you_mean(name, CHECKS)
            raise UsageError(f"unknown check {name!r}", location="--ignore", hint=hint)
    logs: list[LogColumns] = []
    for flag, is_given in {"--source": source != CANONICAL, "--accounts": bool(accounts)}.items():
        if is_given and not against:
            raise UsageError("belongs to a log", location=flag, hint="name it with --against")
    if against:
        with spool_folder() as spool:
            logs = log_columns(against, source, accounts, spool, stdin_stream())
    linted = lint(places, shipped_groups(), ignore, logs)
    shown = io.StringIO()
    LINT_FORMATS[format_](linted, shown)
    click.echo(shown.getvalue(), nl=False)
    is_bad = linted.count(Level.ERROR) or (strict and linted.count(Level.WARNING))
    ctx.exit(Exit.FINDINGS if is_bad else Exit.CLEAN)
