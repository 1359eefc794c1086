"""Converted databases are kept by digest: whole, private, and believed only if they are sound."""

import os
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

from auditor.addresses.texts import numbers
from auditor.sources.ip_ranges import load
from auditor.sources.ip_ranges.load import IpRanges, load_ip_ranges
from auditor.sources.ip_ranges.mmdb import read_mmdb
from tests.unit.sources.mmdb_files import mmdb

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")


def _database(folder: Path, country: str = "CN") -> Path:
    path = folder / "db.mmdb"
    path.write_bytes(mmdb({"1.0.0.0/8": {"country_code": country}}))
    return path


def _country(found: IpRanges) -> str | None:
    country: str | None = found.witnesses[0].at(numbers(pl.Series(["1.2.3.4"])))["country"].item()
    return country


def test_a_kept_database_is_not_converted_again_and_says_the_same(tmp_path: Path) -> None:
    path, cache = _database(tmp_path), tmp_path / "cache"
    first = load_ip_ranges([path], {}, cache)

    with patch.object(load, "read_mmdb", side_effect=AssertionError):
        again = load_ip_ranges([path], {}, cache)

    assert again.files == first.files
    assert again.limits == first.limits
    assert _country(again) == _country(first) == "CN"


def test_another_database_of_the_same_name_is_another_one(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert _country(load_ip_ranges([_database(tmp_path)], {}, cache)) == "CN"

    assert _country(load_ip_ranges([_database(tmp_path, "US")], {}, cache)) == "US"


def test_large_tables_are_kept_too(tmp_path: Path) -> None:
    path, cache = tmp_path / "own.csv", tmp_path / "cache"
    path.write_text("first,last,country\n1.0.0.0,1.255.255.255,CN\n")
    with patch.object(load, "_KEPT_BYTES", 0):
        first = load_ip_ranges([path], {}, cache)
        with patch.object(load, "table_ranges", side_effect=AssertionError):
            again = load_ip_ranges([path], {}, cache)

    assert again.files == first.files
    assert _country(again) == "CN"


def _cut(data: bytes) -> bytes:
    return data[:-1]


def _flipped(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 1]) + data[201:]


def _emptied(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [_cut, _flipped, _emptied])
def test_a_damaged_copy_is_made_again(tmp_path: Path, damage: object) -> None:
    path, cache = _database(tmp_path), tmp_path / "cache"
    load_ip_ranges([path], {}, cache)
    (kept,) = cache.iterdir()
    sound = kept.read_bytes()
    assert callable(damage)
    kept.write_bytes(damage(sound))

    assert _country(load_ip_ranges([path], {}, cache)) == "CN"
    assert kept.read_bytes() == sound


def test_the_folder_is_the_user_s_alone_and_holds_nothing_half_written(tmp_path: Path) -> None:
    cache = tmp_path / "far" / "cache"

    load_ip_ranges([_database(tmp_path)], {}, cache)

    assert cache.stat().st_mode & 0o777 == 0o700
    assert [file.suffix for file in cache.iterdir()] == [".ranges"]


def test_what_others_may_have_written_is_neither_believed_nor_added_to(tmp_path: Path) -> None:
    path, cache = _database(tmp_path), tmp_path / "cache"
    load_ip_ranges([path], {}, cache)
    (kept,) = cache.iterdir()
    before = kept.stat().st_mtime_ns
    cache.chmod(0o777)

    with patch.object(load, "read_mmdb", wraps=read_mmdb) as read:
        assert _country(load_ip_ranges([path], {}, cache)) == "CN"

    assert read.call_count == 1
    assert kept.stat().st_mtime_ns == before


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")

    assert _country(load_ip_ranges([_database(tmp_path)], {}, tmp_path / "cache")) == "CN"


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for number in range(18):
        path = tmp_path / "db.mmdb"
        path.write_bytes(mmdb({f"{number + 1}.0.0.0/8": {"country_code": "CN"}}))
        load_ip_ranges([path], {}, cache)

    assert len(list(cache.iterdir())) == 16
