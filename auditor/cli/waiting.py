"""Runs work beside the main thread, so that signals end it at once and progress is shown."""

import errno
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, Generic, TypeVar

from auditor.cli.exits import Exit
from auditor.cli.status import fitted, status_of
from auditor.cli.streams import say, say_raw
from auditor.engine.progress import Progress
from auditor.errors import ConfigError

_Result = TypeVar("_Result")

_THREAD: Final = "auditor-work"
_POLL_SECONDS: Final = 0.1
_PLAIN_SECONDS: Final = 10.0
_REFRESH_SECONDS: Final = 0.25
_SHORT_SECONDS: Final = 0.5
_USUAL_WIDTH: Final = 80


class _Work(Generic[_Result]):
    """A call in a thread of its own, and what became of it."""

    def __init__(self, call: Callable[[], _Result]) -> None:
        self._call = call
        self._result: list[_Result] = []
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name=_THREAD, daemon=True)

    def _run(self) -> None:
        try:
            self._result.append(self._call())
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self._error = error

    def result(self) -> _Result:
        if self._error is not None:
            raise self._error
        return self._result[0]


@contextmanager
def spool_folder() -> Iterator[Path]:
    """A temporary folder that is gone when the run ends, however it ends.

    Raises:
        ConfigError: it cannot be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="auditor-"))
    except OSError as error:
        raise ConfigError(
            f"no folder for temporary files can be made: {error.strerror}",
            location=tempfile.gettempdir() if tempfile.tempdir else "TMPDIR",
            hint="set TMPDIR to a folder that may be written",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def interruptible(spool: Path) -> Iterator[None]:
    """Make SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread, once.

    The process then ends with 130 although a query may still run: the engine cannot be told to
    stop, and its thread would keep the interpreter from ending.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        number: handler
        for number in signals
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        shutil.rmtree(spool, ignore_errors=True)
        if any(thread.name == _THREAD for thread in threading.enumerate()):
            say("interrupted: the audit was not finished")
            os._exit(Exit.INTERRUPTED)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_full(error: BaseException) -> bool:
    """Whether a write failed for want of space; Polars says so only in words."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)


def wait_for(call: Callable[[], _Result], progress: Progress, style: str) -> _Result:
    """The result of `call`, with its progress on stderr meanwhile.

    Args:
        call: does the work.
        progress: what the work reports to.
        style: `auto` (a line on terminals, else nothing), `plain` (one every ten seconds) or `off`.

    Raises:
        ConfigError: the folder for temporary files is full.
    """
    work = _Work(call)
    work.thread.start()
    if style == "plain":
        _watch_plainly(work.thread, progress)
    elif style == "auto" and sys.stderr is not None and sys.stderr.isatty():
        _watch_on_terminal(work.thread, progress)
    while work.thread.is_alive():
        work.thread.join(_POLL_SECONDS)
    try:
        return work.result()
    except Exception as error:
        if not _is_full(error):
            raise
        raise ConfigError(
            "the folder for temporary files is full",
            location=tempfile.gettempdir(),
            hint="free some space, or set TMPDIR to a folder on a larger disk",
        ) from error


def _watch_plainly(thread: threading.Thread, progress: Progress) -> None:
    while thread.is_alive():
        thread.join(_PLAIN_SECONDS)
        if thread.is_alive():
            say(", ".join(status_of(progress, time.perf_counter())))


def _watch_on_terminal(thread: threading.Thread, progress: Progress) -> None:
    """One line that is written over, and gone in the end; a short run shows none."""
    thread.join(_SHORT_SECONDS)
    shown = 0
    try:
        while thread.is_alive():
            line = fitted(status_of(progress, time.perf_counter()), _width() - 1)
            say_raw(f"\r{line.ljust(shown)}")
            shown = len(line)
            thread.join(_REFRESH_SECONDS)
    finally:
        if shown:
            say_raw(f"\r{' ' * shown}\r")


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return _USUAL_WIDTH
