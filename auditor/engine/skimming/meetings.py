"""The rows of some meetings, found without reading the others."""

from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.log import Log, lean_plans, no_rows
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, hashed, new_seed
from auditor.engine.skimming.spool import columns_of, spooled
from auditor.sources.canonical import canonical_frame

_FIELDS: Final = frozenset({"event_at", "meeting_id", "participant_country"})


def events_of(log: Log, meetings: pl.Series, spool: Path) -> pl.LazyFrame:
    """The events of some meetings, and hardly any others, with the fields of meeting facts.

    Args:
        log: the log.
        meetings: canonical ids.
        spool: folder for these rows, which must outlive the frame.
    """
    seed = new_seed()
    book = Codebook.of(hashed(meetings.unique(), seed))
    frames: list[pl.LazyFrame] = []
    for group, source in enumerate(log.sources):
        plans = lean_plans(source, _FIELDS)
        meeting = next(plan for plan in plans if plan.field.name == "meeting_id")

        def is_asked(rows: pl.DataFrame, ids: pl.Expr = meeting.expr) -> pl.Series:
            texts = rows.with_columns(ids.alias("@meeting"))["@meeting"]
            return pl.Series(book.lookup(hashed(texts, seed)) != UNKNOWN)

        # NOTE: where a parameter names the one meeting, no column does
        asked = columns_of([meeting]) or columns_of(plans)
        folder = spool / f"meetings-{group}"
        files = spooled(source.group, asked, columns_of(plans), is_asked, folder)
        frames.append(canonical_frame(pl.scan_parquet(files), plans))
    return pl.concat(frames) if frames else no_rows(log.profile.table_fields)
