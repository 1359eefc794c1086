"""Registries that age: which are told of, and what of accounts that they do not hold."""

from datetime import UTC, datetime

import polars as pl
import pytest

from auditor.coverage import SUSPICIONS, UNRESOLVED_ACCOUNTS
from auditor.engine.span import Span, micros_of
from auditor.engine.warnings import far_databases, suspected, without_policy
from auditor.findings import RegistryFile

SPAN = Span(datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 5, 31, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("date", "days"),
    [
        ("2020-05-15", None),
        ("2020-11-27", None),
        ("2020-11-28", None),
        ("2020-11-29", "181 days"),
        ("2019-11-03", None),
        ("2019-11-02", "181 days"),
        ("2026-06-01", "2,191 days"),
    ],
)
def test_a_database_is_far_beyond_180_days_from_the_nearest_row(
    date: str, days: str | None
) -> None:
    file = RegistryFile("ip-ranges", "own.mmdb", 1, None, date)

    found = list(far_databases([file], SPAN))

    assert len(found) == (0 if days is None else 1)
    assert all(text.startswith(f"own.mmdb says where addresses were on {date}") for text in found)
    assert all(f"{days} from the audited rows (2020-05-01 to 2020-05-31)" in text for text in found)


@pytest.mark.parametrize(
    "file",
    [
        RegistryFile("ip-ranges", "own.csv", 1),
        RegistryFile("datacentres", "shipped", 1, None, "2026-11"),
    ],
)
def test_what_states_no_date_or_holds_no_addresses_is_not_far(file: RegistryFile) -> None:
    assert list(far_databases([file], SPAN)) == []


def test_where_no_row_was_judged_nothing_is_far() -> None:
    file = RegistryFile("ip-ranges:dbip", "shipped", 1, None, "2026-06-01")

    assert list(far_databases([file], Span())) == []


def test_a_shipped_database_is_told_by_its_name() -> None:
    file = RegistryFile("ip-ranges:dbip", "shipped", 1, None, "2026-06-01")

    (text,) = far_databases([file], SPAN)

    assert text.startswith("dbip says where addresses were on 2026-06-01")


def test_accounts_without_a_policy_are_told_by_reason_with_examples() -> None:
    accounts = [
        *((f"A-{n}", 1_000 - n, "unknown account") for n in range(5)),
        ("B" * 70, 7, "no policy in force"),
        ("", 3, "no account id"),
    ]
    df = pl.DataFrame(accounts, schema=UNRESOLVED_ACCOUNTS, orient="row")

    unknown, gap, nameless = without_policy(df)

    assert unknown == (
        "5 accounts (4,990 rows) are not in the accounts registry: A-0, A-1, A-2 and 2 more; "
        "add what is missing to --accounts"
    )
    assert f"without a policy in force when their meetings started: {'B' * 64}…;" in gap
    assert nameless == "3 rows name no account, so that nobody's policy can be looked up"


def test_what_is_suspected_is_told_by_rule_with_an_example() -> None:
    suspicions = [
        ("A-1", "8.8.8.8", ["CN", "US"], 9, "conflicting"),
        ("A-1", "9.9.9.9", ["CN"], 1, "single-source"),
        ("B-1", "8.8.8.8", ["CN"], 1, "single-source"),
    ]

    several, one = suspected(pl.DataFrame(suspicions, schema=SUSPICIONS, orient="row"))

    doubt = "on evidence that is not sure enough for a finding"
    assert several.startswith(
        f"A-1 may be violated by 2 hops, {doubt} (such as 8.8.8.8 in CN or US)"
    )
    assert one.startswith(f"B-1 may be violated by 1 hop, {doubt} (8.8.8.8 in CN);")


def test_all_accounts_having_policies_there_is_nothing_to_tell() -> None:
    assert list(without_policy(pl.DataFrame(schema=UNRESOLVED_ACCOUNTS))) == []


def test_the_span_around_spans_ignores_empty_ones() -> None:
    early = Span.of_micros(-1, 5)
    late = Span(SPAN.first, SPAN.last)

    whole = Span.around([Span(), late, early, Span()])

    assert (whole.first, whole.last) == (early.first, late.last)
    assert whole.first is not None
    assert micros_of(whole.first) == -1
    assert Span.around([Span()]) == Span()
