"""What the process has used up to now: time, CPU time, memory."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """The meter at one moment; memory is None where the system does not tell.

    Attributes:
        wall: seconds of a clock that never goes back; only differences mean something.
        cpu: seconds of CPU time of all threads, user and system, since the process began.
        memory: bytes of main memory held now.
        peak: most bytes of main memory ever held at once.
    """

    wall: float
    cpu: float
    memory: int | None = None
    peak: int | None = None


def measured() -> Reading:
    """The meter now; takes some thirty microseconds."""
    memory, peak = _memory()
    return Reading(time.perf_counter(), time.process_time(), memory, peak)


def _memory() -> tuple[int | None, int | None]:
    # NOTE: of Linux's two accounts of the peak, ru_maxrss starts with what the parent process held.
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None, _peak()
    found = {name: text for name, _, text in (line.partition(":") for line in lines)}
    return _bytes(found.get("VmRSS")), _bytes(found.get("VmHWM"))


def _bytes(text: str | None) -> int | None:
    return None if text is None else int(text.split()[0]) * _KIB


def _peak() -> int | None:
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on every system

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB
