"""The command `auditor rules docs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from auditor.cli.rules.options import RULES
from auditor.reports.files import write_whole
from auditor.reports.rule_pages.markdown import pages_of
from auditor.rules.load import load_rules


@click.command("docs", short_help="Write a page per rule.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@RULES
def write_docs(folder: Path, rules: Sequence[str]) -> None:
    """Write a page of Markdown per rule into FOLDER, and a README.md that leads to them.

    Pages of rules that are no longer there stay.

    \b
    Examples:
      auditor rules docs docs/rules
      auditor rules docs wiki/ --rules our-rules/
    """  # noqa: D301 - click wants the backspace itself
    for name, page in pages_of(load_rules(rules)).items():

        def write(stream: BinaryIO, page: str = page) -> None:
            stream.write(page.encode())

        write_whole(folder / name, write)
