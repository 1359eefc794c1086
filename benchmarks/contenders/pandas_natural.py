"""pandas, as a good analyst writes it without tuning: merge, test sets, filter, group.

Simplified, because no generated log would tell: sites have no dates.
"""

from typing import Final

import pandas as pd

from benchmarks.contenders.job import REFERENCE, TOUCHED, Job

_ISO_LENGTH: Final = 2
_REGIONS: Final = pd.Timestamp("2020-04-18", tz="UTC")
_MAINLAND: Final = pd.Timestamp("2020-04-25", tz="UTC")
_HOSTING: Final = pd.Timestamp("2020-05-01", tz="Asia/Shanghai")


def main() -> None:
    """Writes the findings."""
    job = Job.from_arguments()
    events = pd.read_parquet(job.events, columns=list(TOUCHED))
    events = events[events["meeting_started_at"] >= _REGIONS]
    rows = events.merge(_accounts(job), on="account_id")
    start = rows["meeting_started_at"]
    in_force = (rows["valid_from"].isna() | (rows["valid_from"] <= start)) & (
        rows["valid_to"].isna() | (start < rows["valid_to"])
    )
    rows = _with_outside(rows[in_force])
    is_outside = rows["outside"] != ""
    start, role = rows["meeting_started_at"], rows["hop_role"].fillna("processing")
    tests = {
        "ROUTE-001": is_outside & role.isin(["processing", "relay"]),
        "ROUTE-002": rows["outside"].str.contains("CN") & (start >= _MAINLAND),
        "ROUTE-003": is_outside & (role == "transit"),
        "HOST-001": (rows["plan"] == "free") & (rows["country"] == "CN") & (start >= _HOSTING),
    }
    violating = pd.concat([rows[test].assign(rule=rule) for rule, test in tests.items()])
    violating.loc[violating["rule"] == "HOST-001", "session_id"] = None
    _summed(violating).to_parquet(job.out)


def _summed(violating: pd.DataFrame) -> pd.DataFrame:
    keys = ["rule", "account_id", "meeting_id", "session_id"]
    findings = violating.groupby(keys, dropna=False).agg(
        events=("event_at", "size"),
        first_at=("event_at", "min"),
        last_at=("event_at", "max"),
        media_bytes=("media_bytes", lambda sizes: sizes.sum(min_count=1)),
        route=("route", lambda routes: sorted(set(routes))),
        jurisdictions_outside=(
            "outside",
            lambda sets: sorted({c for s in sets for c in s.split()}),
        ),
    )
    return findings.reset_index()


def _accounts(job: Job) -> pd.DataFrame:
    if job.accounts.suffix == ".csv":
        accounts = pd.read_csv(job.accounts, dtype=str)
        for name in ("valid_from", "valid_to"):
            accounts[name] = pd.to_datetime(accounts[name], utc=True)
    else:
        accounts = pd.read_parquet(job.accounts)
    country = accounts["billing_country"].fillna(accounts["registered_country"])
    accounts["country"] = country.fillna(accounts["home"])
    return accounts[["account_id", "plan", "opted_in", "home", "country", "valid_from", "valid_to"]]


def _with_outside(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds what lies outside the opt-in, blank-separated; decided once per route, opt-in and era.

    NOTE: sets on every row took several times as long.
    """
    members = _members()
    instants = pd.Series(sorted({*members["since"], *members["until"]})).dt.as_unit("us")
    rows = rows.assign(era=instants.searchsorted(rows["event_at"], side="right") - 1)
    keys = ["route", "opted_in", "home", "era"]
    pairs = rows[keys].drop_duplicates()
    sites = _sites()
    hops = {route: _countries(route, sites) for route in pairs["route"].unique()}
    optins = pairs[keys[1:]].drop_duplicates().itertuples(index=False, name=None)
    allowed = {
        (text, home, era): _allowed(text, home, instants[era], members)
        for text, home, era in optins
    }
    outside = [
        " ".join(sorted(hops[route] - allowed[text, home, era]))
        for route, text, home, era in pairs.itertuples(index=False, name=None)
    ]
    return rows.merge(pairs.assign(outside=outside), on=keys)


def _sites() -> dict[str, str]:
    sites = pd.read_csv(REFERENCE / "datacentres.csv", dtype=str, keep_default_na=False)
    by_label: dict[str, set[str]] = {}
    for site in sites[sites["operator"] == "zoom"].itertuples():
        for label in (site.code, site.name, *site.aliases.split(";")):
            by_label.setdefault(label.strip().lower(), set()).add(site.country)
    return {label: min(found) for label, found in by_label.items() if len(found) == 1 and label}


def _countries(route: str, sites: dict[str, str]) -> set[str]:
    hops = [hop.strip().lower() for hop in route.split(";")]
    stated = {hop[8:].upper() for hop in hops if hop.startswith("country:")}
    return stated | {sites[hop] for hop in hops if sites.get(hop)}


def _members() -> pd.DataFrame:
    groups = pd.read_csv(REFERENCE / "groups.csv", dtype=str).rename(columns={"group": "token"})
    codes = pd.read_csv(REFERENCE / "vendor-codes.csv", dtype=str)
    codes["token"] = codes["vendor"] + ":" + codes["code"]
    codes["country"] = codes["countries"].str.split(";")
    names = ["token", "country", "valid_from", "valid_to"]
    members = pd.concat([groups[names], codes.explode("country")[names]])
    since = pd.to_datetime(members["valid_from"], utc=True, format="ISO8601")
    until = pd.to_datetime(members["valid_to"], utc=True, format="ISO8601")
    return members.assign(
        since=since.fillna(pd.Timestamp("1900-01-01", tz="UTC")),
        until=until.fillna(pd.Timestamp("2200-01-01", tz="UTC")),
    )


def _allowed(text: str, home: str, at: pd.Timestamp, members: pd.DataFrame) -> set[str]:
    tokens = {token.strip() for token in [*text.split(";"), home]}
    held = members[(members["since"] <= at) & (at < members["until"])]
    of_groups = held.loc[held["token"].isin(tokens), "country"]
    return {token for token in tokens if len(token) == _ISO_LENGTH} | set(of_groups)


if __name__ == "__main__":
    main()
