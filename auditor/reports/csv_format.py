"""The findings as a flat CSV table for spreadsheets: RFC 4180, UTF-8, safe from formulas."""

from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO, Final

import polars as pl

from auditor.findings import FINDING_SCHEMA, Report
from auditor.reports.escape import csv_cell, csv_list
from auditor.reports.records import batches, policy_time, time_text
from auditor.schema import TIME

_BOUNDARY_ROWS: Final = "boundary_rows"


def write(report: Report, stream: BinaryIO) -> None:
    """Writes a header and one line per finding; the ledger has no place in such a table.

    All that is said of a finding's rule is `boundary_rows`, its rows just outside the period.
    """
    rows = {rule.id: rule.boundary_rows for rule in report.rules}
    stream.write(_csv(pl.DataFrame(schema=FINDING_SCHEMA), rows, include_header=True))
    stream.writelines(_csv(batch, rows, include_header=False) for batch in batches(report.findings))


def _csv(findings: pl.DataFrame, rows: Mapping[str, int], *, include_header: bool) -> bytes:
    buffer = BytesIO()
    cells = [cell for name, dtype in FINDING_SCHEMA.items() for cell in _cells(name, dtype)]
    of_rule = pl.col("rule_id").replace_strict(rows, return_dtype=pl.Int64, default=None)
    findings.select(*cells, of_rule.alias(_BOUNDARY_ROWS)).write_csv(
        buffer, include_header=include_header, line_terminator="\r\n"
    )
    return buffer.getvalue()


def _cells(name: str, dtype: pl.DataType) -> list[pl.Expr]:
    column = pl.col(name)
    if name == "policy":
        ends = ("valid_from", "valid_to")
        return [policy_time(end).alias(f"policy_{end}") for end in ends]
    if name == "rows":
        path, row = (pl.element().struct.field(part) for part in ("path", "row"))
        return [csv_list(column.list.eval(pl.format("{}:{}", path, row))).alias(name)]
    if dtype == TIME:
        return [time_text(column).alias(name)]
    if dtype == pl.List(pl.String):
        return [csv_list(column).alias(name)]
    return [csv_cell(column).alias(name) if dtype == pl.String else column]
