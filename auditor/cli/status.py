"""How far a run is, in words: what has passed, how fast, what is left and what was found."""

from collections.abc import Sequence
from typing import Final

from auditor.engine.progress import Phase, Progress, Stage

_SIZES: Final = ("kB", "MB", "GB", "TB", "PB")
_COUNTS: Final = ("k", "M", "bn")
_STEP: Final = 1000
_DIGITS: Final = 3
_LONG: Final = 10_000
"""Shorter numbers are shown with all their digits."""

_MINUTE: Final = 60
_FOUND: Final = (Stage.EVIDENCE, Stage.DIGESTS, Stage.SUMMARY, Stage.WRITING)
_JUDGED: Final = (Stage.SKIMMING, Stage.FACTS, Stage.DECIDING)


def status_of(progress: Progress, now: float) -> list[str]:
    """What can be said of a run at an instant of the meter's clock, the most telling first."""
    phase = progress.phase
    elapsed = now - phase.began.wall
    parts = [_head(phase), _left(phase, elapsed)]
    if phase.stage in _JUDGED:
        parts.append(f"{progress.violating:,} violating row{_s(progress.violating)}")
    elif phase.stage in _FOUND:
        parts.append(f"{progress.findings:,} finding{_s(progress.findings)}")
    parts += [_rate(phase, elapsed), _bytes(phase)]
    parts.append(f"{_duration(now - progress.phases[0].began.wall)} so far")
    return [part for part in parts if part]


def fitted(parts: list[str], width: int) -> str:
    """As many parts as fit on a line; the first is cut where even that does not."""
    line = parts[0][:width]
    for part in parts[1:]:
        if len(line) + len(", ") + len(part) > width:
            break
        line = f"{line}, {part}"
    return line


def _head(phase: Phase) -> str:
    if not phase.total:
        return phase.stage.value
    share = f" ({phase.share:.0%})" if phase.share is not None else ""
    return f"{phase.stage}: {_count(phase.rows)} of {_count(phase.total)} rows{share}"


def _left(phase: Phase, elapsed: float) -> str:
    share = phase.share
    return f"{_duration(elapsed * (1 - share) / share)} left" if share else ""


def _rate(phase: Phase, elapsed: float) -> str:
    if elapsed <= 0:
        return ""
    if phase.rows:
        return f"{_count(phase.rows / elapsed)} rows/s"
    return f"{_size(phase.read / elapsed)}/s" if phase.read else ""


def _bytes(phase: Phase) -> str:
    """NOTE: bytes are told by rows, as if all were of one size, except where they are counted."""
    if not phase.size or phase.share is None:
        return ""
    about = "" if phase.read else "about "
    return f"{about}{_size(phase.bytes)} of {_size(phase.size)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _count(count: float) -> str:
    return f"{count:,.0f}" if count < _LONG else _short(count, _COUNTS)


def _size(size: float) -> str:
    return f"{size:,.0f} bytes" if size < _STEP else _short(size, _SIZES)


def _short(number: float, units: Sequence[str]) -> str:
    """Three digits and a unit."""
    power = 0
    while round(number) >= _STEP and power < len(units):
        number /= _STEP
        power += 1
    digits = max(0, _DIGITS - len(f"{number:.0f}"))
    return f"{number:,.{digits}f} {units[power - 1]}"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
