"""Which rows hang on what is not yet known of their meeting."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.unit.rules.frames import Row, compiled, facts

_KEYS = (
    "applies: hop_role = 'key'\n"
    "violation: >-\n"
    "  touches(jurisdictions, 'CN') AND NOT touches(opted_in, 'CN')\n"
    "  AND NOT touches(meeting_countries, 'CN')\n"
)
_LOCAL = "violation: within(meeting_countries, 'CN') AND NOT within(jurisdictions, 'CN')\n"
_DATED = "effective: {from: 2020-05-01, timezone: UTC, clock: event_at}\n"
_KEY: Row = {"hop_role": "key", "jurisdictions": ["CN"], "opted_in": ["US"]}


def _hinges(folder: Path, body: str, row: Row) -> bool:
    (found,) = facts([row]).select(compiled(folder, body).hinges.alias("hinges"))["hinges"]
    assert isinstance(found, bool)
    return found


@pytest.mark.parametrize(
    ("row", "hinges"),
    [
        (_KEY, True),
        ({**_KEY, "jurisdictions": ["CN", "?"]}, True),
        ({**_KEY, "jurisdictions": ["US", "?"]}, True),
        ({**_KEY, "opted_in": None}, True),
        ({**_KEY, "hop_role": None}, False),
        ({**_KEY, "hop_role": "relay"}, False),
        ({**_KEY, "jurisdictions": ["US"]}, False),
        ({**_KEY, "opted_in": ["CN"]}, False),
        ({**_KEY, "invalid:hop_role": "keys"}, False),
    ],
)
def test_only_rows_that_the_meetings_countries_can_decide_hinge_on_them(
    tmp_path: Path, row: Row, hinges: bool
) -> None:
    assert _hinges(tmp_path, _KEYS, row) is hinges


@pytest.mark.parametrize(
    ("row", "hinges"),
    [
        ({"event_at": "2020-05-02T00:00:00Z", "jurisdictions": ["US"]}, True),
        ({"event_at": "2020-05-02T00:00:00Z", "jurisdictions": ["CN"]}, False),
        ({"event_at": "2020-04-30T23:00:00Z", "jurisdictions": ["US"]}, True),
        ({"event_at": "2020-04-30T23:00:00Z", "jurisdictions": ["CN"]}, False),
        ({"event_at": "2020-04-29T23:00:00Z", "jurisdictions": ["US"]}, False),
    ],
)
def test_a_row_that_may_be_one_of_the_boundary_hinges_too(
    tmp_path: Path, row: Row, hinges: bool
) -> None:
    moment = datetime.fromisoformat(str(row["event_at"]))

    assert _hinges(tmp_path, _LOCAL + _DATED, {**row, "event_at": moment}) is hinges


def test_a_rule_that_reads_no_meeting_hinges_on_none(tmp_path: Path) -> None:
    assert not _hinges(tmp_path, "violation: is_host\n", {})


def test_every_row_of_a_rule_that_sees_missing_countries_hinges(tmp_path: Path) -> None:
    body = "violation: meeting_countries IS NULL AND is_host\n"

    assert _hinges(tmp_path, body, {"is_host": False})


def test_many_questions_are_not_tried_out_one_by_one(tmp_path: Path) -> None:
    asked = [f"touches(meeting_countries, '{c}')" for c in ("CN", "US", "DE", "FR", "GB")]
    body = f"applies: is_host\nviolation: {' AND '.join(asked)}\n"

    assert _hinges(tmp_path, body, {"is_host": True})
    assert _hinges(tmp_path, body, {})
    assert not _hinges(tmp_path, body, {"is_host": False})
