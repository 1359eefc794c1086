"""The results as a Markdown table, with the machine they were measured on."""

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.entries import Entry
from benchmarks.measure import Usage

BEGIN: Final = "<!-- results: written by `make bench` -->"
END: Final = "<!-- end of results -->"

_PACKAGES: Final = ("auditor", "polars", "duckdb", "chdb", "pandas", "pyarrow")
_HEAD: Final = """\
| | CPU s | wall s | peak MB | CPU ÷ ours |
|---|---:|---:|---:|---:|
"""


def results_page(
    results: Sequence[tuple[Entry, Sequence[Usage]]], sizes: str, now: datetime
) -> str:
    """Machine, versions and one line per entry, medians over its rounds.

    Args:
        results: entries that ran to their end, with a usage per round.
        sizes: what the logs hold, for the reader.
        now: when the run ended.
    """
    cpu = {entry.name: _cpu(entry, usages) for entry, usages in results}
    lines = [_line(entry, usages, cpu) for entry, usages in results]
    rounds = max((len(usages) for _, usages in results), default=0)
    about = f"{now:%d %B %Y}; {sizes}; medians of {rounds} round(s). {machine()}. {versions()}."
    return f"{about}\n\n{_HEAD}{''.join(lines)}"


def machine() -> str:
    """CPU, cores, memory, kernel and Python of this machine."""
    cpu = _proc("cpuinfo", "model name") or platform.processor() or platform.machine()
    memory = _proc("meminfo", "MemTotal") or "0 kB"
    gigabytes = int(memory.split()[0]) / 1024**2
    system = f"{platform.system()} {platform.release()}"
    python = f"Python {platform.python_version()}"
    return f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GB, {system}, {python}"


def versions() -> str:
    """The versions of what was measured, as far as installed."""
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def write_between_markers(path: Path, page: str) -> None:
    """Replaces what stands between the two markers in a Markdown file."""
    text = path.read_text("utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    path.write_text(f"{head}{BEGIN}\n{page}{END}{tail}", "utf-8")


def _cpu(entry: Entry, usages: Sequence[Usage]) -> float:
    return median(usage.cpu for usage in usages) * entry.scale


def _line(entry: Entry, usages: Sequence[Usage], cpu: dict[str, float]) -> str:
    own, base = cpu[entry.name], cpu.get(entry.base)
    ratio = f"{own / base:.2f}" if base else ""
    wall, peak = median(u.wall for u in usages), median(u.peak for u in usages)
    return f"| {entry.label} | {own:.1f} | {wall:.1f} | {peak:.0f} | {ratio} |\n"


def _proc(file: str, key: str) -> str | None:
    path = Path("/proc") / file
    if not path.is_file():
        return None
    lines = (line.partition(":") for line in path.read_text("utf-8").splitlines())
    return next((value.strip() for name, _, value in lines if name.strip() == key), None)
