"""The command `auditor sources` and the commands below it."""

from typing import Final

import click

from auditor.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": ("auditor.cli.sources.list:list_all", "List the shipped sources."),
    "show": ("auditor.cli.sources.show:show_source", "Show how a source is read."),
    "detect": ("auditor.cli.sources.detect:detect_source", "Tell which source a log is of."),
    "check": ("auditor.cli.sources.check:check_log", "Tell how a log is read."),
    "init": ("auditor.cli.sources.init:init_source", "Write a source file to edit."),
    "schema": ("auditor.cli.sources.schema:print_schema", "Print the JSON Schema of source files."),
    "docs": ("auditor.cli.sources.docs:print_docs", "Print a page on all sources."),
}
"""Command → where it is, and its line in the help."""


class SourceCommands(LazyGroup):
    """The commands on sources."""

    table = COMMANDS


@click.group(cls=SourceCommands, short_help="List, show, detect and check log sources.")
def sources() -> None:
    """List, show, detect and check log sources: how a feed's columns become fields.

    \b
    Examples:
      auditor sources list
      auditor sources show zoom-dashboard
      auditor sources detect export.csv
      auditor sources check export.csv --source zoom-dashboard --accounts accounts.csv
      auditor sources init export.csv --output our-feed.yaml
    """  # noqa: D301 - click wants the backspace itself
