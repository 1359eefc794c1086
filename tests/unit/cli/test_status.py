"""A run's progress in words."""

from collections.abc import Callable

import pytest

from auditor.cli.status import fitted, status_of
from auditor.engine.meter import Reading
from auditor.engine.progress import CaseWork, Progress, Stage


def _progress(stage: Stage, rows: int = 0, size: int = 0) -> Progress:
    """A run whose first stage took ten seconds and whose second began just now."""
    looks = iter((100.0, 110.0))
    progress = Progress(lambda: Reading(next(looks), 0.0))
    progress.begin_pass(stage, rows, size)
    return progress


def _deciding() -> Progress:
    progress = _progress(Stage.SKIMMING, 20_000_000, 583_000_000)
    progress.add(5_000_000)
    progress.add_cases(0, CaseWork(violating=1_234))
    return progress


def _gathering() -> Progress:
    progress = _progress(Stage.EVIDENCE, 1_234)
    progress.add(617)
    progress.add_findings(1)
    return progress


def _digesting() -> Progress:
    progress = _progress(Stage.DIGESTS, size=8_000_000_000)
    progress.add(0, 6_000_000_000)
    return progress


@pytest.mark.parametrize(
    ("make", "now", "said"),
    [
        (
            _deciding,
            114.0,
            (
                "deciding by case: 5.00 M of 20.0 M rows (25%), 12 s left, 1,234 violating rows, "
                "1.25 M rows/s, about 146 MB of 583 MB, 14 s so far"
            ),
        ),
        (
            _gathering,
            111.0,
            (
                "gathering evidence: 617 of 1,234 rows (50%), 1 s left, 1 finding, 617 rows/s, "
                "11 s so far"
            ),
        ),
        (
            _digesting,
            410.0,
            (
                "digesting inputs, 1 min 40 s left, 0 findings, 20.0 MB/s, 6.00 GB of 8.00 GB, "
                "5 min 10 s so far"
            ),
        ),
        (lambda: _progress(Stage.STARTS), 3_810.0, "meeting starts, 1 h 01 min so far"),
        (
            lambda: _progress(Stage.DECIDING, 3, 999),
            110.0,
            (
                "deciding row by row: 0 of 3 rows (0%), 0 violating rows, "
                "about 0 bytes of 999 bytes, 10 s so far"
            ),
        ),
    ],
)
def test_progress_says_what_passed_how_fast_what_is_left_and_what_was_found(
    make: Callable[[], Progress], now: float, said: str
) -> None:
    assert ", ".join(status_of(make(), now)) == said


@pytest.mark.parametrize(
    ("width", "line"), [(20, "abc, de, f"), (9, "abc, de"), (6, "abc"), (2, "ab")]
)
def test_a_line_holds_the_parts_that_fit(width: int, line: str) -> None:
    assert fitted(["abc", "de", "f"], width) == line


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (9_999, "9,999"), (10_000, "10.0 k"), (999_499, "999 k"), (999_600, "1.00 M"),
        (4_300_000_000, "4.30 bn"), (7_000_000_000_000, "7,000 bn"),
    ],
)  # fmt: skip
def test_large_numbers_of_rows_are_shown_short(rows: int, shown: str) -> None:
    progress = _progress(Stage.DECIDING, rows)

    assert status_of(progress, 110.0)[0] == f"deciding row by row: 0 of {shown} rows (0%)"
