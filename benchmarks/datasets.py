"""The logs of a benchmark, made by `auditor generate` once, or of such a one, and kept."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SEED = 7
MOST_ACCOUNTS = 200_000
ROWS_PER_ACCOUNT = 100
FEWEST_ACCOUNTS = 64
SOME_ADDRESSES = 20_000


@dataclass(frozen=True, slots=True)
class Dataset:
    """One generated log.

    Attributes:
        name: also its folder, with the size.
        rows: events.
        accounts: hosting accounts.
        flags: further flags of `auditor generate`.
        of: the log that it is made of, if it is not generated.
        kind: what is made of that one, as `benchmarks.derived` calls it.
    """

    name: str
    rows: int
    accounts: int
    flags: tuple[str, ...] = ()
    of: "Dataset | None" = None
    kind: tuple[str, ...] = ()

    def folder(self, data: Path) -> Path:
        """Where it lies under `data`."""
        return data / f"{self.name}-{self.rows}-{self.accounts}-seed{SEED}"

    def registry(self, data: Path) -> Path:
        """Its accounts, Parquet or CSV."""
        (path,) = self.folder(data).glob("accounts.*")
        return path

    def ensure(self, data: Path) -> None:
        """Makes it where it is not there yet; half-made ones are never taken for whole."""
        folder = self.folder(data)
        if folder.exists():
            return
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        if self.of is not None:
            self.of.ensure(data)
        command = [sys.executable, "-m", *self._making(data), str(partial)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        partial.rename(folder)

    def _making(self, data: Path) -> list[str]:
        if self.of is not None:
            return ["benchmarks.derived", *self.kind, str(self.of.folder(data))]
        sizes = ["--rows", str(self.rows), "--accounts", str(self.accounts), "--seed", str(SEED)]
        return ["auditor", "generate", *sizes, *self.flags]


def datasets(rows: int, csv_rows: int, address_rows: int) -> dict[str, Dataset]:
    """The logs of a run, by name: all with the same number of accounts."""
    accounts = max(FEWEST_ACCOUNTS, min(MOST_ACCOUNTS, rows // ROWS_PER_ACCOUNT))
    # NOTE: of the addresses that are drawn, a few come up in no row
    half = address_rows * 52 // 100
    sites, few = Dataset("parquet", address_rows, accounts), Dataset("parquet", csv_rows, accounts)

    def made(name: str, of: Dataset, *kind: str) -> Dataset:
        return Dataset(name, of.rows, accounts, of=of, kind=kind)

    return {
        "parquet": Dataset("parquet", rows, accounts),
        "tenth": Dataset("tenth", rows // 10, accounts),
        "one-percent": Dataset("one-percent", rows, accounts, ("--violations", "0.01")),
        "no-start": Dataset("no-start", rows, accounts, ("--no-start",)),
        "csv": Dataset("csv", csv_rows, accounts, ("--format", "csv")),
        "sites": sites,
        "addresses": made("addresses", sites, f"addresses:{SOME_ADDRESSES}", "parquet"),
        "all-addresses": made("all-addresses", sites, f"addresses:{half}", "parquet"),
        "unresolved": made("unresolved", sites, f"private:{address_rows // 2}", "parquet"),
        "canonical": made("canonical", sites, "canonical", "parquet"),
        "dashboard": made("dashboard", sites, "dashboard", "parquet"),
        "canonical-csv": made("canonical-csv", few, "canonical", "csv"),
        "dashboard-csv": made("dashboard-csv", few, "dashboard", "csv"),
    }
