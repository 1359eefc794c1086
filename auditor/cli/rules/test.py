"""The command `auditor rules test`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from auditor.cli.completion import ids_and_tags
from auditor.cli.exits import Exit
from auditor.cli.outputs import write_stdout
from auditor.cli.waiting import spool_folder
from auditor.engine.rule_tests import run_examples
from auditor.reports.files import write_whole
from auditor.reports.rule_tests import RULE_TEST_FORMATS
from auditor.rules.load import load_rules, select_rules


@click.command("test", short_help="Run the examples of rules.")
@click.argument("rules", nargs=-1, metavar="[PATH|PACK]...")
@click.option(
    "--select",
    multiple=True,
    metavar="ID|TAG",
    shell_complete=ids_and_tags,
    help="Rules to test [default: all].",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="ID|TAG",
    shell_complete=ids_and_tags,
    help="Rules not to test.",
)
@click.option(
    "--min-coverage",
    type=click.FloatRange(0, 100),
    default=0,
    show_default=True,
    metavar="PERCENT",
    help="Coverage that every rule must reach.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(RULE_TEST_FORMATS)),
    default="text",
    show_default=True,
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write the report here [default: standard output].",
)
@click.pass_context
def test_rules(
    ctx: click.Context,
    /,
    *,
    rules: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    min_coverage: float,
    format_: str,
    output: Path | None,
) -> None:
    """Run the examples of the rules at PATH or in PACK, by default of all shipped rules.

    An example that comes out otherwise than it expects fails, be it a finding that is missing or
    one that nobody expected; so does a rule without examples. Coverage tells which conditions of a
    rule were true, false and NULL in some example.

    \b
    Examples:
      auditor rules test
      auditor rules test our-rules/ --min-coverage 100
      auditor rules test zoom-2020 --select HOST-001
      auditor rules test our-rules/ --format junit --output junit.xml

    \b
    Exit codes:
      0  all examples came out as expected
      1  some did not, a rule has none, or coverage is too low
      2  rules, fixtures or flags are wrong: nothing was tested
    """  # noqa: D301 - click wants the backspace itself
    loaded = load_rules(rules, "PATH")
    chosen = select_rules(loaded, select or [rule.id for rule in loaded], ignore)
    with spool_folder() as spool:
        report = run_examples(chosen, spool, min_coverage)
    write = partial(RULE_TEST_FORMATS[format_], report)
    error = write_stdout(write) if output is None else None
    if output is not None:
        write_whole(output, write)
    if error is not None:
        raise error
    ctx.exit(Exit.CLEAN if report.is_passed else Exit.FINDINGS)
