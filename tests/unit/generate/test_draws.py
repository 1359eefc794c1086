"""Random draws that are the same on every machine."""

import base64
import re

import polars as pl
import pytest

from auditor.generate.draws import (
    Draws,
    base64_id,
    bits,
    chance,
    geometric,
    mixed,
    pick,
    ranks,
    uuid_head,
    uuid_tail,
    weighted,
)

NUMBERS = pl.DataFrame({"n": pl.int_range(10_000, dtype=pl.UInt64, eager=True)})


def test_mixed_is_the_published_splitmix64() -> None:
    seeds = pl.DataFrame({"n": pl.Series([1234567], dtype=pl.UInt64)})

    assert seeds.select(mixed(pl.col("n"))).item() == 6457827717110365317


def test_streams_depend_on_the_seed_and_on_the_purpose() -> None:
    df = NUMBERS.select(
        a=Draws(1).of("x", "n"),
        again=Draws(1).of("x", "n"),
        purpose=Draws(1).of("y", "n"),
        seed=Draws(2).of("x", "n"),
    )

    assert (df["a"] == df["again"]).all()
    assert not (df["a"] == df["purpose"]).any()
    assert not (df["a"] == df["seed"]).any()


@pytest.mark.parametrize(("share", "low", "high"), [(0, 0, 0), (1, 1, 1), (0.25, 0.23, 0.27)])
def test_chance_is_true_on_about_the_share(share: float, low: float, high: float) -> None:
    mean = NUMBERS.select(chance(Draws(1).of("x", "n"), share).mean()).item()

    assert low <= mean <= high


def test_bits_are_cut_from_the_low_end() -> None:
    word = pl.DataFrame({"n": pl.Series([0b1101_0110], dtype=pl.UInt64)})

    assert word.select(bits(pl.col("n"), 1, 3)).item() == 0b011


def test_a_table_row_is_picked_by_its_number() -> None:
    table = pl.Series([f"{row}" for row in range(3) for _ in range(32)])

    picked = NUMBERS.head(96).select(pick(table, pl.col("n"), row=pl.col("n") % 3)).to_series()

    assert picked.to_list() == [str(i % 3) for i in range(96)]


def test_weights_must_fill_a_power_of_two() -> None:
    assert weighted({"a": 3, None: 1}).to_list() == ["a", "a", "a", None]
    with pytest.raises(ValueError, match="add up to 3"):
        weighted({"a": 3})


def test_geometric_counts_start_at_one_and_have_about_the_mean() -> None:
    counts = geometric(mean=6, size=4096)

    assert counts.min() == 1
    assert counts.mean() == pytest.approx(6, rel=0.03)


def test_low_ranks_are_drawn_most() -> None:
    drawn = NUMBERS.select(r=ranks(Draws(1).of("x", "n"), 1000))["r"]

    assert drawn.max() == 999
    assert (drawn == 0).sum() > 5 * ((drawn >= 500) & (drawn < 505)).sum()


def test_ids_have_the_shape_of_the_operators() -> None:
    a, b = Draws(1).of("a", "n"), Draws(1).of("b", "n")
    df = NUMBERS.select(
        base64=base64_id(a, b, end="=="), uuid=pl.concat_str(uuid_head(a), uuid_tail(b))
    )

    assert df["base64"].n_unique() == df["uuid"].n_unique() == NUMBERS.height
    assert len(base64.b64decode(df["base64"][0], validate=True)) == 16
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", df["uuid"][0])
