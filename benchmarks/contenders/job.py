"""What every contender is given: where the log and the registry are, and where findings go."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import auditor

REFERENCE: Final = Path(auditor.__file__).parent / "reference"
"""The shipped registries: sites, groups and vendor codes."""

TOUCHED: Final = (
    "event_at",
    "meeting_id",
    "session_id",
    "account_id",
    "route",
    "hop_role",
    "meeting_started_at",
    "connection_type",
    "participant_country",
    "media_bytes",
)
"""The columns that the four default rules and their evidence read."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a contender.

    Attributes:
        events: folder of event files, all Parquet or all CSV.
        accounts: the registry, Parquet or CSV.
        out: Parquet file of findings to write; floors leave it alone.
    """

    events: Path
    accounts: Path
    out: Path

    @classmethod
    def from_arguments(cls) -> "Job":
        """The job that the command line states."""
        events, accounts, out = sys.argv[1:]
        return cls(Path(events), Path(accounts), Path(out))

    @property
    def format(self) -> str:
        """`parquet` or `csv`."""
        return "csv" if any(self.events.glob("*.csv")) else "parquet"

    @property
    def files(self) -> str:
        """The event files, as a glob."""
        return str(self.events / f"*.{self.format}")
