"""Orders with the columns that every finding shows, so that findings are made in one way."""

from typing import ClassVar, Final

import polars as pl

from auditor.jurisdictions import SetExpr
from auditor.schema import POLICY_FROM, POLICY_STATE, POLICY_TO, TIME

_TEXTS: Final = ("meeting_id", "session_id", "route", "start_basis", POLICY_STATE)
_TIMES: Final = ("meeting_started_at", POLICY_FROM, POLICY_TO)
_SETS: Final = ("jurisdictions", "opted_in")


class OrderEvidence:
    """Gives orders an `event_at`, which is when they were made; what else events have is missing.

    An order has no route, no meeting and, because registries are not joined to it, no policy.
    """

    provides: ClassVar[frozenset[str]] = frozenset(
        {"event_at", "media_bytes", *_TEXTS, *_TIMES, *_SETS}
    )
    requires: ClassVar[frozenset[str]] = frozenset({"ordered_at"})

    def apply(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Add the columns."""
        word = pl.lit(None, dtype=pl.UInt128)
        unknown = SetExpr(word, word, pl.lit(value=False))
        return events.with_columns(
            pl.col("ordered_at").alias("event_at"),
            pl.lit(None, dtype=pl.UInt64).alias("media_bytes"),
            *(pl.lit(None, dtype=pl.String).alias(name) for name in _TEXTS),
            *(pl.lit(None, dtype=TIME).alias(name) for name in _TIMES),
            *(word for name in _SETS for word in unknown.named(name)),
        )
