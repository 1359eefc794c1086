"""What a synthetic log is asked to be: its size, its seed, its shape and its faults."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_VIOLATIONS: Final = 0.0003
_MOST_DEFAULT_ACCOUNTS: Final = 200_000
_FEWEST_DEFAULT_ACCOUNTS: Final = 64
_ROWS_PER_ACCOUNT: Final = 100


class LogFormat(StrEnum):
    """How the event files are written."""

    PARQUET = "parquet"
    CSV = "csv"


class Compression(StrEnum):
    """How the event files are compressed (inside the pages of Parquet, around a CSV)."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


@dataclass(frozen=True, slots=True)
class LogRequest:
    """One synthetic log; equal requests give equal bytes.

    Attributes:
        rows: events, exactly.
        seed: any integer.
        format: of the event files.
        files: number of event files.
        violations: share of the rows that a violation is planted on, about.
        unresolved: share of the rows that no rule can decide, about.
        accounts: hosting accounts; None: one per hundred rows, between 64 and 200,000.
        has_start: the log states `meeting_started_at`.
        compression: of the event files; None: zstd for Parquet, none for CSV.
    """

    rows: int
    seed: int
    format: LogFormat = LogFormat.PARQUET
    files: int = 1
    violations: float = DEFAULT_VIOLATIONS
    unresolved: float = 0.0
    accounts: int | None = None
    has_start: bool = True
    compression: Compression | None = None

    @property
    def account_count(self) -> int:
        """The number of hosting accounts that the log gets."""
        if self.accounts is not None:
            return self.accounts
        wanted = self.rows // _ROWS_PER_ACCOUNT
        return max(_FEWEST_DEFAULT_ACCOUNTS, min(_MOST_DEFAULT_ACCOUNTS, wanted))

    @property
    def codec(self) -> Compression:
        """The compression that applies."""
        if self.compression is not None:
            return self.compression
        return Compression.ZSTD if self.format is LogFormat.PARQUET else Compression.NONE

    def rows_in(self, part: int) -> int:
        """Rows of the `part`-th event file, counted from 0; all files are about equal."""
        return self.rows * (part + 1) // self.files - self.rows * part // self.files
