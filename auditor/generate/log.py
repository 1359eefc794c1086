"""Writes a whole synthetic log: events, accounts, truth and a page that explains them."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import polars as pl

from auditor.errors import ReportError, UsageError
from auditor.generate.accounts import Accounts
from auditor.generate.draws import Draws
from auditor.generate.events import account_ids, events_of, meeting_ids, session_ids
from auditor.generate.meetings import draw_meetings, draw_sizes
from auditor.generate.page import readme_of
from auditor.generate.parts import EventFiles, write_csv
from auditor.generate.request import LogRequest
from auditor.generate.routes import route_table
from auditor.generate.traffic import draw_rows
from auditor.generate.truth import Truth

Progress = Callable[[int], None]
"""Is told how many rows are written."""

_CHUNK_MEETINGS: Final = 1 << 16
_MOST_CSV_ACCOUNTS: Final = 50_000


def write_log(folder: Path, request: LogRequest, progress: Progress) -> None:
    """Writes the log that `request` asks for into `folder`, whole or not at all.

    Args:
        folder: new, or empty.
        request: what to write.
        progress: called after every chunk.

    Raises:
        UsageError: `folder` holds something already or has no parent, or the request does not
            fit together.
        ReportError: a file could not be written.
    """
    _refuse_unusable(folder)
    try:
        work = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            # NOTE: the inner folder gets the user's permissions; mkdtemp's own is closed.
            whole = work / "log"
            whole.mkdir()
            _write_files(whole, request, progress)
            whole.replace(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(
            f"the log could not be written: {reason}",
            location=str(folder),
            hint="nothing is left behind; free some space or name another folder",
        ) from error


def _refuse_unusable(folder: Path) -> None:
    if not folder.absolute().parent.is_dir():
        raise UsageError(
            "the folder above it does not exist", location=str(folder), hint="create it first"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "exists and is not an empty folder", location=str(folder), hint="name a new folder"
        )


def _write_files(folder: Path, request: LogRequest, progress: Progress) -> None:
    draws = Draws(request.seed)
    accounts = Accounts.drawn(request.account_count, draws)
    truth = _write_events(folder / "events", request, accounts, draws, progress)
    registry = _write_registry(folder, accounts.registry())
    truth.findings().write_parquet(folder / "truth.parquet")
    expected = truth.expected()
    text = json.dumps(expected, indent=2) + "\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(readme_of(request, registry, expected), encoding="utf-8")


def _write_events(
    folder: Path, request: LogRequest, accounts: Accounts, draws: Draws, progress: Progress
) -> Truth:
    folder.mkdir()
    truth, routes = Truth(), route_table(draws)
    written = meetings_before = 0
    with closing(EventFiles(folder, request)) as files:
        while written < request.rows:
            # Every meeting has a row, so that more meetings than missing rows are never needed.
            count = min(_CHUNK_MEETINGS, request.rows - written)
            meetings, sessions = draw_sizes(meetings_before, count, draws)
            meetings = draw_meetings(meetings, written, request, accounts, draws)
            rows = draw_rows(meetings, sessions, request.rows - written, request, draws)
            ids = {
                "account_id": account_ids(meetings, accounts, draws),
                "meeting_id": meeting_ids(meetings, draws),
                "session_id": session_ids(meetings, sessions, draws),
            }
            files.write(events_of(rows, ids, routes, has_start=request.has_start))
            truth.add(rows, ids)
            meetings_before += count
            written += rows.height
            progress(written)
    return truth


def _write_registry(folder: Path, registry: pl.DataFrame) -> str:
    if registry.height > _MOST_CSV_ACCOUNTS:
        registry.write_parquet(folder / "accounts.parquet")
        return "accounts.parquet"
    with (folder / "accounts.csv").open("wb") as file:
        write_csv(registry, file, has_header=True)
    return "accounts.csv"
