"""Logs written, found and opened in one step."""

import io
from pathlib import Path

import polars as pl

from auditor.sources.discover import find_files
from auditor.sources.log_file import LogFile
from auditor.sources.scan import Opened, open_files


def log(folder: Path, content: bytes, name: str = "log.csv") -> LogFile:
    (folder / name).write_bytes(content)
    return find_files([str(folder / name)], folder, io.BytesIO()).files[0]


def opened(folder: Path, content: bytes, name: str = "log.csv") -> Opened:
    return open_files([log(folder, content, name)], folder)


def rows_of(opened: Opened) -> pl.DataFrame:
    return pl.concat([group.lf.collect(engine="streaming") for group in opened.groups])
