"""Registries of accounts from the API's own JSON."""

import json
from pathlib import Path

import pytest

from auditor.errors import RegistryError
from auditor.sources.accounts import load_accounts

SETTINGS = {
    "in_meeting": {
        "custom_data_center_regions": True,
        "data_center_regions": ["EU", "US"],
        "unchecked_data_center_regions": ["CN"],
    }
}
PLANS = {"plan_base": {"type": "yearly", "hosts": 40}, "country": "US"}


def written(folder: Path, name: str, document: object) -> Path:
    (folder / name).write_text(json.dumps(document, indent=1), encoding="utf-8")
    return folder / name


def test_settings_and_plans_of_an_account_are_read_as_the_api_returns_them(tmp_path: Path) -> None:
    settings = written(tmp_path, "settings.json", {"account_id": "A", **SETTINGS})
    plans = written(tmp_path, "plans.json", {"account_id": "A", **PLANS})

    registry, files = load_accounts([settings, plans])

    row = registry.frame.select("account_id", "opted_in", "plan", "billing_country").row(0)
    assert row == ("A", "zoom:EU;zoom:US;", "pro", "US")
    assert [file.rows for file in files] == [1, 1]


def test_the_account_may_be_given_where_the_answer_does_not_name_it(tmp_path: Path) -> None:
    path = written(tmp_path, "settings.json", SETTINGS)

    registry, _ = load_accounts([path], params={"account_id": "A"})

    assert registry.frame["account_id"].to_list() == ["A"]
    with pytest.raises(RegistryError, match="no column for account_id"):
        load_accounts([path])


def test_accounts_of_many_answers_stand_in_a_list(tmp_path: Path) -> None:
    off = {"in_meeting": {**SETTINGS["in_meeting"], "custom_data_center_regions": False}}
    answers = [{"account_id": "A", **SETTINGS}, {"account_id": "B", **off}]

    registry, _ = load_accounts([written(tmp_path, "settings.json", answers)])

    assert registry.frame.select("account_id", "opted_in").rows() == [
        ("A", "zoom:EU;zoom:US;"),
        ("B", None),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"account_id": "A"}, {"account_id": "B"', "is not JSON"),
        ('[{"account_id": "A", "plan": "pro"}, 7]', ":row 2: not an object"),
        ('[{"account_id": "A", "plan": "gold"}]', ":row 1: plan 'gold' is not one of"),
        ("[]", "holds no record"),
        ('{"code": 124, "message": "Invalid access token."}', "no column for account_id"),
    ],
)
def test_a_registry_that_is_not_sound_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")

    with pytest.raises(RegistryError) as caught:
        load_accounts([tmp_path / "a.json"])

    assert message in str(caught.value)
