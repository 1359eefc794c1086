"""The rows of a synthetic log as events: ids, routes and what else a media log says."""

from typing import Final

import polars as pl

from auditor.generate.accounts import Accounts
from auditor.generate.clock import moment_of, seconds_at
from auditor.generate.draws import (
    Draws,
    base64_id,
    bits,
    gathered,
    pick,
    spread,
    u64,
    uuid_head,
    uuid_tail,
    weighted,
)
from auditor.generate.policies import policy_table
from auditor.generate.routes import route_of

_ABROAD: Final = weighted(
    {"US": 14, "CN": 8, "DE": 6, "GB": 6, "IN": 6, "CA": 4, "HK": 4, "JP": 4, "FR": 4,
     "TW": 2, "BR": 2, "KR": 2, None: 2}
)  # fmt: skip

_ABROAD_IN_8: Final = 3

_ERAS: Final = (seconds_at(2020, 4, 27), seconds_at(2020, 5, 30))
_OLD: Final = ("4.6.7.18176", "4.6.8.19178", "4.6.9.19273", "4.6.10.20033", "4.4.55383.0716")
_NEW: Final = ("5.0.0.23168", "5.0.1.23502", "5.0.2.24046", "5.0.4.25694", "5.0.5.26213")
_VERSIONS: Final = pl.Series([*spread(_OLD), *spread(_OLD + _NEW), *spread(_NEW)])
_CIPHERS: Final = pl.Series(
    [*spread(("aes128-ecb",)), *spread(("aes128-ecb", "enhanced")), *spread(("aes256-gcm",))]
)
_CONNECTIONS: Final = weighted({"UDP": 20, "TCP": 4, "SSL": 4, "Reliable UDP": 3, "HTTP": 1})


def account_ids(meetings: pl.DataFrame, accounts: Accounts, draws: Draws) -> pl.Series:
    """The `account_id` of every meeting; half of the unknown accounts have no id at all."""
    draw = draws.of("stranger", "key")
    stranger = base64_id(draw, draws.of("stranger b", "key"))
    return meetings.select(
        account_id=pl.when("is_known")
        .then(gathered(accounts.frame["account_id"], pl.col("account")))
        .when(bits(draw, 0, 1) == 0)
        .then(stranger)
    ).to_series()


def meeting_ids(meetings: pl.DataFrame, draws: Draws) -> pl.Series:
    """The `meeting_id` of every meeting: 16 bytes in base64, as the operator writes them."""
    words = draws.of("meeting a", "key"), draws.of("meeting b", "key")
    return meetings.select(meeting_id=base64_id(*words, end="==")).to_series()


def session_ids(meetings: pl.DataFrame, sessions: pl.DataFrame, draws: Draws) -> pl.Series:
    """The `session_id` of every session: a UUID whose end is its meeting's."""
    tails = meetings.select(uuid_tail(draws.of("session tail", "key"))).to_series()
    tail = gathered(tails, pl.col("meeting"))
    head = uuid_head(draws.of("session head", "key"))
    return sessions.select(session_id=pl.concat_str(head, tail)).to_series()


def events_of(
    rows: pl.DataFrame, ids: dict[str, pl.Series], routes: pl.Series, *, has_start: bool
) -> pl.DataFrame:
    """The event columns of `rows`, in their order.

    Args:
        rows: of `draw_rows`.
        ids: `account_id` and `meeting_id` per meeting, `session_id` per session.
        routes: of `route_table`.
        has_start: include `meeting_started_at`.

    Returns:
        A frame of canonical columns. `hop_role`, `participant_country`, `media_bytes` and
        `account_id` may be null.
    """
    meeting, key = pl.col("meeting"), pl.col("session_key")
    start = [moment_of(pl.col("start")).alias("meeting_started_at")] if has_start else []
    return rows.select(
        moment_of(pl.col("second")).alias("event_at"),
        gathered(ids["meeting_id"], meeting).alias("meeting_id"),
        gathered(ids["session_id"], pl.col("session")).alias("session_id"),
        gathered(ids["account_id"], meeting).alias("account_id"),
        route_of(routes).alias("route"),
        pl.col("role").alias("hop_role"),
        *start,
        (pl.col("participant") == 0).alias("is_host"),
        _participant_country().alias("participant_country"),
        _media_bytes().alias("media_bytes"),
        pick(_VERSIONS, key, 48, row=_era()).alias("client_version"),
        pick(_CIPHERS, key, 48, row=_era()).alias("encryption"),
        pl.when("is_p2p")
        .then(pl.lit("P2P"))
        .otherwise(pick(_CONNECTIONS, key, 43))
        .alias("connection_type"),
    )


def _participant_country() -> pl.Expr:
    key = pl.col("session_key")
    home = gathered(policy_table()["home"], pl.col("policy"))
    is_abroad = (bits(key, 53, 3) < _ABROAD_IN_8) & (pl.col("participant") > 0)
    return pl.when(is_abroad).then(pick(_ABROAD, key, 56)).otherwise(home)


def _media_bytes() -> pl.Expr:
    size = u64(20_000) + bits(pl.col("key"), 13, 26)
    return pl.when(bits(pl.col("key"), 39, 6) > 0).then(size)


def _era() -> pl.Expr:
    first, second = ((pl.col("start") >= era).cast(pl.UInt64) for era in _ERAS)
    return first + second
