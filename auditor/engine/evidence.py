"""Violating rows → findings: one per rule and subject, with all a reader needs to act."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from auditor.engine.plan import boundary_column, outcome_column
from auditor.enrich.interned import era_of
from auditor.enrich.meetings import COUNTRIES_SET, OBSERVED
from auditor.enrich.sites import Basis, Sites, weakest
from auditor.findings import FINDING_SCHEMA, Outcome
from auditor.jurisdictions import SetExpr, codes_of, set_columns
from auditor.rules.compile import CompiledRule
from auditor.schema import (
    FACTS,
    PATH,
    POLICY_FROM,
    POLICY_STATE,
    POLICY_TO,
    ROW,
    SUBJECT_KEYS,
    Kind,
    PolicyState,
)

_ROWS_SHOWN: Final = 10
_FRAME_ROWS: Final = 50_000
_ID_DIGITS: Final = 32
_OUTSIDE: Final = "jurisdictions_outside"
_SHOWN_SETS: Final = ("jurisdictions", _OUTSIDE, "opted_in")


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """The findings of one rule, in a file of `FINDING_SCHEMA`."""

    file: Path
    count: int


class SpooledFindings:
    """Findings of all rules, read back from their files in frames of bounded size."""

    def __init__(self, parts: Sequence[RuleFindings]) -> None:
        self._parts = tuple(part for part in parts if part.count)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for part in self._parts:
            yield from pl.read_parquet(part.file).iter_slices(_FRAME_ROWS)


def violating_rows(flagged: pl.LazyFrame, rule: CompiledRule) -> pl.LazyFrame:
    """The flagged rows that violate a rule."""
    return flagged.filter(pl.col(outcome_column(rule.rule.id)) == Outcome.VIOLATION.value)


def needs_meetings(rule: CompiledRule) -> bool:
    """Whether a rule's findings show facts of the whole meeting."""
    return COUNTRIES_SET in rule.needs or rule.shows_start


def meetings_shown(rows: pl.LazyFrame, rule: CompiledRule) -> pl.LazyFrame:
    """`meeting_id` of the rows whose finding shows facts that the rows themselves do not hold."""
    if COUNTRIES_SET not in rule.needs:
        rows = rows.filter(pl.col("start_basis") == "observed")
    return rows.select("meeting_id").unique()


def with_meeting_facts(rows: pl.LazyFrame, meetings: pl.DataFrame) -> pl.LazyFrame:
    """Replace provisional starts and missing countries by those of `meetings`."""
    lo, hi, _ = set_columns(COUNTRIES_SET)
    present = [c for c in (lo, hi) if c in rows.collect_schema()]
    facts = meetings.lazy().select(
        "meeting_id", OBSERVED, *(pl.col(c).alias(c + "!") for c in present)
    )
    is_observed = pl.col("start_basis") == "observed"
    start = pl.coalesce(OBSERVED, "meeting_started_at")
    return (
        rows.join(facts, on="meeting_id", how="left")
        .with_columns(
            pl.when(is_observed)
            .then(start)
            .otherwise("meeting_started_at")
            .alias("meeting_started_at"),
            *(pl.coalesce(c, c + "!").alias(c) for c in present),
        )
        .drop(OBSERVED, *(c + "!" for c in present))
    )


def write_findings(
    rows: pl.LazyFrame, rule: CompiledRule, sites: Sites, file: Path
) -> RuleFindings:
    """Group a rule's violating rows by subject, in order, into `file`."""
    keys = SUBJECT_KEYS[rule.rule.subject]
    shown = _with_route_evidence(_with_outside(rows).with_columns(**_texts(rule)), sites)
    grouped = shown.group_by(keys).agg(_aggregates(rule)).collect(engine="streaming")
    findings = _finished(_decoded(grouped), rule, keys)
    findings.write_parquet(file)
    return RuleFindings(file, findings.height)


def _with_outside(rows: pl.LazyFrame) -> pl.LazyFrame:
    outside = SetExpr.column("jurisdictions").minus(SetExpr.column("opted_in")).or_empty()
    return rows.with_columns(*outside.named(_OUTSIDE))


def _texts(rule: CompiledRule) -> dict[str, pl.Expr]:
    texts = {f"evidence:{name}": expr for name, expr in rule.evidence.items()}
    return texts | ({"basis": rule.basis} if rule.basis is not None else {})


def _with_route_evidence(rows: pl.LazyFrame, sites: Sites) -> pl.LazyFrame:
    """Add `hops` (texts of the route) and `@basis` (rank of the weakest deciding one)."""
    lo, hi, _ = set_columns(_OUTSIDE)
    era = era_of(pl.col("event_at"), sites.boundaries)
    key = ["route", "@era", lo, hi]
    rows = rows.with_columns(era.alias("@era"))
    distinct = rows.select(key).unique().collect(engine="streaming")
    hops, basis = [], []
    for route, at, low, high in distinct.iter_rows():
        resolved = sites.hops(route, at)
        hops.append(sorted({hop.text for hop in resolved}))
        basis.append(weakest(resolved, frozenset(codes_of(low | high << 128))).value)
    evidence = distinct.with_columns(
        pl.Series("hops", hops, dtype=pl.List(pl.String)),
        pl.Series("@basis", basis, dtype=pl.UInt8),
    )
    return rows.join(evidence.lazy(), on=key, how="left", nulls_equal=True)


def _aggregates(rule: CompiledRule) -> list[pl.Expr]:
    words = [column for name in _SHOWN_SETS for column in set_columns(name)[:2]]
    total = pl.col("media_bytes").cast(pl.Int128).sum().clip(0, 2**64 - 1).cast(pl.UInt64)
    rule_basis = rule.basis is not None
    return [
        pl.col("event_at").min().alias("first_at"),
        pl.col("event_at").max().alias("last_at"),
        pl.len().cast(pl.Int64).alias("events"),
        pl.when(pl.col("media_bytes").count() > 0).then(total).alias("media_bytes"),
        *(pl.col(word).bitwise_or() for word in words),
        pl.col("hops").explode().unique().sort().alias("route"),
        pl.col("basis").min() if rule_basis else pl.col("@basis").min().alias("basis"),
        (pl.col("start_basis") == "observed").any().alias("start_basis"),
        pl.when(pl.col(POLICY_STATE) == PolicyState.IN_FORCE.value).then(
            pl.struct(pl.col(POLICY_FROM).alias("valid_from"), pl.col(POLICY_TO).alias("valid_to"))
        ).sort_by("event_at", POLICY_FROM, POLICY_STATE).first().alias("policy"),
        pl.col(boundary_column(rule.rule.id)).any().alias("boundary"),
        pl.struct(pl.col(PATH).alias("path"), pl.col(ROW).alias("row"))
        .sort_by(PATH, ROW).head(_ROWS_SHOWN).alias("rows"),
        *_message_values(rule),
    ]  # fmt: skip


def _message_values(rule: CompiledRule) -> Iterator[pl.Expr]:
    """Values that only the message shows; where rows differ, all of them."""
    fields = FACTS[rule.rule.table]
    for name in _own_message_fields(rule):
        if name in rule.evidence:
            yield (
                pl.col(f"evidence:{name}")
                .drop_nulls()
                .unique()
                .sort()
                .str.join("; ")
                .alias(f"message:{name}")
            )
        elif fields[name].kind is Kind.TIME:
            yield pl.col(name).min().alias(f"message:{name}")
        elif fields[name].kind is Kind.SET:
            lo, hi, _ = set_columns(name)
            yield pl.col(lo).bitwise_or().alias(f"message:{lo}")
            yield pl.col(hi).bitwise_or().alias(f"message:{hi}")
        else:
            values = pl.col(name).cast(pl.String).drop_nulls().unique().sort()
            yield pl.when(values.len() > 0).then(values.str.join(", ")).alias(f"message:{name}")


def _own_message_fields(rule: CompiledRule) -> list[str]:
    keys = SUBJECT_KEYS[rule.rule.subject]
    return [
        n
        for n in rule.message_fields
        if n not in FINDING_SCHEMA or (n in _key_names() and n not in keys)
    ]


def _key_names() -> frozenset[str]:
    return frozenset(key for keys in SUBJECT_KEYS.values() for key in keys)


def _decoded(grouped: pl.DataFrame) -> pl.DataFrame:
    """Every pair of word columns as one list of codes."""
    for lo in [c for c in grouped.columns if c.endswith(".lo")]:
        name = lo.removesuffix(".lo")
        hi = f"{name}.hi"
        distinct = grouped.select(lo, hi).unique()
        codes = [
            None if low is None or high is None else codes_of(low | high << 128)
            for low, high in distinct.iter_rows()
        ]
        table = distinct.with_columns(pl.Series(name, codes, dtype=pl.List(pl.String)))
        grouped = grouped.join(table, on=[lo, hi], how="left", nulls_equal=True).drop(lo, hi)
    return grouped


def _finished(grouped: pl.DataFrame, rule: CompiledRule, keys: Sequence[str]) -> pl.DataFrame:
    names = {b.value: b.name.lower() for b in Basis}
    basis = (
        pl.col("basis")
        if rule.basis is not None
        else pl.col("basis").replace_strict(names, return_dtype=pl.String)
    )
    observed, reported = pl.lit("observed"), pl.lit("reported")
    ordered = grouped.sort(keys, nulls_last=False).with_columns(
        basis.alias("basis"),
        pl.when("start_basis").then(observed).otherwise(reported).alias("start_basis"),
        pl.when("boundary").then(pl.lit(rule.boundary_text)).alias("boundary"),
        pl.lit(rule.rule.id).alias("rule_id"),
        pl.lit(rule.rule.severity.value).alias("severity"),
        pl.lit(rule.rule.subject).alias("subject_kind"),
        pl.lit("new").alias("state"),
        pl.lit(None, dtype=pl.String).alias("waiver"),
        *(pl.lit(None, dtype=pl.String).alias(k) for k in _key_names() - set(keys)),
    )
    with_ids = ordered.with_columns(
        pl.Series("id", _ids(ordered.select(keys), rule), dtype=pl.String),
        _messages(ordered, rule),
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return with_ids.select(
        pl.col(name).fill_null(empty) if name in _SHOWN_SETS else pl.col(name).cast(dtype)
        for name, dtype in FINDING_SCHEMA.items()
    )


def _messages(findings: pl.DataFrame, rule: CompiledRule) -> pl.Series:
    renamed = {c: c.removeprefix("message:") for c in findings.columns if c.startswith("message:")}
    values = findings.drop([n for n in renamed.values() if n in findings.columns]).rename(renamed)
    # NOTE: with_columns, because a message without placeholders is one value for all findings
    return values.with_columns(rule.message.alias("message"))["message"]


def _ids(keys: pl.DataFrame, rule: CompiledRule) -> list[str]:
    return [finding_id(rule.rule.id, rule.rule.subject, subject) for subject in keys.iter_rows()]


def finding_id(rule_id: str, subject: str, keys: Sequence[str | None]) -> str:
    """The stable id of a finding: a digest of rule, kind of subject and the subject's keys."""
    identity = json.dumps([rule_id, subject, *keys], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(identity.encode()).hexdigest()[:_ID_DIGITS]
