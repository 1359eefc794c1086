"""Lists of hundreds of thousands of entries: written and read in pieces of bounded size."""

import json
from io import BytesIO
from typing import Final

import polars as pl
import pyarrow.parquet as pq
import pytest

from auditor.coverage import SUSPICIONS, UNRESOLVED_ACCOUNTS, UNRESOLVED_HOPS
from auditor.findings import Report
from auditor.reports import REPORT_FORMATS
from auditor.reports.json_chunks import ObjectLines, json_chunks
from auditor.reports.reading.stream import JsonStream

from .builders import HOSTILE, MemoryFindings, finding, frame, make_report, rule, unresolved_hops

ENTRIES: Final = 200_000
LARGEST_CHUNK: Final = 2 << 20
"""Twenty times smaller than one of the lists."""


class Chunks(BytesIO):
    """Notes the size of the largest piece that is written at once."""

    largest = 0

    def write(self, content: object, /) -> int:
        self.largest = max(self.largest, len(content))  # type: ignore[arg-type]  # bytes-like
        return super().write(content)  # type: ignore[arg-type]  # as above


@pytest.fixture(scope="module")
def long_report() -> Report:
    numbers = pl.select(pl.int_range(ENTRIES).alias("number"))
    hops = numbers.select(
        pl.format("10.{}.{}.7", pl.col("number") // 256, pl.col("number") % 256).alias("value"),
        pl.lit(3, dtype=pl.Int64).alias("rows"),
        pl.lit("special address").cast(UNRESOLVED_HOPS["reason"]).alias("reason"),
    )
    accounts = hops.select(
        pl.col("value").alias("account_id"),
        "rows",
        pl.lit("unknown account").cast(UNRESOLVED_ACCOUNTS["reason"]).alias("reason"),
    )
    suspected = hops.select(
        pl.lit("ROUTE-001").cast(SUSPICIONS["rule_id"]).alias("rule_id"),
        pl.col("value").alias("hop"),
        pl.lit(pl.Series([["CN", "US"]])).first().alias("countries"),
        "rows",
        pl.lit("conflicting").cast(SUSPICIONS["basis"]).alias("basis"),
    )
    return make_report(
        unresolved_hops=hops,
        unresolved_accounts=accounts,
        suspected=suspected,
        rules=[rule(violation=1, findings=1)],
        findings=MemoryFindings([frame(finding(1))]),
    )


def as_plain(report: Report) -> dict[str, object]:
    """The members that hold the long lists, as a document has them."""
    return {
        "unresolved": {
            "hops": report.unresolved_hops.to_dicts(),
            "accounts": report.unresolved_accounts.to_dicts(),
        },
        "suspected": report.suspected.to_dicts(),
    }


def test_json_holds_no_more_than_a_batch_as_text(long_report: Report) -> None:
    stream = Chunks()

    REPORT_FORMATS["json"].write(long_report, stream)

    document = json.loads(stream.getvalue())
    assert {name: document[name] for name in ("unresolved", "suspected")} == as_plain(long_report)
    assert stream.largest < LARGEST_CHUNK


def test_the_record_of_the_run_is_one_line_in_pieces(long_report: Report) -> None:
    stream = Chunks()

    REPORT_FORMATS["ndjson"].write(long_report, stream)

    run, found = (json.loads(line) for line in stream.getvalue().splitlines())
    assert {name: run[name] for name in ("unresolved", "suspected")} == as_plain(long_report)
    assert found["kind"] == "finding"
    assert stream.largest < LARGEST_CHUNK


def test_parquet_lists_the_first_and_counts_the_rest(long_report: Report) -> None:
    stream = BytesIO()

    REPORT_FORMATS["parquet"].write(long_report, stream)

    stream.seek(0)
    metadata = pq.read_metadata(stream).metadata
    report = json.loads(metadata[b"auditor.report"])
    left_out = json.loads(metadata[b"auditor.left_out"])
    assert len(report["unresolved"]["hops"]) == ENTRIES - left_out["unresolved.hops"] == 100_000
    assert report["unresolved"]["hops"] == long_report.unresolved_hops.head(100_000).to_dicts()
    stream.seek(0)
    assert pl.read_parquet(stream)["id"].to_list() == [f"{1:032x}"]


def test_the_terminal_shows_a_few_and_counts_the_rest(long_report: Report) -> None:
    stream = BytesIO()

    REPORT_FORMATS["terminal"].write(long_report, stream)

    text = stream.getvalue().decode()
    assert "and 199,990 more hops; --format json has all" in text
    assert "and 199,990 more accounts" in text
    assert "and 199,990 more suspicions" in text


def test_reading_passes_over_long_lists(long_report: Report) -> None:
    stream = BytesIO()
    stream.writelines(json_chunks({"hops": long_report.unresolved_hops}, is_indented=True))
    stream.write(b" 7")
    stream.seek(0)
    reader = JsonStream(stream, "report")

    reader.skip()

    assert reader.value() == 7


@pytest.mark.parametrize("is_indented", [False, True])
@pytest.mark.parametrize(
    "value",
    [None, "a\nb", [], {}, [1, {"a": []}], {"a": {"b": {}, "c": [[], {"d": "\x1b"}]}, "é\n": 1.5}],
)
def test_plain_values_are_written_as_json_writes_them(value: object, *, is_indented: bool) -> None:
    text = b"".join(json_chunks(value, is_indented=is_indented))

    assert json.loads(text) == value
    layout = {"indent": 2} if is_indented else {"separators": (",", ":")}
    plain = json.dumps(value, ensure_ascii=False, **layout)
    assert text.decode().replace("\\u001b", "\x1b") == plain.replace("\\u001b", "\x1b")


@pytest.mark.parametrize(
    ("is_indented", "text"),
    [
        (False, '{"a":{"hops":[{"n":1},{"n":2},{"n":3}],"none":[]}}'),
        (
            True,
            (
                '{\n  "a": {\n    "hops": [\n      {"n":1},\n      {"n":2},\n      {"n":3}\n'
                '    ],\n    "none": []\n  }\n}'
            ),
        ),
    ],
)
def test_objects_come_one_to_a_line(text: str, *, is_indented: bool) -> None:
    lists = {"hops": ObjectLines([b'{"n":1}\n{"n":2}\n', b'{"n":3}\n']), "none": ObjectLines([])}

    written = b"".join(json_chunks({"a": lists}, is_indented=is_indented)).decode()

    assert written == text


def test_texts_of_entries_are_as_safe_as_others() -> None:
    hops = unresolved_hops((HOSTILE, 1, "empty hop"))

    text = b"".join(json_chunks({"hops": hops})).decode()

    assert text.isprintable()
    assert json.loads(text)["hops"] == hops.to_dicts()


def test_long_texts_are_written_in_chunks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.reports.json_chunks._LOT_BYTES", 100)
    hops = [f"{'x' * 60}{number}" for number in range(20)]
    entries = pl.DataFrame({"value": hops, "rows": [1] * 20})

    chunks = list(ObjectLines.of_frame(entries).lines)

    lines = b"".join(chunks).splitlines()
    assert max(map(len, chunks)) < 300
    assert [json.loads(line)["value"] for line in lines] == hops
