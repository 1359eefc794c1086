"""Rows too many for memory say what they say when they are held: parts made tiny, same report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from .audits import audit_in
from .logs import Case, cases


@contextmanager
def _tiny(rows: int) -> Iterator[None]:
    """As if memory held no more than some rows, meetings and findings."""
    with (
        patch("auditor.engine.parts.PART_ROWS", rows),
        patch("auditor.engine.evidence.findings.MEETINGS_AT_ONCE", rows),
        patch("auditor.engine.evidence.findings._FRAME_ROWS", rows),
        patch("auditor.engine.evidence.findings._HELD_ROWS", 0),
        patch("auditor.engine.starts.SLOTS_PER_ROW", 0),
        patch("auditor.engine.starts._LEAST_SLOTS", rows),
        patch("auditor.engine.starts.MEETINGS_AT_ONCE", 1),
    ):
        yield


@given(case=cases(), rows=st.integers(1, 4))
def test_a_report_does_not_depend_on_what_memory_holds(case: Case, rows: int) -> None:
    with TemporaryDirectory() as folder:
        held = audit_in(Path(folder), case).report
        with _tiny(rows):
            spilled = audit_in(Path(folder), case).report

    assert {**spilled, "run": None} == {**held, "run": None}
