"""What a run tells of itself: stages, rows, bytes, violating rows, and what they took."""

from collections.abc import Callable

import polars as pl
import pytest

from auditor.engine.meter import Reading, measured
from auditor.engine.progress import CaseWork, Phase, Progress, Stage
from auditor.schema import ROW


def _meter() -> Callable[[], Reading]:
    """A meter on which every look takes a second, half of it on the processor."""
    looks = iter(range(1_000))

    def look() -> Reading:
        number = next(looks)
        return Reading(float(number), number / 2, number * 10, number * 20)

    return look


def test_a_stage_ends_where_the_next_begins() -> None:
    progress = Progress(_meter())

    progress.begin(Stage.OPENING)
    progress.begin_pass(Stage.DECIDING, 10, 1_000)
    progress.finish()

    walls = [(p.stage, p.began.wall, p.ended and p.ended.wall) for p in progress.phases]
    assert walls == [(Stage.LOADING, 0, 1), (Stage.OPENING, 1, 2), (Stage.DECIDING, 2, 3)]
    assert (progress.phase.total, progress.phase.size) == (10, 1_000)


@pytest.mark.parametrize(
    ("phase", "share", "passed"),
    [
        (Phase(Stage.DECIDING, Reading(0, 0), total=8, size=1_000, rows=2), 0.25, 250),
        (Phase(Stage.DECIDING, Reading(0, 0), total=8, rows=2), 0.25, 0),
        (Phase(Stage.DECIDING, Reading(0, 0), total=8, size=1_000, rows=9), 1.0, 1_000),
        (Phase(Stage.DIGESTS, Reading(0, 0), size=1_000, read=10), 0.01, 10),
        (Phase(Stage.OPENING, Reading(0, 0)), None, 0),
    ],
)
def test_bytes_are_told_by_rows_unless_they_are_counted(
    phase: Phase, share: float | None, passed: int
) -> None:
    assert phase.share == share
    assert phase.bytes == passed


def test_rows_are_counted_while_they_pass() -> None:
    progress = Progress()
    rows = pl.LazyFrame({ROW: range(100_000)}, schema={ROW: pl.Int64})

    passed = progress.counting(rows).collect(engine="streaming")

    assert passed.height == progress.phase.rows == 100_000


def test_violating_rows_of_a_case_are_not_counted_again_when_they_are_read() -> None:
    progress = Progress()
    read = 0

    progress.add_cases(0, CaseWork(cases=2, rows=90, violating=7))
    progress.add_cases(1, CaseWork(violating=3))
    progress.watch(lambda: read)
    by_case = progress.violating
    read = 12

    assert (by_case, progress.violating) == (10, 12)
    assert progress.work[0] == CaseWork(cases=2, rows=90, violating=7)


def test_a_run_that_starts_over_forgets_what_it_found_but_not_what_it_took() -> None:
    progress = Progress()
    progress.begin(Stage.DECIDING)
    progress.add_cases(0, CaseWork(violating=3))
    progress.watch(lambda: 5)
    progress.add_findings(2)

    progress.start_over()

    assert (progress.violating, progress.findings, progress.work) == (0, 0, {})
    assert [phase.stage for phase in progress.phases] == [Stage.LOADING, Stage.DECIDING]


def test_the_meter_never_goes_back() -> None:
    first, second = measured(), measured()

    assert second.wall >= first.wall > 0
    assert second.cpu >= first.cpu > 0
    assert first.peak is None or first.memory is None or first.peak >= first.memory > 0


def test_what_one_table_showed_stays_when_the_next_is_read_and_read_again() -> None:
    progress = Progress(_meter())
    progress.start_over()
    progress.watch(lambda: 3)
    progress.add_findings(2)

    progress.settle()
    progress.start_over()
    progress.add_cases(0, CaseWork(violating=9))
    progress.add_findings(9)
    progress.start_over()
    progress.watch(lambda: 1)
    progress.add_findings(1)

    assert (progress.violating, progress.findings, progress.work) == (4, 3, {})
