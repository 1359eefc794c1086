"""Examples as log files: written ones spooled, fixtures found beside their rule and bounded."""

import io
import tempfile
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.log import Log, open_log
from auditor.engine.request import Request
from auditor.engine.rule_tests.batches import Batch
from auditor.errors import Problem, RuleError
from auditor.rules.model import Example, Fixture, Rule
from auditor.schema import TABLES, Kind
from auditor.sources.discover import find_files
from auditor.sources.profile_model import same_name_profile

FIXTURE_BYTES: Final = 16 * 1024 * 1024
FIXTURE_ROWS: Final = 100_000


def written_log(batch: Batch, spool: Path) -> Log:
    """The log of a batch, its rows in their order."""
    lists = {Kind.SET, Kind.HOPS}
    schema = {
        field.name: pl.List(pl.String) if field.kind in lists else pl.String()
        for field in TABLES[batch.table]
    }
    file = Path(tempfile.mkdtemp(prefix="examples-", dir=spool)) / "log.parquet"
    pl.DataFrame(batch.rows, schema=schema, orient="row").write_parquet(file)
    return _opened(file, batch.table, spool)


def fixture_log(rule: Rule, example: Example, fixture: Fixture, spool: Path) -> Log:
    """The log of a fixture.

    Raises:
        RuleError: it cannot be read, lies elsewhere, or is too large.
    """
    file = fixture_file(rule, example, fixture.log)
    log = _opened(file, rule.table, spool)
    compressed = any(found.compression for found in log.files)
    if log.problems or compressed:
        text = "is compressed" if compressed else log.problems[0].message
        raise RuleError.of([_fault(example, fixture.log, text)])
    if log.rows > FIXTURE_ROWS:
        raise RuleError.of([_fault(example, fixture.log, f"has more than {FIXTURE_ROWS:,} rows")])
    return log


def fixture_file(rule: Rule, example: Example, name: str) -> Path:
    """The file that an example names.

    Raises:
        RuleError: it is not there, lies elsewhere, or is too large.
    """
    folder = rule.folder.resolve()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        raise RuleError.of([_fault(example, name, "leads out of the rule's folder")])
    if not file.is_file():
        raise RuleError.of([_fault(example, name, "is no file beside the rule")])
    if file.stat().st_size > FIXTURE_BYTES:
        limit = f"{FIXTURE_BYTES // 1024 // 1024} MiB"
        raise RuleError.of([_fault(example, name, f"is larger than {limit}")])
    return file


def _opened(file: Path, table: str, spool: Path) -> Log:
    request = Request(paths=[str(file)])
    found = find_files(request.paths, spool, io.BytesIO())
    return open_log(found.files, same_name_profile(table, TABLES[table]), request, spool)


def _fault(example: Example, name: str, text: str) -> Problem:
    return Problem(f"{name} of example {example.name!r} {text}", example.location)
