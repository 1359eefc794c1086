"""The table of formats, and what every format in it keeps to."""

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO

import pytest

from auditor.findings import Report, RuleResult, Severity
from auditor.reports import REPORT_FORMATS

from .builders import MemoryFindings, finding, frame, make_report


def test_the_table_names_each_format_as_the_format_does() -> None:
    assert list(REPORT_FORMATS) == ["json", "ndjson", "csv", "parquet", "terminal"]
    assert all(name == one.name for name, one in REPORT_FORMATS.items())


def test_only_parquet_is_no_text() -> None:
    assert [name for name, one in REPORT_FORMATS.items() if not one.is_text] == ["parquet"]


def test_importing_the_table_loads_no_heavy_library() -> None:
    script = "import sys, auditor.reports; print(*{'rich', 'pyarrow'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", REPORT_FORMATS)
def test_two_writes_of_one_report_are_byte_identical(
    name: str, full_report: Report, written: Callable[[str, Report], bytes]
) -> None:
    assert written(name, full_report) == written(name, full_report)


@pytest.mark.parametrize("name", REPORT_FORMATS)
def test_the_bytes_do_not_depend_on_how_the_engine_cuts_the_findings(
    name: str, written: Callable[[str, Report], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.reports.records.BATCH_ROWS", 3)
    findings = frame(*(finding(number) for number in range(8)))
    whole, parts = MemoryFindings([findings]), MemoryFindings(findings.iter_slices(1))

    assert written(name, make_report(findings=whole)) == written(name, make_report(findings=parts))


@pytest.mark.parametrize("name", REPORT_FORMATS)
def test_every_format_shows_the_boundary_of_findings_and_of_rules(
    name: str, written: Callable[[str, Report], bytes]
) -> None:
    rule = RuleResult(
        "ROUTE-001", "Media left", Severity.HIGH, "d1", "ran",
        violation=1, not_applicable=12_000, boundary_rows=9876, findings=1,
    )  # fmt: skip
    near = MemoryFindings([frame(finding(1, boundary="depends-on-the-zone"))])

    content = written(name, make_report(rules=[rule], findings=near))

    assert b"depends-on-the-zone" in content
    assert b"9876" in content.replace(b",", b"") or b"9,876" in content


@pytest.mark.parametrize("name", REPORT_FORMATS)
def test_a_writer_leaves_the_stream_open(name: str, full_report: Report) -> None:
    stream = BytesIO()

    REPORT_FORMATS[name].write(full_report, stream)

    assert not stream.closed


@pytest.mark.parametrize("name", REPORT_FORMATS)
@pytest.mark.parametrize("error", [BrokenPipeError(32, "closed"), OSError(28, "full")])
def test_the_errors_of_a_stream_reach_the_caller(
    name: str, error: OSError, full_report: Report
) -> None:
    class Failing(BytesIO):
        def write(self, content: object, /) -> int:
            raise error

    with pytest.raises(type(error)):
        REPORT_FORMATS[name].write(full_report, Failing())
