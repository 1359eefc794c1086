"""The command: audits a log of any size, made of copies of a generated one with their own ids."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from benchmarks.datasets import Dataset
from benchmarks.measure import Usage, measure

HERE: Final = Path(__file__).parent

_MILLION: Final = 1_000_000
_ROW_GROUP_ROWS: Final = 262_144
_KEYS: Final = ("rule_id", "account_id", "meeting_id", "session_id", "events")


@click.command()
@click.option("--rows", default=20 * _MILLION, show_default=True, help="Events of one copy.")
@click.option("--copies", default=50, show_default=True, help="How often they are copied.")
@click.option("--violations", default=0.0003, show_default=True, help="Share that violates.")
@click.option(
    "--data", type=click.Path(path_type=Path), default=HERE / "data", help="Where logs are kept."
)
@click.option("--keep", is_flag=True, help="Keep the copies for the next time.")
def main(*, rows: int, copies: int, violations: float, data: Path, keep: bool) -> None:
    """Audits COPIES x ROWS events as a process of its own, and compares findings with the truth.

    A thousand million events take 30 GB. The exit code is 1 where findings are missing or wrong.
    """
    base = Dataset("scale", rows, min(200_000, rows // 100), ("--violations", str(violations)))
    base.ensure(data)
    folder = base.folder(data)
    log = data / f"{folder.name}-copies{copies}"
    with tempfile.TemporaryDirectory(prefix="auditor-scale-") as work:
        report = Path(work) / "report.parquet"
        _ensure_copies(folder, log, copies)
        usage = measure(_command(log, base.registry(data), report), Path(work) / "printed.txt")
        if not keep:
            shutil.rmtree(log)
        if usage.code != 1:
            raise click.ClickException((Path(work) / "printed.txt").read_text("utf-8"))
        click.echo(_line(rows * copies, usage))
        difference = findings_apart(report, folder / "truth.parquet", copies)
    click.echo(difference or "all findings are those that were planted")
    sys.exit(bool(difference))


def _ensure_copies(folder: Path, log: Path, copies: int) -> None:
    if log.exists():
        return
    partial = log.with_name(log.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _apart("copied", folder, partial, copies)
    partial.rename(log)


def _line(rows: int, usage: Usage) -> str:
    per_million = usage.cpu / rows * _MILLION
    return (
        f"{rows:,} events: {usage.cpu:.0f} s CPU ({per_million:.2f} per million), "
        f"{usage.wall:.0f} s, peak {usage.peak:.0f} MB"
    )


def _command(log: Path, registry: Path, report: Path) -> list[str]:
    flags = ["--digest", "none", "--quiet", "--format", "parquet", "--output", str(report)]
    return [sys.executable, "-m", "auditor", "audit", str(log), "--accounts", str(registry), *flags]


def _apart(name: str, *arguments: object) -> None:
    """Calls a function of this module in another process.

    NOTE: what this process holds would count towards the peak of the audit that it starts.
    """
    call = f"from pathlib import *; from benchmarks.scale import {name}; {name}(*{arguments!r})"
    done = measure([sys.executable, "-c", call], Path("/dev/stderr"))
    if done.code:
        raise click.ClickException(f"the copies could not be made: exit {done.code}")


def copied(folder: Path, log: Path, copies: int) -> None:
    """Writes each copy of the events in `folder` to a file of its own in `log`."""
    import polars as pl  # noqa: PLC0415 - only in the process that copies

    log.mkdir(parents=True, exist_ok=True)
    for copy in range(copies):
        ids = [pl.concat_str([name, pl.lit(f"-{copy}")]) for name in ("meeting_id", "session_id")]
        rows = pl.scan_parquet(folder / "events").with_columns(ids)
        part = log / f"part-{copy:05}.parquet"
        rows.sink_parquet(part, compression="zstd", row_group_size=_ROW_GROUP_ROWS)


def findings_apart(report: Path, truth: Path, copies: int) -> str | None:
    """What tells the findings of a report from the truth about `copies`; None for nothing."""
    import polars as pl  # noqa: PLC0415 - not before the audit has run

    ids = [pl.concat_str([name, "@copy"]).alias(name) for name in ("meeting_id", "session_id")]
    copy = pl.DataFrame({"@copy": [f"-{number}" for number in range(copies)]}).lazy()
    wanted = pl.scan_parquet(truth).join(copy, how="cross").with_columns(ids).select(_KEYS)
    found = pl.scan_parquet(report).select(_KEYS)
    lost = wanted.join(found, on=_KEYS, how="anti", nulls_equal=True)
    wrong = found.join(wanted, on=_KEYS, how="anti", nulls_equal=True)
    counts = pl.collect_all([one.select(pl.len()) for one in (lost, wrong)])
    missing, surplus = (count.item() for count in counts)
    return f"{missing:,} findings are missing, {surplus:,} wrong" if missing or surplus else None


if __name__ == "__main__":
    main()
