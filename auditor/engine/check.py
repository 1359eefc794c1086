"""What a log yields under a source profile: fields, texts that were not read, rules it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from auditor.coverage import UNRESOLVED_HOPS
from auditor.engine.prepare import CANONICAL_ORDERS
from auditor.engine.progress import Progress
from auditor.engine.request import CANONICAL, Request
from auditor.engine.run import Clock, audit
from auditor.errors import InputError, Problem
from auditor.findings import RuleResult
from auditor.rules.load import load_rules
from auditor.sources.check import Check, FieldOrigin, check
from auditor.sources.discover import find_files
from auditor.sources.log_file import with_records
from auditor.sources.near_misses import Ignored
from auditor.sources.profile import load_profile
from auditor.sources.scan import open_files
from auditor.sources.streams import unreadable


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """Files with the same columns.

    Attributes:
        paths: the files.
        fields: where each canonical field comes from, or why it is not there.
        ignored: columns that were not read.
        totals: rows, rejected rows, and per supplied field the rows with a value.
        samples: `field`, `problem`, `value`, `rows`; see `auditor.sources.check.Check`.
    """

    paths: Sequence[str]
    fields: Sequence[FieldOrigin]
    ignored: Sequence[Ignored]
    totals: dict[str, int]
    samples: pl.DataFrame


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """All that `auditor sources check` says.

    Attributes:
        problems: files that cannot be read this way.
        unresolved_hops: of UNRESOLVED_HOPS.
        rules: what each rule could decide; none of what an audit cannot read in this way.
    """

    groups: Sequence[CheckedGroup]
    problems: Sequence[Problem]
    unresolved_hops: pl.DataFrame
    rules: Sequence[RuleResult]


def check_source(
    request: Request, spool: Path, stdin: BinaryIO, clock: Clock, progress: Progress
) -> SourceCheck:
    """Read the logs of `request` through their profile and try every rule of their table."""
    profile = load_profile(request.source)
    files = find_files(request.paths, spool, stdin).files
    opened = open_files(with_records(files, profile.records), spool)
    problems = [problem for failure in opened.failures for problem in failure.problems]
    groups: list[CheckedGroup] = []
    for group in opened.groups:
        try:
            found = check(group, profile, request.timezone, dict(request.params))
            groups.append(_collected(found, [file.shown for file in group.files]))
        except InputError as error:
            problems += error.problems
        except (pl.exceptions.PolarsError, OSError) as error:
            problems += unreadable(group.files[0], error).problems
    if profile.table != "events" and profile.name != CANONICAL_ORDERS:
        return SourceCheck(groups, problems, pl.DataFrame(schema=UNRESOLVED_HOPS), ())
    # NOTE: by their paths, because standard input has been read
    places = [file.address or str(file.path) for file in files]
    again = _judging(request, profile.table, places)
    report = audit(again, spool, stdin, clock, progress).report
    return SourceCheck(groups, problems, report.unresolved_hops, report.rules)


def _judging(request: Request, table: str, paths: Sequence[str]) -> Request:
    """The request for an audit of logs of one table by every rule that judges it."""
    every = [rule.id for rule in load_rules(request.rules) if rule.table == table]
    if table == "events":
        return replace(request, select=every, paths=paths)
    return replace(request, select=every, paths=(), orders=paths, source=CANONICAL)


def _collected(found: Check, paths: Sequence[str]) -> CheckedGroup:
    totals, samples = pl.collect_all([found.totals, found.samples], engine="streaming")
    return CheckedGroup(paths, found.fields, found.ignored, totals.row(0, named=True), samples)
