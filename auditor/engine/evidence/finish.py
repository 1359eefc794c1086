"""Pieces → findings: sets as codes, ids, messages, and what all findings of a rule share."""

import hashlib
import json
from functools import lru_cache
from typing import Final

import polars as pl

from auditor.addresses.locations import Basis
from auditor.engine.evidence.pieces import ALL_KEYS, MESSAGE, SHOWN_SETS, text_columns
from auditor.findings import FINDING_SCHEMA
from auditor.jurisdictions import HI, LO, codes_of
from auditor.rules.compile import CompiledRule
from auditor.schema import POLICY_FROM, POLICY_STATE, POLICY_TO, SUBJECT_KEYS, PolicyState

_ID_DIGITS: Final = 32
_ESCAPED: Final = [chr(code) for code in range(0x20)] + ['"', "\\"]
_ESCAPES: Final = [json.dumps(character)[1:-1] for character in _ESCAPED]
_NEEDS_ESCAPE: Final = r'[\x00-\x1f"\\]'


def finished(pieces: pl.DataFrame, rule: CompiledRule) -> pl.DataFrame:
    """The findings that whole pieces make, in their order; of `FINDING_SCHEMA`."""
    keys = SUBJECT_KEYS[rule.rule.subject]
    observed, reported = pl.lit("observed"), pl.lit("reported")
    is_in_force = pl.col(POLICY_STATE) == PolicyState.IN_FORCE.value
    policy = pl.struct(pl.col(POLICY_FROM).alias("valid_from"), pl.col(POLICY_TO).alias("valid_to"))
    findings = _decoded(_joined(pieces, rule)).with_columns(
        _basis(rule).alias("basis"),
        pl.when("start_basis")
        .then(observed)
        .when(~pl.col("start_basis"))
        .then(reported)
        .alias("start_basis"),
        pl.when(is_in_force).then(policy).alias("policy"),
        pl.when("boundary").then(pl.lit(rule.boundary_text)).alias("boundary"),
        pl.lit(rule.rule.id).alias("rule_id"),
        pl.lit(rule.rule.severity.value).alias("severity"),
        pl.lit(rule.rule.subject).alias("subject_kind"),
        pl.lit("new").alias("state"),
        pl.lit(None, dtype=pl.String).alias("waiver"),
        *(pl.lit(None, dtype=pl.String).alias(key) for key in sorted(ALL_KEYS - set(keys))),
        finding_ids(pieces.select(keys), rule.rule.id, rule.rule.subject),
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return findings.with_columns(_messages(findings, rule)).select(
        pl.col(name).fill_null(empty) if name in SHOWN_SETS else pl.col(name).cast(dtype)
        for name, dtype in FINDING_SCHEMA.items()
    )


def finding_ids(keys: pl.DataFrame, rule_id: str, subject: str) -> pl.Series:
    """The stable ids of findings: a digest of rule, kind of subject and the subject's keys.

    Args:
        keys: String columns, in the order of the subject's keys.
        rule_id: of the rule.
        subject: kind of subject.
    """
    head = json.dumps([rule_id, subject], ensure_ascii=False, separators=(",", ":"))[:-1]
    parts = [pl.lit(head), *(_json_text(keys[name]) for name in keys.columns)]
    identity = keys.select(pl.concat_str(parts, separator=",") + "]").to_series()
    digests = [
        hashlib.sha256(text).hexdigest()[:_ID_DIGITS] for text in identity.cast(pl.Binary).to_list()
    ]
    return pl.Series("id", digests, dtype=pl.String)


def _json_text(texts: pl.Series) -> pl.Expr:
    column = pl.col(texts.name)
    if texts.str.contains(_NEEDS_ESCAPE).any():
        column = column.str.replace_many(_ESCAPED, _ESCAPES)
    return pl.concat_str(pl.lit('"'), column, pl.lit('"')).fill_null("null")


def _basis(rule: CompiledRule) -> pl.Expr:
    if rule.basis is not None:
        return pl.col("basis")
    names = {basis.value: basis.label for basis in Basis}
    return pl.col("basis").replace_strict(names, return_dtype=pl.String)


def _decoded(pieces: pl.DataFrame) -> pl.DataFrame:
    """Every pair of word columns as one list of codes."""
    for lo in [c for c in pieces.columns if c.endswith(LO)]:
        name = lo.removesuffix(LO)
        words = [lo, name + HI]
        distinct = pieces.select(words).unique()
        texts = [
            None if low is None or high is None else _codes(low | high << 128)
            for low, high in distinct.iter_rows()
        ]
        table = distinct.with_columns(pl.Series(name, texts, dtype=pl.String))
        codes = pl.when(pl.col(name) == "").then([]).otherwise(pl.col(name).str.split(","))
        pieces = pieces.join(
            table.with_columns(codes.alias(name)),
            on=words,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        ).drop(words)
    return pieces


@lru_cache(maxsize=100_000)
def _codes(bits: int) -> str:
    # NOTE: text, because lists take Python far longer to hand over than Polars takes to split.
    return ",".join(codes_of(bits))


def _joined(pieces: pl.DataFrame, rule: CompiledRule) -> pl.DataFrame:
    """The lists of texts that only the message shows, each as one text."""
    return pieces.with_columns(_one_text(MESSAGE + name, rule) for name in text_columns(rule))


def _one_text(column: str, rule: CompiledRule) -> pl.Expr:
    texts = pl.col(column)
    if column.removeprefix(MESSAGE) in rule.evidence:
        return texts.list.join("; ").alias(column)
    return pl.when(texts.list.len() > 0).then(texts.list.join(", ")).alias(column)


def _messages(findings: pl.DataFrame, rule: CompiledRule) -> pl.Series:
    renamed = {c: c.removeprefix(MESSAGE) for c in findings.columns if c.startswith(MESSAGE)}
    values = findings.drop([n for n in renamed.values() if n in findings.columns]).rename(renamed)
    # NOTE: with_columns, because a message without placeholders is one value for all findings
    return values.with_columns(rule.message.alias("message"))["message"]
