"""Texts of opt-ins as sets of countries, at the time of the event."""

from datetime import UTC, datetime

import pytest

from auditor.enrich.optins import OptIns, VendorCode
from auditor.jurisdictions import Groups, Membership, codes_of

_LEFT = datetime(2020, 1, 31, 23, tzinfo=UTC)


@pytest.fixture
def optins() -> OptIns:
    groups = Groups([Membership("EU", "DE"), Membership("EU", "GB", None, _LEFT)])
    return OptIns(groups, [VendorCode("zoom", "LA", frozenset({"BR"}), None, None)])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("US", ["US"]),
        ("us; ca;", ["CA", "US"]),
        ("LA", ["LA"]),
        ("zoom:LA", ["BR"]),
        ("ZOOM:la;US", ["BR", "US"]),
        ("EU", ["DE", "GB"]),
    ],
)
def test_sound_texts_expand_to_countries(optins: OptIns, text: str, codes: list[str]) -> None:
    parsed = optins.parse(text, 0)

    assert codes_of(parsed.bits) == codes
    assert not any((parsed.is_missing, parsed.is_open, parsed.is_invalid))


def test_a_group_is_expanded_as_of_its_era(optins: OptIns) -> None:
    assert optins.boundaries == [_LEFT]
    assert codes_of(optins.parse("eu", 1).bits) == ["DE"]


@pytest.mark.parametrize(
    "text", ["China", "\u0131N", "\ufb01", "US;;CA", ";US", "zoom:XX", "webex:US", "UK"]
)
def test_a_text_with_a_bad_token_is_missing_and_invalid(optins: OptIns, text: str) -> None:
    parsed = optins.parse(text, 0)

    assert parsed.is_missing
    assert parsed.is_invalid


def test_missing_is_not_empty(optins: OptIns) -> None:
    assert optins.parse(None, 0).is_missing
    assert not optins.parse("", 0).is_missing


def test_an_unknown_token_is_explained_with_the_nearest_known_one(optins: OptIns) -> None:
    assert "did you mean 'zoom:LA'" in optins.problem("zoom:LAT").replace("zoom:la", "zoom:LA")


@pytest.mark.parametrize("token", ["US/CA", "US, CA", "US|CA", "us CA"])
def test_codes_that_are_separated_otherwise_are_told_how(optins: OptIns, token: str) -> None:
    assert "is several codes: separate them with ';'" in optins.problem(token)
    assert "did you mean" not in optins.problem(token)


def test_a_text_of_several_words_is_not_taken_for_codes(optins: OptIns) -> None:
    assert "is no ISO 3166-1 code" in optins.problem("United States")
