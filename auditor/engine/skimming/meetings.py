"""The events of some meetings, found without reading all others again."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.log import Log, lean_plans, no_rows
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, hashed, new_seed
from auditor.engine.skimming.spool import Beside, columns_of, is_parquet, spooled
from auditor.jurisdictions import COUNTRIES
from auditor.schema import PATH, REJECT, ROW
from auditor.sources.canonical import Canonical, canonical_frame
from auditor.sources.field_plan import FieldPlan

_FIELDS: Final = frozenset({"event_at", "meeting_id", "participant_country"})
_HASH: Final = "@meeting"
_CODES: Final = pl.Enum(list(COUNTRIES))


class MeetingEvents:
    """Where the events of any meeting of a log are found after one pass over it.

    Of text, what facts of meetings are made from is kept on disk as it passes, 17 bytes of each
    row: to read the text again takes as long as it took to decide it. Of Parquet, the few columns
    are read again.

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
        self._kept: dict[int, list[Path]] = {}

    def beside(self, group: int) -> Beside | None:
        """What keeps the rows of a group as they pass; None where they can be read again."""
        source = self._log.sources[group]
        if not self._is_asked or is_parquet(source.group):
            return None
        folder = self._spool / f"meetings-{group}"
        folder.mkdir(exist_ok=True)
        files = self._kept[group] = []
        plans, numbers = lean_plans(source, _FIELDS), count()

        def keep(rows: pl.DataFrame) -> None:
            file = folder / f"{next(numbers)}.arrow"
            self._narrow(rows, plans).write_ipc(file)
            files.append(file)

        return Beside([*columns_of(plans), REJECT], keep)

    def _narrow(self, rows: pl.DataFrame, plans: Sequence[FieldPlan]) -> pl.DataFrame:
        placed = rows.lazy().with_columns(
            pl.lit("").alias(PATH), pl.lit(0, dtype=pl.Int64).alias(ROW)
        )
        events = canonical_frame(placed, plans).filter(pl.col(REJECT).is_null())
        return events.select(
            pl.col("meeting_id").hash(self._seed).alias(_HASH),
            "event_at",
            pl.col("participant_country").cast(_CODES),
        ).collect()

    def of(self, meetings: pl.Series) -> pl.LazyFrame:
        """The events of some meetings, and hardly any others, with the fields of meeting facts.

        Args:
            meetings: canonical ids.
        """
        ids = meetings.unique()
        # NOTE: raises where two of them share a hash, so that none gets the rows of another
        book = Codebook.of(hashed(ids, self._seed))
        frames = [frame.select(*sorted(_FIELDS), REJECT) for frame in self._frames(ids, book)]
        return pl.concat(frames) if frames else no_rows(self._log.profile.table_fields)

    def _frames(self, ids: pl.Series, book: Codebook) -> Iterator[pl.LazyFrame]:
        named = pl.LazyFrame({_HASH: book.hashes, "meeting_id": ids})
        for group, source in enumerate(self._log.sources):
            files = self._kept.get(group)
            if not files:
                yield self._again(group, source, book)
                continue
            yield (
                pl.scan_ipc(files)
                .join(named, on=_HASH)
                .with_columns(
                    pl.col("participant_country").cast(pl.String),
                    pl.lit(None, pl.String).alias(REJECT),
                )
            )

    def _again(self, group: int, source: Canonical, book: Codebook) -> pl.LazyFrame:
        plans = lean_plans(source, _FIELDS)
        meeting = next(plan for plan in plans if plan.field.name == "meeting_id")

        def is_asked(rows: pl.DataFrame) -> pl.Series:
            texts = rows.with_columns(meeting.expr.alias(_HASH))[_HASH]
            return pl.Series(book.lookup(hashed(texts, self._seed)) != UNKNOWN)

        # NOTE: where a parameter names the one meeting, no column does
        asked = columns_of([meeting]) or columns_of(plans)
        folder = self._spool / f"meetings-{group}"
        files = spooled(source.group, asked, columns_of(plans), is_asked, folder)
        return canonical_frame(pl.scan_parquet(files), plans)
