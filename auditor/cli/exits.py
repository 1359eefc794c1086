"""Exit codes, and what ends a command with which of them."""

import os
import sys
from enum import IntEnum


class Exit(IntEnum):
    """What the shell is told."""

    CLEAN = 0
    FINDINGS = 1
    NOT_RUN = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130


def silence_stdout() -> None:
    """Keep the interpreter from complaining of a closed pipe once more while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
