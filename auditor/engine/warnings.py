"""What a reader of a report should know although no verdict hangs on it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from auditor.engine.span import Span
from auditor.findings import RegistryFile
from auditor.schema import PolicyState

FAR_DAYS: Final = 180
"""A database of addresses this far from the audited period may be wrong about it."""

_EXAMPLES: Final = 3
_LONGEST_ID: Final = 64
_ADDRESSES: Final = "ip-ranges"

_WITHOUT_POLICY: Final = {
    PolicyState.UNKNOWN_ACCOUNT.value: (
        "not in the accounts registry",
        "add what is missing to --accounts",
    ),
    PolicyState.GAP.value: (
        "in the accounts registry without a policy in force when their meetings started",
        "add the policies of that time to --accounts",
    ),
}


def far_databases(registries: Sequence[RegistryFile], span: Span) -> Iterator[str]:
    """The files of address ranges that state a date far from the audited period.

    Args:
        registries: those that were looked up.
        span: the time of the rows that were judged.
    """
    for file in registries:
        if not file.kind.startswith(_ADDRESSES) or file.date is None:
            continue
        days = span.days_to(datetime.fromisoformat(file.date).replace(tzinfo=UTC))
        if days > FAR_DAYS and span.first and span.last:
            name = file.kind.removeprefix(f"{_ADDRESSES}:") if _is_shipped(file) else file.path
            yield (
                f"{name} says where addresses were on {file.date}, {days:,} days from the audited "
                f"rows ({span.first:%Y-%m-%d} to {span.last:%Y-%m-%d}): addresses move, so give "
                "databases of that time with --ip-ranges, or demand more with --evidence-level"
            )


def without_policy(accounts: pl.DataFrame) -> Iterator[str]:
    """The accounts of which a registry does not say what they had opted into.

    Args:
        accounts: of UNRESOLVED_ACCOUNTS.
    """
    for state, (what, mend) in _WITHOUT_POLICY.items():
        some = accounts.filter(pl.col("reason") == state)
        if some.height:
            verb = "is" if some.height == 1 else "are"
            rows = _many(int(some["rows"].sum()), "row")
            head = f"{_many(some.height, 'account')} ({rows}) {verb} {what}"
            yield f"{head}: {_named(some['account_id'])}; {mend}"
    is_nameless = pl.col("reason") == PolicyState.NO_ACCOUNT.value
    nameless = int(accounts.filter(is_nameless)["rows"].sum())
    if nameless:
        rows_name = "1 row names" if nameless == 1 else f"{nameless:,} rows name"
        yield f"{rows_name} no account, so that nobody's policy can be looked up"


def suspected(suspicions: pl.DataFrame) -> Iterator[str]:
    """The rules that may be violated, on evidence that is not sure enough for a finding.

    Args:
        suspicions: of SUSPICIONS.
    """
    firsts = suspicions.group_by("rule_id", maintain_order=True).agg(
        pl.len(), pl.col("hop", "countries").first()
    )
    for rule_id, number, hop, countries in firsts.iter_rows():
        where = f"{_shortened(hop)} in {' or '.join(countries)}"
        yield (
            f"{rule_id} may be violated by {_many(number, 'hop')}, on evidence that is not sure "
            f"enough for a finding ({'such as ' if number > 1 else ''}{where}); "
            "see `suspected` in the report"
        )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _is_shipped(file: RegistryFile) -> bool:
    return file.path == "shipped"


def _named(accounts: pl.Series) -> str:
    names = [_shortened(name) for name in accounts.head(_EXAMPLES)]
    more = len(accounts) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_ID else f"{text[:_LONGEST_ID]}…"
