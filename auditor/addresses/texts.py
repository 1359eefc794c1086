"""Address texts → numbers, for whole columns; stricter than C readers, which take octal and hex."""

from typing import Final

import polars as pl

_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED: Final = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_IPV4: Final = rf"^{_DOTTED}$"
_DOTTED_TAIL: Final = rf"^([0-9a-f:]*:)({_DOTTED})$"
_GROUPS: Final = 8
_FULL: Final = r"^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$"
_FILLERS: Final = [":" + "0:" * missing for missing in range(_GROUPS + 1)]

ADDRESS_LIKE: Final = (
    r"(?:[0-9][0-9a-zA-Z]*(?:\.[0-9a-zA-Z]+){1,3}(?::[0-9]+)?"
    r"|[\[0-9a-fA-F]*:[0-9a-fA-F.:]*:[^;]*)"
)
"""All of a text that is an address or was meant to be; a name with one colon is not."""

MAY_HOLD_ADDRESS: Final = r"[0-9a-zA-Z]\.[0-9a-zA-Z]|:[^;]*:"
"""Found in every list of hops that holds an address-like text, and in hardly any other."""

MAPPED: Final = 0xFFFF << 32
"""The first IPv4-mapped address, `::ffff:0.0.0.0`."""

V4, V6 = "v4", "v6"


def numbers(texts: pl.Series) -> pl.DataFrame:
    """Columns V4 (UInt32) and V6 (UInt128) of String `texts`; both null where it is no address.

    An IPv4-mapped IPv6 address is an IPv4 address. Digits are ASCII, IPv4 has four decimal parts
    without leading zeros, and IPv6 no zone.
    """
    df = texts.alias("text").to_frame()
    is_dotted, has_colon = pl.col("text").str.contains(_IPV4), texts.str.contains(":", literal=True)
    # NOTE: a step at a time, because an expression that is used twice is worked out twice.
    df = df.select(pl.when(is_dotted).then("text").alias("dotted"))
    df = df.select(_ipv4(pl.col("dotted")).alias(V4))
    if not has_colon.any():
        return df.with_columns(pl.lit(None, dtype=pl.UInt128).alias(V6))
    found = _ipv6(texts.filter(has_colon).str.to_lowercase())
    place = pl.when(has_colon).then(has_colon.cum_sum().cast(pl.Int64) - 1)
    df = df.with_columns(found.gather(pl.select(place).to_series()).alias(V6))
    six = pl.col(V6)
    is_mapped = ((six >= MAPPED) & (six < MAPPED + (1 << 32))).fill_null(value=False)
    return df.select(
        pl.coalesce(V4, pl.when(is_mapped).then(six & 0xFFFFFFFF).cast(pl.UInt32)),
        pl.when(~is_mapped).then(six).alias(V6),
    )


def _ipv4(dotted: pl.Expr) -> pl.Expr:
    """UInt32 of four decimal parts."""
    parts = dotted.str.split_exact(".", 3).struct
    octets = [parts.field(f"field_{i}").cast(pl.UInt32, strict=False) for i in range(4)]
    number = octets[0]
    for octet in octets[1:]:
        number = number * 256 + octet
    return number


def _ipv6(lower: pl.Series) -> pl.Series:
    """UInt128, null for what is no IPv6 address."""
    text, head, rest, missing = (pl.col(name) for name in ("text", "head", "rest", "missing"))
    dotted = pl.col("text").str.extract(_DOTTED_TAIL, 2)
    df = lower.alias("text").to_frame().with_columns(dotted.alias("tail"))
    if df["tail"].null_count() < df.height:
        df = df.with_columns(text.str.replace(_DOTTED_TAIL, "${1}0:0"))
    groups = text.str.count_matches("[0-9a-f]+").cast(pl.Int64)
    sides = text.str.splitn("::", 2).struct
    df = df.with_columns(
        (_GROUPS - groups).clip(0, _GROUPS).alias("missing"),
        sides.field("field_0").alias("head"),
        sides.field("field_1").alias("rest"),
    )
    filler = pl.lit(pl.Series(_FILLERS)).gather(missing)
    filler = pl.when(head == "").then(filler.str.strip_prefix(":")).otherwise(filler)
    df = df.with_columns(filler.alias("filler"))
    filler = pl.when(rest == "").then(pl.col("filler").str.strip_suffix(":")).otherwise("filler")
    whole = pl.concat_str(head, filler, rest)
    df = df.with_columns(pl.when(rest.is_null()).then(text).when(missing > 0).then(whole))
    df = df.with_columns(pl.when(text.str.contains(_FULL)).then(text).str.split_exact(":", 7))
    groups_of = df.unnest("text").with_columns(_ipv4(pl.col("tail")).fill_null(0).alias("tail"))
    return groups_of.select(_of_groups() + pl.col("tail").cast(pl.UInt128)).to_series()


def _of_groups() -> pl.Expr:
    """UInt128 of eight groups of hexadecimal digits."""
    halves: list[pl.Expr] = []
    for start in (0, _GROUPS // 2):
        half = pl.lit(0, dtype=pl.UInt64)
        for i in range(start, start + _GROUPS // 2):
            digits = pl.col(f"field_{i}").str
            half = half * 65536 + digits.to_integer(base=16, dtype=pl.UInt64, strict=False)
        halves.append(half.cast(pl.UInt128))
    return halves[0] * (1 << 64) + halves[1]
