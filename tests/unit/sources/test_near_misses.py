"""Columns that nothing reads but that resemble a field."""

from pathlib import Path

import pytest

from auditor import schema
from auditor.errors import RegistryError
from auditor.schema import ACCOUNTS, names_of
from auditor.sources.canonical import canonical
from auditor.sources.near_misses import Ignored, mistaken_for, resembling
from auditor.sources.profile import load_profile
from auditor.sources.registry import load_registry
from tests.unit.sources.raw_groups import raw_group


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("valid-to", "valid_to"),
        ("valid_to\u200b", "valid_to"),
        ("Valid\u00a0To", "valid_to"),
        ("\u2060valid\u2010from", "valid_from"),
        ("valid_until", "valid_to"),
        ("valid_end", "valid_to"),
        ("validform", "valid_from"),
        ("opted-in", "opted_in"),
        ("Opted in", "opted_in"),
        ("billing_county", "billing_country"),
        ("is_valid", None),
        ("account_name", None),
        ("partner_id", None),
        ("plan_id", None),
        ("updated_at", None),
        ("country", None),
        ("note", None),
    ],
)
def test_a_column_is_mistaken_for_a_field_only_where_it_can_hardly_mean_another(
    column: str, name: str | None
) -> None:
    assert mistaken_for(column, names_of(ACCOUNTS)) == name


@pytest.mark.parametrize(
    ("column", "name"), [("opt_in", "opted_in"), ("updated_at", "upgraded_at"), ("email", None)]
)
def test_a_resemblance_may_be_weaker(column: str, name: str | None) -> None:
    assert resembling(column, names_of(ACCOUNTS)) == name


@pytest.mark.parametrize(
    ("column", "name"), [("valid-to", "valid_to"), ("valid_from\u200b", "valid_from")]
)
def test_a_misspelt_column_of_a_registry_is_an_error(
    tmp_path: Path, column: str, name: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"account_id,opted_in,{column}\na,US,2020-05-01T00:00:00Z\n", encoding="utf-8")

    with pytest.raises(RegistryError) as caught:
        load_registry("accounts", path, schema.ACCOUNTS)

    (problem,) = caught.value.problems
    assert problem.message == f"column {column!r} is not known; did you mean {name!r}?"
    assert problem.location == str(path)


def test_beside_the_field_itself_a_misspelt_column_of_a_registry_is_only_ignored(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("account_id,accountid,valid_to,valid-to,updated_at\na,b,,,\n")

    registry = load_registry("accounts", path, schema.ACCOUNTS)

    assert registry.ignored == ("accountid", "updated_at", "valid-to")
    assert registry.near_misses == (Ignored("updated_at", "did you mean 'upgraded_at'?"),)


def test_unread_columns_of_a_log_that_resemble_an_open_field_are_told() -> None:
    names = ["event_at", "meeting_id", "session_id", "account_id", "route", "routes", "Hop Role"]
    group = raw_group({name: ["x"] for name in [*names, "plan-", "topic"]})

    found = canonical(group, load_profile("canonical"), None, {})

    assert found.ignored == (
        Ignored("Hop Role", "did you mean 'hop_role'?"),
        Ignored("plan-", "did you mean 'plan'?"),
    )
