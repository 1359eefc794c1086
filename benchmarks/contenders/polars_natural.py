"""Polars, as a good analyst writes it without tuning: one lazy query, the streaming engine.

Simplified, because no generated log would tell: sites have no dates.
"""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from benchmarks.contenders.job import REFERENCE, TOUCHED, Job

_REGIONS: Final = datetime(2020, 4, 18, tzinfo=UTC)
_MAINLAND: Final = datetime(2020, 4, 25, tzinfo=UTC)
_HOSTING: Final = datetime(2020, 4, 30, 16, tzinfo=UTC)
_ISO_LENGTH: Final = 2
_BEGIN: Final = datetime(1, 1, 1, tzinfo=UTC)
_END: Final = datetime(9999, 1, 1, tzinfo=UTC)

_IS_FREE_MAINLAND: Final = (pl.col("plan") == "free") & (pl.col("country") == "CN")
_IS_OUTSIDE: Final = pl.col("outside").list.len() > 0

_RULES: Final = {
    "ROUTE-001": _IS_OUTSIDE
    & pl.col("hop_role").fill_null("processing").is_in(["processing", "relay"]),
    "ROUTE-002": pl.col("outside").list.contains("CN")
    & (pl.col("meeting_started_at") >= _MAINLAND),
    "ROUTE-003": _IS_OUTSIDE & (pl.col("hop_role") == "transit"),
    "HOST-001": _IS_FREE_MAINLAND & (pl.col("meeting_started_at") >= _HOSTING),
}


def scan_events(job: Job) -> pl.LazyFrame:
    """The touched columns of the log; of CSV, read as text and cast."""
    if job.format == "parquet":
        return pl.scan_parquet(job.files).select(TOUCHED)
    texts = pl.scan_csv(job.files, infer_schema=False).select(TOUCHED)
    return texts.with_columns(
        _time("event_at"), _time("meeting_started_at"), pl.col("media_bytes").cast(pl.UInt64)
    )


def main() -> None:
    """Writes the findings."""
    job = Job.from_arguments()
    events, accounts = scan_events(job), _accounts(job)
    rows = _violating(events, accounts, _outside(_routes(events), _optins(accounts)))
    rules = [pl.when(test).then(pl.lit(name)) for name, test in _RULES.items()]
    judged = (
        rows.with_columns(rule=pl.concat_list(rules).list.drop_nulls())
        .explode("rule", empty_as_null=False)
        .with_columns(session_id=pl.when(pl.col("rule") != "HOST-001").then("session_id"))
    )
    findings = judged.group_by("rule", "account_id", "meeting_id", "session_id").agg(
        events=pl.len(),
        first_at=pl.col("event_at").min(),
        last_at=pl.col("event_at").max(),
        media_bytes=pl.when(pl.col("media_bytes").count() > 0).then(pl.col("media_bytes").sum()),
        route=pl.col("route").unique().sort(),
        jurisdictions_outside=pl.col("outside").explode(empty_as_null=False).unique().sort(),
    )
    findings.sink_parquet(job.out)


def _violating(events: pl.LazyFrame, accounts: pl.LazyFrame, outside: pl.LazyFrame) -> pl.LazyFrame:
    start = pl.col("meeting_started_at")
    return (
        events.filter(start >= _REGIONS)
        .join(accounts, on="account_id")
        .filter(start >= pl.col("valid_from"), start < pl.col("valid_to"))
        .with_columns(era=_era(pl.col("event_at")))
        .join(outside, on=["route", "opted_in", "home", "era"], how="left")
        .filter(pl.col("outside").is_not_null() | _IS_FREE_MAINLAND)
        .with_columns(pl.col("outside").fill_null([]))
    )


def _outside(routes: pl.LazyFrame, optins: pl.LazyFrame) -> pl.LazyFrame:
    """Per route and opt-in what lies outside, where something does.

    NOTE: list operations on every event instead took five times as long and longer.
    """
    return (
        routes.join(optins, how="cross")
        .with_columns(outside=pl.col("countries").list.set_difference("allowed"))
        .filter(_IS_OUTSIDE)
        .select("route", "opted_in", "home", "era", "outside")
        .collect()
        .lazy()
    )


def _accounts(job: Job) -> pl.LazyFrame:
    if job.accounts.suffix == ".csv":
        texts = pl.scan_csv(job.accounts, infer_schema=False)
        accounts = texts.with_columns(_time("valid_from"), _time("valid_to"))
    else:
        accounts = pl.scan_parquet(job.accounts)
    return accounts.select(
        "account_id",
        "plan",
        "opted_in",
        "home",
        pl.col("valid_from").fill_null(_BEGIN),
        pl.col("valid_to").fill_null(_END),
        country=pl.coalesce("billing_country", "registered_country", "home"),
    )


def _routes(events: pl.LazyFrame) -> pl.LazyFrame:
    sites = pl.scan_csv(REFERENCE / "datacentres.csv", infer_schema=False).filter(operator="zoom")
    aliases = pl.col("aliases").fill_null("").str.split(";")
    labels = (
        sites.select("country", label=pl.concat_list("code", "name", aliases))
        .explode("label", empty_as_null=False)
        .with_columns(pl.col("label").str.strip_chars().str.to_lowercase())
        .group_by("label")
        .agg(site=pl.col("country").unique())
        .filter(pl.col("site").list.len() == 1)
        .with_columns(pl.col("site").list.first())
    )
    hop = pl.col("route").str.split(";")
    stated = pl.col("label").str.extract(r"^country:\s*([a-z]{2})$").str.to_uppercase()
    return (
        events.select(pl.col("route").unique())
        .with_columns(label=hop)
        .explode("label", empty_as_null=False)
        .with_columns(pl.col("label").str.strip_chars().str.to_lowercase())
        .join(labels, on="label", how="left")
        .group_by("route")
        .agg(countries=pl.coalesce("site", stated).drop_nulls().unique())
        .collect(engine="streaming")
        .lazy()
    )


def _optins(accounts: pl.LazyFrame) -> pl.LazyFrame:
    """The countries that each opt-in (with its home) allows, per era."""
    members = _members()
    eras = pl.DataFrame({"instant": _instants()}).with_columns(era=_era(pl.col("instant")))
    tokens = (
        accounts.select("opted_in", "home")
        .unique()
        .with_columns(token=pl.concat_str("opted_in", "home", separator=";").str.split(";"))
        .explode("token", empty_as_null=False)
        .with_columns(pl.col("token").str.strip_chars())
        .join(eras.lazy(), how="cross")
    )
    of_groups = tokens.join(members.lazy(), on="token").filter(
        pl.col("since") <= pl.col("instant"), pl.col("instant") < pl.col("until")
    )
    names = ("opted_in", "home", "era", "country")
    own = tokens.filter(pl.col("token").str.len_chars() == _ISO_LENGTH).with_columns(
        country="token"
    )
    return (
        pl.concat([of_groups.select(names), own.select(names)])
        .group_by("opted_in", "home", "era")
        .agg(allowed=pl.col("country").unique())
    )


def _instants() -> list[datetime]:
    """The beginnings of the eras that can hold a judged row, ascending."""
    members = _members()
    instants = pl.concat([members["since"], members["until"]]).unique().sort()
    return [_REGIONS, *instants.filter(instants > _REGIONS)]


def _era(at: pl.Expr) -> pl.Expr:
    return pl.sum_horizontal((at >= instant).cast(pl.UInt8) for instant in _instants())


def _members() -> pl.DataFrame:
    groups = pl.read_csv(REFERENCE / "groups.csv", infer_schema=False).rename({"group": "token"})
    codes = pl.read_csv(REFERENCE / "vendor-codes.csv", infer_schema=False).select(
        "valid_from",
        "valid_to",
        token=pl.concat_str("vendor", "code", separator=":"),
        country=pl.col("countries").str.split(";"),
    )
    names = ("token", "country", "valid_from", "valid_to")
    both = pl.concat([groups.select(names), codes.explode("country").select(names)])
    return both.select(
        "token",
        "country",
        since=_time("valid_from").fill_null(_BEGIN),
        until=_time("valid_to").fill_null(_END),
    )


def _time(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime("%+", time_zone="UTC", time_unit="us")


if __name__ == "__main__":
    main()
