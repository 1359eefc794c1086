"""The JSON report `auditor/report/v1`: one document, findings and long lists one to a line."""

from typing import BinaryIO

from auditor.findings import Report
from auditor.reports.document import header_of
from auditor.reports.json_chunks import ObjectLines, json_chunks
from auditor.reports.records import batches, json_lines


def write(report: Report, stream: BinaryIO) -> None:
    """Writes the document; memory does not grow with the number of findings or entries."""
    findings = ObjectLines(map(json_lines, batches(report.findings)))
    document = {**header_of(report), "findings": findings}
    stream.writelines(json_chunks(document, is_indented=True))
    stream.write(b"\n")
