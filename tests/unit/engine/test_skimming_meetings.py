"""Facts of meetings in long logs of text are what the whole log says, without reading it again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from auditor.engine.skimming.meetings import KeptEvents, MeetingEvents
from auditor.engine.skimming.recurring import Trial
from auditor.sources.log_file import LogFile
from tests.acceptance.logs import invoke, report_of

RULE = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
message: "{meeting_started_at} {meeting_countries}"
tags: [default]
violation: route = 'TJ'
"""
HEADER = "event_at,meeting_id,session_id,account_id,route,participant_country"
VIOLATION = "2020-05-02T10:00:00Z,m,s,A,TJ,US"
QUIET = "2020-05-02T09:00:00Z,m,s2,A,SJ,FR"
OTHERS = [f"2020-05-02T08:00:00Z,n{number},s,A,SJ,DE" for number in range(20)]


@pytest.fixture(autouse=True)
def _batches_are_small() -> Iterator[None]:
    with (
        patch("auditor.engine.skimming.cases.LEARNING_ROWS", 1),
        patch("auditor.engine.skimming.spool._BATCH_ROWS", 3),
    ):
        yield


def _write(folder: Path, *rows: str, name: str = "log") -> str:
    (folder / "rule.yaml").write_text(RULE, encoding="utf-8")
    text = "\n".join([HEADER, *OTHERS, *rows, *OTHERS]) + "\n"
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return f"{name}.csv"


def _report(folder: Path, *files: str, skimmed: bool = True) -> dict[str, Any]:
    with patch("auditor.engine.deciding.SKIMMED_ROWS", 0 if skimmed else 1_000_000):
        return report_of(
            invoke("audit", *files, "--rules", "rule.yaml", "--format", "json", cwd=folder)
        )


def _without_run(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "run"}


@pytest.mark.parametrize("is_resting", [False, True])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(QUIET, id="earlier"),
        pytest.param(QUIET.replace(",m,", ",  m ,"), id="padded id"),
        pytest.param(QUIET.replace(",m,", ', "m",'), id="stray quote"),
        pytest.param(QUIET.replace("2020-05-02T09:00:00Z", '"2020-05-02T09:00:00Z"'), id="quoted"),
        pytest.param(QUIET.replace(",m,", ", ,"), id="blank id"),
        pytest.param(QUIET.replace(",s2,", ", ,"), id="blank session"),
        pytest.param(QUIET.replace("2020-05-02T09:00:00Z", "never"), id="bad time"),
        pytest.param(QUIET.replace("2020-05-02T09:00:00Z", ""), id="no time"),
        pytest.param(QUIET.replace("09:00:00Z", "09:00:60Z"), id="leap second"),
        pytest.param(QUIET.replace("09:00:00Z", "09:00:00.5+02:00"), id="other zone"),
        pytest.param(QUIET.replace("2020-05-02", "2019-01-01"), id="out of window"),
        pytest.param(QUIET.replace(",FR", ",fr"), id="lower case country"),
        pytest.param(QUIET.replace(",FR", ",Atlantis"), id="bad country"),
        pytest.param(QUIET.replace(",FR", ","), id="no country"),
        pytest.param(QUIET.removesuffix(",FR"), id="short row"),
    ],
)
def test_facts_of_meetings_are_those_of_all_its_rows(
    tmp_path: Path, other: str, *, is_resting: bool
) -> None:
    log = _write(tmp_path, VIOLATION, other)

    read = _report(tmp_path, log, skimmed=False)
    with (
        patch.object(Trial, "is_resting", return_value=is_resting),
        patch.object(MeetingEvents, "_again", side_effect=AssertionError("read twice")),
    ):
        skimmed = _report(tmp_path, log)

    assert _without_run(skimmed) == _without_run(read)


def test_the_other_rows_of_a_meeting_matter(tmp_path: Path) -> None:
    alone = _report(tmp_path, _write(tmp_path, VIOLATION))
    joined = _report(tmp_path, _write(tmp_path, VIOLATION, QUIET))

    assert alone["findings"][0]["message"] == "2020-05-02T10:00:00Z US"
    assert joined["findings"][0]["message"] == "2020-05-02T09:00:00Z FR, US"


def test_a_meeting_may_lie_in_files_of_several_kinds(tmp_path: Path) -> None:
    files = [_write(tmp_path, VIOLATION), _write(tmp_path, QUIET, name="other")]
    pl.read_csv(tmp_path / files[1]).write_parquet(tmp_path / "other.parquet")
    files[1] = "other.parquet"

    skimmed = _report(tmp_path, *files)

    assert _without_run(skimmed) == _without_run(_report(tmp_path, *files, skimmed=False))
    assert skimmed["findings"][0]["message"] == "2020-05-02T09:00:00Z FR, US"


def test_a_file_that_is_left_out_says_nothing_of_its_meetings(tmp_path: Path) -> None:
    files = [_write(tmp_path, VIOLATION), _write(tmp_path, QUIET, name="other")]

    def changed(files: list[LogFile]) -> dict[LogFile, str]:
        return {file: "changed while it was read" for file in files if "other" in file.shown}

    with patch("auditor.engine.log.changed_since", changed):
        report = _report(tmp_path, *files)

    assert report["summary"]["findings"] == 1
    assert report["findings"][0]["message"] == "2020-05-02T10:00:00Z US"


def test_nothing_is_kept_where_no_rule_shows_facts_of_meetings(tmp_path: Path) -> None:
    log = _write(tmp_path, VIOLATION)
    (tmp_path / "rule.yaml").write_text(
        RULE.replace("{meeting_started_at} {meeting_countries}", "{session_id}"), encoding="utf-8"
    )

    with patch.object(KeptEvents, "take", side_effect=AssertionError("kept")):
        report = _report(tmp_path, log)

    assert report["summary"]["findings"] == 1
