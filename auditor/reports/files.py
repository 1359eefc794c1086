"""Report files that are there whole or not at all: temporary name, fsync, rename."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from auditor.errors import ReportError
from auditor.reports.escape import visible

_HINTS: Final = {
    errno.ENOSPC: "free some space, or name a file on another disk",
    errno.EDQUOT: "the quota is used up: free some space, or name a file on another disk",
    errno.ENOENT: "make its folder first, or name a file in a folder that exists",
    errno.ENOTDIR: "a part of the path is a file: name a file in a folder that exists",
    errno.EISDIR: "that is a folder: name a file in it",
    errno.EACCES: "ask for write permission on its folder, or name a file elsewhere",
    errno.EPERM: "ask for write permission on its folder, or name a file elsewhere",
    errno.EROFS: "the file system is read-only: name a file elsewhere",
    errno.ENAMETOOLONG: "choose a shorter name",
}
_OTHER_HINT: Final = "name another file, or write to standard output"


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Lets `write` fill a new file and puts it in the place of `path` once it is on the disk.

    Until then, and after any error or interrupt, an older file stays as it is and nothing else
    is left behind. A new file gets the permissions that the umask leaves, a replaced one keeps its
    own. Links are followed; devices and pipes, which cannot be replaced, are written directly.

    Raises:
        ReportError: the file cannot be written; names the path and the next step.
        BrokenPipeError: `path` is a pipe that nobody reads any more.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                write(stream)
        else:
            _replace(Path(os.path.realpath(path)), write)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        hint = _HINTS.get(error.errno or 0, _OTHER_HINT)
        message = f"could not be written: {reason}"
        raise ReportError(message, location=visible(str(path)), hint=hint) from error


def _replace(target: Path, write: Callable[[BinaryIO], None]) -> None:
    temporary = target.with_name(f".auditor-{token_hex(8)}.tmp")
    # NOTE: Ctrl-C during a query often arrives twice, the second time while the first is being
    # handled; the outer `finally` is for that one.
    try:
        try:
            with temporary.open("xb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
        finally:
            _remove(temporary)
    finally:
        _remove(temporary)


def _remove(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        # NOTE: the first error is the one to report; this one would hide it.
        return
