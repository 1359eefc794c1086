"""Damaged objects are named, and the others are audited."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.acceptance.logs import CLEAN, HEADER, invoke, report_of, write_log
from tests.stores.server import BUCKET, Server


def parquet(folder: Path) -> bytes:
    rows = dict(zip(HEADER.split(","), CLEAN.split(","), strict=True))
    ids = [f"{at * 2_654_435_761 % 2**32:08x}" for at in range(2_000)]
    frame = pl.DataFrame({**rows, "session_id": ids})
    frame.write_parquet(folder / "sound.parquet", compression="snappy")
    return (folder / "sound.parquet").read_bytes()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("cut.parquet", lambda content: content[:-10]),
        ("empty.parquet", lambda content: b""),
        ("short.parquet", lambda content: b"PAR1"),
        ("text.parquet", lambda content: b"a,b\n1,2\n"),
        ("huge-footer.parquet", lambda content: content[:-8] + b"\xff\xff\xff\x7fPAR1"),
        ("page.parquet", lambda content: content[:200] + b"\xff" * 2_000 + content[2_200:]),
        ("empty.csv", lambda content: b""),
        ("cut.csv.gz", lambda content: b"\x1f\x8b\x08\0"),
        ("broken.json", lambda content: b'[{"a": 1}, {'),
    ],
)
def test_a_damaged_object_is_named_and_the_others_are_audited(
    store: Server, tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    folder = f"damaged/{name}"
    bad = store.put(f"{folder}/{name}", damage(parquet(tmp_path)))
    write_log(tmp_path, CLEAN)
    store.put(f"{folder}/sound.csv", tmp_path / "log.csv")

    done = invoke("audit", f"s3://{BUCKET}/{folder}", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert done.exit_code == 3, done.output
    assert {one["path"] for one in report["inputs"] if one["rows"] is None} == {bad}
    assert any(bad in reason for reason in report["run"]["incomplete_reasons"])
    assert report["coverage"]["events"] == 1


def test_parquet_under_another_name_is_known_by_its_first_bytes(
    store: Server, tmp_path: Path
) -> None:
    address = store.put("named/log.bin", parquet(tmp_path))

    done = invoke("audit", address, "--format", "json", cwd=tmp_path)

    assert report_of(done)["inputs"][0]["format"] == "parquet"
    assert report_of(done)["coverage"]["events"] == 2_000


def test_rules_are_checked_against_a_log_in_a_store(store: Server, tmp_path: Path) -> None:
    address = store.put("against/a.parquet", parquet(tmp_path))

    done = invoke("rules", "lint", "--against", address, cwd=tmp_path)

    assert done.exit_code in (0, 1), done.output
    assert "cannot be read" not in done.output
