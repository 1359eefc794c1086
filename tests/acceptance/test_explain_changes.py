"""What the report names has changed or is gone: an explanation says so and hides nothing."""

from pathlib import Path

import pytest

from .explanations import ACCOUNTS, CLEAN_BECAUSE, explain, report
from .logs import CLEAN, VIOLATION, invoke, write_log


def test_a_log_that_changed_is_not_explained_silently(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    (finding,) = report(tmp_path)["findings"]
    write_log(tmp_path, VIOLATION, CLEAN)

    found = explain(tmp_path, "report.json", finding["id"])

    assert found["problems"] == [
        "log log.csv is not what it was when the report was written",
        f"log.csv, row 2 is no violation any more: {CLEAN_BECAUSE}",
        "log.csv, row 2 is of another meeting_id than the finding",
    ]


def test_a_log_that_is_damaged_by_now_is_named(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    (finding,) = report(tmp_path)["findings"]
    (tmp_path / "log.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    found = explain(tmp_path, "report.json", finding["id"])

    assert found["rows"] == []
    assert "no column for event_at" in found["problems"][1]


def test_a_log_that_the_audit_could_not_read_is_not_missed(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (finding,) = report(tmp_path, "bad.csv")["findings"]
    (tmp_path / "bad.csv").unlink()

    found = explain(tmp_path, "report.json", finding["id"])

    assert [row["outcome"] for row in found["rows"]] == ["violation"]


@pytest.mark.parametrize("change", ["missing", "changed"])
def test_a_log_that_the_start_of_the_meeting_hangs_on_is_compared_too(
    tmp_path: Path, change: str
) -> None:
    other = VIOLATION.replace("s1", "s0").replace("T10", "T09")
    write_log(tmp_path, other, name="other.csv")
    write_log(tmp_path, VIOLATION)
    found = {f["subject"]["session_id"]: f for f in report(tmp_path, "other.csv")["findings"]}
    if change == "missing":
        (tmp_path / "other.csv").unlink()
    else:
        write_log(tmp_path, other.replace("T09", "T08"), name="other.csv")

    explained = explain(tmp_path, "report.json", found["s1"]["id"])

    (problem,) = explained["problems"]
    assert problem.startswith("log other.csv is")


def test_shipped_databases_that_the_audit_asked_are_compared_too(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION.replace(",TJ,", ",TJ;8.8.8.8,"))
    (finding,) = report(tmp_path)["findings"]

    found = explain(tmp_path, "report.json", finding["id"])

    states = {check["kind"]: check["state"] for check in found["checks"]}
    assert found["problems"] == []
    assert (states["ip-ranges:dbip"], states["ip-ranges:ipfire"]) == ("same", "same")


def test_media_whose_bytes_fill_64_bits_are_explained(tmp_path: Path) -> None:
    columns, row = "media_bytes,", f"{2**64 - 1},"
    write_log(tmp_path, VIOLATION)
    header, *rows = (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()
    lines = [columns + header, *(row + line for line in rows)]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (finding,) = report(tmp_path)["findings"]

    found = explain(tmp_path, "report.json", finding["id"])

    assert finding["media_bytes"] == 2**64 - 1
    assert found["problems"] == []


def test_rows_that_are_gone_are_named(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    (finding,) = report(tmp_path)["findings"]
    write_log(tmp_path, CLEAN)

    found = explain(tmp_path, "report.json", finding["id"])

    assert "log.csv has no row 2" in found["problems"]
    assert found["rows"] == []


@pytest.mark.parametrize("gone", ["log.csv", "accounts.csv"])
def test_without_its_files_a_finding_is_told_as_the_report_has_it(
    tmp_path: Path, gone: str
) -> None:
    write_log(tmp_path, VIOLATION)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (finding,) = report(tmp_path, "--accounts", "accounts.csv")["findings"]
    (tmp_path / gone).unlink()

    found = explain(tmp_path, "report.json", finding["id"])
    page = invoke("explain", "report.json", finding["id"], cwd=tmp_path)

    (problem,) = found["problems"]
    assert f"{gone} is missing" in problem
    assert (found["rows"], found["finding"]["message"]) == ([], finding["message"])
    assert found["rule"]["id"] == "ROUTE-001"
    assert page.exit_code == 3
    assert finding["id"] in page.stdout


def test_a_registry_that_changed_is_named(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (finding,) = report(tmp_path, "--accounts", "accounts.csv")["findings"]
    (tmp_path / "moved.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS.replace("US;EU", "US"), encoding="utf-8")

    changed = explain(tmp_path, "report.json", finding["id"])
    moved = explain(tmp_path, "report.json", finding["id"], "--accounts", "moved.csv")

    assert changed["problems"] == [
        "accounts accounts.csv is not what it was when the report was written"
    ]
    assert moved["problems"] == []


def test_a_report_without_digests_is_compared_by_size(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION)
    (finding,) = report(tmp_path, "--digest", "none")["findings"]

    found = explain(tmp_path, "report.json", finding["id"])

    assert {"kind": "log", "name": "log.csv", "state": "not verified"} in found["checks"]


def test_a_rule_that_is_not_loaded_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    rule = Path("rules/zoom-2020/ROUTE-001.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(rule.replace("ROUTE-001", "OWN-001"), "utf-8")
    write_log(tmp_path, VIOLATION)
    (finding,) = report(tmp_path, "--rules", "rules")["findings"]

    without = explain(tmp_path, "report.json", finding["id"])
    found = explain(tmp_path, "report.json", finding["id"], "--rules", "rules")

    assert without["problems"] == ["rule OWN-001 is not known: name its folder with --rules"]
    assert found["rows"][0]["outcome"] == "violation"
