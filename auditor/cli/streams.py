"""Standard streams that may be closed or full: the verdict's exit code survives them."""

import io
import os
import sys
from typing import BinaryIO

from auditor.errors import ReportError


def say(text: str) -> None:
    """Write a line to standard error; where nobody can read it, that is no error."""
    say_raw(f"{text}\n")


def say_raw(text: str) -> None:
    """Write text to standard error, as `say` does, without ending a line."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except (OSError, ValueError):
        _silence(2)


def stdin_stream() -> BinaryIO:
    """Standard input; empty where it is closed."""
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


def stdout_stream() -> BinaryIO:
    """Standard output.

    Raises:
        ReportError: it is closed.
    """
    if sys.stdout is None:
        raise ReportError("standard output is closed", hint="name a file with --output")
    return sys.stdout.buffer


def stdout_is_terminal() -> bool:
    """Whether a person sees standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def silence_stdout() -> None:
    """Keep the interpreter from complaining of a closed pipe once more while it ends."""
    _silence(1)


def _silence(descriptor: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
