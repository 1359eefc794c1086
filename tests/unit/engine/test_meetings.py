"""Facts of whole meetings, looked up for the rows that need them."""

from pathlib import Path

from tests.acceptance.logs import invoke, report_of


def test_a_meeting_that_changes_its_account_still_starts_with_its_first_row(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "event_at,meeting_id,session_id,account_id,route\n"
        "2020-05-19T22:00:00Z,m,s1,other,SJ\n"
        "2020-05-20T12:00:00Z,m,s2,A,TJ\n",
        encoding="utf-8",
    )
    (tmp_path / "accounts.csv").write_text(
        "account_id,opted_in,valid_from,valid_to\n"
        "A,US,,2020-05-20T12:00:00Z\n"
        "A,CN,2020-05-20T12:00:00Z,\n"
        "other,US,,\n",
        encoding="utf-8",
    )

    done = invoke(
        "audit", "log.csv", "--accounts", "accounts.csv", "--select", "ROUTE-001",
        "--format", "json", cwd=tmp_path,
    )  # fmt: skip

    (finding,) = report_of(done)["findings"]
    assert finding["subject"]["session_id"] == "s2"
    assert finding["policy"] == {"valid_from": None, "valid_to": "2020-05-20T12:00:00Z"}
