"""The command `auditor rules list`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from auditor.cli.documents import FORMAT, echo_json
from auditor.cli.rules.options import RULES, summary_of
from auditor.errors import Problem, UsageError, did_you_mean
from auditor.findings import Severity
from auditor.reports.rule_pages.text import list_lines
from auditor.rules.load import load_rules
from auditor.rules.model import Rule
from auditor.schema import FACTS

_SEVERITIES = click.Choice([severity.value for severity in Severity], case_sensitive=False)


@dataclass(frozen=True, slots=True)
class Filters:
    """What rules must have to be listed; an empty filter lets all pass.

    Attributes:
        severities: one of these.
        at_least: this severity or a worse one.
        tables, tags, packs: one of these.
    """

    severities: Sequence[str]
    at_least: str | None
    tables: Sequence[str]
    tags: Sequence[str]
    packs: Sequence[str]

    def allow(self, rule: Rule) -> bool:
        """Whether a rule passes all of them."""
        least = Severity(self.at_least) if self.at_least else Severity.INFO
        return (
            rule.severity.rank >= least.rank
            and _is_any([rule.severity.value], self.severities)
            and _is_any([rule.table], self.tables)
            and _is_any(rule.tags, self.tags)
            and _is_any([rule.pack], self.packs)
        )


@click.command("list", short_help="List rules.")
@click.option("--severity", multiple=True, type=_SEVERITIES, help="Of this severity; repeatable.")
@click.option("--min-severity", type=_SEVERITIES, help="Of this severity or a worse one.")
@click.option(
    "--table",
    multiple=True,
    type=click.Choice(list(FACTS), case_sensitive=False),
    help="On this table; repeatable.",
)
@click.option("--tag", multiple=True, metavar="TAG", help="With this tag; repeatable.")
@click.option("--pack", multiple=True, metavar="PACK", help="Of this pack; repeatable.")
@RULES
@FORMAT
def list_rules(
    *,
    severity: Sequence[str],
    min_severity: str | None,
    table: Sequence[str],
    tag: Sequence[str],
    pack: Sequence[str],
    rules: Sequence[str],
    format_: str,
) -> None:
    """Rules by pack, or those that pass all filters; of a repeated one, any value will do.

    \b
    Examples:
      auditor rules list --min-severity high
      auditor rules list --table orders --pack zoom-2020
      auditor rules list --tag china --format json | jq -r '.[].id'
    """  # noqa: D301 - click wants the backspace itself
    loaded = load_rules(rules)
    _refuse_unknown("--tag", tag, [name for rule in loaded for name in rule.tags])
    _refuse_unknown("--pack", pack, [rule.pack for rule in loaded])
    filters = Filters(severity, min_severity, table, tag, pack)
    listed = [rule for rule in loaded if filters.allow(rule)]
    if format_ == "json":
        echo_json([summary_of(rule) for rule in listed])
        return
    if not listed:
        click.echo(f"none of {len(loaded)} rules passes these filters", err=True)
    for line in list_lines(listed):
        click.echo(line)


def _is_any(names: Iterable[str], wanted: Sequence[str]) -> bool:
    folded = {name.casefold() for name in names}
    return not wanted or any(name.casefold() in folded for name in wanted)


def _refuse_unknown(flag: str, names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse filters that can let no rule pass.

    Raises:
        UsageError: with the nearest known names.
    """
    problems = [
        Problem(f"unknown {flag.lstrip('-')} {name!r}", flag, did_you_mean(name, known))
        for name in names
        if not _is_any(known, [name])
    ]
    if problems:
        raise UsageError.of(problems)
