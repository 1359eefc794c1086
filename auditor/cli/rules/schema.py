"""The command `auditor rules schema`."""

from importlib.resources import files

import click


@click.command("schema", short_help="Print the JSON Schema of rule files.")
def print_schema() -> None:
    """Print the JSON Schema of rule files, with which editors complete and check them.

    \b
    Examples:
      auditor rules schema > rule.schema.json
      # then, as the first line of a rule file:
      # yaml-language-server: $schema=rule.schema.json
    """  # noqa: D301 - click wants the backspace itself
    schema = files("auditor.rules") / "rule.schema.json"
    click.echo(schema.read_text(encoding="utf-8"), nl=False)
