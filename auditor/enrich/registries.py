"""Registry tables → what the steps look things up in."""

import polars as pl

from auditor.enrich.optins import VendorCode, tokens_of
from auditor.enrich.sites import Site
from auditor.jurisdictions import Groups, Membership


def sites_of(datacentres: pl.DataFrame, operator: str) -> list[Site]:
    """The sites of one operator in a table of `schema.DATACENTRES`."""
    rows = datacentres.filter(pl.col("operator").str.to_lowercase() == operator.lower())
    return [
        Site(
            code=row["code"],
            name=row["name"],
            aliases=tuple(tokens_of(row["aliases"] or "")),
            country=row["country"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in rows.iter_rows(named=True)
    ]


def groups_of(groups: pl.DataFrame) -> Groups:
    """The groups in a table of `schema.GROUPS`."""
    columns = ("group", "country", "valid_from", "valid_to")
    return Groups(Membership(*row) for row in groups.select(columns).iter_rows())


def vendor_codes_of(codes: pl.DataFrame) -> list[VendorCode]:
    """The opt-in codes in a table of `schema.VENDOR_CODES`."""
    return [
        VendorCode(
            vendor=row["vendor"],
            code=row["code"],
            countries=frozenset(tokens_of(row["countries"] or "")),
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in codes.iter_rows(named=True)
    ]
