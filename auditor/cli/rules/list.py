"""The command `auditor rules list`."""

from collections.abc import Sequence

import click

from auditor.cli.rules.options import FORMAT, RULES, echo_json, summary_of
from auditor.reports.escape import visible
from auditor.rules.load import load_rules


@click.command("list", short_help="List rules.")
@RULES
@FORMAT
def list_rules(rules: Sequence[str], format_: str) -> None:
    """All rules, by id."""
    loaded = sorted(load_rules(rules), key=lambda rule: rule.id)
    if format_ == "json":
        echo_json([summary_of(rule) for rule in loaded])
        return
    width = max(len(rule.id) for rule in loaded)
    for rule in loaded:
        tags = ", ".join(rule.tags)
        head = f"{rule.id:<{width}}  {rule.severity:<8}  {rule.pack:<18}  {tags}"
        click.echo(visible(head.rstrip()))
        click.echo(f"{'':<{width}}  {visible(rule.title)}")
