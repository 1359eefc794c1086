"""The command `auditor rules` and the commands below it."""

from typing import Final

import click

from auditor.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": ("auditor.cli.rules.list:list_rules", "List rules."),
    "show": ("auditor.cli.rules.show:show_rule", "Show one rule."),
}
"""Command → where it is, and its line in the help."""


class RuleCommands(LazyGroup):
    """The commands on rules."""

    table = COMMANDS


@click.group(cls=RuleCommands, short_help="List and show rules.")
def rules() -> None:
    """List and show rules.

    \b
    Examples:
      auditor rules list
      auditor rules show HOST-001
      auditor rules list --format json | jq -r '.[].id'
    """  # noqa: D301 - click wants the backspace itself
