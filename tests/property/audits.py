"""Audits run through the command line in this process: files out, report in."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from click.testing import CliRunner

from auditor.cli.main import cli
from tests.oracle.model import Accounts, Broken, LogFile, Question, Raw, Record, Row
from tests.oracle.values import KINDS, Bad, text_of, time_of, value_of

from .cells import LISTS
from .logs import Case, File

_TIME = pl.Datetime("us", "UTC")
_DTYPES = {"time": _TIME, "bytes": pl.UInt64(), "boolean": pl.Boolean()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one audit said."""

    exit_code: int
    stdout: str
    files: Sequence[LogFile]

    @property
    def report(self) -> dict[str, Any]:
        """The report, parsed."""
        parsed: dict[str, Any] = json.loads(self.stdout)
        return parsed


def _csv_line(cells: Sequence[Raw], quoting: Any) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=quoting, lineterminator="\n").writerow(cells)
    return line.getvalue()


def write_csv(path: Path, columns: Sequence[str], records: Sequence[Record]) -> None:
    """Writes records as CSV, every third row with all its fields quoted."""
    lines = [_csv_line(columns, csv.QUOTE_MINIMAL)]
    for number, record in enumerate(records):
        if isinstance(record, Broken):
            lines.append(record.text + "\n")
        else:
            quoting = csv.QUOTE_ALL if number % 3 == 2 else csv.QUOTE_MINIMAL
            lines.append(_csv_line([record[name] for name in columns], quoting))
    path.write_bytes("".join(lines).encode(errors="surrogateescape"))


def _native(name: str, cells: Sequence[Raw], zone: str | None) -> pl.Series | None:
    """The column in its own type, where every cell is valid."""
    texts = [text_of(cell) for cell in cells]
    if name == "event_at":
        moments = [text and time_of(text, zone) for text in texts]
        is_valid = not any(isinstance(moment, Bad) for moment in moments)
        return pl.Series(name, [m or None for m in moments], dtype=_TIME) if is_valid else None
    dtype = _DTYPES.get(KINDS.get(name, ""))
    values = [value_of(name, cell, zone) for cell in cells] if dtype else []
    if dtype is None or any(isinstance(value, Bad) for value in values):
        return None
    return pl.Series(name, values, dtype=dtype)


def _series(name: str, rows: Sequence[Row], is_typed: bool, zone: str | None) -> pl.Series:
    cells = [row[name] for row in rows]
    native = _native(name, cells, zone) if is_typed else None
    if native is not None:
        return native
    is_list = name in LISTS and any(isinstance(cell, list) for cell in cells)
    if is_list:
        lists = [cell if isinstance(cell, list) else None for cell in cells]
        return pl.Series(name, lists, dtype=pl.List(pl.String))
    return pl.Series(name, cells, dtype=pl.String)


def write_parquet(
    path: Path, columns: Sequence[str], rows: Sequence[Row], is_typed: bool, zone: str | None
) -> None:
    """Writes rows as Parquet: texts and lists, or native types where all cells are valid."""
    pl.DataFrame([_series(name, rows, is_typed, zone) for name in columns]).write_parquet(path)


def _write_log(case: Case, file: File, path: Path) -> LogFile:
    if case.log_format == "csv":
        write_csv(path, file.columns, file.records)
    else:
        rows = [record for record in file.records if not isinstance(record, Broken)]
        write_parquet(path, file.columns, rows, case.is_typed, case.question.timezone)
    return LogFile(str(path), file.records, file.columns)


def _write_accounts(accounts: Accounts, path: Path) -> None:
    if path.suffix == ".csv":
        write_csv(path, accounts.columns, accounts.rows)
    else:
        write_parquet(path, accounts.columns, accounts.rows, is_typed=False, zone=None)


def _arguments(question: Question) -> list[str]:
    arguments = [part for rule_id in question.select for part in ("--select", rule_id)]
    for name, value in question.params.items():
        arguments += ["--param", f"{name}={value}"]
    flags = {
        "--timezone": question.timezone,
        "--from": question.window_from,
        "--to": question.window_to,
    }
    return arguments + [part for flag, text in flags.items() if text for part in (flag, text)]


def audit_in(folder: Path, case: Case, flags: Sequence[str] = ()) -> Answer:
    """Writes the files of `case` into `folder` and audits them."""
    files = [
        _write_log(case, file, folder / f"log-{number}.{case.log_format}")
        for number, file in enumerate(case.files, start=1)
    ]
    command = ["audit", *(file.path for file in files), "--format", "json", "--quiet"]
    if case.accounts:
        accounts = folder / f"accounts.{case.accounts_format}"
        _write_accounts(case.accounts, accounts)
        command += ["--accounts", str(accounts)]
    result = CliRunner().invoke(cli, [*command, *_arguments(case.question), *flags])
    if result.exit_code not in {0, 1, 3}:
        raise AssertionError(f"exit {result.exit_code}: {result.output}") from result.exception
    return Answer(int(result.exit_code), result.stdout, files)


def audit(case: Case) -> Answer:
    """Audits `case` in a folder of its own."""
    with TemporaryDirectory() as folder:
        return audit_in(Path(folder), case)
