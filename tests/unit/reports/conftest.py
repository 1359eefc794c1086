"""Reports built by hand: a full one with hostile values, a clean one, an incomplete one."""

from collections.abc import Callable
from io import BytesIO

import pytest

from auditor.findings import InputFile, Report, Run
from auditor.reports import REPORT_FORMATS

from .builders import FINISHED, STARTED, make_full_report, make_report


@pytest.fixture
def clean_report() -> Report:
    return make_report()


@pytest.fixture
def incomplete_report() -> Report:
    reason = "logs/b.parquet cannot be read\n  hint: ask for it to be delivered again"
    run = Run("run-1", STARTED, FINISHED, "streaming", complete=False, incomplete_reasons=[reason])
    unreadable = InputFile("logs/b.parquet", "parquet", 17, None)
    return make_report(run=run, inputs=[unreadable])


@pytest.fixture
def full_report() -> Report:
    return make_full_report()


@pytest.fixture
def written() -> Callable[[str, Report], bytes]:
    """The bytes of a report in the named format."""

    def write(name: str, report: Report) -> bytes:
        stream = BytesIO()
        REPORT_FORMATS[name].write(report, stream)
        return stream.getvalue()

    return write


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLUMNS", raising=False)
