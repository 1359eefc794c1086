"""What flags hold, and what they refuse."""

from datetime import UTC, datetime
from fractions import Fraction

import click
import pytest

from auditor.cli.types import LimitType, PairType, TargetType, check_timezone, instant
from auditor.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value", "is_share"),
    [("0", "0", False), ("12", "12", False), ("0.5%", "1/2", True), ("100%", "100", True)],
)
def test_a_limit_is_a_number_of_rows_or_a_share(text: str, value: str, is_share: bool) -> None:
    limit = LimitType().convert(text, None, None)

    assert (limit.value, limit.is_share, limit.text) == (Fraction(value), is_share, text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "101%", "-1%", "many", "nan%", "inf%", "%"])
def test_anything_else_is_no_limit(text: str) -> None:
    with pytest.raises(click.BadParameter):
        LimitType().convert(text, None, None)


def test_a_pair_keeps_what_follows_the_first_sign() -> None:
    assert PairType().convert("name=a=b", None, None) == ("name", "a=b")
    with pytest.raises(click.BadParameter):
        PairType().convert("=value", None, None)


@pytest.mark.parametrize("text", ["pdf=r.pdf", "json=", "json"])
def test_a_target_names_a_known_format_and_a_file(text: str) -> None:
    with pytest.raises(click.BadParameter):
        TargetType().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "timezone", "expected"),
    [
        ("2020-05-01", None, datetime(2020, 5, 1, tzinfo=UTC)),
        ("2020-05-01", "Asia/Shanghai", datetime(2020, 4, 30, 16, tzinfo=UTC)),
        ("2020-05-01T00:00:00Z", "Asia/Shanghai", datetime(2020, 5, 1, tzinfo=UTC)),
        ("2020-05-01T02:00:00+02:00", None, datetime(2020, 5, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_without_a_zone_is_in_the_zone_of_the_log_else_in_utc(
    text: str, timezone: str | None, expected: datetime
) -> None:
    assert instant(text, timezone, "--from") == expected


def test_what_is_no_time_or_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="no date or time"):
        instant("soon", None, "--from")
    with pytest.raises(UsageError, match="Asia/Shanghai"):
        check_timezone("Asia/Shanghia")
