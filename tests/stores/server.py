"""A real object store on the loopback interface: SeaweedFS with its S3 gateway."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

KEY = "loopback"
SECRET = "not-a-secret"
POOR_KEY = "poor"
BUCKET = "logs"

_SERVERS = ("master", "volume", "filer", "s3")
_PATIENCE = 60
_STARTS = 3


@dataclass(frozen=True)
class Server:
    """A running store with the bucket `BUCKET`."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """Variables of the environment with which the store is read."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "eu-west-1",
        }

    def put(self, key: str, content: bytes | Path) -> str:
        """Writes an object; returns its address."""
        obstore.put(self._store(), key, content)
        return f"s3://{BUCKET}/{key}"

    def put_folder(self, key: str, folder: Path) -> str:
        """Writes the files of `folder` below `key`; returns the folder's address."""
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            self.put(f"{key}/{path.relative_to(folder)}", path)
        return f"s3://{BUCKET}/{key}"

    def delete(self, key: str) -> None:
        obstore.delete(self._store(), key)

    def make_bucket(self) -> None:
        signed = obstore.sign(self._store(), "PUT", "", timedelta(seconds=60))
        with contextlib.suppress(urllib.error.HTTPError):  # there already
            urllib.request.urlopen(urllib.request.Request(signed, method="PUT"), timeout=5)
        self.put("ready", b"1")
        self.delete("ready")

    def _store(self) -> S3Store:
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="eu-west-1",
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Starts the store with its data in `folder`, and ends it."""
    server, process = _started(folder)
    try:
        yield server
    finally:
        process.kill()
        process.wait()


def _started(folder: Path) -> "tuple[Server, subprocess.Popen[bytes]]":
    """The store, once it answers; ports that others took meanwhile are no reason to give up."""
    for _ in range(_STARTS):
        ports = dict(zip(_SERVERS, free_ports(len(_SERVERS)), strict=True))
        process = _start(folder, ports)
        server = Server(ports["s3"])
        if _answers(server, process):
            return server, process
        process.kill()
        process.wait()
    tail = (folder / "log.txt").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the store did not start: {tail}")


def _start(folder: Path, ports: dict[str, int]) -> "subprocess.Popen[bytes]":
    config = folder / "s3.json"
    config.write_text(json.dumps(_config()), encoding="utf-8")
    grpc = zip(_SERVERS, free_ports(len(_SERVERS)), strict=True)
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [
                *(_program(), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
                *("-filer", "-s3", f"-s3.config={config}", "-iam=false"),
                *(f"-{name}.port={port}" for name, port in ports.items()),
                *(f"-{name}.port.grpc={port}" for name, port in grpc),
                *("-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"),
                *("-volume.max=100", "-master.volumeSizeLimitMB=64"),
            ],
            stdout=log,
            stderr=log,
        )


def _program() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "the object store of the tests is not installed: make test installs it"
    return found


def _config() -> dict[str, object]:
    return {
        "identities": [
            {
                "name": "owner",
                "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                "actions": ["Admin", "Read", "Write", "List"],
            },
            {
                "name": "poor",
                "credentials": [{"accessKey": POOR_KEY, "secretKey": SECRET}],
                "actions": ["Read:elsewhere"],
            },
        ]
    }


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _answers(server: Server, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(obstore.exceptions.BaseError, OSError):
            server.make_bucket()
            return True
        time.sleep(0.1)
    return False
