"""Where hops can be: their texts in logs by country, and what an opt-in surely covers."""

from typing import Final

HOPS: Final[dict[str, tuple[str, ...]]] = {
    "US": ("SJ", "SC", "NY", "IAD", "DV", "NX", "SX", "SJC", "San Jose", "New York", "country:US"),
    "CA": ("TR", "YYZ", "VN", "YVR", "Toronto", "country:CA"),
    "NL": ("AM", "AMS", "Amsterdam"),
    "DE": ("FR", "FRA", "LEJ", "Frankfurt", "lej"),
    "FR": ("country:FR",),
    "IE": ("country:IE",),
    "GB": ("country:GB",),
    "CH": ("ZRH", "Zurich"),
    "HK": ("HKG", "Hong Kong", "country:HK"),
    "MO": ("country:MO",),
    "TW": ("country:TW",),
    "SG": ("SIN", "country:SG"),
    "JP": ("NRT", "OS", "KIX"),
    "AU": ("SY", "SYD", "ME", "MEL", "Sydney"),
    "IN": ("MB", "BOM", "HY", "HYD", "Mumbai", "country:in"),
    "BR": ("SP", "Sao Paulo"),
    "MX": ("QRO", "country:MX"),
    "CN": ("TJ", "Tianjin", "country:CN"),
}
"""Country → texts of hops there: site codes (AM, FR, SC, SY and TR are no countries), site names
and stated countries."""

UNRESOLVED_HOPS: Final = ("Cloud", "GSB", "XYZ9", "203.0.113.9")
"""Texts of hops whose country nothing tells."""

MAINLAND: Final = "CN"

_SURE: Final[dict[str, tuple[str, ...]]] = {
    "EU": ("DE", "FR", "IE", "NL"),
    "zoom:LA": ("BR",),
    "zoom:TY": ("JP",),
    "zoom:HK": ("HK",),
}
_UNSURE: Final[dict[str, tuple[str, ...]]] = {
    "EU": ("GB",),
    "zoom:LA": ("MX",),
    "zoom:TY": ("HK",),
    "zoom:HK": ("JP",),
}


def allowed_countries(opted_in: str, home: str) -> list[str]:
    """Countries of `HOPS` that an opt-in text covers beyond doubt from April to June 2020."""
    covered = {c for token in _tokens(opted_in) for c in _SURE.get(token, (token[-2:],))}
    return [country for country in HOPS if country in covered | {home}]


def outside_countries(opted_in: str, home: str) -> list[str]:
    """Countries of `HOPS` that an opt-in text leaves out beyond doubt, the mainland apart.

    A country that one reading of a group or vendor code would cover (the United Kingdom just
    after it left the EU, Mexico in "Latin America") is in neither list.
    """
    unsure = {c for token in _tokens(opted_in) for c in _UNSURE.get(token, ())}
    inside = {*allowed_countries(opted_in, home), *unsure, MAINLAND}
    return [country for country in HOPS if country not in inside]


def hop_texts(countries: list[str]) -> list[str]:
    """The hop texts of `countries`: first the first of each, then the second of each, and so on."""
    most = max(len(HOPS[country]) for country in countries)
    return [HOPS[c][i] for i in range(most) for c in countries if i < len(HOPS[c])]


def _tokens(opted_in: str) -> list[str]:
    return [token.strip() for token in opted_in.split(";") if token.strip()]
