"""The findings as a Parquet table, with the rest of the report in the file's metadata."""

from typing import BinaryIO, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.findings import FINDING_SCHEMA, Report
from auditor.reports.document import header_of
from auditor.reports.escape import json_text
from auditor.reports.records import batches

REPORT_KEY: Final = "auditor.report"
RUN_KEY: Final = "auditor.run"
"""Metadata keys: the report but its findings and run, and the run; both as JSON."""


def write(report: Report, stream: BinaryIO) -> None:
    """Writes `FINDING_SCHEMA`, one row group per batch."""
    header = header_of(report)
    run = header.pop("run")
    empty = _arrow(pl.DataFrame(schema=FINDING_SCHEMA))
    with pq.ParquetWriter(stream, empty.schema, compression="zstd") as writer:
        for batch in batches(report.findings):
            writer.write_table(_arrow(batch))
        writer.add_key_value_metadata({REPORT_KEY: json_text(header), RUN_KEY: json_text(run)})


def _arrow(findings: pl.DataFrame) -> pa.Table:
    # NOTE: the oldest level has no string views, which many readers of Parquet do not know.
    return findings.to_arrow(compat_level=pl.CompatLevel.oldest())
