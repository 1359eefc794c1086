"""One process from start to end: CPU time, wall time, peak memory."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took.

    Attributes:
        cpu: user and system time, in seconds.
        wall: seconds from start to end.
        peak: largest resident set, in MB.
        code: exit code; the negated signal where one ended it.
    """

    cpu: float
    wall: float
    peak: float
    code: int


def measure(command: list[str], log: Path) -> Usage:
    """Runs `command` to its end.

    NOTE: the kernel counts the memory of the starting process towards the peak of the started one,
    so whoever calls this must not have grown large: no data frames in this process.

    Args:
        command: program (a path) and arguments.
        log: file that takes what it prints.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    begun = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _, status, used = os.wait4(pid, 0)
    return Usage(
        cpu=used.ru_utime + used.ru_stime,
        wall=time.perf_counter() - begun,
        peak=used.ru_maxrss / 1024,
        code=os.waitstatus_to_exitcode(status),
    )
