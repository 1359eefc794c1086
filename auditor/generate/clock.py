"""The days of a synthetic log, and the rules' cut-offs, in seconds since 1970 (UTC)."""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from auditor.schema import TIME

HOUR: Final = 3600
DAY: Final = 24 * HOUR
DAYS: Final = 91
_MICROSECONDS: Final = 1_000_000


def seconds_at(year: int, month: int, day: int, hour: int = 0) -> int:
    """Seconds since 1970 of an hour of a day (UTC)."""
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def moment_of(second: pl.Expr) -> pl.Expr:
    """The instant of a second, as the canonical time type."""
    return (second.cast(pl.Int64) * _MICROSECONDS).cast(TIME)


LOG_START: Final = seconds_at(2020, 4, 1)
"""Midnight of the first of `DAYS` days: 1 April to 30 June 2020."""

REGIONS_CHOSEN: Final = seconds_at(2020, 4, 18)
"""ROUTE-001 and ROUTE-003 hold for meetings started from here on."""

MAINLAND_CUT_OFF: Final = seconds_at(2020, 4, 25)
"""ROUTE-002 holds for meetings started from here on."""

HOSTING_ENDED: Final = seconds_at(2020, 4, 30, 16)
"""HOST-001 holds from here on: midnight of 1 May in Shanghai."""
