"""The rows of a synthetic log, still as numbers and flags, with the faults planted in them."""

from typing import Final

import polars as pl

from auditor.generate.clock import REGIONS_CHOSEN
from auditor.generate.draws import ROW_WIDTH, Draws, bits, chance, gathered, pick, u64, weighted
from auditor.generate.policies import policy_table
from auditor.generate.request import LogRequest

MEDIA_ROLES: Final = ("processing", "relay")
OTHER_ROLES: Final = ("signalling", "key", "recording", "dial_in")

_ROLES: Final = weighted(
    {
        "processing": 190, None: 14, "relay": 12, "transit": 20,
        "signalling": 8, "key": 4, "recording": 4, "dial_in": 4,
    }
)  # fmt: skip

_PLANTED_ROLES: Final = pl.Series(
    ["processing", "relay", "processing", None] * (ROW_WIDTH // 4)
    + ["transit"] * ROW_WIDTH
    + [*OTHER_ROLES] * (ROW_WIDTH // 4)
)
_ROLE_FAMILIES: Final = pl.Series([0] * 9 + [1] * 4 + [2] * 3, dtype=pl.UInt64)

_ROUTE_SHARE: Final = 0.75
_UNDECIDED_SHARE: Final = 0.75
_MAINLAND_IN_1024: Final = 360
_LATEST_JOIN: Final = 900
_SEGMENT: Final = 1200


def draw_rows(
    meetings: pl.DataFrame, sessions: pl.DataFrame, limit: int, request: LogRequest, draws: Draws
) -> pl.DataFrame:
    """The first `limit` rows of `sessions`, sorted by time.

    Args:
        meetings: of `draw_meetings`.
        sessions: of `draw_sizes`.
        limit: most rows to draw.
        request: how much to plant.
        draws: of the log.

    Returns:
        One row per event: `session` and `meeting` (positions), `participant`, `segment`, `key`,
        `fault` and `session_key` (UInt64), `second` and `start` (Int64), `policy` (index), `role`
        (null = processing), and the flags `is_known`, `is_outside` (some hop lies outside the
        opt-in), `is_mainland` (that hop lies in mainland China), `is_open` (some hop resolves to
        nothing), `is_p2p`. A row with `is_outside` has neither `is_open` nor an unknown account.
    """
    planted = _with_plants(sessions, request, draws)
    return (
        _sorted_rows(meetings, sessions, limit, draws)
        .with_columns(
            *_of(planted, "session", "session_key", "participant", "is_chosen", "is_to_mainland"),
            *_of(planted, "session", "family"),
            *_of(meetings, "meeting", "start", "policy", "is_known", "is_planted"),
            fault=draws.of("fault", "key"),
        )
        .with_columns(is_outside=_is_outside())
        .with_columns(_is_mainland(), *_troubles(request), role=_role())
        .with_columns(is_p2p=pl.col("is_p2p") | _is_harmless_p2p())
        .drop("is_planted", "is_chosen", "is_to_mainland", "family")
    )


def _with_plants(sessions: pl.DataFrame, request: LogRequest, draws: Draws) -> pl.DataFrame:
    plant = draws.of("route plant", "key")
    return sessions.select(
        pl.col("key").alias("session_key"),
        "participant",
        is_chosen=chance(plant, request.violations * _ROUTE_SHARE),
        is_to_mainland=bits(plant, 0, 10) < u64(_MAINLAND_IN_1024),
        family=pick(_ROLE_FAMILIES, plant, 10),
    )


def _sorted_rows(
    meetings: pl.DataFrame, sessions: pl.DataFrame, limit: int, draws: Draws
) -> pl.DataFrame:
    session = pl.col("session")
    rows = (
        sessions.select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("session").repeat_by("segments"),
            segment=pl.int_ranges("segments", dtype=pl.UInt32),
        )
        .explode("session", "segment", empty_as_null=False)
        .head(limit)
    )
    of_session = gathered(sessions["key"], session)
    starts = meetings["start"].gather(sessions["meeting"])
    return (
        rows.with_columns(key=draws.of("row", of_session + pl.col("segment").cast(pl.UInt64)))
        .with_columns(second=gathered(starts, session) + _since_start(sessions))
        .sort("second", maintain_order=True)
        .with_columns(meeting=gathered(sessions["meeting"], session))
    )


def _since_start(sessions: pl.DataFrame) -> pl.Expr:
    # NOTE: the host's first row is the meeting's start, so that the earliest event tells the
    # start as well as the log's own column does.
    joins = sessions.select(
        pl.when(pl.col("participant") > 0)
        .then(bits(pl.col("key"), 0, 16) % u64(_LATEST_JOIN))
        .otherwise(u64(0))
    ).to_series()
    segment = pl.col("segment").cast(pl.UInt64)
    within = bits(pl.col("key"), 45, 10)
    later = pl.when(segment > 0).then(segment * u64(_SEGMENT) + within).otherwise(u64(0))
    return (gathered(joins, pl.col("session")) + later).cast(pl.Int64)


def _of(frame: pl.DataFrame, position: str, *names: str) -> list[pl.Expr]:
    return [gathered(frame[name], pl.col(position)).alias(name) for name in names]


def _is_outside() -> pl.Expr:
    is_row = (pl.col("segment") == 0) | (bits(pl.col("key"), 56, 1) == 1)
    return pl.col("is_chosen") & pl.col("is_known") & is_row


def _is_mainland() -> pl.Expr:
    allows_mainland = gathered(policy_table()["allows_mainland"], pl.col("policy"))
    return (pl.col("is_outside") & pl.col("is_to_mainland") & ~allows_mainland).alias("is_mainland")


def _troubles(request: LogRequest) -> tuple[pl.Expr, pl.Expr]:
    drawn = chance(pl.col("fault"), request.unresolved * _UNDECIDED_SHARE)
    is_free = pl.col("is_known") & ~pl.col("is_planted") & ~pl.col("is_outside")
    is_hop = bits(pl.col("fault"), 30, 2) > 0
    return (
        (drawn & is_free & is_hop).alias("is_open"),
        (drawn & is_free & ~is_hop).alias("is_p2p"),
    )


def _role() -> pl.Expr:
    return (
        pl.when("is_outside")
        .then(pick(_PLANTED_ROLES, pl.col("key"), row=pl.col("family")))
        .otherwise(pick(_ROLES, pl.col("key")))
    )


def _is_harmless_p2p() -> pl.Expr:
    is_media = pl.col("role").is_null() | pl.col("role").is_in(MEDIA_ROLES)
    is_judged = is_media & (pl.col("start") >= REGIONS_CHOSEN)
    return (bits(pl.col("key"), 8, 5) == 0) & ~is_judged
