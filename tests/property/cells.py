"""Random cells: few keys and places, times crowded around the cut-offs, seldom nonsense."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.model import Raw
from tests.oracle.rules import RULES

RULE_IDS = tuple(RULES)
NEEDED = ("event_at", "meeting_id", "session_id", "account_id", "route")
LISTS = ("route", "opted_in", "extra_opted_in", "residency")
ACCOUNT_COLUMNS = (
    "plan", "account_kind", "billing_country", "registered_country", "opted_in", "home",
    "upgraded_at", "residency",
)  # fmt: skip
FLAGS = ("is_host", "has_passcode", "has_waiting_room", "is_recorded", "recording_has_passcode")
OPTIONAL = (
    "hop_role", "meeting_started_at", "participant_country", "media_bytes", "connection_type",
    "client_version", "encryption", *FLAGS, "extra_opted_in", *ACCOUNT_COLUMNS,
)  # fmt: skip

ACCOUNTS = ("a1", "a1", "a1", "a1", "a2", " a2")
MEETINGS = ("m1", "m2", "m1", "m2", "m1", "m3", " m1 ", "\u2003m2\u00a0")
SESSIONS = ("s1", "s1", "s2", "s1", 's"3', "s,4", "S5", "sé\u2028", "=6")

CUTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2020-04-18T00:00:00Z",
        "2020-04-25T00:00:00Z",
        "2020-04-30T16:00:00Z",
        "2020-05-01T00:00:00Z",
        "2020-05-30T00:00:00Z",
        "2020-01-31T23:00:00Z",
        "2020-06-15T12:00:00Z",
    )
)
ERAS = (CUTS[-1:], CUTS[:1], CUTS[1:2], CUTS[2:4], CUTS[3:], CUTS[4:5], CUTS[-1:], CUTS)
"""Cut-offs near which the events of one log lie."""

_TICK = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
SHIFTS = (
    *(0 * _TICK, -_TICK, _TICK, _HOUR, -_HOUR, -8 * _HOUR, 8 * _HOUR, 72 * _HOUR),
    *(-14 * _HOUR, -14 * _HOUR - _TICK, -13 * _HOUR - _TICK),
    *(12 * _HOUR, 12 * _HOUR - _TICK, 11 * _HOUR),
)

SITES = (
    *("SC", "TJ", "SC", "LEJ", "SC", "FR", "HKG", "Tianjin", "San Jose (SC)", "tj", "Tokyo"),
    *("country:US", "country:CN", "COUNTRY:fr", "country:GB"),
)
HOPS = (
    *SITES,
    *("SP", "GSB", "Cloud", "XYZ9", "CN", "country:UK", "52.81.151.250", "2001:db8::1", ""),
)
TOKENS = (
    *("US", "EU", "US", "CN", "DE", "us", "US", "EU", "eu", "EEA", "HK", "GB", "BR", "JP"),
    *("zoom:LA", "zoom:HK", "zoom:TY", "zoom:EU", "zoom:CN"),
)
BAD_TOKENS = ("UK", "China", "", "zoom:XX", "LAX")
COUNTRIES = ("CN", "US", "cn", "HK", " DE ", "GB", "CN")
VALUES = {
    "hop_role": (
        *("processing", "transit", "relay", " Transit ", "RELAY", "key"),
        *("processing", "transit", "relay", "signalling", "recording", "Dial_In", "key"),
    ),
    "participant_country": COUNTRIES,
    "media_bytes": ("0", "7", "1000", "123456789012345678"),
    "connection_type": ("UDP", "P2P", "p2p + Proxy", "SSL+Proxy"),
    "plan": ("free", "FREE", "pro", "business", "free"),
    "account_kind": ("individual", "Individual", "business", "government", "partner", "partner"),
    "client_version": ("5.0", "4.6.12", "5.10.1(win)", "win_5.1.2", "4", "web", "10.0", "5.00.0"),
    "encryption": ("AES256-GCM", "enhanced", "Enhanced", "e2ee", "aes128-ecb", "none"),
    **dict.fromkeys(FLAGS, ("true", "false", "Yes", "0", "1", "F", "no")),
    **dict.fromkeys(("billing_country", "registered_country", "home"), COUNTRIES),
}
_GARBAGE = {
    "hop_role": "teleport",
    "media_bytes": "-1",
    "plan": "Basic+",
    "account_kind": "robot",
    **dict.fromkeys(FLAGS, "maybe"),
    **dict.fromkeys(
        ("participant_country", "billing_country", "registered_country", "home"), "China"
    ),
}
Theme = Mapping[str, Sequence[str]]

THEMES: Sequence[Theme] = (
    *({}, {}, {}),
    {
        "hop_role": ("key", "signalling", "KEY"),
        "route": ("TJ", "country:CN", "Tianjin", "HKG", "SC"),
        "opted_in": ("US", "HK", "US"),
        "home": ("US",),
        "extra_opted_in": ("US",),
        "participant_country": (*["US"] * 6, "HK", "CN"),
    },
    {
        "hop_role": ("processing", "Processing"),
        "route": ("TJ", "SC", "HKG", "Tianjin"),
        "account_kind": ("partner",),
        **dict.fromkeys(("billing_country", "registered_country", "home"), ("CN", "cn")),
        "participant_country": (*["CN"] * 7, "HK"),
    },
    {
        "account_kind": ("government",),
        **dict.fromkeys(("billing_country", "registered_country", "home"), ("US", "US", "DE")),
    },
    {"hop_role": ("dial_in", "recording"), "opted_in": ("US", "DE")},
)
"""What the cells of some columns are drawn from, so that rules of few rows have some."""

BAD_TIMES = ("never", "2020-13-01T00:00:00Z", "1899-12-31T00:00:00Z", "2020-04-18T25:00:00Z")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the cells of a log are made.

    `theme` limits the values of some columns, `lists` are its list columns, `zone` that of
    zoneless times, `cuts` lie near its events. A clean one has no missing or invalid cells; in a
    crowded one all rows are of one session.
    """

    theme: Theme

    format: str
    lists: Sequence[str]
    zone: str | None
    cuts: Sequence[datetime]
    is_clean: bool
    is_crowded: bool


def spelled(moment: datetime, how: int, zone: str | None) -> str:
    plain = moment.replace(tzinfo=None).isoformat()
    if how == 1:
        east = moment.astimezone(ZoneInfo("Asia/Shanghai"))
        return east.isoformat()
    if how == 2:
        return plain.replace("T", " ") + " UTC"
    if how == 3:
        return (moment + 330 * 60 * 1_000_000 * _TICK).replace(tzinfo=None).isoformat() + "+0530"
    if how == 4 and moment.microsecond:
        return plain + "999Z"
    if how == 5 and zone:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    return plain + "Z"


def times(zone: str | None, cuts: Sequence[datetime] = CUTS) -> st.SearchStrategy[str]:
    """Times at `cuts` and just around them; without a zone only where `zone` says which."""
    moments = st.builds(operator.add, st.sampled_from(cuts), st.sampled_from(SHIFTS))
    return st.builds(spelled, moments, st.integers(0, 5), st.just(zone))


def often(usual: st.SearchStrategy[Any], *seldom: object) -> st.SearchStrategy[Any]:
    """Mostly `usual`, one time in eight something of `seldom`."""
    rare = st.sampled_from(seldom)
    return st.sampled_from((*[usual] * 7, rare)).flatmap(lambda strategy: strategy)


def _as_cell(items: list[str], is_list: bool, has_stray: bool) -> Raw:
    if is_list:
        return [item or None for item in items]
    return ";".join(items) + (";" if has_stray and items else "")


def sets(
    pool: Sequence[str], is_list: bool, bad: Sequence[str] = (), least: int = 0, most: int = 3
) -> st.SearchStrategy[Raw]:
    good = st.lists(st.sampled_from(pool), min_size=least, max_size=most)
    items = often(good, *([*pool[:1], text] for text in bad)) if bad else good
    return st.builds(_as_cell, items, st.just(is_list), st.booleans())


def _clean_cells(column: str, log: Shape) -> st.SearchStrategy[Raw]:
    is_list = column in log.lists
    if column == "route":
        return sets(log.theme.get(column, SITES), is_list, least=1, most=2)
    if column in LISTS:
        return sets(log.theme.get(column, TOKENS), is_list, least=0 if is_list else 1)
    if column in {"meeting_started_at", "upgraded_at"}:
        return times(log.zone, log.cuts)
    return st.sampled_from(log.theme.get(column, VALUES[column]))


def cells(column: str, log: Shape) -> st.SearchStrategy[Raw]:
    """Raw cells of one column; missing and invalid ones among them unless the log is clean."""
    clean = _clean_cells(column, log)
    if log.is_clean:
        return clean
    if column == "route":
        return often(sets(log.theme.get(column, HOPS), column in log.lists), None)
    if column in LISTS:
        tokens = log.theme.get(column, TOKENS)
        return often(sets(tokens, column in log.lists, BAD_TOKENS), None)
    if column in {"meeting_started_at", "upgraded_at"}:
        return often(clean, None, "", *BAD_TIMES[:2])
    return often(clean, None, "", _GARBAGE.get(column))
