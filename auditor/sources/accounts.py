"""The accounts registry: which feed a file is, and several files put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from auditor.errors import RegistryError
from auditor.findings import RegistryFile
from auditor.schema import ACCOUNTS, PATH, ROW, names_of
from auditor.sources.candidates import candidates_for
from auditor.sources.columns import matches
from auditor.sources.near_misses import meaning
from auditor.sources.profile import load_profile, shipped_profiles
from auditor.sources.profile_model import GIVEN_AS, Profile
from auditor.sources.registry import Registry, read_registry
from auditor.sources.registry_table import RegistryTable, read_table

_KIND: Final = "accounts"
_CANONICAL: Final = "canonical-accounts"
_KEY: Final = "account_id"
_PERIOD: Final = frozenset({"valid_from", "valid_to"})


def load_accounts(
    paths: Sequence[Path],
    timezone: str | None = None,
    params: Mapping[str, str] | None = None,
) -> tuple[Registry, tuple[RegistryFile, ...]]:
    """The accounts in one or several CSV, Parquet or JSON files, and what a report says of each.

    Args:
        paths: the files.
        timezone: zone of times that state none.
        params: values that stand in for columns, such as `account_id` of a single account.

    The feed of each file is told by its columns. Files that supply the same fields are read as
    one; files that share nothing but the account's id, and have no periods, are joined on it.

    Raises:
        RegistryError: a file is faulty, its feed is not clear, or the files do not fit together.
    """
    registries = [_load(path, timezone, params or {}) for path in paths]
    files = tuple(registry.file for registry in registries)
    whole = registries[0]
    for other in registries[1:]:
        whole = _together(whole, other)
    return whole, files


def _load(path: Path, timezone: str | None, params: Mapping[str, str]) -> Registry:
    table = read_table(_KIND, path, str(path))
    return read_registry(table, accounts_profile(table), timezone, params)


def accounts_profile(table: RegistryTable) -> Profile:
    """The profile that reads a table of accounts: a vendor's, else the canonical one.

    Raises:
        RegistryError: several profiles would read different columns of it, or it is a log.
    """
    canonical = load_profile(_CANONICAL)
    others = [one for one in shipped_profiles(_KIND) if one is not canonical]
    vendors = [one for one in others if matches(one, table.columns)]
    if not vendors:
        if not matches(canonical, table.columns):
            _refuse_log(table)
        return canonical
    claimed = {name.casefold() for p in vendors for s in p.fields.values() for name in s.names()}
    own = {name.casefold() for name in table.columns} & set(names_of(ACCOUNTS))
    candidates = [*(p.name for p in vendors), *([_CANONICAL] if own - claimed else [])]
    if len(candidates) > 1:
        raise RegistryError(
            f"the columns fit several sources: {', '.join(candidates)}",
            location=table.file.path,
            hint="split the file, or rename its columns to the canonical names",
        )
    return vendors[0]


def _refuse_log(table: RegistryTable) -> None:
    best = candidates_for(lambda _profile: table.columns).best
    if best is not None and best.table != _KIND:
        hint = f"by its columns this is {GIVEN_AS[best.table]} (auditor sources detect tells more)"
        raise RegistryError("is no registry of accounts", location=table.file.path, hint=hint)


def _together(one: Registry, other: Registry) -> Registry:
    frames = [r.frame.select(_KEY, *sorted(r.columns - {_KEY}), PATH, ROW) for r in (one, other)]
    columns = one.columns | other.columns
    misses = [*one.near_misses, *other.near_misses]
    read = {meaning(name) for name in columns}
    near = tuple(miss for miss in dict.fromkeys(misses) if miss.hint not in read)
    if one.columns == other.columns:
        joined = pl.concat([one.frame, other.frame])
        return replace(one, frame=joined, near_misses=near)
    shared = one.columns & other.columns - {_KEY}
    if shared or _PERIOD & columns:
        what = ", ".join(sorted(shared)) or "periods of validity"
        raise RegistryError(
            f"does not fit together with {one.file.path}: both or one of them have {what}",
            location=other.file.path,
            hint="give one file, or files that share account_id only",
        )
    for registry in (one, other):
        _refuse_repeated(registry)
    joined = frames[0].join(
        frames[1], on=_KEY, how="full", coalesce=True, maintain_order="left_right"
    )
    empty = [pl.lit(None, f.kind.dtype).alias(f.name) for f in ACCOUNTS if f.name not in columns]
    placed = joined.with_columns(
        *empty,
        pl.coalesce(PATH, f"{PATH}_right").alias(PATH),
        pl.coalesce(ROW, f"{ROW}_right").alias(ROW),
    )
    frame = placed.select(one.frame.columns)
    return replace(one, frame=frame, columns=columns, near_misses=near)


def _refuse_repeated(registry: Registry) -> None:
    repeated = registry.frame.filter(pl.col(_KEY).is_duplicated())
    if repeated.height:
        account, path, row = repeated.select(_KEY, PATH, ROW).row(0)
        raise RegistryError(
            f"account {account!r} stands in several rows, so files cannot be joined on it",
            location=f"{path}:{row}",
        )
