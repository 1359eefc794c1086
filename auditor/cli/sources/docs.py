"""The command `auditor sources docs`."""

import click

from auditor.sources.page import sources_page


@click.command("docs")
def print_docs() -> None:
    """Print a page in Markdown that tells what each source is read for."""
    click.echo(sources_page(), nl=False)
