"""The command: builds the logs, runs every entry in turn, compares findings, writes the table."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from benchmarks.datasets import Dataset, datasets
from benchmarks.entries import OURS, Entry, Place, chosen_entries
from benchmarks.measure import Usage, measure
from benchmarks.table import results_page, write_between_markers

HERE: Final = Path(__file__).parent

SMALL: Final = {"rows": 1_000_000, "csv_rows": 300_000, "address_rows": 1_000_000, "rounds": 1}
"""Sizes of `--small`: within two minutes, data included."""

_LOG_TAIL: Final = 2000


@click.command()
@click.option("--rows", default=20_000_000, show_default=True, help="Events of a Parquet log.")
@click.option("--csv-rows", default=5_000_000, show_default=True, help="Events of the CSV log.")
@click.option(
    "--address-rows", default=10_000_000, show_default=True, help="Events of logs of addresses."
)
@click.option("--rounds", default=5, show_default=True, help="Every entry once per round.")
@click.option("--small", is_flag=True, help="Sizes that take less than two minutes.")
@click.option("--only", multiple=True, metavar="NAME", help="Only these entries; repeatable.")
@click.option(
    "--data", type=click.Path(path_type=Path), default=HERE / "data", help="Where logs are kept."
)
@click.option("--output", type=click.Path(path_type=Path), help="Write every measurement as JSON.")
@click.option("--readme", is_flag=True, help="Rewrite the table in benchmarks/README.md.")
def main(
    *,
    rows: int,
    csv_rows: int,
    address_rows: int,
    rounds: int,
    small: bool,
    only: tuple[str, ...],
    data: Path,
    output: Path | None,
    readme: bool,
) -> None:
    """Measures the audit beside what an expert would write by hand.

    Every entry is a process of its own. Findings must be equal: the run fails where they are not.
    """
    if small:
        rows, csv_rows, address_rows, rounds = SMALL.values()
    try:
        entries = chosen_entries(only, lambda library: find_spec(library) is not None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from error
    logs = datasets(rows, csv_rows, address_rows)
    for name in dict.fromkeys(entry.log for entry in entries):
        logs[name].ensure(data)
    with tempfile.TemporaryDirectory(prefix="auditor-bench-") as work:
        place = Place(data, Path(work))
        usages, troubles = measure_in_turn(entries, logs, place, rounds)
        whole = [entry for entry in entries if entry.name in usages]
        troubles += unequal_findings(whole, logs, place)
    results = [(entry, usages[entry.name]) for entry in whole]
    accounts = logs["parquet"].accounts
    sizes = f"{rows:,} events, {accounts:,} accounts, CSV {csv_rows:,} events"
    sizes += f", logs of addresses and of one hop a row {address_rows:,}"
    page = results_page(results, sizes, datetime.now(UTC))
    click.echo(page)
    if output:
        measured = {entry.name: [asdict(usage) for usage in taken] for entry, taken in results}
        output.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    if troubles:
        raise click.ClickException("\n".join(troubles))
    if readme:
        write_between_markers(HERE / "README.md", page)


def measure_in_turn(
    entries: list[Entry], logs: dict[str, Dataset], place: Place, rounds: int
) -> tuple[dict[str, list[Usage]], list[str]]:
    """Runs every entry once, then again: whatever the machine does meanwhile, it does to all.

    Returns:
        Usages per entry, without those that failed; and what failed.
    """
    usages: dict[str, list[Usage]] = {}
    failures: dict[str, str] = {}
    for turn in range(rounds):
        for entry in entries:
            if entry.name in failures:
                continue
            printed = place.work / "printed.txt"
            usage = measure(entry.command(logs[entry.log], place), printed)
            click.echo(
                f"round {turn + 1}: {entry.name}: {usage.cpu:.2f} s CPU, {usage.wall:.2f} s, "
                f"{usage.peak:.0f} MB",
                err=True,
            )
            if usage.code in entry.codes:
                usages.setdefault(entry.name, []).append(usage)
                continue
            usages.pop(entry.name, None)
            tail = printed.read_text("utf-8", errors="replace")[-_LOG_TAIL:]
            failures[entry.name] = f"{entry.name} ended with {usage.code}:\n{tail}"
    return usages, [*failures.values()]


def unequal_findings(entries: list[Entry], logs: dict[str, Dataset], place: Place) -> list[str]:
    """Compares every entry's findings with ours on the same log, and ours with the planted ones."""
    # NOTE: only now: whatever this process holds while it measures counts towards the peaks.
    from benchmarks import compare  # noqa: PLC0415 - as noted

    truths = {
        entry.log: compare.truth_of(logs[entry.log].folder(place.data) / "truth.parquet")
        for entry in entries
    }
    reports = {e.name: compare.findings_of_report(e.out(place)) for e in entries if e.rules}
    ours: dict[str, compare.Findings] = {}
    told: list[tuple[str, str, str | None]] = []
    for entry in (e for e in entries if e.rules):
        found, truth = reports[entry.name], truths[entry.log]
        if truth is not None:
            difference = compare.difference(compare.events_of(found), truth)
            told.append((entry.name, "what was planted", difference))
        if not entry.resolves:
            continue
        if entry.like in reports:
            told.append((entry.name, entry.like, compare.difference(found, reports[entry.like])))
        ours.setdefault(entry.log, found)
    told += [(e.name, str(e.like), how) for e, how in _unequal_outcomes(entries, place)]
    for entry in (e for e in entries if e.finds and not e.rules):
        found, truth = compare.findings_of_contender(entry.out(place)), truths[entry.log]
        if entry.log in ours:
            difference = compare.difference(found, ours[entry.log])
        else:
            difference = compare.difference(compare.events_of(found), truth or {})
        told.append((entry.name, OURS, difference))
    return [f"{name} differs from {other}: {how}" for name, other, how in told if how]


def _unequal_outcomes(entries: list[Entry], place: Place) -> Iterator[tuple[Entry, str | None]]:
    """Compares logs of which no hop is resolved with the same ones of which all are."""
    from benchmarks import compare  # noqa: PLC0415 - as above

    known = {entry.name: entry for entry in entries}
    for entry in entries:
        if not entry.resolves and entry.like in known:
            found = compare.outcomes_of(entry.out(place))
            wanted = compare.unresolved(compare.outcomes_of(known[entry.like].out(place)))
            yield entry, compare.outcome_difference(found, wanted)


if __name__ == "__main__":
    main()
