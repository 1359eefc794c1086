"""Counting rows in the pass that selects them."""

import polars as pl

from auditor.engine.tally import Tally


def test_rows_are_counted_once_while_they_are_selected() -> None:
    tally = Tally()
    rows = pl.LazyFrame({"n": range(100_000)})
    keep = tally.counting([(pl.col("n") % 2 == 0).alias("even")], pl.col("n") >= 99_998)

    kept = rows.filter(keep).collect(engine="streaming")

    assert kept["n"].to_list() == [99_998, 99_999]
    assert tally.counts["even"] == 50_000


def test_an_unknown_condition_counts_as_not_met() -> None:
    tally = Tally()
    rows = pl.LazyFrame({"n": [1, None]}, schema={"n": pl.Int64})

    rows.filter(tally.counting([(pl.col("n") == 1).alias("one")], pl.lit(value=True))).collect()

    assert tally.counts["one"] == 1
