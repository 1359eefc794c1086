"""The accounts registry as policies over time: every account tiled without gaps or overlaps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from auditor.enrich.optins import OptIns, tokens_of
from auditor.errors import Problem, RegistryError, first_of
from auditor.jurisdictions import words_of
from auditor.schema import (
    ACCOUNT_FACTS,
    PATH,
    POLICY_FROM,
    POLICY_STATE,
    POLICY_TO,
    ROW,
    TIME,
    Kind,
    PolicyState,
    names_of,
)

TILE_FROM: Final = "@tile_from"
TILE_TO: Final = "@tile_to"
SET_FACTS: Final = tuple(f.name for f in ACCOUNT_FACTS if f.kind is Kind.SET)


@dataclass(frozen=True, slots=True)
class SetTable:
    """The sets of a registry column: words per code, a dated text holding one per era.

    Attributes:
        lo, hi: UInt128 words; position = code, plus the era where the text is dated.
    """

    lo: pl.Series
    hi: pl.Series


@dataclass(frozen=True, slots=True)
class Policies:
    """An accounts registry, ready to join.

    Attributes:
        tiles: per account, spans [TILE_FROM, TILE_TO) that cover all time, gaps among them with
            null facts; a set column `c` is held as `c@code` and `c@dated`.
        columns: the account facts the registry has a column for.
        sets: what the codes of each set column stand for.
        is_dated: whether any account has more than one tile.
    """

    tiles: pl.DataFrame
    columns: frozenset[str]
    sets: dict[str, SetTable]
    is_dated: bool

    def of_accounts(self, ids: pl.Series) -> "Policies":
        """The policies of some accounts: a join with them costs less than one with all."""
        return replace(self, tiles=self.tiles.filter(pl.col("account_id").is_in(ids.implode())))

    def boundaries(self) -> pl.DataFrame:
        """`account_id`, `boundary`: every instant at which an account's policy changes."""
        return self.tiles.select("account_id", boundary=TILE_FROM).drop_nulls("boundary")


def load_policies(registry: pl.DataFrame, columns: frozenset[str], optins: OptIns) -> Policies:
    """Check an accounts registry and tile it.

    Args:
        registry: `schema.ACCOUNTS` columns, PATH and ROW (the line in the file).
        columns: which of them the file has.
        optins: expands the sets.

    Raises:
        RegistryError: overlaps, periods that end before they begin, unknown tokens; all at once.
    """
    ordered = registry.sort("account_id", "valid_from", ROW, nulls_last=False)
    problems = [*_period_problems(ordered), *_token_problems(ordered, optins)]
    if problems:
        raise RegistryError.of(first_of(problems, str(ordered[PATH][0])))
    facts = [f for f in names_of(ACCOUNT_FACTS) if f in columns]
    tiles = pl.concat([_policy_tiles(ordered, facts), *_gap_tiles(ordered)], how="diagonal")
    if {"opted_in", "home"} <= columns:
        tiles = tiles.with_columns(opted_in=_with_home())
    sets: dict[str, SetTable] = {}
    for name in SET_FACTS:
        if name in columns:
            tiles, sets[name] = _encode(tiles, name, optins)
    return Policies(tiles, frozenset(facts), sets, is_dated=tiles[TILE_FROM].is_not_null().any())


def _next(name: str) -> pl.Expr:
    """The next row's value, if that row is of the same account; the rows are sorted by it."""
    account = pl.col("account_id")
    return pl.when(account.shift(-1) == account).then(pl.col(name).shift(-1))


def _period_problems(ordered: pl.DataFrame) -> Iterator[Problem]:
    following = _next("valid_from")
    has_next = _next(ROW).is_not_null()
    backwards = pl.col("valid_from") >= pl.col("valid_to")
    overlap = has_next & (
        pl.col("valid_to").is_null() | following.is_null() | (pl.col("valid_to") > following)
    )
    checked = ordered.select(
        "account_id",
        PATH,
        ROW,
        backwards=backwards.fill_null(value=False),
        overlap=overlap,
        other=_next(ROW),
    )
    for account, path, row, is_backwards, _, other in checked.filter(
        pl.col("backwards") | pl.col("overlap")
    ).iter_rows():
        where = _place(path, row)
        if is_backwards:
            yield Problem(f"valid_to of {account!r} is not after its valid_from", where)
        else:
            yield Problem(
                f"policies of {account!r} overlap with those at {_place(path, other)}",
                where,
                "give each a valid_from and a valid_to that end before the next begins",
            )


def _token_problems(ordered: pl.DataFrame, optins: OptIns) -> Iterator[Problem]:
    for name in SET_FACTS:
        texts = (
            ordered.group_by(name).agg(pl.col(PATH, ROW).first()).drop_nulls(name).sort(PATH, ROW)
        )
        for text, path, row in texts.iter_rows():
            for token in tokens_of(text):
                if optins.bits(token, 0) is None:
                    yield Problem(f"{name}: {optins.problem(token)}", _place(path, row))


def _place(path: str, row: int) -> str:
    """Where a row is, as the readers of registries say it."""
    return f"{path}:row {row}" if path.lower().endswith((".parquet", ".pq")) else f"{path}:{row}"


def _policy_tiles(ordered: pl.DataFrame, facts: list[str]) -> pl.DataFrame:
    return ordered.select(
        "account_id",
        pl.col("valid_from").alias(TILE_FROM),
        pl.col("valid_to").alias(TILE_TO),
        pl.col("valid_from").alias(POLICY_FROM),
        pl.col("valid_to").alias(POLICY_TO),
        pl.lit(PolicyState.IN_FORCE.value).alias(POLICY_STATE),
        *facts,
    )


def _gap_tiles(ordered: pl.DataFrame) -> Iterator[pl.DataFrame]:
    following = _next("valid_from")
    is_first = pl.col("account_id").ne_missing(pl.col("account_id").shift(1))
    gap = pl.lit(PolicyState.GAP.value).alias(POLICY_STATE)
    spans = ordered.select(
        "account_id", "valid_from", "valid_to", following=following, is_first=is_first
    )
    yield spans.filter(
        pl.col("valid_to").is_not_null() & pl.col("following").ne_missing(pl.col("valid_to"))
    ).select(
        "account_id", pl.col("valid_to").alias(TILE_FROM), pl.col("following").alias(TILE_TO), gap
    )
    yield spans.filter("is_first", pl.col("valid_from").is_not_null()).select(
        "account_id",
        pl.lit(None, dtype=TIME).alias(TILE_FROM),
        pl.col("valid_from").alias(TILE_TO),
        gap,
    )


def _with_home() -> pl.Expr:
    opted_in, home = pl.col("opted_in").str.strip_suffix(";"), pl.col("home").fill_null("")
    is_plain = (opted_in == "") | (home == "")
    return opted_in + pl.when(is_plain).then(pl.lit("")).otherwise(pl.lit(";")) + home


def _encode(tiles: pl.DataFrame, name: str, optins: OptIns) -> tuple[pl.DataFrame, SetTable]:
    texts = tiles[name].drop_nulls().unique().sort()
    eras = range(len(optins.boundaries) + 1)
    codes: list[int] = []
    dated: list[bool] = []
    words: list[tuple[int, int]] = []
    for text in texts:
        is_dated = optins.is_dated(text)
        codes.append(len(words))
        dated.append(is_dated)
        words += [words_of(optins.parse(text, era).bits) for era in (eras if is_dated else (0,))]
    table = pl.DataFrame(
        {name: texts, f"{name}@code": codes, f"{name}@dated": dated},
        schema={name: pl.String, f"{name}@code": pl.UInt32, f"{name}@dated": pl.Boolean},
    )
    lo = pl.Series([lo for lo, _ in words], dtype=pl.UInt128)
    hi = pl.Series([hi for _, hi in words], dtype=pl.UInt128)
    return tiles.join(table, on=name, how="left").drop(name), SetTable(lo, hi)
