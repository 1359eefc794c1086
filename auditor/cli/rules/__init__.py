"""The command `auditor rules` and the commands below it."""

from typing import Final

import click

from auditor.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": ("auditor.cli.rules.list:list_rules", "List rules."),
    "show": ("auditor.cli.rules.show:show_rule", "Show one rule."),
    "lint": ("auditor.cli.rules.lint:lint_rules", "Check rule files."),
    "test": ("auditor.cli.rules.test:test_rules", "Run the examples of rules."),
}
"""Command → where it is, and its line in the help."""


class RuleCommands(LazyGroup):
    """The commands on rules."""

    table = COMMANDS


@click.group(cls=RuleCommands, short_help="List, show, check and test rules.")
def rules() -> None:
    """List, show, check and test rules.

    \b
    Examples:
      auditor rules list
      auditor rules show HOST-001
      auditor rules lint our-rules/
      auditor rules test
      auditor rules list --format json | jq -r '.[].id'
    """  # noqa: D301 - click wants the backspace itself
