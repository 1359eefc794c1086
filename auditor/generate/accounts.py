"""The hosting accounts of a synthetic log: who they are, their policies, and the registry."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from auditor.errors import UsageError
from auditor.generate.clock import DAY, moment_of, seconds_at
from auditor.generate.draws import Draws, base64_id, bits, gathered, pick, u64
from auditor.generate.policies import HISTORIES, MOST_VERSIONS, policy_index, policy_table
from auditor.schema import ACCOUNTS, names_of

FEWEST_ACCOUNTS: Final = len(HISTORIES)

_FIRST_CHANGES: Final = (seconds_at(2020, 4, 2), 44 * DAY)
_LATER_CHANGES: Final = (seconds_at(2020, 5, 16), 40 * DAY)
_OPENED: Final = seconds_at(2019, 3, 1)
_NEVER: Final = seconds_at(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts, by index: low indices host most meetings.

    Attributes:
        frame: account_id, policy_0 … (UInt64, index of the policy), since_1 … (Int64, seconds:
            when the next one begins), history (UInt64).
        free_mainland: indices of accounts that are free mainland ones throughout.
        stand_in: per account, one that is at no time a free mainland account.
    """

    frame: pl.DataFrame
    free_mainland: pl.Series
    stand_in: pl.Series

    @classmethod
    def drawn(cls, count: int, draws: Draws) -> "Accounts":
        """`count` accounts; the first ones have one of every history.

        Raises:
            UsageError: `count` is too small to hold one account of every kind.
        """
        if count < FEWEST_ACCOUNTS:
            raise UsageError(
                f"{count} accounts are too few: a log has {FEWEST_ACCOUNTS} kinds of them",
                location="--accounts",
            )
        frame = _with_changes(_with_histories(count, draws), draws)
        always = _histories_where(every=True)
        ever = _histories_where(every=False)
        flagged = frame.select(
            index=pl.int_range(pl.len(), dtype=pl.UInt64),
            always=pl.col("history").is_in(always),
            ever=pl.col("history").is_in(ever),
        )
        other = pl.when(~pl.col("ever")).then("index")
        return cls(
            frame=frame,
            free_mainland=flagged.filter("always")["index"],
            stand_in=flagged.select(other.backward_fill().fill_null(other.min()))["index"],
        )

    def policy_at(self, account: pl.Expr, second: pl.Expr) -> pl.Expr:
        """Index of the policy of `account` (an index) in force at `second`."""
        policy = gathered(self.frame["policy_0"], account)
        for i in range(1, MOST_VERSIONS):
            begins = gathered(self.frame[f"since_{i}"], account)
            later = gathered(self.frame[f"policy_{i}"], account)
            policy = pl.when(second >= begins).then(later).otherwise(policy)
        return policy

    def registry(self) -> pl.DataFrame:
        """The accounts registry, one row per policy version, sorted by account and time."""
        facts = policy_table().drop("is_free_mainland", "allows_mainland")
        versions = pl.concat([self._version(i, facts) for i in range(MOST_VERSIONS)])
        names = names_of(ACCOUNTS)
        kept = [name for name in names if name in versions.columns]
        return versions.sort("account_id", "valid_from").select(kept)

    def _version(self, i: int, facts: pl.DataFrame) -> pl.DataFrame:
        starts = pl.col(f"since_{i}")
        ends = pl.col(f"since_{i + 1}") if i + 1 < MOST_VERSIONS else pl.lit(_NEVER)
        is_upgrade = _is_free(0, facts) & ~_is_free(1, facts) & (pl.col("since_1") < _NEVER)
        rows = self.frame.filter(starts < _NEVER)
        times = rows.select(
            "account_id",
            valid_from=moment_of(pl.when(starts > 0).then(starts)),
            valid_to=moment_of(pl.when(ends < _NEVER).then(ends)),
            upgraded_at=moment_of(pl.when(is_upgrade & pl.lit(i > 0)).then("since_1")),
        )
        return times.hstack(facts[rows[f"policy_{i}"]])


def _is_free(version: int, facts: pl.DataFrame) -> pl.Expr:
    return gathered(facts["plan"], pl.col(f"policy_{version}")) == "free"


def _with_histories(count: int, draws: Draws) -> pl.DataFrame:
    table = pl.Series([i for i, (n, _) in enumerate(HISTORIES) for _ in range(n)], dtype=pl.UInt64)
    index = pl.int_range(count, dtype=pl.UInt64, eager=True).alias("index").to_frame()
    history = pick(table, draws.of("history", "index"))
    first = pl.col("index") < len(HISTORIES)
    return index.select(
        "index",
        account_id=base64_id(draws.of("account a", "index"), draws.of("account b", "index")),
        history=pl.when(first).then("index").otherwise(history),
    )


def _with_changes(frame: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    spans = [_FIRST_CHANGES, _LATER_CHANGES]
    opened = pl.when(bits(draws.of("opened", "index"), 0, 1) == 0).then(0).otherwise(_OPENED)
    columns = [opened.cast(pl.Int64).alias("since_0"), _policies(0).alias("policy_0")]
    for i in range(1, MOST_VERSIONS):
        start, span = spans[i - 1]
        second = (draws.of(f"change {i}", "index") % u64(span)).cast(pl.Int64) + start
        policy = _policies(i)
        columns += [
            policy.fill_null(0).alias(f"policy_{i}"),
            pl.when(policy.is_null()).then(_NEVER).otherwise(second).alias(f"since_{i}"),
        ]
    return frame.select("account_id", "history", *columns)


def _policies(version: int) -> pl.Expr:
    indices = [
        policy_index(names[version]) if version < len(names) else None for _, names in HISTORIES
    ]
    return gathered(pl.Series(indices, dtype=pl.UInt64), pl.col("history"))


def _histories_where(*, every: bool) -> list[int]:
    is_free_mainland = policy_table()["is_free_mainland"].to_list()
    test = all if every else any
    return [
        i
        for i, (_, names) in enumerate(HISTORIES)
        if test(is_free_mainland[policy_index(name)] for name in names)
    ]
