"""The feed for a SIEM: a record of the run with its ledger, then one record per finding."""

from typing import BinaryIO

import polars as pl

from auditor.findings import Report
from auditor.reports.document import header_of, tool_of
from auditor.reports.json_chunks import json_chunks
from auditor.reports.records import batches, json_lines


def write(report: Report, stream: BinaryIO) -> None:
    """Writes one JSON object per line; `kind` is `run` in the first and `finding` in the rest."""
    run = {"kind": "run", **header_of(report)}
    stream.writelines(json_chunks(run))
    stream.write(b"\n")
    tool = [pl.lit(text).alias(name) for name, text in tool_of(report).items()]
    before = [
        pl.lit("finding").alias("kind"),
        pl.struct(tool).alias("tool"),
        pl.lit(report.run.id).alias("run_id"),
    ]
    stream.writelines(json_lines(batch, before) for batch in batches(report.findings))
