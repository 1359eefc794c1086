"""The findings as a Parquet table, with the rest of the report in the file's metadata."""

from collections.abc import Iterator, Mapping
from itertools import accumulate, takewhile
from typing import BinaryIO, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.findings import FINDING_SCHEMA, Report
from auditor.reports.document import header_of
from auditor.reports.json_chunks import ObjectLines, json_chunks
from auditor.reports.records import batches

REPORT_KEY: Final = "auditor.report"
RUN_KEY: Final = "auditor.run"
LEFT_OUT_KEY: Final = "auditor.left_out"
"""Metadata keys, all as JSON: the report but its findings and run; the run; and how many entries
of its long lists the report has that are left out here, by path (`unresolved.hops`)."""

MOST_ENTRIES: Final = 100_000
MOST_BYTES: Final = 12 << 20
"""Of one long list: readers refuse a file whose metadata hold texts of 100 MB."""


def write(report: Report, stream: BinaryIO) -> None:
    """Writes `FINDING_SCHEMA`, one row group per batch."""
    header = header_of(report)
    run = header.pop("run")
    left_out: dict[str, int] = {}
    metadata = {REPORT_KEY: _cut(header, left_out), RUN_KEY: run, LEFT_OUT_KEY: left_out}
    empty = _arrow(pl.DataFrame(schema=FINDING_SCHEMA))
    with pq.ParquetWriter(stream, empty.schema, compression="zstd") as writer:
        for batch in batches(report.findings):
            writer.write_table(_arrow(batch))
        texts = {key: b"".join(json_chunks(value)) for key, value in metadata.items()}
        writer.add_key_value_metadata(texts)


def _cut(value: object, left_out: dict[str, int], path: str = "") -> object:
    """`value` with the first entries of long lists, noting how many of each are missing."""
    if isinstance(value, pl.DataFrame):
        sizes = accumulate(map(len, _lines(value.head(MOST_ENTRIES))))
        first = sum(1 for _ in takewhile(lambda size: size <= MOST_BYTES, sizes))
        left_out[path] = value.height - first
        return value.head(first)
    if isinstance(value, Mapping):
        within = f"{path}." if path else ""
        return {name: _cut(one, left_out, within + name) for name, one in value.items()}
    return value


def _lines(entries: pl.DataFrame) -> Iterator[bytes]:
    """Each entry as JSON."""
    for lines in ObjectLines.of_frame(entries).lines:
        yield from lines.splitlines(keepends=True)


def _arrow(findings: pl.DataFrame) -> pa.Table:
    # NOTE: the oldest level has no string views, which many readers of Parquet do not know.
    return findings.to_arrow(compat_level=pl.CompatLevel.oldest())
