"""Range tables, CSV or Parquet: first and last address, or network, and country."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from auditor.addresses.ranges import FIRST, LAST
from auditor.addresses.texts import V4, V6, numbers
from auditor.errors import Problem, RegistryError
from auditor.sources.ip_ranges.networks import bounds_of
from auditor.sources.ip_ranges.places import countries_of

_SHOWN_FAULTS: Final = 20
_NAMES: Final = {
    "first": FIRST, "start": FIRST, "last": LAST, "end": LAST,
    "cidr": "cidr", "network": "cidr", "country": "country", "country_code": "country",
}  # fmt: skip
_LINE: Final = "line"


def table_ranges(data: bytes, shown: str) -> dict[str, pl.DataFrame]:
    """The ranges of each family, in no order: FIRST, LAST (UInt128), `country`; they may overlap.

    A CSV file has a header, or just the columns first, last and country. A country that is no
    country (`EU`, `ZZ`, `??`, empty) is one that is not known.

    Raises:
        RegistryError: every fault of the file with its place.
    """
    df, mark = _read(data, shown)
    df = _named(df, shown)
    _check_columns(df, shown)
    bounds = bounds_of(df["cidr"]) if "cidr" in df.columns else _of_pairs(df)
    ends = [bounds[f"{end}_{family}"] for family in (V4, V6) for end in (FIRST, LAST)]
    is_sound = (ends[0].is_not_null() & ends[1].is_not_null() & (ends[0] <= ends[1])) | (
        ends[2].is_not_null() & ends[3].is_not_null() & (ends[2] <= ends[3])
    )
    codes = df["country"].str.strip_chars().fill_null("")
    is_code = codes.str.contains(r"^(?:[A-Za-z0-9?-]{2}|-)?$")
    faults = [
        *_faults(df, ~is_sound.fill_null(value=False), "is no range of addresses"),
        *_faults(df, ~is_code, "has a country that is no two-letter code"),
    ]
    if faults:
        raise RegistryError.of(_shown(sorted(faults), shown, mark))
    countries = df.select(countries_of(pl.col("country"))).to_series()
    return {family: _ranges(bounds, family, countries) for family in (V4, V6)}


def _read(data: bytes, shown: str) -> tuple[pl.DataFrame, str]:
    try:
        if data.startswith(b"PAR1"):
            df, mark, first = pl.read_parquet(io.BytesIO(data)), ":row ", 1
            df = df.with_columns(pl.all().cast(pl.String))
        else:
            head = data[:200].decode("utf-8-sig", "replace").split(",")[0].strip().strip('"')
            is_bare = head[:1].isdigit() or ":" in head
            df = pl.read_csv(io.BytesIO(data), has_header=not is_bare, infer_schema=False)
            mark, first = ":", 1 if is_bare else 2
            if is_bare and df.width == 3:  # noqa: PLR2004  # first, last, country
                df.columns = [FIRST, LAST, "country"]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        message = str(error).partition("\n")[0]
        raise RegistryError(f"cannot be read: {message}", location=shown) from error
    return df.with_row_index(_LINE, offset=first), mark


def _named(df: pl.DataFrame, shown: str) -> pl.DataFrame:
    """`df` with the columns called as here; where codes stand beside names, codes count."""
    names = {name: _NAMES[name.lower()] for name in df.columns if name.lower() in _NAMES}
    if any(name.lower() == "country_code" for name in names):
        names = {name: to for name, to in names.items() if name.lower() != "country"}
        df = df.drop(name for name in df.columns if name.lower() == "country")
    for meaning in names.values():
        twice = [repr(name) for name, to in names.items() if to == meaning]
        if len(twice) > 1:
            raise RegistryError(
                f"columns {' and '.join(twice)} mean the same",
                location=shown,
                hint="drop one of them",
            )
    return df.rename(names)


def _check_columns(df: pl.DataFrame, shown: str) -> None:
    has_range = "cidr" in df.columns or {FIRST, LAST} <= {*df.columns}
    if not has_range or "country" not in df.columns:
        raise RegistryError(
            "is no table of address ranges",
            location=shown,
            hint="its columns must be first,last,country or cidr,country",
        )


def _of_pairs(df: pl.DataFrame) -> pl.DataFrame:
    ends = {end: numbers(df[end].str.strip_chars()) for end in (FIRST, LAST)}
    return pl.DataFrame(
        {f"{end}_{family}": found[family] for end, found in ends.items() for family in (V4, V6)}
    )


def _ranges(bounds: pl.DataFrame, family: str, countries: pl.Series) -> pl.DataFrame:
    first, last = bounds[f"{FIRST}_{family}"], bounds[f"{LAST}_{family}"]
    table = pl.DataFrame([first.alias(FIRST), last.alias(LAST), countries.alias("country")])
    return table.filter(pl.col(FIRST).is_not_null()).cast({FIRST: pl.UInt128, LAST: pl.UInt128})


def _faults(df: pl.DataFrame, where: pl.Series, what: str) -> Iterator[tuple[int, str]]:
    for line in df.filter(where)[_LINE]:
        yield line, what


def _shown(faults: Sequence[tuple[int, str]], shown: str, mark: str) -> list[Problem]:
    problems = [Problem(what, f"{shown}{mark}{line}") for line, what in faults[:_SHOWN_FAULTS]]
    if len(faults) > _SHOWN_FAULTS:
        problems.append(Problem(f"{len(faults)} faults, the first {_SHOWN_FAULTS} shown", shown))
    return problems
