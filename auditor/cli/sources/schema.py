"""The command `auditor sources schema`."""

from importlib.resources import files

import click


@click.command("schema", short_help="Print the JSON Schema of source files.")
def print_schema() -> None:
    """Print the JSON Schema of source files, with which editors complete and check them.

    \b
    Examples:
      auditor sources schema > source.schema.json
      # then, as the first line of a source file:
      # yaml-language-server: $schema=source.schema.json
    """  # noqa: D301 - click wants the backspace itself
    schema = files("auditor.sources") / "source.schema.json"
    click.echo(schema.read_text(encoding="utf-8"), nl=False)
