"""Logs in an object store give the reports that they give on disk."""

import json
import os
import shutil
from io import BytesIO
from pathlib import Path

import obstore
import polars as pl
import pytest

from auditor.sources.discover import find_files
from auditor.sources.log_file import CHANGED
from auditor.sources.reread import changed_since
from auditor.sources.scan import open_files
from tests.acceptance.logs import CLEAN, HEADER, VIOLATION, invoke, report_of, write_log
from tests.stores.logs import made_alike, write_every_format
from tests.stores.proxy import cutting
from tests.stores.server import BUCKET, Server


def test_a_folder_gives_the_report_that_it_gives_on_disk(store: Server, tmp_path: Path) -> None:
    write_every_format(tmp_path / "every")
    address = store.put_folder("every", tmp_path / "every")

    here = invoke("audit", "every", "--format", "json", cwd=tmp_path)
    there = invoke("audit", address, "--format", "json", cwd=tmp_path)

    assert there.exit_code == here.exit_code == 1, there.stderr
    assert report_of(there)["coverage"]["rows_rejected"] == 8
    assert made_alike(report_of(there), address) == made_alike(report_of(here), "every")


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("globs/a.csv", {"a.csv"}),
        ("globs/", {"a.csv", "x=1/b.csv", "x=1/y/c.csv"}),
        ("globs/*.csv", {"a.csv"}),
        ("globs/x=*/*.csv", {"x=1/b.csv"}),
        ("globs/x=*", {"x=1/b.csv", "x=1/y/c.csv"}),
        ("globs/**/*.csv", {"a.csv", "x=1/b.csv", "x=1/y/c.csv"}),
        ("globs/**/c.csv", {"x=1/y/c.csv"}),
        ("glob?/[a-b].csv", {"a.csv"}),
        ("globs/named.log", {"named.log"}),
        ("globs/*.log", {"named.log"}),
    ],
)
def test_a_place_means_what_it_means_on_disk(
    store: Server, tmp_path: Path, place: str, names: set[str]
) -> None:
    for name in ("a.csv", "x=1/b.csv", "x=1/y/c.csv", "named.log", ".hidden/d.csv"):
        store.put(f"globs/{name}", b"a\n1\n")

    found = find_files([f"s3://{BUCKET}/{place}"], tmp_path, BytesIO())

    assert {file.shown.partition("globs/")[2] for file in found.files} == names
    assert all("hidden" not in file.shown for file in found.files)


def test_an_object_named_twice_is_read_once(store: Server, tmp_path: Path) -> None:
    address = store.put("once/a.csv", b"a\n1\n")

    assert len(find_files([address, f"s3://{BUCKET}/once"], tmp_path, BytesIO()).files) == 1


def test_of_a_parquet_object_only_what_is_needed_is_fetched(
    store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = dict(zip(HEADER.split(","), CLEAN.split(","), strict=True))
    noise = [f"{i * 2_654_435_761 % 2**32:x}" * 8 for i in range(100_000)]
    frame = pl.DataFrame({**rows, "unread": noise})
    frame.write_parquet(tmp_path / "wide.parquet", compression="uncompressed")
    address = store.put("wide/a.parquet", tmp_path / "wide.parquet")

    with cutting(store.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        done = invoke("audit", address, "--format", "json", cwd=tmp_path)

    assert report_of(done)["coverage"]["events"] == 100_000
    assert proxy.passed < (tmp_path / "wide.parquet").stat().st_size / 10


def test_rejected_rows_are_shown_as_they_stand_in_the_object(store: Server, tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION, "cut,off")
    address = store.put("rejects/a.csv", tmp_path / "log.csv")

    done = invoke("audit", address, "--rejects", "r.ndjson", "--format", "json", cwd=tmp_path)

    assert done.exit_code == 1
    rejected = json.loads((tmp_path / "r.ndjson").read_text())
    assert (rejected["path"], rejected["row"], rejected["raw"]) == (address, 3, "cut,off")


def test_the_report_names_the_state_of_each_object(store: Server, tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    write_log(tmp_path, CLEAN)
    addresses = [
        store.put("state/a.csv", tmp_path / "log.csv"),
        store.put("state/b.parquet", tmp_path / "a.parquet"),
    ]

    done = invoke("audit", *addresses, "--format", "json", cwd=tmp_path)

    text, parquet = report_of(done)["inputs"]
    assert len(text["sha256"]) == 64
    assert parquet["sha256"] is None
    assert text["etag"] != parquet["etag"]


def test_an_object_that_is_replaced_while_it_is_read_is_noticed(
    store: Server, tmp_path: Path
) -> None:
    pl.DataFrame({"a": [1, 2]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"a": [3, 4]}).write_parquet(tmp_path / "b.parquet")
    address = store.put("replaced/a.parquet", tmp_path / "a.parquet")
    files = find_files([address], tmp_path, BytesIO()).files
    assert changed_since(files) == []

    store.put("replaced/a.parquet", tmp_path / "b.parquet")

    assert changed_since(files) == [(files[0], CHANGED)]


def test_an_object_that_is_replaced_before_it_is_opened_is_not_read(
    store: Server, tmp_path: Path
) -> None:
    address = store.put("replaced/a.csv", b"a\n1\n")
    files = find_files([address], tmp_path, BytesIO()).files
    store.put("replaced/a.csv", b"a\n2\n")

    opened = open_files(files, tmp_path)

    assert [str(failure.problems[0].message) for failure in opened.failures] == [CHANGED]


def test_an_object_for_which_there_is_no_room_is_unreadable(store: Server, tmp_path: Path) -> None:
    address = store.put("room/a.csv", b"a\n1\n")
    files = find_files([address], tmp_path, BytesIO()).files
    shutil.rmtree(files[0].path.parent)

    opened = open_files(files, tmp_path)

    problem = opened.failures[0].problems[0]
    assert problem.location == address
    assert "TMPDIR" in problem.hint


def test_a_finding_in_an_object_is_explained(store: Server, tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    address = store.put("explained/a.csv", tmp_path / "log.csv")
    invoke("audit", address, "--report", "json=r.json", cwd=tmp_path)
    finding = json.loads((tmp_path / "r.json").read_text())["findings"][0]

    same = invoke("explain", "r.json", finding["id"], cwd=tmp_path)
    row = invoke("explain", "--why-not", "ROUTE-001", "--row", f"{address}:1", cwd=tmp_path)
    store.put("explained/a.csv", b"a\n1\n")
    changed = invoke("explain", "r.json", finding["id"], cwd=tmp_path)

    assert same.exit_code == row.exit_code == 0, same.output + row.output
    assert changed.exit_code == 3
    assert "is not what it was" in changed.output


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.ndjson"])
def test_sources_tell_of_objects_too(store: Server, tmp_path: Path, name: str) -> None:
    write_every_format(tmp_path / "every")
    files = {path.suffix: path for path in sorted((tmp_path / "every").rglob("*.*"))}
    local = tmp_path / name
    local.write_bytes(files[Path(name).suffix].read_bytes())
    address = store.put(f"told/{name}", local)

    check = invoke("sources", "check", address, cwd=tmp_path)
    start = invoke("sources", "init", address, cwd=tmp_path)

    here = invoke("sources", "check", local, cwd=tmp_path)
    assert check.exit_code == here.exit_code, check.output
    assert check.output == here.output.replace(str(local), address)
    assert start.exit_code == 0, start.output


def test_markers_of_folders_are_no_logs(store: Server, tmp_path: Path) -> None:
    store.put("marked/a.csv", b"a\n1\n")
    obstore.put(store._store(), "marked/inner.csv", b"")
    store.put("marked/inner.csv/b.csv", b"a\n1\n")

    found = find_files([f"s3://{BUCKET}/marked"], tmp_path, BytesIO())

    assert [file.shown for file in found.files] == [
        f"s3://{BUCKET}/marked/a.csv",
        f"s3://{BUCKET}/marked/inner.csv/b.csv",
    ]


def test_orders_in_a_folder_of_events_are_left_to_their_own_table(
    store: Server, tmp_path: Path
) -> None:
    write_log(tmp_path, CLEAN)
    store.put("both/events.csv", tmp_path / "log.csv")
    header = "order_id,ordered_at,account_id,action,channel,partner,billing_country"
    row = "o,2020-09-01T00:00:00Z,A,renewal,direct,,US"
    orders = store.put("both/orders.csv", f"{header}\n{row}\n".encode())

    done = invoke(
        *("audit", f"s3://{BUCKET}/both", "--orders", orders, "--format", "json"),
        *("--select", "default", "--select", "SALE-001"),
        cwd=tmp_path,
    )

    report = report_of(done)
    assert [(one["path"][-10:], one["table"]) for one in report["inputs"]] == [
        ("events.csv", "events"),
        ("orders.csv", "orders"),
    ]
    skipped = report["coverage"]["files_skipped"]
    assert skipped == [{"path": orders, "reason": "it was named as a log of orders"}]


def test_a_variable_may_hold_addresses_of_logs(store: Server, tmp_path: Path) -> None:
    header = "order_id,ordered_at,account_id,action,channel,partner,billing_country"
    for name in "ab":
        row = f"{name},2020-09-01T00:00:00Z,A,renewal,direct,,US"
        store.put(f"orders/{name}.csv", f"{header}\n{row}\n".encode())
    places = [f"s3://{BUCKET}/orders/{name}.csv" for name in "ab"]

    done = invoke(
        *("audit", "--select", "sales", "--format", "json"),
        cwd=tmp_path,
        AUDITOR_ORDERS=os.pathsep.join(places),
    )

    assert [one["path"] for one in report_of(done)["inputs"]] == places
