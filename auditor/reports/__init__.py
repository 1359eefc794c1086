"""Findings to bytes: the table of report formats, the only place where a format is named."""

from typing import Final

from auditor.reports.interface import Format, LazyFormat

_FORMATS: Final = (
    LazyFormat("json", "auditor.reports.json_format"),
    LazyFormat("ndjson", "auditor.reports.ndjson_format"),
    LazyFormat("csv", "auditor.reports.csv_format"),
    LazyFormat("parquet", "auditor.reports.parquet_format", is_text=False),
    LazyFormat("terminal", "auditor.reports.terminal.writer"),
)

REPORT_FORMATS: Final[dict[str, Format]] = {one.name: one for one in _FORMATS}
