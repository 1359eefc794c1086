"""The profile of a run, `auditor/profile/v1`: where its time and memory went."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from auditor.engine.progress import CaseWork, Phase, Progress, Stage
from auditor.engine.run import Audit
from auditor.findings import InputFile
from auditor.reports.document import time_of, tool_of
from auditor.reports.escape import json_text
from auditor.reports.files import write_whole

PROFILE_SCHEMA: Final = "auditor/profile/v1"

_DIGITS: Final = 4
_COUNTED: Final = (Stage.SKIMMING, Stage.DECIDING, Stage.EVIDENCE)
"""Stages that count the rows they take."""


def write_profile(done: Audit, progress: Progress, path: Path) -> None:
    """Write the profile of a run that has ended, whole or not at all.

    Raises:
        ReportError: the file cannot be written.
    """
    progress.finish()
    document = f"{json_text(profile_of(done, progress), indent=2)}\n".encode()

    def write(stream: BinaryIO) -> None:
        stream.write(document)

    write_whole(path, write)


def profile_of(done: Audit, progress: Progress) -> dict[str, object]:
    """The document, as plain values; every phase of `progress` has ended."""
    run = done.report.run
    groups = _groups(done, progress)
    return {
        "schema": PROFILE_SCHEMA,
        "tool": tool_of(done.report),
        "run": {
            "id": run.id,
            "started_at": time_of(run.started_at),
            "engine": run.engine,
            "threads": pl.thread_pool_size(),
            "startup_cpu_seconds": _rounded(progress.phases[0].began.cpu),
        },
        "totals": _totals(done, progress),
        "phases": [_phase(phase) for phase in progress.phases],
        "groups": groups,
        "inputs": _inputs(done),
    }


def _totals(done: Audit, progress: Progress) -> dict[str, object]:
    first, last = progress.phases[0], progress.phases[-1]
    work = progress.work.values()
    rows = sum(table.log.rows for table in done.tables)
    by_case = sum(one.rows for one in work)
    return {
        **_spent(Phase(first.stage, first.began, ended=last.ended)),
        "rows": rows,
        "bytes": sum(file.bytes for file in _files(done) if file.rows is not None),
        "cases": sum(one.cases for one in work),
        "rows_by_case": by_case,
        "rows_one_by_one": rows - by_case,
        "violating_rows": progress.violating,
        "findings": done.report.count(),
    }


def _phase(phase: Phase) -> dict[str, object]:
    return {
        "name": phase.stage.value,
        **_spent(phase),
        "rows": phase.rows if phase.stage in _COUNTED else None,
        "bytes": phase.size or None,
    }


def _spent(phase: Phase) -> dict[str, object]:
    began, ended = phase.began, phase.ended or phase.began
    return {
        "wall_seconds": _rounded(ended.wall - began.wall),
        "cpu_seconds": _rounded(ended.cpu - began.cpu),
        "memory_bytes": ended.memory,
        "peak_memory_bytes": ended.peak,
    }


def _groups(done: Audit, progress: Progress) -> list[dict[str, object]]:
    files = {(file.table, file.path): file for file in _files(done)}
    groups: list[dict[str, object]] = []
    for number, (table, shown) in enumerate(_shown_groups(done)):
        members = [files[table, path] for path in shown]
        groups.append(_group(number, members, progress.work.get(number, CaseWork())))
    return groups


def _files(done: Audit) -> list[InputFile]:
    return [file for table in done.tables for file in table.log.inputs]


def _shown_groups(done: Audit) -> Iterator[tuple[str, list[str]]]:
    """Table and files of each group; those of events first, as they are numbered in the log."""
    for table in done.tables:
        for source in table.log.sources:
            yield table.plan.table, [file.shown for file in source.group.files]


def _group(number: int, members: list[InputFile], work: CaseWork) -> dict[str, object]:
    rows = sum(file.rows or 0 for file in members)
    return {
        "group": number + 1,
        "files": len(members),
        "bytes": sum(file.bytes for file in members),
        "rows": rows,
        "cases": work.cases,
        "rows_by_case": work.rows,
        "rows_one_by_one": rows - work.rows,
    }


def _inputs(done: Audit) -> list[dict[str, object]]:
    group_of = {
        (table, path): number + 1
        for number, (table, shown) in enumerate(_shown_groups(done))
        for path in shown
    }
    return [
        {
            "path": file.path,
            "format": file.format,
            "bytes": file.bytes,
            "rows": file.rows,
            "group": group_of.get((file.table, file.path)) if file.rows is not None else None,
        }
        for file in _files(done)
    ]


def _rounded(seconds: float) -> float:
    return round(seconds, _DIGITS)
