"""A second, plain reading of a synthetic log: findings and counts from its files alone."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import auditor

REFERENCE = Path(auditor.__file__).parent / "reference"

EU_2020 = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip
VENDOR_CODES = {"LA": ["BR"], "TY": ["JP"], "HK": ["HK"]}
FROM_18_APRIL = datetime(2020, 4, 18, tzinfo=UTC)
FROM_25_APRIL = datetime(2020, 4, 25, tzinfo=UTC)
FROM_MAY_IN_SHANGHAI = datetime(2020, 4, 30, 16, tzinfo=UTC)

Row = dict[str, str]


class Recount(NamedTuple):
    """Outcomes per rule, and violating rows per finding: (rule, account, meeting, session)."""

    outcomes: dict[str, Counter[str]]
    findings: Counter[tuple[str, str, str, str]]


def recount(folder: Path) -> Recount:
    """Judges every row of `folder/events/*.csv` by the four default rules."""
    rows = [row for path in sorted((folder / "events").glob("*.csv")) for row in read(path)]
    policies = defaultdict(list)
    for version in read(folder / "accounts.csv"):
        policies[version["account_id"]].append(version)
    starts = meeting_starts(rows)
    sites = site_countries()
    result = Recount(defaultdict(Counter), Counter())
    for row in rows:
        start = starts[row["meeting_id"]]
        policy = policy_at(policies[row["account_id"]], start)
        for rule_id, outcome in judged(row, start, policy, sites).items():
            result.outcomes[rule_id][outcome] += 1
            if outcome == "violation":
                session = "" if rule_id == "HOST-001" else row["session_id"]
                result.findings[rule_id, row["account_id"], row["meeting_id"], session] += 1
    return result


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def meeting_starts(rows: list[Row]) -> dict[str, datetime]:
    """What the log states, which must be the earliest event where it states nothing."""
    earliest: dict[str, datetime] = {}
    for row in rows:
        at = moment(row["event_at"])
        earliest[row["meeting_id"]] = min(at, earliest.get(row["meeting_id"], at))
    for row in rows:
        stated = row.get("meeting_started_at")
        assert stated is None or moment(stated) == earliest[row["meeting_id"]]
    return earliest


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def site_countries() -> dict[str, str]:
    sites = {}
    for site in read(REFERENCE / "datacentres.csv"):
        for text in (site["code"], site["name"], *site["aliases"].split(";")):
            sites[text.casefold()] = site["country"]
    return sites


def policy_at(versions: list[Row], at: datetime) -> Row | None:
    inside = [
        v
        for v in versions
        if (not v["valid_from"] or moment(v["valid_from"]) <= at)
        and (not v["valid_to"] or at < moment(v["valid_to"]))
    ]
    assert len(inside) == (1 if versions else 0), "gaps and overlaps are never generated"
    return inside[0] if inside else None


def opt_in_of(policy: Row) -> set[str]:
    countries = {policy["home"]}
    for token in filter(None, (t.strip() for t in policy["opted_in"].split(";"))):
        vendor, _, code = token.rpartition(":")
        expansion = VENDOR_CODES.get(code, [code]) if vendor else [code]
        countries |= EU_2020 if token == "EU" else set(expansion)
    return countries


def country_of(hop: str, sites: dict[str, str]) -> str:
    kind, _, code = hop.rpartition(":")
    return code.upper() if kind.casefold() == "country" else sites.get(hop.casefold(), "")


def judged(row: Row, start: datetime, policy: Row | None, sites: dict[str, str]) -> dict[str, str]:
    """The outcome of each default rule on one row."""
    hops = [country_of(hop, sites) for hop in row["route"].removesuffix(";").split(";")]
    role = row["hop_role"] or "processing"
    is_p2p = row["connection_type"] == "P2P"
    route = within(hops, policy)
    return {
        "HOST-001": hosting(policy) if start >= FROM_MAY_IN_SHANGHAI else "not_applicable",
        "ROUTE-001": ("unknown" if is_p2p and route == "compliant" else route)
        if role in {"processing", "relay"} and start >= FROM_18_APRIL
        else "not_applicable",
        "ROUTE-002": mainland(hops, policy) if start >= FROM_25_APRIL else "not_applicable",
        "ROUTE-003": route if role == "transit" and start >= FROM_18_APRIL else "not_applicable",
    }


def within(hops: list[str], policy: Row | None) -> str:
    if policy is None:
        return "unknown"
    if any(hop and hop not in opt_in_of(policy) for hop in hops):
        return "violation"
    return "compliant" if all(hops) else "unknown"


def mainland(hops: list[str], policy: Row | None) -> str:
    allows = None if policy is None else "CN" in opt_in_of(policy)
    touches = True if "CN" in hops else False if all(hops) else None
    if allows or touches is False:
        return "compliant"
    return "violation" if touches and allows is False else "unknown"


def hosting(policy: Row | None) -> str:
    if policy is None:
        return "unknown"
    country = policy["billing_country"] or policy["registered_country"] or policy["home"]
    return "violation" if policy["plan"] == "free" and country == "CN" else "compliant"


def finding_id(rule_id: str, account: str, meeting: str, session: str) -> str:
    keys = [account, meeting, session] if session else [account, meeting]
    kind = "session" if session else "meeting"
    text = json.dumps([rule_id, kind, *keys], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
