"""Every format of every report looks as reviewed; `pytest --update-golden` writes them anew."""

import json
from collections.abc import Callable
from io import BytesIO

import polars as pl
import pyarrow.parquet as pq
import pytest

from auditor.findings import Report
from auditor.reports import REPORT_FORMATS

SUFFIXES = {"json": "json", "ndjson": "ndjson", "csv": "csv", "terminal": "txt"}
REPORTS = ["full", "clean", "incomplete"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def test_every_format_has_a_golden_file() -> None:
    assert {*SUFFIXES, "parquet"} == set(REPORT_FORMATS)


@pytest.mark.parametrize("name", SUFFIXES)
@pytest.mark.parametrize("case", REPORTS)
def test_text_formats_are_as_reviewed(
    case: str,
    name: str,
    request: pytest.FixtureRequest,
    written: Callable[[str, Report], bytes],
    golden: Callable[[str, bytes], None],
) -> None:
    report = request.getfixturevalue(f"{case}_report")

    golden(f"{case}.{SUFFIXES[name]}", written(name, report))


@pytest.mark.parametrize("case", REPORTS)
def test_parquet_holds_what_was_reviewed(
    case: str,
    request: pytest.FixtureRequest,
    written: Callable[[str, Report], bytes],
    golden: Callable[[str, bytes], None],
) -> None:
    report = request.getfixturevalue(f"{case}_report")
    content = written("parquet", report)

    golden(f"{case}.parquet.txt", _described(content).encode())


def _described(content: bytes) -> str:
    """Columns, rows and metadata: what a diff can show of a binary file."""
    file = pq.ParquetFile(BytesIO(content))
    schema = file.schema_arrow
    columns = [f"{name}: {dtype}" for name, dtype in zip(schema.names, schema.types, strict=True)]
    metadata = {
        key.decode(): json.loads(value)
        for key, value in file.metadata.metadata.items()
        if key.startswith(b"auditor.")
    }
    rows = pl.read_parquet(BytesIO(content)).write_ndjson()
    return "\n".join([*columns, "", rows, json.dumps(metadata, indent=2), ""])
