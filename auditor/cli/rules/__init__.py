"""The command `auditor rules` and the commands below it."""

from typing import Final

import click

from auditor.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": ("auditor.cli.rules.list:list_rules", "List rules."),
    "show": ("auditor.cli.rules.show:show_rule", "Show one rule."),
    "lint": ("auditor.cli.rules.lint:lint_rules", "Check rule files."),
}
"""Command → where it is, and its line in the help."""


class RuleCommands(LazyGroup):
    """The commands on rules."""

    table = COMMANDS


@click.group(cls=RuleCommands, short_help="List, show and check rules.")
def rules() -> None:
    """List, show and check rules.

    \b
    Examples:
      auditor rules list
      auditor rules show HOST-001
      auditor rules lint our-rules/
      auditor rules list --format json | jq -r '.[].id'
    """  # noqa: D301 - click wants the backspace itself
