"""Needed fields without a column are told in one problem, with what to do."""

import pytest

from auditor.errors import InputError
from auditor.sources.canonical import canonical
from auditor.sources.profile import load_profile
from tests.unit.sources.raw_groups import raw_group


def test_all_absent_columns_are_told_at_once_with_the_next_step() -> None:
    log = {"event_at": ["x"], "meetingid": ["m"], "session_id": ["s"], "route": ["r"]}

    with pytest.raises(InputError) as caught:
        canonical(raw_group(log), load_profile("canonical"), None, {})

    (problem,) = caught.value.problems
    assert problem.location == "night.csv"
    assert problem.message == (
        "no column for meeting_id (one occurrence of a meeting), account_id (the account that "
        "hosts the meeting); looked for 'meeting_id', for 'account_id'; "
        "the columns are: event_at, meetingid, session_id, route"
    )
    assert problem.hint == (
        "did you mean 'meetingid'?; rename the columns; "
        "or name the feed with --source (auditor sources detect tells which)"
    )


def test_one_absent_column_is_told_with_the_name_to_give_it() -> None:
    log = {"event_at": ["x"], "meetingid": ["m"], "session_id": ["s"], "route": ["r"]}

    with pytest.raises(InputError) as caught:
        canonical(raw_group(log | {"account_id": ["a"]}), load_profile("canonical"), None, {})

    assert caught.value.problems[0].message.startswith(
        "no column for meeting_id (one occurrence of a meeting); looked for 'meeting_id'; the"
    )
    assert caught.value.problems[0].hint.startswith(
        "did you mean 'meetingid'?; rename the column to 'meeting_id'; or name the feed"
    )


@pytest.mark.parametrize(
    ("columns", "source", "step"),
    [
        (
            ["join_time", "full_data_center", "meeting_uuid", "user_id", "account_id"],
            "canonical",
            "its columns are those of source 'zoom-dashboard': give --source zoom-dashboard",
        ),
        (
            ["event_at", "meeting_id", "session_id", "account_id", "route"],
            "zoom-dashboard",
            "its columns are those of source 'canonical': give --source canonical",
        ),
        (
            ["order_id", "ordered_at", "account_id"],
            "canonical",
            "by its columns this is a log of orders: give it with --orders",
        ),
        (
            ["account_id", "opted_in"],
            "canonical",
            "by its columns this is an accounts registry: give it with --accounts",
        ),
        (
            ["event_at", "meeting_id", "session_id", "account_id", "route"],
            "canonical-orders",
            "by its columns this is a log of events: give it as PATH",
        ),
    ],
)
def test_columns_of_something_else_say_how_to_give_it(
    columns: list[str], source: str, step: str
) -> None:
    log = raw_group({name: ["x"] for name in columns})

    with pytest.raises(InputError) as caught:
        canonical(log, load_profile(source), None, {})

    assert caught.value.problems[0].hint == f"{step} (auditor sources detect tells more)"


def test_a_log_of_sessions_is_no_registry_whatever_it_says_of_its_accounts() -> None:
    names = ["Event At", "meeting_id", "session_id", "account_id", "route", "plan", "opted_in"]

    with pytest.raises(InputError) as caught:
        canonical(raw_group({name: ["x"] for name in names}), load_profile("canonical"), None, {})

    assert caught.value.problems[0].hint.startswith("did you mean 'Event At'?; rename the column")
