"""Violating rows → pieces: what the rows of one subject add up to, so far as they were seen."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Final

import polars as pl

from auditor.engine.evidence.routes import OUTSIDE, ROUTE_BASIS, ROUTE_CODE, NoRoutes, Routes
from auditor.engine.plan import boundary_column, outcome_column
from auditor.findings import FINDING_SCHEMA, Outcome
from auditor.jurisdictions import SetExpr, set_columns
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
)

ROWS_SHOWN: Final = 10
SHOWN_SETS: Final = ("jurisdictions", OUTSIDE, "opted_in")
ALL_KEYS: Final = frozenset(key for keys in SUBJECT_KEYS.values() for key in keys)
MESSAGE: Final = "message:"

_SUBJECT: Final = "@subject"
_POLICY: Final = (POLICY_FROM, POLICY_STATE, POLICY_TO)
_PLACE: Final = pl.struct(pl.col(PATH).alias("path"), pl.col(ROW).alias("row"))
_MOST_BYTES: Final = 2**64 - 1


def pieces_of(rows: pl.DataFrame, rule: CompiledRule, routes: Routes | NoRoutes) -> pl.DataFrame:
    """One row per subject of `rule` that violates it.

    Args:
        rows: notable rows, sorted by the keys of the rule's subject.
        rule: whose violations to sum up.
        routes: resolves the hops.

    Returns:
        In the order of `rows`: the subject's keys and what `merged` names. Sets are words, texts
        lists without doubles.
    """
    places = SetExpr.column(rule.rule.jurisdictions)
    outside = places.minus(SetExpr.column("opted_in")).or_empty()
    texts = {f"evidence:{name}": expr for name, expr in rule.evidence.items()}
    basis = {} if rule.basis is None else {"basis": rule.basis}
    violating = (
        rows.lazy()
        .filter(pl.col(outcome_column(rule.rule.id)) == Outcome.VIOLATION.value)
        .with_columns(*outside.named(OUTSIDE), *places.named("jurisdictions"), **texts, **basis)
        .collect()
    )
    keys = SUBJECT_KEYS[rule.rule.subject]
    coded, hops = routes.coded(_numbered(violating, keys), rule.rule.evidence_level)
    subjects = coded.lazy().group_by(_SUBJECT, maintain_order=True)
    sums = subjects.agg(pl.col(keys).first(), *_sums(rule), *_single_values(rule)).collect()
    united = [_routes(coded, hops, sums), _policies(coded, sums), _places(coded)]
    united += [_texts(coded, sums, *column) for column in text_columns(rule).items()]
    return pl.concat([sums, *united], how="horizontal").select(*keys, *_merging(rule))


def merged(pieces: Sequence[pl.DataFrame], rule: CompiledRule) -> pl.DataFrame:
    """Pieces put together, one row per subject, sorted by its keys (missing first)."""
    keys = SUBJECT_KEYS[rule.rule.subject]
    if len(pieces) == 1:
        return pieces[0]
    both = pl.concat(pieces)
    is_cut = pl.struct(keys).is_duplicated()
    whole = both.filter(~is_cut)
    cut = both.filter(is_cut)
    if cut.is_empty():
        return whole.sort(keys)
    again = cut.lazy().group_by(keys).agg(**_merging(rule)).collect()
    return pl.concat([whole, again.select(both.columns)]).sort(keys)


def _numbered(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    is_other = reduce(or_, (pl.col(key).ne_missing(pl.col(key).shift()) for key in keys))
    is_first = pl.int_range(pl.len()) == 0
    number = (is_other | is_first).cum_sum().cast(pl.UInt32) - 1
    return rows.with_columns(number.alias(_SUBJECT).set_sorted())


def _merging(rule: CompiledRule) -> dict[str, pl.Expr]:
    """How each column of a piece becomes that of two pieces."""
    words = [word for name in SHOWN_SETS for word in set_columns(name)[:2]]
    made = {
        "first_at": pl.col("first_at").min(),
        "last_at": pl.col("last_at").max(),
        "events": pl.col("events").sum(),
        "media_bytes": _total("media_bytes"),
        **{word: pl.col(word).bitwise_or() for word in words},
        "basis": pl.col("basis").min(),
        "start_basis": pl.col("start_basis").any(ignore_nulls=False),
        "boundary": pl.col("boundary").any(),
        "route": pl.col("route").explode().unique().sort(),
        **{name: pl.col(name).sort_by("first_at", *_POLICY[:2]).first() for name in _POLICY},
        "rows": pl.col("rows").explode().sort().head(ROWS_SHOWN),
    }
    for name in text_columns(rule):
        made[f"{MESSAGE}{name}"] = (
            pl.col(f"{MESSAGE}{name}").explode(empty_as_null=False).unique().sort()
        )
    for expr in _single_values(rule):
        name = expr.meta.output_name()
        is_time = name.removeprefix(MESSAGE) in _own_fields(rule, Kind.TIME)
        made[name] = pl.col(name).min() if is_time else pl.col(name).bitwise_or()
    return made


def _total(column: str) -> pl.Expr:
    total = pl.col(column).cast(pl.Int128).sum().clip(0, _MOST_BYTES).cast(pl.UInt64)
    return pl.when(pl.col(column).count() > 0).then(total)


def _sums(rule: CompiledRule) -> Iterator[pl.Expr]:
    yield pl.col("event_at").min().alias("first_at")
    yield pl.col("event_at").max().alias("last_at")
    yield pl.len().cast(pl.Int64).alias("events")
    yield _total("media_bytes").alias("media_bytes")
    for name in SHOWN_SETS:
        yield pl.col(set_columns(name)[:2]).bitwise_or()
    yield pl.col("basis" if rule.basis is not None else ROUTE_BASIS).min().alias("basis")
    yield (pl.col("start_basis") == "observed").any(ignore_nulls=False).alias("start_basis")
    yield pl.col(boundary_column(rule.rule.id)).any().alias("boundary")
    yield pl.col(ROUTE_CODE).min().alias("least:route")
    yield pl.col(ROUTE_CODE).max().alias("most:route")
    for name, column in text_columns(rule).items():
        yield column.min().alias(f"least:{name}")
        yield column.max().alias(f"most:{name}")


def _single_values(rule: CompiledRule) -> Iterator[pl.Expr]:
    """What a message shows of facts that no finding sums up, where rows do not differ in kind."""
    for name in _own_fields(rule, Kind.TIME):
        yield pl.col(name).min().alias(f"{MESSAGE}{name}")
    for name in _own_fields(rule, Kind.SET):
        for word in set_columns(name)[:2]:
            yield pl.col(word).bitwise_or().alias(f"{MESSAGE}{word}")


def text_columns(rule: CompiledRule) -> dict[str, pl.Expr]:
    """The texts of which a message shows all that differ."""
    own = _own_message_fields(rule)
    single = {*_own_fields(rule, Kind.TIME), *_own_fields(rule, Kind.SET)}
    return {
        name: pl.col(f"evidence:{name}" if name in rule.evidence else name).cast(pl.String)
        for name in own
        if name not in single
    }


def _own_fields(rule: CompiledRule, kind: Kind) -> list[str]:
    fields = FACTS[rule.rule.table]
    names = [name for name in _own_message_fields(rule) if name not in rule.evidence]
    return [name for name in names if fields[name].kind is kind]


def _own_message_fields(rule: CompiledRule) -> list[str]:
    keys = SUBJECT_KEYS[rule.rule.subject]
    return [
        n
        for n in rule.message_fields
        if n not in FINDING_SCHEMA or (n in ALL_KEYS and n not in keys)
    ]


def _routes(rows: pl.DataFrame, hops: pl.Series, sums: pl.DataFrame) -> pl.DataFrame:
    """`route` per subject: the texts of all its hops, sorted."""
    is_same = pl.col("least:route") == pl.col("most:route")
    code = sums.select(pl.when(is_same).then("least:route"))
    lists = sums.select(_SUBJECT, hops.gather(code.to_series()).alias("route"))
    several = sums.filter(~is_same).select(_SUBJECT)
    if several.is_empty():
        return lists.select("route")
    codes = rows.select(_SUBJECT, ROUTE_CODE).join(several, on=_SUBJECT, how="semi").unique()
    texts = codes.select(_SUBJECT, hops.gather(codes[ROUTE_CODE]).alias("route"))
    return _replaced(lists, texts.explode("route"))


def _texts(rows: pl.DataFrame, sums: pl.DataFrame, name: str, column: pl.Expr) -> pl.DataFrame:
    """The texts of a column per subject, sorted; empty where none states it."""
    least, most = f"least:{name}", f"most:{name}"
    lists = sums.select(_SUBJECT, pl.concat_list(least).list.drop_nulls().alias(MESSAGE + name))
    several = sums.filter(pl.col(least) != pl.col(most)).select(_SUBJECT)
    if several.is_empty():
        return lists.drop(_SUBJECT)
    texts = rows.select(_SUBJECT, column.alias(MESSAGE + name)).drop_nulls()
    return _replaced(lists, texts.join(several, on=_SUBJECT, how="semi"))


def _replaced(lists: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """The second column of `lists`, for the subjects in `texts` with those, sorted, each once."""
    _, column = lists.columns
    united = (
        texts.unique()
        .sort(_SUBJECT, column)
        .lazy()
        .group_by(_SUBJECT, maintain_order=True)
        .agg(column)
        .collect()
    )
    others = lists.join(united, on=_SUBJECT, how="anti")
    return pl.concat([others, united]).sort(_SUBJECT).select(column)


def _policies(rows: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """The policy of each subject's earliest row."""
    first_at = sums["first_at"].gather(rows[_SUBJECT])
    return (
        rows.select(_SUBJECT, "event_at", *_POLICY)
        .filter(pl.col("event_at") == first_at)
        .sort(_SUBJECT, *_POLICY[:2])
        .unique(_SUBJECT, keep="first", maintain_order=True)
        .select(_POLICY)
    )


def _places(rows: pl.DataFrame) -> pl.DataFrame:
    """The first rows of each subject by file and row."""
    return (
        rows.select(_SUBJECT, PATH, ROW)
        .sort(_SUBJECT, PATH, ROW)
        .lazy()
        .group_by(_SUBJECT, maintain_order=True)
        .agg(_PLACE.head(ROWS_SHOWN).alias("rows"))
        .collect()
        .select("rows")
    )
