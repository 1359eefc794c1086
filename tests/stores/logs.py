"""A log in every format, and reports with the names of files made alike."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from tests.acceptance.logs import CLEAN, HEADER, REJECT, UNKNOWN, VIOLATION

ROWS = [CLEAN, VIOLATION, UNKNOWN, REJECT]


def records() -> list[dict[str, str]]:
    return [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS]


def write_every_format(folder: Path) -> None:
    """The rows of `ROWS` once in each format, and files that are no logs."""
    (folder / "day=2020-05-02").mkdir(parents=True)
    (folder / "_temporary").mkdir()
    text = "\n".join([HEADER, *ROWS, "too,few"]) + "\n"
    lines = "".join(json.dumps(one) + "\n" for one in records()).encode()
    (folder / "a.csv").write_text(text)
    (folder / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "c d+e%20[1].ndjson").write_bytes(lines)
    (folder / "day=2020-05-02" / "e.json").write_text(json.dumps(records()))
    (folder / "f.ndjson.zst").write_bytes(zstandard.compress(lines))
    pl.DataFrame(records()).write_parquet(folder / "day=2020-05-02" / "ü.parquet")
    (folder / "_temporary" / "half.csv").write_text(text)
    (folder / "_SUCCESS").write_text("")
    (folder / "notes.txt").write_text("no log")


def made_alike(document: dict[str, Any], place: str) -> dict[str, Any]:
    """A report without what tells two runs apart, `place` standing for one and the same name."""
    del document["run"]
    for one in document["inputs"]:
        one["sha256"] = one["etag"] = None
    alike: dict[str, Any] = json.loads(json.dumps(document).replace(place, "PLACE"))
    return alike
