"""Which source a log is of, and a source file to begin with."""

import json
import re
from pathlib import Path

import pytest

from auditor.sources import SOURCES
from auditor.sources.profile import load_profile, parse_profile
from auditor.sources.starting import TO_FILL_IN, Start, profile_text
from tests.acceptance.logs import CLEAN, HEADER, VIOLATION, invoke, report_of, write_log

SAMPLES = Path(__file__).parents[2] / "sample_logs"
QSS = "event_ts,payload_account_id,payload_object_participant_data_data_center"
BOTH = f"join_time,data_center,{QSS}\n"
FEEDS = {
    "aws-chime-events": "aws-chime-events/events.ndjson",
    "canonical": "canonical/events/2020-06.csv",
    "canonical-accounts": "canonical/accounts.csv",
    "canonical-orders": "orders/orders.csv",
    "google-meet-audit": "google-meet-audit/activities.json",
    "livekit-analytics": "livekit-analytics/events.json",
    "teams-call-records": "teams-call-records/streams.csv",
    "twilio-video-insights": "twilio-video-insights/events.ndjson",
    "webex-meeting-qualities": "webex-meeting-qualities/page.json",
    "zoom-account-settings": "zoom-qss/account-settings.json",
    "zoom-dashboard": "zoom-dashboard/participants.csv",
    "zoom-plans": "zoom-dashboard/plans.csv",
    "zoom-qss": "zoom-qss/events.ndjson",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_from_its_sample(name: str) -> None:
    done = invoke("sources", "detect", FEEDS[name], "--format", "json", cwd=SAMPLES)

    (found,) = json.loads(done.stdout)
    assert (done.exit_code, found["source"], found["problem"]) == (0, name, None)
    first, *others = found["candidates"]
    assert all(first["confidence"] > other["confidence"] for other in others)


def test_the_runner_up_is_told_with_what_it_lacks() -> None:
    done = invoke("sources", "detect", FEEDS["twilio-video-insights"], cwd=SAMPLES)

    assert "100%  twilio-video-insights (events)" in done.stdout
    assert "zoom-dashboard (events); lacks full_data_center or data_center" in done.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("canonical-accounts", "an accounts registry: give it with --accounts"),
        ("zoom-plans", "an accounts registry: give it with --accounts"),
        ("canonical-orders", "a log of orders: give it with --orders"),
    ],
)
def test_what_is_no_log_of_events_says_how_to_give_it(name: str, told: str) -> None:
    done = invoke("sources", "detect", FEEDS[name], cwd=SAMPLES)

    assert done.stdout.splitlines()[0] == f"{FEEDS[name]}: {name}, {told}"


def test_a_log_that_carries_facts_of_accounts_is_no_registry(tmp_path: Path) -> None:
    facts = {"plan", "account_kind", "home", "opted_in", "residency"} - {*HEADER.split(",")}
    (tmp_path / "log.csv").write_text(",".join([HEADER, *sorted(facts)]) + "\n")

    done = invoke("sources", "detect", "log.csv", cwd=tmp_path)

    assert done.stdout.startswith("log.csv: canonical\n")


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("canonical-orders", "auditor sources check {} --source canonical-orders"),
        ("zoom-plans", "auditor audit LOG --accounts {}"),
    ],
)
def test_what_comes_next_is_told(name: str, step: str) -> None:
    done = invoke("sources", "detect", FEEDS[name], cwd=SAMPLES)

    assert f"next: {step.format(FEEDS[name])}\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("log.csv", "a,b\n1,2\n", "no source fits"),
        ("log.ndjson", "[]\n", "no source fits"),
        ("log.csv", BOTH, "several sources fit alike"),
        ("log.json", '{"a":', "is not JSON"),
        ("log.csv", "", "is empty"),
    ],
)  # fmt: skip
def test_nothing_is_guessed(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    done = invoke("sources", "detect", name, cwd=tmp_path)

    assert done.exit_code == 3
    assert message in done.stdout


def test_a_source_file_for_a_canonical_log_reads_it_at_once(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)

    made = invoke("sources", "init", "log.csv", "--output", "our.yaml", cwd=tmp_path)
    done = invoke(
        "audit", "log.csv", "--source", "our.yaml", "--operator", "zoom", "--format", "json",
        cwd=tmp_path,
    )  # fmt: skip

    assert made.exit_code == 0, made.stderr
    assert [f["rule_id"] for f in report_of(done)["findings"]] == ["ROUTE-001", "ROUTE-002"]
    again = invoke("sources", "init", "log.csv", "--output", "our.yaml", cwd=tmp_path)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_what_a_source_file_cannot_know_is_to_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / "pages.json").write_text('{"rows": [{"when": "x", "Meeting ID": 1}]}')

    made = invoke("sources", "init", "pages.json", cwd=tmp_path)

    profile = parse_profile(made.stdout, "made.yaml")
    assert profile.records == ("rows",)
    assert profile.fields["meeting_id"].columns == ("rows.Meeting ID",)
    assert profile.fields["event_at"].columns == (TO_FILL_IN,)
    (tmp_path / "made.yaml").write_text(made.stdout, encoding="utf-8")
    done = invoke("sources", "check", "pages.json", "--source", "made.yaml", cwd=tmp_path)
    assert done.exit_code == 3
    assert f"looked for {TO_FILL_IN!r}" in done.stdout
    assert "hint: write in the source file which column it is" in done.stdout
    assert "rename the column" not in done.stdout


@pytest.mark.parametrize(
    "column", ['event_at"', "event_at: x", "event_at\n# y", "\\event_at", "{event_at}😀", "# \x07"]
)
def test_hostile_columns_stay_names(column: str) -> None:
    text = profile_text(Start("x", "events", [column, HEADER], [column], None))

    profile = parse_profile(text, "made.yaml")

    assert profile.records == (column,)
    assert profile.fields.keys() == {
        "event_at", "meeting_id", "session_id", "account_id", "route",
    }  # fmt: skip


def test_what_a_source_file_says_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN)
    made = invoke("sources", "init", "log.csv", cwd=tmp_path).stdout
    hostile = re.sub("(?m)^title: .*$", r'title: "a\\x1b[31mb"\nabout: "c\\x1b[2Jd"', made)
    (tmp_path / "our.yaml").write_text(hostile, encoding="utf-8")

    done = invoke("sources", "show", "our.yaml", cwd=tmp_path)

    assert done.exit_code == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "a\\x1b[31mb" in done.stdout


@pytest.mark.parametrize("name", [n for n in FEEDS if load_profile(n).table == "events"])
def test_every_source_of_events_can_be_checked(name: str) -> None:
    done = invoke(
        "sources", "check", FEEDS[name], "--source", name, "--param", "account_id=x",
        "--format", "json", cwd=SAMPLES,
    )  # fmt: skip

    assert done.exit_code == 0 or name == "canonical", done.stdout
