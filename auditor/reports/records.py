"""Frames of findings cut into even batches and turned into the records of the JSON formats."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Final

import polars as pl

from auditor.findings import FINDING_SCHEMA
from auditor.reports.escape import json_bytes
from auditor.schema import SUBJECT_KEYS

BATCH_ROWS: Final = 10_000


def batches(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The findings in their order, `BATCH_ROWS` at a time however the frames were cut.

    So memory stays flat, and the bytes of a format do not depend on the engine's chunks.
    """
    held: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        for part in frame.select(*FINDING_SCHEMA).iter_slices(BATCH_ROWS):
            held.append(part)
            height += part.height
            if height >= BATCH_ROWS:
                whole = pl.concat(held)
                yield whole.head(BATCH_ROWS)
                held = [whole.slice(BATCH_ROWS)]
                height -= BATCH_ROWS
    if height:
        yield pl.concat(held)


def json_lines(findings: pl.DataFrame, before: Sequence[pl.Expr] = ()) -> bytes:
    """One JSON object per finding and line, members in the published order.

    Args:
        findings: a frame of `FINDING_SCHEMA`.
        before: further members, which come first.
    """
    buffer = BytesIO()
    for part in _subject_runs(findings):
        keys = SUBJECT_KEYS[part["subject_kind"][0]]
        part.select(*before, *_members(keys)).write_ndjson(buffer)
    return json_bytes(buffer.getvalue())


def time_text(instant: pl.Expr) -> pl.Expr:
    """An instant as `2020-05-01T00:00:00Z`, with microseconds only where there are some."""
    whole = instant.dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    exact = instant.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
    return pl.when(instant.dt.microsecond() == 0).then(whole).otherwise(exact)


def policy_time(name: str) -> pl.Expr:
    """One end of the policy's validity, as text."""
    return time_text(pl.col("policy").struct.field(name)).alias(name)


def _subject_runs(findings: pl.DataFrame) -> list[pl.DataFrame]:
    # NOTE: an object holds the keys of its own kind only, and a struct has one shape per frame;
    # the kind changes only between rules, so there are few runs.
    run = findings["subject_kind"].rle_id().alias("@run")
    return findings.with_columns(run).partition_by("@run", maintain_order=True, include_key=False)


def _members(subject_keys: Sequence[str]) -> list[pl.Expr]:
    policy = pl.struct(policy_time("valid_from"), policy_time("valid_to"))
    made = {
        "subject_kind": pl.struct(pl.col("subject_kind").alias("kind"), *subject_keys).alias(
            "subject"
        ),
        "first_at": time_text(pl.col("first_at")).alias("first_at"),
        "last_at": time_text(pl.col("last_at")).alias("last_at"),
        "policy": pl.when(pl.col("policy").is_not_null()).then(policy).alias("policy"),
    }
    keys = {key for keys in SUBJECT_KEYS.values() for key in keys}
    return [made.get(name, pl.col(name)) for name in FINDING_SCHEMA if name not in keys]
