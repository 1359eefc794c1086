"""Exit codes: what the shell is told."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    CLEAN = 0
    FINDINGS = 1
    NOT_RUN = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130
