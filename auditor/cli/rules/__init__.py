"""The command `auditor rules` and the commands below it."""

from typing import Final

import click

from auditor.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": ("auditor.cli.rules.list:list_rules", "List rules."),
    "show": ("auditor.cli.rules.show:show_rule", "Show one rule."),
    "lint": ("auditor.cli.rules.lint:lint_rules", "Check rule files."),
    "schema": ("auditor.cli.rules.schema:print_schema", "Print the JSON Schema of rules."),
    "docs": ("auditor.cli.rules.docs:write_docs", "Write a page per rule."),
    "test": ("auditor.cli.rules.test:test_rules", "Run the examples of rules."),
}
"""Command → where it is, and its line in the help."""


class RuleCommands(LazyGroup):
    """The commands on rules."""

    table = COMMANDS


@click.group(cls=RuleCommands, short_help="List, show, check, test and document rules.")
def rules() -> None:
    """List, show, check, test and document rules.

    \b
    Examples:
      auditor rules list
      auditor rules show HOST-001
      auditor rules lint our-rules/
      auditor rules test
      auditor rules list --min-severity high
      auditor rules docs docs/rules
    """  # noqa: D301 - click wants the backspace itself
