"""Delta tables: the latest version is read, all of it, and what cannot be read is refused."""

import base64
import io
import json
import struct
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from auditor.errors import AuditorError, ConfigError, InputError
from auditor.schema import PATH, ROW
from auditor.sources.delta import OUTDATED
from auditor.sources.discover import Found, find_files
from auditor.sources.scan import Opened, open_files

ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "day": [date(2020, 5, 1), date(2020, 5, 1), date(2020, 5, 2), None],
        "account id": ["p/q", "p/q", "é=1", "z"],
    }
)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table in its third version: one row is deleted, one was added."""
    monkeypatch.chdir(tmp_path)
    folder = Path("logs/table")
    write_deltalake(folder, ROWS.to_arrow(), partition_by=["day", "account id"])
    DeltaTable(folder).delete("id = 'a'")
    write_deltalake(folder, ROWS.tail(1).to_arrow(), mode="append")
    return folder


def find(*places: str) -> Found:
    return find_files(places, Path(), io.BytesIO())


def opened(*places: str) -> Opened:
    return open_files(find(*places).files, Path())


def rows_of(log: Opened) -> list[tuple[str, str | None, str]]:
    frames = [group.lf.select("id", "day", "account id").collect() for group in log.groups]
    return sorted(pl.concat(frames).rows(), key=str)


LATEST = [
    ("b", "2020-05-01", "p/q"),
    ("c", "2020-05-02", "é=1"),
    ("d", None, "z"),
    ("d", None, "z"),
]


@pytest.mark.parametrize("place", ["logs/table", "logs/table/", "logs", "lo*", "logs/table/**"])
def test_the_rows_of_the_latest_version_are_read(table: Path, place: str) -> None:
    log = opened(place)

    assert rows_of(log) == LATEST
    assert {file.delta_version for file in log.inputs} == {2}
    assert sum(file.rows or 0 for file in log.inputs) == 4


def test_a_part_of_a_table_is_read_at_the_latest_version_too(table: Path) -> None:
    assert rows_of(opened("logs/table/day=2020-05-01")) == LATEST[:1]


def test_a_named_file_must_be_in_the_latest_version(table: Path) -> None:
    current = {file.path.resolve() for file in find("logs").files}
    files = {path.resolve() for path in table.rglob("*.parquet")}
    old = next(iter(files - current))

    assert find(*map(str, current)).files[0].delta is not None
    with pytest.raises(InputError, match=OUTDATED):
        find(str(old))


def test_files_of_earlier_versions_that_a_glob_matches_are_listed(table: Path) -> None:
    found = find("logs/table/day=2020-05-01/*/*.parquet")

    assert len(found.files) == 1
    assert [skipped.reason for skipped in found.skipped] == [OUTDATED]


def test_partition_values_are_text_of_their_types(tmp_path: Path) -> None:
    values = {"n": 7, "at": datetime(2020, 5, 1, 10, tzinfo=UTC), "is": True, "t": ""}
    write_deltalake(
        tmp_path / "t", pl.DataFrame({"id": ["a"], **values}).to_arrow(), partition_by=[*values]
    )

    hive = find(str(tmp_path / "t")).files[0].hive

    assert hive == {"n": "7", "at": "2020-05-01T10:00:00+00:00", "is": "true", "t": None}


def test_provenance_is_that_of_the_files(table: Path) -> None:
    frames = [group.lf.select(PATH, ROW).collect() for group in opened("logs").groups]

    places = pl.concat(frames)
    assert set(places[ROW]) == {1}
    assert all(Path(path).exists() for path in places[PATH])


def test_a_file_that_is_gone_is_unreadable(table: Path) -> None:
    find("logs").files[0].path.unlink()

    log = opened("logs")

    assert len(log.failures) == 1
    assert [file.rows for file in log.inputs].count(None) == 1


def write_table(folder: Path, **changes: Any) -> Path:
    """A table of one file of forty rows, with the log as it stands here. `Any`: JSON."""
    (folder / "_delta_log").mkdir(parents=True)
    pl.DataFrame({"id": [str(at) for at in range(40)]}).write_parquet(folder / "a.parquet")
    column = {"name": "id", "type": "string", "nullable": True}
    metadata = {
        "id": "table",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps(
            {"type": "struct", "fields": [{**column, "metadata": changes.get("column", {})}]}
        ),
        "partitionColumns": [],
        "configuration": changes.get("configuration", {}),
        "createdTime": 1,
    }
    add = {
        "path": "a.parquet",
        "partitionValues": {},
        "size": (folder / "a.parquet").stat().st_size,
        "modificationTime": 1,
        "dataChange": True,
        "stats": json.dumps({"numRecords": 40}),
    }
    protocol = changes.get("protocol", {"minReaderVersion": 1, "minWriterVersion": 2})
    lines = [
        {"protocol": protocol},
        {"metaData": metadata},
        *([{"add": add | changes.get("add", {})}] if changes.get("add") is not None else []),
    ]
    log = folder / "_delta_log" / f"{0:020}.json"
    log.write_text(changes.get("log", "\n".join(map(json.dumps, lines))), encoding="utf-8")
    return folder


def needs(*features: str) -> dict[str, Any]:
    return {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": list(features),
        "writerFeatures": list(features),
    }


def deletion_vector() -> dict[str, Any]:
    """An inline vector in the form of the protocol: rows 3 and 4 are deleted."""
    bitmap = struct.pack("<IIHHIHH", 12346, 1, 0, 1, 16, 3, 4)
    content = struct.pack("<IQI", 1681511377, 1, 0) + bitmap
    text = _z85(content + b"\0" * (-len(content) % 4))
    return {
        "storageType": "i",
        "pathOrInlineDv": text,
        "sizeInBytes": len(content),
        "cardinality": 2,
    }


def _z85(content: bytes) -> str:
    theirs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    ours = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    return base64.b85encode(content).decode().translate(str.maketrans(ours, theirs))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"protocol": needs("typeWidening")}, "the feature typeWidening"),
        ({"protocol": needs("variantType")}, "variantType"),
        ({"protocol": needs("madeUp")}, "madeUp"),
        ({"protocol": {"minReaderVersion": 9, "minWriterVersion": 9}}, "reader version 9"),
        (
            {
                "protocol": {"minReaderVersion": 2, "minWriterVersion": 5},
                "configuration": {"delta.columnMapping.mode": "name"},
                "column": {
                    "delta.columnMapping.id": 1,
                    "delta.columnMapping.physicalName": "col-1",
                },
            },
            "column mapping by name",
        ),
        (
            {
                "protocol": needs("deletionVectors"),
                "add": {"deletionVector": deletion_vector()},
            },
            "deletion vectors",
        ),
        ({"add": {"path": "file:///etc/a.parquet"}}, "files that lie elsewhere"),
        ({"add": {"path": "/etc/a.parquet"}}, "files that lie elsewhere"),
        ({"add": {"path": "../a.parquet"}}, "files that lie elsewhere"),
        ({"add": {"path": "x/%2E./a.parquet"}}, "files that lie elsewhere"),
        ({"add": None}, "has no rows"),
        ({"log": "{oops"}, "cannot be read as a Delta table"),
        ({"log": ""}, "cannot be read as a Delta table"),
    ],
)
def test_a_table_that_cannot_be_read_right_is_refused(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    write_table(tmp_path / "t", **{"add": {}, **changes})

    with pytest.raises(AuditorError, match=says) as caught:
        find(str(tmp_path))

    assert caught.value.problems[0].hint
    assert "\x1b" not in str(caught.value)


def test_deletion_vectors_that_no_file_has_do_no_harm(tmp_path: Path) -> None:
    write_table(tmp_path / "t", add={}, protocol=needs("deletionVectors"))

    assert opened(str(tmp_path / "t")).inputs[0].rows == 40


def test_the_vector_of_these_tests_is_a_sound_one(tmp_path: Path) -> None:
    write_table(
        tmp_path / "t", protocol=needs("deletionVectors"), add={"deletionVector": deletion_vector()}
    )

    (batch,) = list(DeltaTable(tmp_path / "t").deletion_vectors())

    kept = pl.DataFrame(batch)["selection_vector"][0].to_list()
    assert [at for at, is_kept in enumerate(kept) if not is_kept] == [3, 4]


def test_rows_that_the_log_of_the_table_states_otherwise_make_a_file_unreadable(
    tmp_path: Path,
) -> None:
    write_table(tmp_path / "t", add={"stats": json.dumps({"numRecords": 41})})

    log = opened(str(tmp_path / "t"))

    (failure,) = log.failures
    assert failure.problems[0].message == "holds 40 rows, and its Delta table states 41"


def test_a_table_without_numbers_of_rows_is_counted_by_its_files(tmp_path: Path) -> None:
    write_table(tmp_path / "t", add={"stats": None})

    assert opened(str(tmp_path / "t")).inputs[0].rows == 40


def test_a_table_is_read_from_its_checkpoint_on(table: Path) -> None:
    DeltaTable(table).create_checkpoint()
    for log in table.glob("_delta_log/*.json"):
        log.unlink()

    assert rows_of(opened("logs")) == LATEST


def test_a_path_that_may_mean_two_tables_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "a%20b", add={})

    with pytest.raises(InputError, match="must not hold %"):
        find(str(tmp_path / "a%20b"))


@pytest.mark.parametrize("name", ["a b", "é", "x=1", "[t]", "a+b#c?d"])
def test_other_names_of_folders_are_fine(tmp_path: Path, name: str) -> None:
    write_table(tmp_path / name, add={})

    assert opened(str(tmp_path / name)).inputs[0].rows == 40


def test_without_the_extra_its_name_is_told(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)

    with pytest.raises(ConfigError, match="needs a package") as caught:
        find("logs")

    assert caught.value.problems[0].hint == "pip install 'auditor[delta]'"
