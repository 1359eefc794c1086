"""The JSON report `auditor/report/v1`: one document, its findings one to a line."""

from typing import BinaryIO, Final

from auditor.findings import Report
from auditor.reports.document import header_of
from auditor.reports.escape import json_text
from auditor.reports.records import batches, json_lines

_END: Final = "\n}"
_INDENT: Final = b"\n    "


def write(report: Report, stream: BinaryIO) -> None:
    """Writes the document; memory does not grow with the number of findings."""
    head = json_text(header_of(report), indent=2).removesuffix(_END)
    stream.write(f'{head},\n  "findings": ['.encode())
    separator = _INDENT
    for batch in batches(report.findings):
        lines = json_lines(batch).removesuffix(b"\n")
        stream.write(separator + lines.replace(b"\n", b"," + _INDENT))
        separator = b"," + _INDENT
    stream.write(b"\n  ]\n}\n")
