"""The log of a run: its files, opened and canonical, less those that cannot be read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.request import Request
from auditor.errors import InputError, Problem
from auditor.findings import InputFile
from auditor.schema import PATH, REJECT, ROW, Field, invalid
from auditor.sources.canonical import Canonical, canonical, canonical_frame
from auditor.sources.field_plan import FieldPlan
from auditor.sources.footers import present_fields
from auditor.sources.log_file import LogFile, with_records
from auditor.sources.profile_model import Profile
from auditor.sources.reread import changed_since, readable
from auditor.sources.scan import open_files
from auditor.sources.streams import unreadable

ROW_IDS: Final = ("meeting_id", "session_id")
"""Fields of text without which a row is no event."""


@dataclass(frozen=True, slots=True)
class Log:
    """All readable files as one canonical frame.

    Attributes:
        profile: how the files are read; it says which table they are.
        sources: the readable files, by what they hold.
        supplied: canonical fields that at least one file has.
        raw_columns: the columns of all readable files, as they name them.
        inputs: every file; `rows` is None for the unreadable ones.
        problems: why files are unreadable.
        remarks: columns that were not read and may be misspelt.
    """

    files: Sequence[LogFile]
    profile: Profile
    sources: Sequence[Canonical]
    supplied: frozenset[str]
    raw_columns: frozenset[str]
    inputs: Sequence[InputFile]
    problems: Sequence[Problem]
    remarks: Sequence[str]

    @property
    def lf(self) -> pl.LazyFrame:
        """Canonical rows of all readable files."""
        frames = [source.lf for source in self.sources]
        return pl.concat(frames) if frames else no_rows(self.profile.table_fields)

    def lean(self, fields: Collection[str]) -> pl.LazyFrame:
        """Canonical rows with some fields; ids that footers prove to be there are not read."""
        frames = [
            canonical_frame(source.group.lf, lean_plans(source, fields)) for source in self.sources
        ]
        return pl.concat(frames) if frames else no_rows(self.profile.table_fields)

    def held(self, fields: Collection[str]) -> pl.LazyFrame:
        """Canonical rows with some fields, read into memory as they stand.

        Each file makes a batch of its own, and what is done to a batch of canonical rows costs
        milliseconds however few they are.
        """
        frames: list[pl.LazyFrame] = []
        for source in self.sources:
            plans = [p if p.field.name in fields else p.unread() for p in source.plans]
            roots = {root for plan in plans for root in plan.roots()}
            raw = source.group.lf.select(sorted({*roots, PATH, ROW, REJECT}))
            frames.append(canonical_frame(raw.collect(engine="streaming").lazy(), plans))
        return pl.concat(frames) if frames else no_rows(self.profile.table_fields)

    @property
    def stated(self) -> frozenset[str]:
        """Canonical fields that every readable file has."""
        found = [source.supplied for source in self.sources]
        return frozenset.intersection(*found) if found else frozenset()

    @property
    def rows(self) -> int:
        """Records in the readable files."""
        return sum(file.rows or 0 for file in self.inputs)


def lean_plans(source: Canonical, fields: Collection[str]) -> list[FieldPlan]:
    """How `fields` are read, and the keys that may be missing; what else is there stays unread."""
    keys = [p for p in source.plans if p.field.name in ROW_IDS and p.field.name not in fields]
    present = present_fields(keys, source.group.files)
    return [
        plan.constant("-")
        if plan.field.name in present
        else (plan if plan.field.name in {*fields, "event_at", *ROW_IDS} else plan.unread())
        for plan in source.plans
    ]


def open_log(files: Sequence[LogFile], profile: Profile, request: Request, spool: Path) -> Log:
    """Open every file; one that cannot be read or lacks needed columns is kept with its reason."""
    files = with_records(files, profile.records)
    opened = open_files(files, spool)
    problems = [p for failure in opened.failures for p in failure.problems]
    sources: list[Canonical] = []
    supplied: frozenset[str] = frozenset()
    unusable: set[str] = set()
    remarks: list[str] = []
    for group in opened.groups:
        try:
            one = canonical(group, profile, request.timezone, dict(request.params))
        except InputError as error:
            problems += error.problems
            unusable |= {file.shown for file in group.files}
        else:
            sources.append(one)
            supplied |= one.supplied
            remarks += [
                f"{group.files[0].shown}: column {column.column!r} was not read; {column.hint}"
                for column in one.ignored
            ]
    inputs = [
        replace(f, table=profile.table, rows=None if f.path in unusable else f.rows)
        for f in opened.inputs
    ]
    raw_columns = frozenset(column for group in opened.groups for column in group.columns)
    return Log(files, profile, sources, supplied, raw_columns, inputs, problems, remarks)


def unreadable_files(log: Log, error: BaseException) -> dict[LogFile, str]:
    """The files whose data cannot be read through although they opened, with the reason.

    Args:
        log: of which some file could not be read.
        error: what was raised; of objects in a store only those that it names are read again.
    """
    rows = {file.path: file.rows for file in log.inputs}
    sound = [file for file in log.files if rows[file.shown] is not None]
    named = [file for file in sound if file.address is not None and file.address in str(error)]
    return dict(readable(named or sound, log.raw_columns))


def store_failure(log: Log, error: BaseException) -> InputError | None:
    """The error for a log in object stores that fails although each file of it can be read."""
    file = next((file for file in log.files if file.address is not None), None)
    return None if file is None else unreadable(file, error)


def changed_files(log: Log, lost: Mapping[LogFile, str]) -> dict[LogFile, str]:
    """The files, beside those `lost` already, that are no longer what they were when found."""
    return dict(changed_since([file for file in log.files if file not in lost]))


def without(
    log: Log,
    broken: Mapping[LogFile, str],
    request: Request,
    spool: Path,
) -> Log:
    """The log reopened without files that broke while they were read; they stay named."""
    sound = open_log([f for f in log.files if f not in broken], log.profile, request, spool)
    lost = {file.shown for file in broken}
    problems = [
        Problem(why, file.shown, "fetch or export the file again; the others were audited")
        for file, why in broken.items()
    ]
    inputs = [replace(f, rows=None) for f in log.inputs if f.path in lost]
    return replace(
        sound,
        files=log.files,
        inputs=sorted([*sound.inputs, *inputs], key=lambda f: f.path),
        problems=[*problems, *sound.problems],
    )


def no_rows(fields: Sequence[Field]) -> pl.LazyFrame:
    """A canonical frame of a table with these fields, without rows."""
    texts = {invalid(f.name): pl.String() for f in fields}
    provenance = {PATH: pl.String(), ROW: pl.Int64(), REJECT: pl.String()}
    return pl.LazyFrame(schema={f.name: f.kind.dtype for f in fields} | texts | provenance)
