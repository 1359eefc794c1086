"""The tables by which rows are told apart: hashes by number, accounts by class."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from auditor.engine.skimming.accounts import AccountClasses
from auditor.engine.skimming.codebook import UNKNOWN, Codebook, Hashes, Numbers, hashed, mixed
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import load_policies
from auditor.jurisdictions import Groups
from auditor.schema import ACCOUNTS, PATH, ROW

MAY = datetime(2020, 5, 1, tzinfo=UTC)
JUNE = datetime(2020, 6, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FACTS = frozenset({"plan", "opted_in", "home"})


def _hashes(*values: int) -> Hashes:
    return np.array(values, dtype=np.uint64)


@pytest.mark.parametrize("size", [0, 1, 2, 1000, 100_000])
def test_every_hash_is_found_under_its_number_and_no_other_is(size: int) -> None:
    hashes = np.random.default_rng(size).integers(1, 2**64, 2 * size, dtype=np.uint64)
    known, others = hashes[:size], hashes[size:]

    book = Codebook.of(known)

    assert len(book) == size
    assert (book.lookup(known) == np.arange(1, size + 1)).all()
    assert (book.lookup(others) == UNKNOWN).all()


def test_hashes_that_want_one_slot_are_told_apart_by_all_their_bits() -> None:
    alike = [(high << 40) + 5 for high in range(1, 4)]

    book = Codebook.of(_hashes(*alike))

    assert book.lookup(_hashes(*alike, 5, (9 << 40) + 5)).tolist() == [1, 2, 3, 0, 0]


def test_hashes_that_cannot_be_held_are_unknown_and_never_another() -> None:
    """Seventeen hashes with the same bits at every level: no table of a slot each holds them."""
    hashes = np.array([bit << 10 for bit in range(1, 18)], dtype=np.uint64)
    repeated = hashes * np.uint64(0x0001_0000_0000_0000)

    found = Codebook.of(repeated).lookup(repeated)

    assert set((found - np.arange(1, 18))[found != UNKNOWN].tolist()) <= {0}


def test_a_book_grows_and_the_old_one_stays_as_it_was() -> None:
    small = Codebook(_hashes(7), np.array([3]))

    large = small.with_hashes(_hashes(8, 9), np.array([3, 40]))

    assert large.lookup(_hashes(7, 8, 9, 10)).tolist() == [3, 3, 40, 0]
    assert small.lookup(_hashes(7, 8)).tolist() == [3, 0]


def test_keys_are_mixed_one_to_one() -> None:
    keys = np.array([0, 1, 2, 2**62, 2**63 - 1, -1], dtype=np.int64)

    assert len(set(mixed(keys).tolist())) == len(keys)


def _hash(texts: pl.Series) -> Hashes:
    return hashed(texts, seed=1)


def _accounts(*rows: dict[str, object]) -> AccountClasses:
    frame = pl.DataFrame(list(rows), schema={f.name: f.kind.dtype for f in ACCOUNTS})
    placed = frame.with_columns(
        pl.lit("accounts.csv").alias(PATH), pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW)
    )
    columns = frozenset(key for row in rows for key in row)
    policies = load_policies(placed, columns, OptIns(Groups([]), []))
    return AccountClasses.of(policies, FACTS, 0, _hash)


def _classes(accounts: AccountClasses, *asked: tuple[str | None, datetime]) -> list[int]:
    texts = pl.Series([text for text, _ in asked], dtype=pl.String)
    instants: Numbers = pl.Series([at for _, at in asked]).to_physical().to_numpy()
    return [int(number) for number in accounts.classes(_hash(texts), instants)]


def test_accounts_with_equal_facts_share_a_class() -> None:
    accounts = _accounts(
        {"account_id": "A", "plan": "pro", "opted_in": "US"},
        {"account_id": "B", "plan": "pro", "opted_in": "US"},
        {"account_id": "C", "plan": "free", "opted_in": "US"},
        {"account_id": "D", "plan": "pro", "opted_in": None},
    )

    a, b, c, d = _classes(accounts, ("A", MAY), ("B", MAY), ("C", MAY), ("D", MAY))

    assert a == b != UNKNOWN
    assert len({a, c, d}) == 3


def test_facts_that_no_rule_reads_make_no_difference() -> None:
    accounts = _accounts(
        {"account_id": "A", "plan": "pro", "partner": "X"},
        {"account_id": "B", "plan": "pro", "partner": "Y"},
    )

    one, other = _classes(accounts, ("A", MAY), ("B", MAY))

    assert one == other


def test_without_any_fact_that_matters_a_policy_in_force_still_differs_from_none() -> None:
    accounts = _accounts(
        {"account_id": "A", "partner": "X", "valid_from": None, "valid_to": MAY},
        {"account_id": "B", "partner": "Y", "valid_from": None, "valid_to": None},
    )

    before, gap, b = _classes(accounts, ("A", MAY - TICK), ("A", MAY), ("B", MAY))

    assert before == b
    assert len({before, gap, UNKNOWN}) == 3


def test_the_class_is_that_of_the_policy_in_force_and_a_gap_is_its_accounts_own() -> None:
    accounts = _accounts(
        {"account_id": "A", "plan": "pro", "valid_from": None, "valid_to": MAY},
        {"account_id": "A", "plan": "free", "valid_from": JUNE, "valid_to": None},
        {"account_id": "B", "plan": "pro", "valid_from": None, "valid_to": MAY},
        {"account_id": "C", "plan": "free", "valid_from": None, "valid_to": None},
    )

    before, gap, after = _classes(accounts, ("A", MAY - TICK), ("A", MAY), ("A", JUNE))
    b_before, b_gap, b_end = _classes(accounts, ("B", MAY - TICK), ("B", MAY), ("B", JUNE))
    (free,) = _classes(accounts, ("C", MAY))

    assert before == b_before
    assert after == free
    assert b_gap == b_end
    assert len({before, gap, after, b_gap}) == 4
    assert _classes(accounts, ("A", JUNE - TICK)) == [gap]


def test_the_classes_do_not_depend_on_the_instant_from_which_they_are_told() -> None:
    early = _accounts(
        {"account_id": "A", "plan": "pro", "valid_from": None, "valid_to": MAY},
        {"account_id": "A", "plan": "free", "valid_from": MAY, "valid_to": JUNE},
        {"account_id": "A", "plan": "trial", "valid_from": JUNE, "valid_to": None},
    )
    asked = [("A", MAY), ("A", JUNE - TICK), ("A", JUNE)]

    late = early.from_instant(int(MAY.timestamp()) * 1_000_000)

    assert _classes(late, *asked) == _classes(early, *asked)


def test_texts_are_learnt_and_each_stranger_has_a_class_of_its_own() -> None:
    accounts = _accounts(
        {"account_id": "A", "plan": "pro", "valid_from": None, "valid_to": MAY},
        {"account_id": "A", "plan": "free", "valid_from": MAY, "valid_to": None},
    )
    texts = pl.Series([" A", "X", None], dtype=pl.String)

    learnt = accounts.with_texts(_hash(texts), pl.Series(["A", "X", None], dtype=pl.String))

    known, blank, x, nobody = _classes(learnt, ("A", JUNE), (" A", JUNE), ("X", JUNE), (None, JUNE))
    assert _classes(accounts, (" A", JUNE)) == [UNKNOWN]
    assert known == blank
    assert len({known, x, nobody, UNKNOWN}) == 4
    assert _classes(learnt, ("A", MAY - TICK)) == _classes(learnt, (" A", MAY - TICK))
    assert max(known, x, nobody) < learnt.size


def test_a_codebook_refuses_one_number_for_two_keys() -> None:
    with pytest.raises(ValueError, match="equal"):
        Codebook.of(np.array([5, 7, 5], dtype=np.uint64))
