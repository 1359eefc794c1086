"""Parquet: the findings as typed columns, the rest of the report in the metadata."""

import json
import os
from collections.abc import Callable
from io import BytesIO
from threading import Thread

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from auditor.findings import FINDING_SCHEMA, Report
from auditor.reports import REPORT_FORMATS, parquet_format

from .builders import make_report, unresolved_accounts, unresolved_hops

Written = Callable[[str, Report], bytes]


def test_the_findings_come_back_with_their_types(full_report: Report, written: Written) -> None:
    df = pl.read_parquet(BytesIO(written("parquet", full_report)))

    assert df.schema == FINDING_SCHEMA
    assert_frame_equal(df, pl.concat(full_report.findings))


def test_a_report_without_findings_has_the_columns(clean_report: Report, written: Written) -> None:
    df = pl.read_parquet(BytesIO(written("parquet", clean_report)))

    assert df.schema == FINDING_SCHEMA
    assert df.height == 0


def test_the_metadata_hold_the_ledger_and_the_run_apart(
    full_report: Report, written: Written
) -> None:
    metadata = pq.read_metadata(BytesIO(written("parquet", full_report))).metadata
    document = json.loads(written("json", full_report))

    del document["findings"]
    assert json.loads(metadata[b"auditor.run"]) == document.pop("run")
    assert json.loads(metadata[b"auditor.report"]) == document


def test_it_can_be_written_to_a_pipe(full_report: Report, written: Written) -> None:
    reading, writing = os.pipe()
    received: list[bytes] = []

    def read() -> None:
        with os.fdopen(reading, "rb") as stream:
            received.append(stream.read())

    reader = Thread(target=read)
    reader.start()
    with os.fdopen(writing, "wb") as stream:
        REPORT_FORMATS["parquet"].write(full_report, stream)
    reader.join()

    assert received == [written("parquet", full_report)]


def test_long_lists_are_cut_in_the_metadata_which_say_so(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_format, "MOST_ENTRIES", 3)
    monkeypatch.setattr(parquet_format, "MOST_BYTES", 1_000)
    report = make_report(
        unresolved_hops=unresolved_hops(*((f"hop{n}", 9 - n, "empty hop") for n in range(8))),
        unresolved_accounts=unresolved_accounts(
            *((f"{n}" * 400, 9, "unknown account") for n in range(4))
        ),
    )

    metadata = pq.read_metadata(BytesIO(written("parquet", report))).metadata

    assert json.loads(metadata[b"auditor.left_out"]) == {
        "coverage.invalid_values": 0,
        "unresolved.hops": 5,
        "unresolved.accounts": 2,
        "suspected": 0,
    }
    unresolved = json.loads(metadata[b"auditor.report"])["unresolved"]
    assert [hop["value"] for hop in unresolved["hops"]] == ["hop0", "hop1", "hop2"]
    assert [account["account_id"][0] for account in unresolved["accounts"]] == ["0", "1"]
