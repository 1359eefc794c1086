"""Rows counted by their case, or held in memory, say what they say when each is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings

from .audits import audit_in
from .logs import Case, cases

EXAMPLES = 8 * settings().max_examples


@contextmanager
def skimmed() -> Iterator[None]:
    """As if every log were of many batches, and every case worth deciding at once."""
    with (
        patch("auditor.engine.deciding.SKIMMED_ROWS", 0),
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 1),
        patch("auditor.engine.skimming.spool._BATCH_ROWS", 3),
    ):
        yield


@settings(max_examples=EXAMPLES)
@given(case=cases())
def test_a_report_does_not_depend_on_rows_being_skimmed(case: Case) -> None:
    with TemporaryDirectory() as folder:
        read = audit_in(Path(folder), case).report
        with skimmed():
            found = audit_in(Path(folder), case).report

    for key in read.keys() - {"run"}:
        assert found[key] == read[key], key


@settings(max_examples=EXAMPLES // 4)
@given(case=cases())
def test_a_report_does_not_depend_on_files_being_read_together(case: Case) -> None:
    with TemporaryDirectory() as folder:
        apart = audit_in(Path(folder), case).report
        with patch("auditor.engine.deciding._FEW_FILES", 0):
            together = audit_in(Path(folder), case).report

    for key in apart.keys() - {"run"}:
        assert together[key] == apart[key], key
