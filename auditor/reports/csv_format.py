"""What was checked and found as flat CSV for spreadsheets: RFC 4180, UTF-8, safe from formulas."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import BinaryIO, Final

import polars as pl

from auditor.findings import FINDING_SCHEMA, Report
from auditor.reports.escape import csv_cell, csv_list
from auditor.reports.records import batches, policy_time, time_text
from auditor.schema import TIME

_CHECKED: Final[dict[str, pl.DataType]] = {
    "status": pl.String(),
    "violation": pl.Int64(),
    "compliant": pl.Int64(),
    "unknown": pl.Int64(),
    "not_applicable": pl.Int64(),
    "boundary_rows": pl.Int64(),
}
"""Columns, after those of findings, that say what was checked; findings leave them empty."""


def write(report: Report, stream: BinaryIO) -> None:
    """Writes a header, a line for the run, one per selected rule and one per finding.

    `kind` tells them apart. So a table without findings does not look the same whether all was
    compliant or nothing could be decided. The message of a run is why it is incomplete, that of
    a rule why it was not run.
    """
    stream.write(_csv(_run(report), "run", include_header=True))
    stream.write(_csv(_rules(report), "rule"))
    stream.writelines(_csv(batch, "finding") for batch in batches(report.findings))


def _run(report: Report) -> pl.DataFrame:
    status = "complete" if report.run.complete else "incomplete"
    return _lines([{"status": status, "message": "\n".join(report.run.incomplete_reasons) or None}])


def _rules(report: Report) -> pl.DataFrame:
    return _lines(
        {
            **{name: getattr(rule, name) for name in ("boundary", *_CHECKED)},
            "rule_id": rule.id,
            "severity": rule.severity.value,
            "message": rule.not_run_reason,
        }
        for rule in report.rules
    )


def _lines(told: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    schema = {**FINDING_SCHEMA, **_CHECKED}
    return pl.DataFrame([{**dict.fromkeys(schema), **line} for line in told], schema)


def _csv(lines: pl.DataFrame, kind: str, *, include_header: bool = False) -> bytes:
    buffer = BytesIO()
    cells = [cell for name, dtype in FINDING_SCHEMA.items() for cell in _cells(name, dtype)]
    checked = [
        pl.col(name) if name in lines.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in _CHECKED.items()
    ]
    lines.select(pl.lit(kind).alias("kind"), *cells, *checked).write_csv(
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
