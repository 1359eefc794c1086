"""Delta tables in an object store are read at their latest version."""

import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from auditor.errors import AuditorError, InputError
from auditor.sources.delta import OUTDATED, Snapshot, load_snapshot
from auditor.sources.discover import find_files
from tests.acceptance.logs import invoke, report_of
from tests.stores.logs import made_alike, records
from tests.stores.server import BUCKET, Server

TABLE = "lake/night logs/é=1"


@pytest.fixture
def table(store: Server, tmp_path: Path) -> Path:
    """A table on disk, in its second version, and the same in the store."""
    folder = tmp_path / "lake" / "night logs" / "é=1"
    folder.mkdir(parents=True)
    frame = pl.DataFrame(records())
    write_deltalake(folder, frame.to_arrow(), partition_by=["meeting_id", "plan"])
    DeltaTable(folder).delete("meeting_id = 'm3'")
    store.put_folder("lake", tmp_path / "lake")
    return folder


@pytest.mark.parametrize("place", ["lake", f"{TABLE}/", "lake/*", f"{TABLE}/meeting_id=m2"])
def test_a_table_gives_the_report_that_it_gives_on_disk(
    table: Path, tmp_path: Path, place: str
) -> None:
    here = invoke("audit", place, "--format", "json", cwd=tmp_path)
    there = invoke("audit", f"s3://{BUCKET}/{place}", "--format", "json", cwd=tmp_path)

    assert there.exit_code == here.exit_code == 1, there.stderr
    assert "m3" not in there.stdout
    assert {one["delta_version"] for one in report_of(there)["inputs"]} == {1}
    found = made_alike(report_of(there), f"s3://{BUCKET}/lake")
    expected = made_alike(report_of(here), "lake")
    for report in (found, expected):  # what lies beside the table is told in other words
        del report["coverage"]["files_skipped"]
    assert found == expected


def test_a_named_object_must_be_in_the_latest_version(table: Path, tmp_path: Path) -> None:
    old = next(table.glob("meeting_id=m3/*/*.parquet")).relative_to(tmp_path)
    current = next(table.glob("meeting_id=m2/*/*.parquet")).relative_to(tmp_path)

    found = find_files([f"s3://{BUCKET}/{current}"], tmp_path, BytesIO())

    assert found.files[0].hive == {"meeting_id": "m2", "plan": "pro"}
    with pytest.raises(InputError, match=OUTDATED):
        find_files([f"s3://{BUCKET}/{old}"], tmp_path, BytesIO())


def test_the_log_of_a_table_is_read_once(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load(place: str, uri: str) -> Snapshot:
        asked.append(place)
        return load_snapshot(place, uri)

    monkeypatch.setattr("auditor.sources.stores.tables.load_snapshot", load)
    places = [f.shown for f in find_files([f"s3://{BUCKET}/lake"], tmp_path, BytesIO()).files]
    find_files([*places, f"s3://{BUCKET}/lake"], tmp_path, BytesIO())

    assert len(places) == 3
    assert asked == [f"s3://{BUCKET}/{TABLE}"] * 2


def test_objects_of_earlier_versions_are_not_matched(table: Path, tmp_path: Path) -> None:
    found = find_files([f"s3://{BUCKET}/{TABLE}/*/*/*.parquet"], tmp_path, BytesIO())

    assert len(found.files) == 3


def test_an_object_that_is_gone_is_told(store: Server, table: Path, tmp_path: Path) -> None:
    current = next(table.glob("meeting_id=m2/*/*.parquet")).relative_to(tmp_path)
    store.delete(str(current))

    with pytest.raises(InputError, match="not in the store"):
        find_files([f"s3://{BUCKET}/lake"], tmp_path, BytesIO())


def test_a_finding_in_a_table_is_explained(table: Path, tmp_path: Path) -> None:
    invoke("audit", f"s3://{BUCKET}/lake", "--report", "json=r.json", cwd=tmp_path)

    finding = json.loads((tmp_path / "r.json").read_text())["findings"][0]
    done = invoke("explain", "r.json", finding["id"], cwd=tmp_path)

    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "x"}, "the store refuses access"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "cannot be reached"),
    ],
)
def test_what_is_wrong_with_the_store_is_told(
    store: Server, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], says: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(AuditorError, match=says):
        load_snapshot(f"s3://{BUCKET}/lake", f"s3://{BUCKET}/lake")
