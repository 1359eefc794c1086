"""The events of some meetings, found without reading all others again."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.log import Log, lean_plans, no_rows
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, hashed, new_seed
from auditor.engine.skimming.reading import Batch
from auditor.engine.skimming.spool import columns_of, is_parquet, spooled
from auditor.schema import PATH, REJECT, ROW, TIME
from auditor.sources.canonical import Canonical, canonical_frame
from auditor.sources.values import VALUE

_FIELDS: Final = ("event_at", "meeting_id", "participant_country")
_HASH: Final = "@meeting"


class KeptEvents:
    """What facts of meetings are made from, kept on disk of every sound row that passes.

    Attributes:
        columns: the raw columns that it needs.
        files: of a hash of the meeting's canonical id, and the other fields.
    """

    def __init__(self, source: Canonical, folder: Path, seed: int) -> None:
        self._plans = lean_plans(source, frozenset(_FIELDS))
        self._planned = {plan.field.name: plan for plan in self._plans}
        self._folder = folder
        self._seed = seed
        self._numbers = count()
        self.columns = [*columns_of(self._plans), REJECT]
        self.files: list[Path] = []
        folder.mkdir(exist_ok=True)

    def take(self, rows: pl.DataFrame, batch: Batch | None) -> None:
        """Keep some raw rows; called from several threads.

        Args:
            rows: with `columns`.
            batch: the same rows as cases see them, which spares reading some columns again.
        """
        if batch is None:
            kept = self._exactly(rows)
        elif batch.is_odd is None:
            kept = self._soundly(rows, batch)
        else:
            is_odd = pl.Series(batch.is_odd)
            odd = self._exactly(rows.filter(is_odd))
            kept = pl.concat([self._soundly(rows, batch).filter(~is_odd), odd])
        file = self._folder / f"{next(self._numbers)}.arrow"
        kept.write_ipc(file)
        self.files.append(file)

    def _soundly(self, rows: pl.DataFrame, batch: Batch) -> pl.DataFrame:
        """Of no use for odd rows; others are no rejects."""
        at = pl.Series("event_at", batch.event_at).cast(TIME)
        country = self._read("participant_country", rows)
        ids = self._read("meeting_id", rows)
        return pl.DataFrame([ids.hash(self._seed).alias(_HASH), at, country])

    def _read(self, name: str, rows: pl.DataFrame) -> pl.Series:
        plan = self._planned[name]
        read = rows.with_columns(plan.expr.alias(name))[name]
        return read.struct.field(VALUE).alias(name) if plan.is_reading else read

    def _exactly(self, rows: pl.DataFrame) -> pl.DataFrame:
        placed = rows.lazy().with_columns(
            pl.lit("").alias(PATH), pl.lit(0, dtype=pl.Int64).alias(ROW)
        )
        events = canonical_frame(placed, self._plans).filter(pl.col(REJECT).is_null())
        hashes = pl.col("meeting_id").hash(self._seed).alias(_HASH)
        return events.select(hashes, "event_at", "participant_country").collect()


class MeetingEvents:
    """Where the events of any meeting of a log are found after one pass over it.

    Of text, what facts of meetings are made from is kept as it passes: to read the text again
    takes as long as it took to decide it. Of Parquet, the few columns are read again.

    Args:
        log: the log.
        spool: folder for rows, which must outlive the frames.
        is_asked: whether there is reason to keep rows: a rule shows facts of meetings.
    """

    def __init__(self, log: Log, spool: Path, *, is_asked: bool) -> None:
        self._log = log
        self._spool = spool
        self._is_asked = is_asked
        self._seed = new_seed()
        self._kept: dict[int, KeptEvents] = {}

    def kept_of(self, group: int) -> KeptEvents | None:
        """What keeps the events of a group; None where they can be read again."""
        source = self._log.sources[group]
        if not self._is_asked or is_parquet(source.group):
            return None
        self._kept[group] = KeptEvents(source, self._spool / f"meetings-{group}", self._seed)
        return self._kept[group]

    def of(self, meetings: pl.Series) -> pl.LazyFrame:
        """The events of some meetings, and hardly any others, with the fields of meeting facts.

        Args:
            meetings: canonical ids.
        """
        ids = meetings.unique()
        # NOTE: raises where two of them share a hash, so that none gets the rows of another
        book = Codebook.of(hashed(ids, self._seed))
        frames = [frame.select(*_FIELDS, REJECT) for frame in self._frames(ids, book)]
        return pl.concat(frames) if frames else no_rows(self._log.profile.table_fields)

    def _frames(self, ids: pl.Series, book: Codebook) -> Iterator[pl.LazyFrame]:
        named = pl.LazyFrame({_HASH: book.hashes, "meeting_id": ids})
        for group, source in enumerate(self._log.sources):
            kept = self._kept.get(group)
            if kept is None or not kept.files:
                yield self._again(group, source, book)
            else:
                events = pl.scan_ipc(kept.files).join(named, on=_HASH)
                yield events.with_columns(pl.lit(None, pl.String).alias(REJECT))

    def _again(self, group: int, source: Canonical, book: Codebook) -> pl.LazyFrame:
        plans = lean_plans(source, frozenset(_FIELDS))
        meeting = next(plan for plan in plans if plan.field.name == "meeting_id")

        def is_asked(rows: pl.DataFrame) -> pl.Series:
            texts = rows.with_columns(meeting.expr.alias(_HASH))[_HASH]
            return pl.Series(book.lookup(hashed(texts, self._seed)) != UNKNOWN)

        # NOTE: where a parameter names the one meeting, no column does
        asked = columns_of([meeting]) or columns_of(plans)
        folder = self._spool / f"meetings-{group}"
        files = spooled(source.group, asked, columns_of(plans), is_asked, folder)
        return canonical_frame(pl.scan_parquet(files), plans)
