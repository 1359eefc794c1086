"""Lists in Parquet and JSON: an item is one token or none, whatever text it holds."""

import json
from pathlib import Path

import polars as pl
import pytest

from .logs import invoke, report_of

ROW = {
    "event_at": "2020-05-02T10:00:00Z",
    "meeting_started_at": "2020-05-02T10:00:00Z",
    "meeting_id": "m",
    "session_id": "s",
    "account_id": "a",
}


@pytest.mark.parametrize("ending", ["parquet", "ndjson"])
@pytest.mark.parametrize(
    ("route", "opted_in", "unknown", "unresolved", "invalid"),
    [
        (["country:US", "country:CA"], ["US", "CA"], 0, [], []),
        (["country:US"], ["US;CA"], 1, [], ["US\uff1bCA;"]),
        (["country:US;country:CA"], ["US", "CA"], 1, ["country:US\uff1bcountry:CA"], []),
    ],
)
def test_a_separator_within_an_item_makes_no_second_one(
    tmp_path: Path,
    ending: str,
    route: list[str],
    opted_in: list[str],
    unknown: int,
    unresolved: list[str],
    invalid: list[str],
) -> None:
    row = {**ROW, "route": route, "opted_in": opted_in}
    log = tmp_path / f"log.{ending}"
    if ending == "parquet":
        pl.DataFrame([row]).write_parquet(log)
    else:
        log.write_text(json.dumps(row))

    done = invoke("audit", log, "--select", "ROUTE-001", "--format", "json", cwd=tmp_path)

    report = report_of(done)
    assert report["rules"][0]["unknown"] == unknown
    assert [hop["value"] for hop in report["unresolved"]["hops"]] == unresolved
    assert [one["value"] for one in report["coverage"]["invalid_values"]] == invalid
    assert done.exit_code == (3 if unknown else 0)
