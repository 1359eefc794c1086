"""The logs of a benchmark, made by `auditor generate` once and kept."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SEED = 7
MOST_ACCOUNTS = 200_000
ROWS_PER_ACCOUNT = 100
FEWEST_ACCOUNTS = 64


@dataclass(frozen=True, slots=True)
class Dataset:
    """One generated log.

    Attributes:
        name: also its folder, with the size.
        rows: events.
        accounts: hosting accounts.
        flags: further flags of `auditor generate`.
    """

    name: str
    rows: int
    accounts: int
    flags: tuple[str, ...] = ()

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
        sizes = ["--rows", str(self.rows), "--accounts", str(self.accounts), "--seed", str(SEED)]
        command = [sys.executable, "-m", "auditor", "generate", *sizes, *self.flags, str(partial)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        partial.rename(folder)


def datasets(rows: int, csv_rows: int) -> dict[str, Dataset]:
    """The logs of a run, by name: all with the same number of accounts."""
    accounts = max(FEWEST_ACCOUNTS, min(MOST_ACCOUNTS, rows // ROWS_PER_ACCOUNT))
    logs = (
        Dataset("parquet", rows, accounts),
        Dataset("tenth", rows // 10, accounts),
        Dataset("one-percent", rows, accounts, ("--violations", "0.01")),
        Dataset("no-start", rows, accounts, ("--no-start",)),
        Dataset("csv", csv_rows, accounts, ("--format", "csv")),
    )
    return {log.name: log for log in logs}
