"""How many bad rows a limit allows."""

from fractions import Fraction

import pytest

from auditor.engine.request import Limit


def _limit(text: str) -> Limit:
    return Limit(Fraction(text.removesuffix("%")), text.endswith("%"), text)


@pytest.mark.parametrize(
    ("limit", "rows", "total", "is_allowed"),
    [
        (_limit("0"), 0, 0, True),
        (_limit("0"), 1, 100, False),
        (_limit("5"), 5, 5, True),
        (_limit("5"), 6, 1000, False),
        (_limit("10%"), 10, 100, True),
        (_limit("10%"), 11, 100, False),
        (_limit("0%"), 0, 0, True),
        (_limit("0.1%"), 1, 999, False),
        (_limit("0.1%"), 1, 1000, True),
        (_limit("1.15%"), 115, 10_000, True),
        (_limit("100%"), 10**15, 10**15, True),
        (_limit("0%"), 1, 10**15, False),
    ],
)
def test_a_limit_allows_rows_up_to_itself(
    limit: Limit, rows: int, total: int, is_allowed: bool
) -> None:
    assert limit.allows(rows, total) is is_allowed
