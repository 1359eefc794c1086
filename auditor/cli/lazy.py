"""Groups of commands that load a command's module only when that command is called."""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import ClassVar

import click

from auditor.errors import did_you_mean


class LazyGroup(click.Group):
    """A group whose commands are named by a table.

    Attributes:
        table: command → `module:name` that holds it, and its line in the help, in help's order.
    """

    table: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of the help."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command itself, loaded now."""
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(_loaded(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; an unknown name gets the known ones."""
        name = args[0]
        if name not in self.table and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"no such command {name!r}\n  hint: {did_you_mean(name, self.table)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The commands with their lines, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


def _loaded(module: str) -> ModuleType:
    """The module, imported without a look for garbage among what is imported: all of it stays.

    Those looks, and later ones at the same objects, took a tenth of a small audit.
    """
    if module in sys.modules:
        return sys.modules[module]
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()
