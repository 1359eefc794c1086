"""Facts of whole meetings: when they began, and where their participants were."""

from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from auditor.jurisdictions import SetExpr, country_set, set_columns
from auditor.schema import REJECT, TIME

OBSERVED: Final = "observed_start"
COUNTRIES_SET: Final = "meeting_countries"


def meeting_facts(events: pl.LazyFrame, meetings: pl.LazyFrame) -> pl.LazyFrame:
    """The facts of some meetings, from all rows of the log.

    Args:
        events: canonical rows, rejected ones included, before windowing.
        meetings: the `meeting_id`s that are asked for.

    Returns:
        One row per meeting: `meeting_id`, OBSERVED (earliest `event_at`) and the set columns of
        `meeting_countries`, missing where the country of any row is.
    """
    lo, hi, is_open = set_columns(COUNTRIES_SET)
    country = pl.col("participant_country")
    words = country_set(country)
    is_known = country.is_not_null().all()
    return (
        events.filter(pl.col(REJECT).is_null())
        .select("meeting_id", "event_at", country)
        .join(meetings, on="meeting_id", how="semi")
        .with_columns(words.lo.alias(lo), words.hi.alias(hi))
        .group_by("meeting_id")
        .agg(
            pl.col("event_at").min().alias(OBSERVED),
            pl.col(lo, hi).bitwise_or(),
            is_known.alias(is_open),
        )
        .with_columns(pl.when(pl.col(is_open)).then(pl.col(lo, hi)))
        .with_columns(pl.lit(value=False).alias(is_open))
    )


def no_meetings() -> pl.DataFrame:
    """An empty table of meeting facts."""
    lo, hi, is_open = set_columns(COUNTRIES_SET)
    return pl.DataFrame(
        schema={
            "meeting_id": pl.String, OBSERVED: TIME, lo: pl.UInt128, hi: pl.UInt128,
            is_open: pl.Boolean,
        }
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Starts:
    """Adds the meeting's start to rows that do not state it.

    Attributes:
        meetings: facts of the meetings whose start can matter; for all others the row's own time
            stands in, which no rule tells apart.
    """

    meetings: pl.DataFrame

    provides: ClassVar[frozenset[str]] = frozenset({"meeting_started_at", "start_basis"})
    requires: ClassVar[frozenset[str]] = frozenset()

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Fill `meeting_started_at`; `start_basis` is `reported` or `observed`."""
        reported = pl.col("meeting_started_at")
        basis = pl.when(reported.is_null()).then(pl.lit("observed")).otherwise(pl.lit("reported"))
        if self.meetings.is_empty():
            return events.with_columns(reported.fill_null(pl.col("event_at")), start_basis=basis)
        starts = self.meetings.lazy().select("meeting_id", OBSERVED)
        return (
            events.join(starts, on="meeting_id", how="left")
            .with_columns(
                pl.coalesce(reported, OBSERVED, "event_at").alias("meeting_started_at"),
                start_basis=basis,
            )
            .drop(OBSERVED)
        )


@dataclass(frozen=True, slots=True)
class MeetingCountries:
    """Adds `meeting_countries`, missing for meetings that are not in the table."""

    meetings: pl.DataFrame

    provides: ClassVar[frozenset[str]] = frozenset({COUNTRIES_SET})
    requires: ClassVar[frozenset[str]] = frozenset()

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add the columns of the set."""
        lo, hi, is_open = set_columns(COUNTRIES_SET)
        if self.meetings.is_empty():
            missing = pl.lit(None, dtype=pl.UInt128)
            return events.with_columns(
                *SetExpr(missing, missing, pl.lit(value=False)).named(COUNTRIES_SET)
            )
        sets = self.meetings.lazy().select("meeting_id", lo, hi, is_open)
        return events.join(sets, on="meeting_id", how="left").with_columns(
            pl.col(is_open).fill_null(value=False)
        )
