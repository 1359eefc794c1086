"""Logs in the stores of Google and Azure give the reports that they give on disk."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.acceptance.logs import invoke, report_of
from tests.stores.clouds import AZURITE, azure, google
from tests.stores.logs import made_alike, write_every_format


@pytest.mark.parametrize(
    ("start", "place"),
    [
        (google, "gs://logs/every"),
        pytest.param(
            azure,
            "az://logs/every",
            marks=pytest.mark.skipif(not AZURITE, reason="needs azurite-blob of npm"),
        ),
    ],
)
def test_a_folder_gives_the_report_that_it_gives_on_disk(
    tmp_path: Path,
    start: Callable[[Path, Path], AbstractContextManager[dict[str, str]]],
    place: str,
) -> None:
    write_every_format(tmp_path / "every")

    here = invoke("audit", "every", "--format", "json", cwd=tmp_path)
    with start(tmp_path, tmp_path / "every") as env:
        there = invoke("audit", place, "--format", "json", cwd=tmp_path, **env)
        empty = invoke("audit", f"{place}/none", cwd=tmp_path, **env)

    assert there.exit_code == here.exit_code == 1, there.stderr
    assert made_alike(report_of(there), place) == made_alike(report_of(here), "every")
    assert empty.exit_code == 2
    assert "no such object" in empty.stderr
