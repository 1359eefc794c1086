"""The policy in force at a meeting's start, whether from a registry or the row."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from auditor.enrich.accounts import Accounts, AllowedSets
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import Policies, load_policies
from auditor.errors import RegistryError
from auditor.jurisdictions import Groups, Membership, codes_of
from auditor.schema import ACCOUNTS, EVENTS, PATH, POLICY_STATE, ROW, invalid

_MAY = datetime(2020, 5, 1, tzinfo=UTC)
_JUNE = datetime(2020, 6, 1, tzinfo=UTC)
_JULY = datetime(2020, 7, 1, tzinfo=UTC)
_LEFT = datetime(2020, 1, 31, 23, tzinfo=UTC)
_OPTINS = OptIns(Groups([Membership("EU", "DE"), Membership("EU", "GB", None, _LEFT)]), [])


def _registry(*rows: dict[str, object]) -> Policies:
    schema = {f.name: f.kind.dtype for f in ACCOUNTS}
    frame = pl.DataFrame(list(rows), schema=schema).with_columns(
        pl.lit("accounts.csv").alias(PATH),
        pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(ROW),
    )
    columns = frozenset(key for row in rows for key in row)
    return load_policies(frame, columns, _OPTINS)


def _facts(policies: Policies | None, *events: dict[str, object]) -> pl.DataFrame:
    schema = {f.name: f.kind.dtype for f in EVENTS}
    lf = pl.LazyFrame(list(events), schema=schema).with_columns(
        *(pl.lit(None, dtype=pl.String).alias(invalid(f.name)) for f in EVENTS)
    )
    joined = Accounts(policies).apply(lf)
    return AllowedSets(policies, _OPTINS, frozenset()).apply(joined).collect(engine="streaming")


def _event(at: datetime | None, account: str | None = "A", **more: object) -> dict[str, object]:
    return {"account_id": account, "meeting_started_at": at, "event_at": at, **more}


def _codes(row: dict[str, object], name: str = "opted_in") -> list[str] | None:
    lo, hi = row[f"{name}.lo"], row[f"{name}.hi"]
    return None if lo is None or hi is None else codes_of(int(str(lo)) | int(str(hi)) << 128)


def test_the_policy_in_force_at_the_start_counts_and_gaps_are_a_state() -> None:
    policies = _registry(
        {"account_id": "A", "opted_in": "US", "valid_from": _MAY, "valid_to": _JUNE},
        {"account_id": "A", "opted_in": "CA", "valid_from": _JULY},
    )
    instants = [_MAY - timedelta(microseconds=1), _MAY, _JUNE, _JULY]

    facts = _facts(policies, *(_event(at) for at in instants)).sort("event_at")

    assert facts[POLICY_STATE].to_list() == [
        "no policy in force", "in_force", "no policy in force", "in_force",
    ]  # fmt: skip
    assert [_codes(row) for row in facts.iter_rows(named=True)] == [None, ["US"], None, ["CA"]]


def test_no_row_is_lost_or_doubled_in_the_join() -> None:
    policies = _registry(
        {"account_id": "A", "plan": "free", "valid_to": _MAY},
        {"account_id": "A", "plan": "pro", "valid_from": _MAY},
        {"account_id": "B", "plan": "pro"},
    )
    events = [_event(_MAY, "A"), _event(_MAY, "B"), _event(_MAY, "C"), _event(_MAY, None)]

    facts = _facts(policies, *events, _event(None, "A"), _event(None, None))

    assert facts.height == 6
    assert sorted(facts.filter(pl.col("event_at").is_not_null())[POLICY_STATE]) == [
        "in_force", "in_force", "no account id", "unknown account",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("opted_in", "home", "allowed"),
    [
        ("US", "CN", ["CN", "US"]),
        ("US;", "CN", ["CN", "US"]),
        ("", "CN", ["CN"]),
        ("US", None, ["US"]),
        (None, "CN", None),
        ("", None, []),
    ],
)
@pytest.mark.parametrize("is_registry", [True, False])
def test_home_widens_a_known_opt_in_only(
    opted_in: str | None, home: str | None, allowed: list[str] | None, is_registry: bool
) -> None:
    account = {"opted_in": opted_in, "home": home}
    policies = _registry({"account_id": "A", **account}) if is_registry else None
    event = _event(_MAY) if is_registry else _event(_MAY, **account)

    row = _facts(policies, event).row(0, named=True)

    assert _codes(row) == allowed


def test_an_extra_opt_in_widens_and_cannot_make_a_missing_one_known() -> None:
    rows = _facts(
        None,
        _event(_MAY, opted_in="US", extra_opted_in="CN"),
        _event(_JUNE, opted_in=None, extra_opted_in="CN"),
        _event(_JULY, opted_in="US", extra_opted_in="nonsense"),
    ).sort("event_at")

    assert [_codes(row) for row in rows.iter_rows(named=True)] == [["CN", "US"], None, ["US"]]
    assert rows[invalid("extra_opted_in")].to_list() == [None, None, "nonsense"]


def test_a_registry_column_wins_over_the_row_also_where_it_is_missing() -> None:
    policies = _registry({"account_id": "A", "plan": None, "opted_in": None})

    row = _facts(policies, _event(_MAY, plan="pro", opted_in="US")).row(0, named=True)

    assert row["plan"] is None
    assert _codes(row) is None


def test_the_row_serves_where_the_registry_lacks_the_column() -> None:
    policies = _registry({"account_id": "A", "plan": "pro"})

    row = _facts(policies, _event(_MAY, opted_in="US", home="CA")).row(0, named=True)

    assert row["plan"] == "pro"
    assert _codes(row) == ["CA", "US"]


def test_groups_in_a_registry_are_expanded_at_the_time_of_the_event() -> None:
    policies = _registry(
        {"account_id": "A", "opted_in": "EU;US"}, {"account_id": "B", "opted_in": "CA"}
    )
    before = _LEFT - timedelta(seconds=1)

    facts = _facts(policies, _event(before), _event(_LEFT), _event(_MAY, "B")).sort("event_at")

    assert [_codes(row) for row in facts.iter_rows(named=True)] == [
        ["DE", "GB", "US"], ["DE", "US"], ["CA"],
    ]  # fmt: skip


def test_every_fault_of_a_registry_is_reported_at_once_with_its_line() -> None:
    with pytest.raises(RegistryError) as caught:
        _registry(
            {"account_id": "A", "opted_in": "US"},
            {"account_id": "A", "opted_in": "US"},
            {"account_id": "B", "valid_from": _JUNE, "valid_to": _MAY},
            {"account_id": "C", "opted_in": "Chnia"},
        )

    places = sorted(problem.location for problem in caught.value.problems)
    assert places == ["accounts.csv:2", "accounts.csv:4", "accounts.csv:5"]


def test_policies_that_touch_do_not_overlap() -> None:
    policies = _registry(
        {"account_id": "A", "valid_to": _MAY}, {"account_id": "A", "valid_from": _MAY}
    )

    assert policies.tiles.height == 2
