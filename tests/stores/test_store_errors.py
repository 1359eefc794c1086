"""What is wrong with a store is said, with the next step, and nothing is half read."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from tests.acceptance.logs import CLEAN, HEADER, VIOLATION, invoke, report_of, run, write_log
from tests.stores.proxy import cutting
from tests.stores.server import BUCKET, POOR_KEY, Server

_NOBODY = "http://127.0.0.1:1"
"""Where nothing listens."""

_NO_METADATA = {
    "AWS_METADATA_ENDPOINT": _NOBODY,
    "AZURE_MSI_ENDPOINT": f"{_NOBODY}/metadata/identity/oauth2/token",
    "GCE_METADATA_HOST": "127.0.0.1:1",
    "GCE_METADATA_IP": "127.0.0.1:1",
}
"""Machines in a cloud get credentials from an address of their own; nobody is there."""


@pytest.mark.parametrize(
    ("place", "env", "says"),
    [
        ("s3://no-such-bucket/a.csv", {}, "there is no such bucket: no-such-bucket"),
        ("s3://no-such-bucket/*.csv", {}, "there is no such bucket: no-such-bucket"),
        (f"s3://{BUCKET}/none/a.csv", {}, "no such object, and none in a folder of this name"),
        (f"s3://{BUCKET}/none/", {}, "no such object, and none in a folder of this name"),
        (f"s3://{BUCKET}/none/*.csv", {}, "matches no object"),
        (f"s3://{BUCKET}/texts", {}, "holds no log file"),
        (f"s3://{BUCKET}/texts//a.csv", {}, "has an empty part"),
        (f"s3://{BUCKET}/a.csv", {"AWS_SECRET_ACCESS_KEY": "x"}, "the store refuses access"),
        (f"s3://{BUCKET}/", {"AWS_ACCESS_KEY_ID": "x"}, "(InvalidAccessKeyId)"),
        (f"s3://{BUCKET}/", {"AWS_ACCESS_KEY_ID": POOR_KEY}, "refuses access (AccessDenied)"),
        (f"s3://{BUCKET}/a.csv", {"AWS_ENDPOINT_URL": _NOBODY}, "cannot be reached"),
        (f"s3://key:word@{BUCKET}/a.csv", {}, "must not hold credentials"),
        (f"s3://{BUCKET}/a.csv?X-Amz-Signature=word", {}, "must not hold credentials"),
        ("az://container/a.csv?sv=2020&sig=word", {}, "must not hold credentials"),
        ("https://user:word@host/a.csv", {}, "must not hold credentials"),
        ("ftp://host/a.csv", {}, "ftp:// is not read"),
        ("s3:///a.csv", {}, "names no bucket"),
    ],
)
def test_a_place_that_cannot_be_read_ends_the_run_before_it_begins(
    store: Server, tmp_path: Path, place: str, env: dict[str, str], says: str
) -> None:
    store.put("texts/notes.txt", b"no log")
    begun = time.monotonic()

    done = invoke("audit", place, "--output", "report.json", cwd=tmp_path, **env)

    assert done.exit_code == 2, done.output
    assert says in done.stderr
    assert "hint: " in done.stderr
    assert "word" not in done.stderr
    assert not (tmp_path / "report.json").exists()
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        ("s3://bucket/a.csv", "AWS_ACCESS_KEY_ID"),
        ("az://container/a.csv", "AZURE_STORAGE_ACCOUNT_NAME"),
        ("abfss://container@account.dfs.core.windows.net/a.csv", "AZURE_STORAGE_ACCOUNT_KEY"),
        ("gs://bucket/a.csv", "GOOGLE_APPLICATION_CREDENTIALS"),
    ],
)
def test_without_credentials_the_variables_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, variable: str
) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_"))]:
        monkeypatch.delenv(name)

    done = invoke("audit", place, cwd=tmp_path, HOME=str(tmp_path), **_NO_METADATA)

    assert done.exit_code == 2, done.output
    assert "no credentials" in done.stderr
    assert variable in done.stderr


class _Elsewhere(BaseHTTPRequestHandler):
    """A store that answers as Amazon does if the bucket is in another region."""

    def do_GET(self) -> None:
        text = b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"
        self.send_response(301)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(text)

    do_HEAD = do_GET  # noqa: N815 - named by the server

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("place", ["s3://bucket/a.csv", "s3://bucket/"])
def test_a_bucket_in_another_region_is_told(
    store: Server, elsewhere: str, tmp_path: Path, place: str
) -> None:
    done = invoke("audit", place, cwd=tmp_path, AWS_ENDPOINT_URL=elsewhere)

    assert done.exit_code == 2, done.output
    assert "is in another region" in done.stderr
    assert "AWS_REGION" in done.stderr


def test_a_store_that_does_not_answer_is_not_waited_for_for_ever(
    store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.sources.stores.settings.CLIENT", {"read_timeout": "1s"})
    monkeypatch.setattr("auditor.sources.stores.settings.RETRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = invoke("audit", f"s3://{BUCKET}/a.csv", cwd=tmp_path, AWS_ENDPOINT_URL=endpoint)

    assert done.exit_code == 2, done.output
    assert "cannot be reached" in done.stderr


def test_a_text_object_that_breaks_off_is_named_and_the_run_incomplete(
    store: Server, tmp_path: Path
) -> None:
    write_log(tmp_path, *([CLEAN] * 200_000), VIOLATION)
    address = store.put("cut/long.csv", tmp_path / "log.csv")

    with cutting(store.port, in_all=500_000) as proxy:
        done = invoke(
            "audit", address, "--format", "json", cwd=tmp_path, AWS_ENDPOINT_URL=proxy.endpoint
        )

    assert proxy.cuts
    assert done.exit_code == 3, done.output
    report = report_of(done)
    assert report["coverage"]["rows_read"] == 0
    assert [one["rows"] for one in report["inputs"]] == [None]
    assert any(address in reason for reason in report["run"]["incomplete_reasons"])


def test_a_connection_that_is_cut_now_and_then_costs_nothing_but_time(
    store: Server, tmp_path: Path
) -> None:
    write_log(tmp_path, *([CLEAN] * 50_000), VIOLATION)
    address = store.put("flaky/long.csv", tmp_path / "log.csv")

    with cutting(store.port, per_answer=2_000_000) as proxy:
        done = invoke(
            "audit", address, "--format", "json", cwd=tmp_path, AWS_ENDPOINT_URL=proxy.endpoint
        )

    assert proxy.cuts
    assert done.exit_code == 1, done.output
    assert report_of(done)["coverage"]["events"] == 50_001


def test_a_parquet_object_that_breaks_off_is_named_and_the_run_incomplete(
    store: Server, tmp_path: Path
) -> None:
    values = dict(zip(HEADER.split(","), CLEAN.split(","), strict=True))
    ids = [f"{i * 2_654_435_761 % 2**64:016x}" for i in range(50_000)]
    pl.DataFrame({**values, "session_id": ids, "meeting_id": ids}).write_parquet(
        tmp_path / "a.parquet"
    )
    address = store.put("cut/a.parquet", tmp_path / "a.parquet")

    with cutting(store.port, in_all=150_000) as proxy:
        # NOTE: a process of its own, because the engine keeps connections of this one.
        done = run(
            "audit",
            address,
            "--format",
            "json",
            "--select",
            "ROUTE-001",
            cwd=tmp_path,
            AWS_ENDPOINT_URL=proxy.endpoint,
        )

    assert proxy.cuts
    assert done.returncode == 3, done.stderr
    assert address in done.stderr.decode()
    assert report_of(done)["coverage"]["rows_read"] == 0


@pytest.mark.parametrize("flag", ["--accounts", "--datacentres", "--ip-ranges"])
def test_registries_are_read_from_disk(tmp_path: Path, flag: str) -> None:
    write_log(tmp_path, CLEAN)

    done = invoke("audit", "log.csv", flag, "s3://bucket/a.csv", cwd=tmp_path)

    assert done.exit_code == 2
    assert "s3://bucket/a.csv: registries are read from disk" in done.stderr


def test_what_reads_stores_is_loaded_for_addresses_alone(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    code = (
        "import sys; from auditor.cli.main import cli; "
        "cli(['audit', 'log.csv', '--quiet'], standalone_mode=False); "
        "assert not {'obstore', 'deltalake'} & sys.modules.keys()"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)

    assert done.returncode == 0


def test_without_the_extra_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)

    done = invoke("audit", "s3://bucket/a.csv", cwd=tmp_path)

    assert done.exit_code == 2
    assert "pip install 'auditor[cloud]'" in done.stderr
