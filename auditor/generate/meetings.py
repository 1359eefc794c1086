"""The meetings of a synthetic log: who hosts them, when they start, who takes part."""

from typing import Final

import polars as pl

from auditor.generate.accounts import Accounts
from auditor.generate.clock import DAY, DAYS, HOSTING_ENDED, HOUR, LOG_START, seconds_at
from auditor.generate.draws import Draws, bits, chance, gathered, geometric, pick, ranks, u64
from auditor.generate.policies import policy_index, policy_table
from auditor.generate.request import LogRequest

_PARTICIPANTS: Final = geometric(mean=6, size=4096)
_SEGMENTS: Final = pl.Series([1] * 11 + [2] * 4 + [3], dtype=pl.UInt32)

_EVES: Final = tuple(
    (seconds_at(2020, month, day) - LOG_START) // DAY for month, day in ((4, 17), (4, 24), (4, 30))
)
"""Days on whose last minutes some meetings start, so that they run past a cut-off at midnight."""

_BEFORE_MIDNIGHT: Final = 20 * 60
_HOST_SHARE: Final = 0.25
_UNKNOWN_SHARE: Final = 0.25


def draw_sizes(first: int, count: int, draws: Draws) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The skeleton of meetings number `first` to `first + count - 1`.

    Returns:
        Meetings with `number`, `key` (UInt64), `first_row` (from 0 within the chunk); and their
        sessions with `meeting` (position of the meeting), `participant` (0 is the host), `key`
        (UInt64), `segments` (how many rows), both in order.
    """
    meetings = pl.select(number=pl.int_range(first, first + count, dtype=pl.UInt64)).with_columns(
        key=draws.of("meeting", "number")
    )
    sessions = (
        meetings.select(
            meeting=pl.int_range(pl.len(), dtype=pl.UInt32),
            participants=pick(_PARTICIPANTS, draws.of("participants", "key")),
        )
        .select(
            pl.col("meeting").repeat_by("participants"),
            participant=pl.int_ranges("participants", dtype=pl.UInt32),
        )
        .explode("meeting", "participant", empty_as_null=False)
    )
    of_meeting = gathered(meetings["key"], pl.col("meeting"))
    sessions = sessions.with_columns(
        key=draws.of("session", of_meeting + pl.col("participant").cast(pl.UInt64))
    ).with_columns(segments=pick(_SEGMENTS, draws.of("segments", "key")))
    before = pl.col("segments").cum_sum() - pl.col("segments")
    first_rows = sessions.select("participant", first_row=before).filter(participant=0)
    return meetings.hstack(first_rows.select("first_row")), sessions


def draw_meetings(
    meetings: pl.DataFrame, rows_before: int, request: LogRequest, accounts: Accounts, draws: Draws
) -> pl.DataFrame:
    """Adds what happens to `meetings` of `draw_sizes`.

    Days advance with the rows, so that a log of any size runs from its first to its last day.

    Returns:
        The meetings with `start` (Int64, seconds), `account` (index), `policy` (index of the one
        in force at the start), `is_known` (the registry has the account) and `is_planted` (a
        free mainland account hosts it after the cut-off).
    """
    row = pl.col("first_row").cast(pl.UInt64) + u64(rows_before)
    planted = chance(draws.of("host plant", "key"), request.violations * _HOST_SHARE)
    known = ~chance(draws.of("unknown account", "key"), request.unresolved * _UNKNOWN_SHARE)
    timed = meetings.with_columns(
        day=row * u64(DAYS) // u64(request.rows), eve=bits(draws.of("eve", "key"), 0, 4)
    ).with_columns(start=_start(draws))
    is_late = pl.col("start") >= HOSTING_ENDED
    return (
        timed.with_columns(is_planted=planted & is_late)
        .with_columns(is_known=known | pl.col("is_planted"))
        .with_columns(account=_host(request.account_count, accounts, draws))
        .with_columns(policy=accounts.policy_at(pl.col("account"), pl.col("start")))
        .with_columns(_lawful_host(accounts))
        .with_columns(policy=_routed_by(accounts))
        .drop("day", "eve")
    )


def _routed_by(accounts: Accounts) -> pl.Expr:
    # Strangers get routes without the mainland, so that ROUTE-002 can be decided without them.
    policy = accounts.policy_at(pl.col("account"), pl.col("start"))
    stranger = pl.lit(policy_index("us pro"), dtype=pl.UInt64)
    return pl.when("is_known").then(policy).otherwise(stranger)


def _start(draws: Draws) -> pl.Expr:
    minute = bits(draws.of("minute", "key"), 0, 32)
    hours = draws.of("time of day", "key")
    half = u64(12 * HOUR)
    midday = bits(hours, 0, 32) % half + bits(hours, 32, 32) % half
    just_before = minute % u64(_BEFORE_MIDNIGHT) + u64(1)
    is_eve = pl.col("day").is_in(_EVES)
    second = (
        pl.when(is_eve & (pl.col("eve") == 0))
        .then(u64(DAY) - just_before)
        .when(_is_host_eve())
        .then(u64(HOSTING_ENDED % DAY) - just_before)
        .otherwise(midday)
    )
    return (pl.col("day") * u64(DAY) + second).cast(pl.Int64) + LOG_START


def _is_host_eve() -> pl.Expr:
    return (pl.col("day") == _EVES[-1]) & (pl.col("eve") == 1)


def _host(count: int, accounts: Accounts, draws: Draws) -> pl.Expr:
    free = gathered(
        accounts.free_mainland,
        draws.of("free host", "key") % u64(len(accounts.free_mainland)),
    )
    return (
        pl.when(pl.col("is_planted") | _is_host_eve())
        .then(free)
        .otherwise(ranks(draws.of("host", "key"), count))
    )


def _lawful_host(accounts: Accounts) -> pl.Expr:
    is_free_mainland = gathered(policy_table()["is_free_mainland"], pl.col("policy"))
    is_late = pl.col("start") >= HOSTING_ENDED
    return (
        pl.when(is_free_mainland & is_late & ~pl.col("is_planted"))
        .then(gathered(accounts.stand_in, pl.col("account")))
        .otherwise("account")
        .alias("account")
    )
