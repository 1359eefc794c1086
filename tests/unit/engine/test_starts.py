"""Marks: meetings whose observed start may matter."""

import numpy as np
import polars as pl

from auditor.engine.starts import Marks


def test_a_meeting_is_a_candidate_with_rows_on_two_sides_or_a_sure_row() -> None:
    marks = Marks(1 << 24)
    meetings = pl.Series(["one side", "two sides", "sure", "both at once", "both at once"])

    marks.add(meetings, np.array([1, 0, 2, 0, 1]), np.array([False, False, True, False, False]))
    marks.add(meetings[:2], np.array([1, 2]), np.array([False, False]))

    asked = pl.Series(["one side", "two sides", "sure", "both at once", "never seen"])
    assert marks.are_candidates(asked).to_list() == [False, True, True, True, False]
    assert marks.candidates() == 3


def test_meetings_that_share_a_slot_make_candidates_of_each_other() -> None:
    marks = Marks(1)

    marks.add(pl.Series(["a", "b"]), np.array([0, 1]), np.array([False, False]))

    assert marks.are_candidates(pl.Series(["c"])).to_list() == [True]
