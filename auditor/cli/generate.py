"""The command `auditor generate`: a synthetic log with planted, known violations."""

import sys
from pathlib import Path

import click

from auditor.generate.request import DEFAULT_VIOLATIONS, Compression, LogFormat, LogRequest


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--rows", type=click.IntRange(min=1), required=True, help="Events, exactly.")
@click.option("--seed", type=int, required=True, help="Equal seeds give equal bytes.")
@click.option(
    "--format",
    "log_format",
    type=click.Choice([f.value for f in LogFormat]),
    default=LogFormat.PARQUET.value,
    show_default=True,
    help="Of the event files.",
)
@click.option(
    "--compression",
    type=click.Choice([c.value for c in Compression]),
    help="Of the event files.  [default: zstd for Parquet, none for CSV]",
)
@click.option(
    "--files",
    type=click.IntRange(1, 9999),
    default=1,
    show_default=True,
    help="Number of event files.",
)
@click.option(
    "--violations",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=DEFAULT_VIOLATIONS,
    show_default=True,
    help="Share of the rows to plant a violation on, about.",
)
@click.option(
    "--unresolved",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the rows that no rule can decide, about.",
)
@click.option(
    "--accounts",
    metavar="N",
    type=int,
    help="Hosting accounts.  [default: one per 100 rows, 64 to 200,000]",
)
@click.option("--no-start", is_flag=True, help="Leave out the column meeting_started_at.")
def generate(
    *,
    folder: Path,
    rows: int,
    seed: int,
    log_format: str,
    compression: str | None,
    files: int,
    violations: float,
    unresolved: float,
    accounts: int | None,
    no_start: bool,
) -> None:
    """Write a synthetic log with planted, known violations into the new folder DIR.

    It holds the events, the accounts registry, the findings that an audit must report
    (truth.parquet), the expected counts (expected.json) and a README.md.
    """
    from auditor.generate.log import write_log  # noqa: PLC0415 - Polars is slow to import

    request = LogRequest(
        rows=rows,
        seed=seed,
        format=LogFormat(log_format),
        files=files,
        violations=violations,
        unresolved=unresolved,
        accounts=accounts,
        has_start=not no_start,
        compression=Compression(compression) if compression else None,
    )
    write_log(folder, request, lambda written: _show(written, rows))
    click.echo(f"{folder}: {rows:,} events; README.md says how to audit them", err=True)


def _show(written: int, rows: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if written == rows else ""
        click.echo(f"\r{written:,} of {rows:,} events{end}", err=True, nl=False)
