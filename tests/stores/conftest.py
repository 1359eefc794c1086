"""The store that the tests of this folder read from, one per process that runs tests."""

from collections.abc import Iterator

import pytest

from tests.stores.server import Server, running


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("store")) as server:
        yield server


@pytest.fixture
def store(started: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A running store, with the environment that reads from it."""
    for name, value in started.env.items():
        monkeypatch.setenv(name, value)
    return started
