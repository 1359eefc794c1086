"""Counts of everything that was read: coverage, rejected rows, why rows are unknown."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from auditor.coverage import INVALID_VALUES, Counted, Ledger
from auditor.engine.parts import parts_of
from auditor.engine.plan import BUCKET, WEIGHT, Bucket, Plan, boundary_column, outcome_column
from auditor.engine.shares import distinct, shares_of
from auditor.findings import Outcome, RuleResult
from auditor.rules.compile import CompiledRule
from auditor.schema import PATH, REJECT, ROW, TIME
from auditor.sources.log_file import LogFile
from auditor.sources.reread import raw_text

_TEXT: Final = pl.String()
_UNKNOWN_ROWS: Final[dict[str, pl.DataType]] = {
    "rule_id": _TEXT, "reason": _TEXT, "path": _TEXT, "row": pl.Int64(), "event_at": TIME,
    "account_id": _TEXT, "meeting_id": _TEXT, "session_id": _TEXT, "order_id": _TEXT,
    "route": _TEXT, "boundary": _TEXT,
}  # fmt: skip
_REJECTED_ROWS: Final[dict[str, pl.DataType]] = {
    "path": _TEXT, "row": pl.Int64(), "line": pl.Int64(), "reason": _TEXT, "raw": _TEXT,
}  # fmt: skip

_ROW_TEXT: Final = "@row-text"
_ROW_DIGITS: Final = 19


def ledger_of(
    counts: Mapping[str, int], flagged: pl.LazyFrame, plan: Plan, rows_read: int
) -> Ledger:
    """The ledger of one table; `rows_read` is counted apart from the pass that decided."""
    return Ledger(
        rows_read=rows_read,
        rows_rejected=counts[Bucket.REJECTED.name],
        rows_outside_window=counts[Bucket.OUTSIDE_WINDOW.name],
        judged=counts[Bucket.EVENT.name],
        rejects=_counted(flagged.filter(pl.col(REJECT).is_not_null()), pl.col(REJECT)),
        invalid_values=_invalid_values(_events(flagged), plan.bad_texts),
    )


def rule_result(
    rule: CompiledRule, counts: Mapping[str, int], flagged: pl.LazyFrame, findings: int
) -> RuleResult:
    """One rule's row of the report."""
    name = rule.rule.id
    per_outcome = {o: counts[f"{name}:{o.name}"] for o in Outcome}
    applied = sum(per_outcome.values()) - per_outcome[Outcome.NOT_APPLICABLE]
    undecided = flagged.filter(pl.col(outcome_column(name)) == Outcome.UNKNOWN.value)
    return RuleResult(
        id=name,
        title=rule.rule.title,
        severity=rule.rule.severity,
        digest=rule.digest,
        status="ran" if applied else "never_applied",
        violation=per_outcome[Outcome.VIOLATION],
        compliant=per_outcome[Outcome.COMPLIANT],
        unknown=per_outcome[Outcome.UNKNOWN],
        not_applicable=per_outcome[Outcome.NOT_APPLICABLE],
        boundary_rows=counts[f"{name}:late"],
        findings=findings,
        unknown_reasons=_counted(undecided, rule.unknown_reason)
        if per_outcome[Outcome.UNKNOWN]
        else (),
        table=rule.rule.table,
        boundary=rule.boundary_text,
    )


def not_run(rule: CompiledRule, reason: str) -> RuleResult:
    """The row of a rule whose table was not given."""
    return RuleResult(
        rule.rule.id,
        rule.rule.title,
        rule.rule.severity,
        rule.digest,
        "not_run",
        reason,
        table=rule.rule.table,
        boundary=rule.boundary_text,
    )


def unknown_rows(notable: pl.LazyFrame, plan: Plan) -> Iterator[pl.DataFrame]:
    """One row per rule and row it could not decide: rule, reason, place, time, keys, boundary.

    An order is an event without meeting and route, at the time at which it was made.

    Sorted by rule, path and row, in frames of bounded size; at least one, if without rows.
    """
    columns = ["event_at", "account_id", "meeting_id", "session_id"]
    order_id = pl.col("order_id") if plan.table == "orders" else pl.lit(None, dtype=pl.String)
    yield pl.DataFrame(schema=_UNKNOWN_ROWS)
    for rule in sorted(plan.rules, key=lambda one: one.rule.id):
        is_unknown = pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value
        for rows in _in_order(notable, is_unknown):
            yield rows.select(
                pl.lit(rule.rule.id).alias("rule_id"),
                rule.unknown_reason.alias("reason"),
                pl.col(PATH).alias("path"),
                pl.col(ROW).alias("row"),
                *columns,
                order_id.alias("order_id"),
                "route",
                pl.when(boundary_column(rule.rule.id))
                .then(pl.lit(rule.boundary_text, dtype=pl.String))
                .alias("boundary"),
            )


def rejected_rows(notable: pl.LazyFrame, files: Sequence[LogFile]) -> Iterator[pl.DataFrame]:
    """The rejected rows: `path`, `row`, `line` (of a text file), `reason`, `raw`.

    Sorted by path and row, in frames of bounded size; at least one, if without rows.
    """
    yield pl.DataFrame(schema=_REJECTED_ROWS)
    for rejects in _in_order(notable.select(PATH, ROW, REJECT), pl.col(REJECT).is_not_null()):
        raw = raw_text(files, rejects.select(PATH, ROW))
        yield rejects.join(raw, on=[PATH, ROW], how="left", maintain_order="left").select(
            pl.col(PATH).alias("path"),
            pl.col(ROW).alias("row"),
            "line",
            pl.col(REJECT).alias("reason"),
            "raw",
        )


def _in_order(notable: pl.LazyFrame, where: pl.Expr) -> Iterator[pl.DataFrame]:
    """The rows for which `where` is true by path and row, a part at a time."""
    rows = notable.filter(where).select(pl.len()).collect(engine="streaming").item()
    digits = pl.col(ROW).cast(pl.String).str.zfill(_ROW_DIGITS).alias(_ROW_TEXT)
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        for part in parts_of(
            notable.with_columns(digits), where, rows, (PATH, _ROW_TEXT), Path(folder)
        ):
            yield part.whole().sort(PATH, ROW)
            part.remove()


def _events(flagged: pl.LazyFrame) -> pl.LazyFrame:
    return flagged.filter(pl.col(BUCKET) == Bucket.EVENT.value)


def _invalid_values(events: pl.LazyFrame, bad_texts: Sequence[str]) -> pl.DataFrame:
    found = [pl.DataFrame(schema=INVALID_VALUES)]
    texts = events.select(bad_texts)
    held = texts.count().collect(engine="streaming").row(0, named=True) if bad_texts else {}
    for text in (text for text, number in held.items() if number):
        value = pl.col(text).alias("value")
        rows = events.filter(value.is_not_null()).select(value, WEIGHT)
        shares = shares_of(rows, "value", distinct(rows, "value"))
        counted = pl.concat(_weighed(share) for share in shares)
        column = pl.lit(text.removeprefix("invalid:")).cast(INVALID_VALUES["column"])
        named = _most_first(counted).with_columns(column.alias("column"))
        found.append(named.select(*INVALID_VALUES))
    return pl.concat(found)


def _counted(rows: pl.LazyFrame, value: pl.Expr) -> list[Counted]:
    counted = _weighed(rows.select(value.alias("value"), WEIGHT))
    return [Counted(text, number) for text, number in _most_first(counted).iter_rows()]


def _weighed(rows: pl.LazyFrame) -> pl.DataFrame:
    """Each `value` and how many rows have it."""
    weighed = rows.group_by("value").agg(pl.col(WEIGHT).sum().alias("rows"))
    return weighed.collect(engine="streaming")


def _most_first(counted: pl.DataFrame) -> pl.DataFrame:
    return counted.sort("rows", "value", descending=[True, False])
