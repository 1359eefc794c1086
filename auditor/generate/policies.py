"""The policies that accounts of a synthetic log can have, and how they change over time."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from auditor.generate.draws import ROW_WIDTH, spread
from auditor.generate.places import (
    HOPS,
    MAINLAND,
    allowed_countries,
    hop_texts,
    outside_countries,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The account facts of one policy version; an empty text is a missing value."""

    plan: str
    account_kind: str
    billing_country: str
    registered_country: str
    opted_in: str
    home: str
    partner: str = ""

    @property
    def is_free_mainland(self) -> bool:
        """Whether the account may not host from 1 May 2020 (Shanghai) on."""
        country = self.billing_country or self.registered_country or self.home
        return self.plan == "free" and country == MAINLAND


POLICIES: Final[dict[str, Policy]] = {
    "us pro": Policy("pro", "business", "US", "US", "US", "US"),
    "us free": Policy("free", "individual", "US", "US", "US", "US"),
    "us and canada": Policy("business", "business", "US", "US", "US; CA;", "US"),
    "us and eu": Policy("enterprise", "business", "US", "US", "US;EU", "US"),
    "us world": Policy(
        "enterprise", "business", "US", "US", "US;CA;EU;AU;IN;SG;HK;zoom:TY;zoom:LA", "US"
    ),
    "us and china": Policy("business", "business", "US", "US", "US;zoom:CN", "US"),
    "us government": Policy("government", "government", "US", "US", "zoom:US", "US"),
    "de eu": Policy("business", "business", "DE", "DE", "EU", "DE"),
    "nl free": Policy("free", "individual", "NL", "NL", "NL", "NL"),
    "fr education": Policy("education", "education", "FR", "FR", "EU;CH", "FR"),
    "gb pro": Policy("pro", "business", "GB", "GB", "zoom:DE;zoom:NL;IE", "GB"),
    "ca pro": Policy("pro", "business", "CA", "CA", "zoom:CA;zoom:US;", "CA"),
    "au pro": Policy("pro", "business", "AU", "AU", "AU", "AU"),
    "in free": Policy("free", "individual", "IN", "IN", "IN", "IN"),
    "in pro": Policy("pro", "business", "IN", "IN", "IN;SG", "IN"),
    "jp pro": Policy("pro", "business", "JP", "JP", "zoom:TY", "JP"),
    "hk free": Policy("free", "individual", "HK", "HK", "HK", "HK"),
    "hk pro": Policy("pro", "business", "HK", "HK", "zoom:HK", "HK"),
    "hk and china": Policy("business", "business", "HK", "HK", "HK;CN", "HK"),
    "mo free": Policy("free", "individual", "MO", "MO", "MO;HK", "MO"),
    "tw free": Policy("free", "individual", "TW", "TW", "TW", "TW"),
    "sg trial": Policy("trial", "business", "SG", "SG", "SG", "SG"),
    "br pro": Policy("pro", "business", "BR", "BR", "zoom:LA", "BR"),
    "mx free": Policy("free", "individual", "MX", "MX", "MX", "MX"),
    "cn free": Policy("free", "individual", "CN", "CN", "CN", "CN"),
    "cn free by registration": Policy("free", "individual", "", "CN", "CN", "CN"),
    "cn free by home": Policy("free", "individual", "", "", "CN", "CN"),
    "cn free billed in hk": Policy("free", "business", "HK", "CN", "CN;HK", "CN"),
    "cn pro": Policy("pro", "individual", "CN", "CN", "CN", "CN"),
    "cn business": Policy("business", "business", "CN", "CN", "CN;HK", "CN"),
    "cn partner": Policy("business", "partner", "CN", "CN", "CN", "CN", "Bizconf"),
}

HISTORIES: Final[tuple[tuple[int, tuple[str, ...]], ...]] = (
    (40, ("us pro",)),
    (30, ("us free",)),
    (18, ("us and canada",)),
    (14, ("us and eu",)),
    (6, ("us world",)),
    (4, ("us and china",)),
    (4, ("us government",)),
    (16, ("de eu",)),
    (8, ("nl free",)),
    (8, ("fr education",)),
    (10, ("gb pro",)),
    (8, ("ca pro",)),
    (6, ("au pro",)),
    (8, ("in free",)),
    (6, ("in pro",)),
    (6, ("jp pro",)),
    (4, ("hk free",)),
    (3, ("hk pro",)),
    (2, ("hk and china",)),
    (1, ("mo free",)),
    (3, ("tw free",)),
    (2, ("sg trial",)),
    (4, ("br pro",)),
    (3, ("mx free",)),
    (5, ("cn free",)),
    (2, ("cn free by registration",)),
    (1, ("cn free by home",)),
    (1, ("cn free billed in hk",)),
    (4, ("cn pro",)),
    (3, ("cn business",)),
    (1, ("cn partner",)),
    (6, ("us pro", "us and eu")),
    (5, ("us free", "us pro", "us and canada")),
    (4, ("us pro", "us and canada", "us pro")),
    (2, ("us and china", "us pro")),
    (2, ("us pro", "us and china")),
    (2, ("hk free", "hk and china", "hk pro")),
    (2, ("de eu", "us and eu")),
    (2, ("cn free", "cn pro")),
)
"""Weight in 256, then the policies one after another. About a tenth of the accounts change."""

MOST_VERSIONS: Final = max(len(names) for _, names in HISTORIES)

_NAMES: Final = tuple(POLICIES)


def policy_index(name: str) -> int:
    """Position of a policy in `policy_table` and in the hop tables."""
    return _NAMES.index(name)


@cache
def policy_table() -> pl.DataFrame:
    """One row per policy, in the order of `POLICIES`: its facts and what follows from them."""
    return pl.DataFrame(
        [
            {
                "plan": p.plan,
                "account_kind": p.account_kind,
                "billing_country": p.billing_country or None,
                "registered_country": p.registered_country or None,
                "opted_in": p.opted_in,
                "home": p.home,
                "partner": p.partner or None,
                "is_free_mainland": p.is_free_mainland,
                "allows_mainland": MAINLAND in allowed_countries(p.opted_in, p.home),
            }
            for p in POLICIES.values()
        ]
    )


@cache
def allowed_hops() -> pl.Series:
    """Per policy one table row of hop texts that it allows; half of them lie in its home."""
    texts: list[str] = []
    for p in POLICIES.values():
        at_home = spread(HOPS[p.home])
        anywhere = spread(hop_texts(allowed_countries(p.opted_in, p.home)))
        texts += at_home[: ROW_WIDTH // 2] + anywhere[: ROW_WIDTH // 2]
    return pl.Series(texts)


@cache
def outside_hops() -> pl.Series:
    """Per policy one table row of hop texts outside it, none of them in mainland China."""
    texts: list[str] = []
    for p in POLICIES.values():
        texts += spread(hop_texts(outside_countries(p.opted_in, p.home)))
    return pl.Series(texts)
