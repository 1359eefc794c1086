"""`auditor explain`: why a finding is one, why a row is none, and what it does not know."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from .explanations import ACCOUNTS, CLEAN_BECAUSE, HEADER, SCHEMA, explain, parts, report
from .logs import CLEAN, EARLY, REJECT, UNKNOWN, VIOLATION, invoke, run, write_log


def test_the_published_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_finding_is_explained_predicate_by_predicate(tmp_path: Path) -> None:
    write_log(tmp_path, CLEAN, VIOLATION)
    (finding,) = report(tmp_path)["findings"]

    found = explain(tmp_path, "report.json", finding["id"][:6])

    (row,) = found["rows"]
    assert (row["path"], row["row"], row["outcome"]) == ("log.csv", 2, "violation")
    assert found["finding"]["id"] == finding["id"]
    assert {check["state"] for check in found["checks"]} == {"same"}
    assert row["applies"]["facts"][0]["value"] == "processing"
    assert (row["effective"]["truth"], row["effective"]["from"]) == ("TRUE", "2020-04-18T00:00:00Z")
    assert dict(parts(row["violation"])) == {
        "NOT within(jurisdictions, opted_in)": "TRUE",
        "within(jurisdictions, opted_in)": "FALSE",
    }
    assert [fact["value"] for fact in row["violation"]["parts"][0]["facts"]] == [["CN"], ["US"]]
    (hop,) = row["hops"]
    assert (hop["text"], hop["country"], hop["basis"]) == ("TJ", "CN", "registry")
    assert (hop["is_outside"], hop["why"]) == (True, None)
    assert row["meeting"] == {"started_at": "2020-05-02T10:00:00Z", "start_basis": "observed"}
    assert found["rule"]["why"]
    assert found["rule"]["remediation"]


@pytest.mark.parametrize(
    ("row", "outcome", "because"),
    [
        (CLEAN, "compliant", CLEAN_BECAUSE),
        (VIOLATION, "violation", "the rule applies to the row, and its violation is TRUE"),
        (UNKNOWN, "unknown", "a hop is unresolved"),
        (EARLY, "not_applicable", "meeting_started_at lies outside the period of the rule"),
        (REJECT, None, "the row was rejected, so that no rule judged it: event_at is not a time"),
        (CLEAN.replace("2020-05-02", "2020-06-02"), None,
         "the row lies outside the window of --from and --to, so that no rule judged it"),
        (CLEAN.replace(",US,US,pro", ",XX,US,pro"), "unknown",
         "invalid value in opted_in: 'XX' is none"),
    ],
)  # fmt: skip
def test_any_row_is_explained(tmp_path: Path, row: str, outcome: str | None, because: str) -> None:
    write_log(tmp_path, VIOLATION, row)

    found = explain(tmp_path, "--why-not", "route-001", "--row", "log.csv:2", "--to", "2020-06-01")

    (shown,) = found["rows"]
    assert (shown["outcome"], shown["because"]) == (outcome, because)
    assert (found["finding"], found["checks"]) == (None, [])


def test_a_start_is_looked_for_in_all_logs(tmp_path: Path) -> None:
    write_log(tmp_path, "2020-04-17T23:00:00Z,m2,s0,A,SJ,US,US,pro,US", name="early.csv")
    write_log(tmp_path, VIOLATION)
    asked = ("--why-not", "ROUTE-001", "--row", "log.csv:1")

    alone, whole = explain(tmp_path, *asked), explain(tmp_path, *asked, ".")

    assert [found["rows"][0]["outcome"] for found in (alone, whole)] == [
        "violation",
        "not_applicable",
    ]
    assert whole["rows"][0]["meeting"]["started_at"] == "2020-04-17T23:00:00Z"


def test_the_countries_of_the_whole_meeting_count(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = ["2020-05-02T10:00:00Z,m,s1,A,TJ,,US", "2020-05-02T10:00:00Z,m,s2,A,SJ,,CN"]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    flags = ("--accounts", "accounts.csv", "--param", "cn_participant_allows=true")

    found = explain(tmp_path, "--why-not", "ROUTE-002", "--row", "log.csv:1", *flags)

    (row,) = found["rows"]
    truths = dict(parts(row["violation"]))
    assert (row["outcome"], truths["touches(meeting_countries, 'CN')"]) == ("compliant", "TRUE")
    assert found["rule"]["params"]["cn_participant_allows"] is True


def test_an_opt_in_says_what_widened_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}\n2020-05-02T10:00:00Z,m,s1,A,SC;TJ;X,zoom:HK,US\n", "utf-8")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")

    found = explain(
        tmp_path, "--why-not", "ROUTE-001", "--row", "log.csv:1", "--accounts", "accounts.csv"
    )

    (row,) = found["rows"]
    assert row["opt_in"] == {
        "codes": ["DE", "HK", "US"],
        "text": "US",
        "stated": ["US"],
        "home": "DE",
        "extra": "zoom:HK",
        "added": ["DE", "HK"],
    }
    assert row["policy"] == {
        "state": "in_force",
        "valid_from": "2020-05-02T00:00:00Z",
        "valid_to": None,
        "path": "accounts.csv",
        "row": 3,
    }
    assert [(hop["text"], hop["country"], hop["is_outside"]) for hop in row["hops"]] == [
        ("SC", "US", False),
        ("TJ", "CN", True),
        ("X", None, None),
    ]


def test_an_order_is_explained(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "order_id,account_id,ordered_at,action,channel,partner,billing_country\n"
        "O1,A,2020-08-24T10:00:00Z,new,direct,,CN\n"
        "O2,A,2020-08-24T10:00:00Z,renewal,direct,,CN\n",
        encoding="utf-8",
    )
    flags = ("--orders", "orders.csv", "--select", "SALE-001", "--report", "json=report.json")
    invoke("audit", *flags, cwd=tmp_path)
    (finding,) = json.loads((tmp_path / "report.json").read_text())["findings"]

    of_finding = explain(tmp_path, "report.json", finding["id"])
    of_row = explain(tmp_path, "--why-not", "SALE-001", "--row", "orders.csv:2")

    assert [row["outcome"] for row in of_finding["rows"]] == ["violation"]
    assert of_finding["rows"][0]["keys"]["order_id"] == "O1"
    (row,) = of_row["rows"]
    assert (row["outcome"], row["hops"], row["policy"]) == ("compliant", [], None)


def test_a_day_that_no_source_gives_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "order_id,account_id,ordered_at,action,channel,partner,billing_country\n"
        "O1,A,2020-06-10T10:00:00Z,new,online,,CN\n",
        encoding="utf-8",
    )

    found = explain(tmp_path, "--why-not", "SALE-002", "--row", "orders.csv:1")

    (row,) = found["rows"]
    force = row["effective"]
    assert (row["outcome"], row["because"] in (force["doubt"] or "")) == ("unknown", True)
    assert force["earliest"] < force["at"] < force["from"]


def test_a_page_keeps_to_eighty_columns_and_hides_nothing(tmp_path: Path) -> None:
    hostile = "2020-05-02T10:00:00Z,m2,s\x1b[31m\u202e,A,TJ;\x1b]0;x\x07,US,US,pro,US"
    write_log(tmp_path, hostile, hostile.replace("m2", "m2"))
    (finding,) = report(tmp_path)["findings"]

    done = invoke("explain", "report.json", finding["id"], cwd=tmp_path, COLUMNS="80")

    page = done.stdout
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"\x1b[31m\u202e" in page
    assert all(len(line) <= 80 for line in page.splitlines() if "https://" not in line)
    assert "FALSE within(jurisdictions, opted_in)" in page
    assert "Likewise       log.csv, row 2" in page


def test_the_parameters_of_the_report_count(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION.replace("2020-05-02T10", "2020-04-18T10"))
    shanghai = ("--param", "timezone=Asia/Shanghai", "--param", "ROUTE-002.timezone=UTC")
    (finding,) = report(tmp_path, "--select", "default", *shanghai)["findings"]

    found = explain(tmp_path, "report.json", finding["id"])
    other = explain(tmp_path, "report.json", finding["id"], "--param", "timezone=UTC")

    assert found["rows"][0]["effective"]["zone"] == "Asia/Shanghai"
    assert other["problems"] == ["rule ROUTE-001 is not what it was when the report was written"]


def test_the_settings_of_an_audit_count_for_rows(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS.replace("A,US,", "A,CN,"), encoding="utf-8")
    settings = '[audit]\naccounts = ["accounts.csv"]\nfail-on = "high"\n'
    (tmp_path / "auditor.toml").write_text(settings, encoding="utf-8")

    found = explain(tmp_path, "--why-not", "ROUTE-001", "--row", "log.csv:1")

    assert found["rows"][0]["outcome"] == "compliant"


def test_a_report_comes_from_a_pipe_too(tmp_path: Path) -> None:
    write_log(tmp_path, VIOLATION)
    (finding,) = report(tmp_path)["findings"]

    content = (tmp_path / "report.json").read_bytes()
    done = run("explain", "-", finding["id"], "--format", "json", cwd=tmp_path, stdin=content)

    assert done.returncode == 0
    assert json.loads(done.stdout)["rows"][0]["outcome"] == "violation"


def test_a_row_of_standard_input_is_explained(tmp_path: Path) -> None:
    content = write_log(tmp_path, CLEAN, VIOLATION).read_bytes()

    asked = ("explain", "--why-not", "ROUTE-001", "--row", "-:2", "--format", "json")
    done = run(*asked, cwd=tmp_path, stdin=content)

    assert json.loads(done.stdout)["rows"][0]["outcome"] == "violation"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "a report and the id of a finding are wanted"),
        (("log.csv",), "a report and the id of a finding are wanted"),
        (("--row", "log.csv:1"), "a row is explained for one rule"),
        (("--why-not", "ROUTE-001"), "a row is wanted"),
        (("--why-not", "ROUTE-1", "--row", "log.csv:1"), "did you mean 'ROUTE-001'?"),
        (("--why-not", "ROUTE-001", "--row", "log.csv:3"), "log.csv has no row 3"),
        (("--why-not", "ROUTE-001", "--row", "none.csv:3"), "no such file or folder"),
        (("--why-not", "ROUTE-001", "--row", "log.csv"), "is not a file and a row of it"),
        (("--why-not", "ROUTE-001", "--row", "log.csv:0"), "is not a file and a row of it"),
        (("--why-not", "ROUTE-001", "--row", ".:1"), "is no log of this question"),
        (("--why-not", "ROUTE-001", "--row", "bad.csv:1"), "no column for event_at"),
        (("--why-not", "ROUTE-001", "--row", "log.csv:1", "--param", "x=1"), "a parameter 'x'"),
        (("--why-not", "ROUTE-001", "--row", "log.csv:1", "--timezone", "Mars"),
         "unknown time zone"),
        (("none.json", "ab"), "none.json: cannot be read"),
        (("log.csv", "ab"), "'{' is wanted here"),
        (("report.json", "zz"), "none of the 1 findings has an id that begins with 'zz'"),
        (("report.json", "ab", "--orders", "o.csv"), "a report names its own logs"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_an_error(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    write_log(tmp_path, VIOLATION, CLEAN)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    report(tmp_path)

    done = invoke("explain", *arguments, cwd=tmp_path)

    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
