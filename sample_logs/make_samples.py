"""Writes the sample logs that are not text: canonical/, and the Parquet files of edge-cases/."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from auditor.generate.log import write_log
from auditor.generate.parts import write_csv
from auditor.generate.request import LogRequest

_HERE: Final = Path(__file__).parent
_CANONICAL: Final = LogRequest(rows=600, seed=27, violations=0.06)
_UTC: Final = ZoneInfo("UTC")
_LISTS: Final = pl.List(pl.String)


def make_canonical(folder: Path) -> None:
    """A generated log: April and May as Parquet, June as CSV."""
    write_log(folder, _CANONICAL, lambda _: None)
    generated = folder / "events" / "part-0001.parquet"
    df = pl.read_parquet(generated)
    generated.unlink()
    for month in ("2020-04", "2020-05"):
        part = folder / "events" / f"month={month}"
        part.mkdir()
        df.filter(pl.col("event_at").dt.strftime("%Y-%m") == month).write_parquet(
            part / "part-0001.parquet"
        )
    with (folder / "events" / "2020-06.csv").open("wb") as file:
        write_csv(df.filter(pl.col("event_at").dt.month() > 5), file, has_header=True)  # noqa: PLR2004 - May


def make_set_cases(path: Path) -> None:
    """Lists tell an empty set, a missing one and a missing item apart."""
    cases: list[tuple[str, list[str | None] | None, list[str | None] | None, str | None]] = [
        ("s1", ["SJ"], [], "US"),
        ("s2", ["FR"], [], "US"),
        ("s3", ["SJ"], None, "US"),
        ("s4", ["SJ"], [None], "US"),
        ("s5", [], ["US"], "US"),
        ("s6", ["SJ", None], ["US"], "US"),
        ("s7", None, ["US"], "US"),
        ("s8", ["SJ"], [], None),
        ("s9", ["FR", None], ["US"], "US"),
    ]
    sessions, routes, opted_in, homes = zip(*cases, strict=True)
    start = datetime(2020, 5, 4, 8, tzinfo=_UTC)
    pl.DataFrame(
        {
            "event_at": [start] * len(cases),
            "meeting_id": ["sets"] * len(cases),
            "session_id": sessions,
            "account_id": ["acme"] * len(cases),
            "route": pl.Series(routes, dtype=_LISTS),
            "plan": ["pro"] * len(cases),
            "billing_country": ["US"] * len(cases),
            "opted_in": pl.Series(opted_in, dtype=_LISTS),
            "home": homes,
            "connection_type": ["UDP"] * len(cases),
        }
    ).write_parquet(path)


def make_time_cases(folder: Path) -> None:
    """One meeting, the same instants in three units and two zones, one file for each."""
    folder.mkdir(exist_ok=True)
    instants = [datetime(2020, 5, 4, 8, minute, tzinfo=_UTC) for minute in (0, 10)]
    for name, dtype in {
        "milliseconds": pl.Datetime("ms", "UTC"),
        "microseconds-kolkata": pl.Datetime("us", "Asia/Kolkata"),
        "nanoseconds": pl.Datetime("ns", "UTC"),
    }.items():
        pl.DataFrame(
            {
                "event_at": pl.Series(instants, dtype=pl.Datetime("us", "UTC")),
                "meeting_id": ["times"] * 2,
                "session_id": [f"{name}-1", f"{name}-2"],
                "account_id": ["acme"] * 2,
                "route": ["SJ", "FR"],
            }
        ).with_columns(pl.col("event_at").cast(dtype)).write_parquet(folder / f"{name}.parquet")


def main() -> None:
    """Writes everything anew."""
    readme = (_HERE / "canonical" / "README.md").read_text(encoding="utf-8")
    shutil.rmtree(_HERE / "canonical")
    make_canonical(_HERE / "canonical")
    (_HERE / "canonical" / "README.md").write_text(readme, encoding="utf-8")
    make_set_cases(_HERE / "edge-cases" / "own-facts" / "sets.parquet")
    make_time_cases(_HERE / "edge-cases" / "times")


if __name__ == "__main__":
    main()
