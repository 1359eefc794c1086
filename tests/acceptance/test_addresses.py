"""Addresses as hops: the shipped databases, files of ranges, and what the report says of them."""

import json
from pathlib import Path

import pytest

from tests.acceptance.logs import invoke, report_of, write_log


def _event(route: str, session: str = "s1") -> str:
    return f"2020-05-02T10:00:00Z,m1,{session},A,{route},US,US,pro,US"


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("114.114.114.114", "CN"),
        ("52.80.0.1", "CN"),
        ("52.81.151.250", "CN"),
        ("52.82.0.1", "CN"),
        ("221.122.88.64", "CN"),
        ("3.7.35.1", "IN"),
        ("115.110.154.193", "IN"),
        ("209.9.211.1", "HK"),
        ("18.166.0.1", "HK"),
        ("202.175.3.8", "MO"),
        ("168.95.1.1", "TW"),
        ("::ffff:114.114.114.114", "CN"),
    ],
)
def test_both_shipped_databases_know_where_these_are(
    tmp_path: Path, address: str, country: str
) -> None:
    write_log(tmp_path, _event(address), _event("8.8.8.8", "s2"))
    done = invoke("audit", "log.csv", "--select", "ROUTE-001", "--format", "json", cwd=tmp_path)
    (finding,) = report_of(done)["findings"]
    assert finding["jurisdictions"] == [country]
    assert finding["basis"] == "corroborated"


def test_addresses_that_are_nowhere_are_unknown_and_listed(tmp_path: Path) -> None:
    odd = ["10.0.0.1", "010.8.8.8", "203.0.113.7", "fe80::1", "64:ff9b::808:808"]
    write_log(tmp_path, *(_event(hop, f"s{i}") for i, hop in enumerate(odd)))
    done = invoke("audit", "log.csv", "--select", "ROUTE-001", "--format", "json", cwd=tmp_path)
    report = report_of(done)
    assert report["rules"][0]["unknown"] == len(odd)
    reasons = {hop["value"]: hop["reason"] for hop in report["unresolved"]["hops"]}
    malformed = {"010.8.8.8": "malformed address"}
    assert reasons == dict.fromkeys(odd, "special address") | malformed


def test_a_prefix_list_counts_for_more_than_databases(tmp_path: Path) -> None:
    prefix = {"ip_prefix": "52.80.0.0/16", "network_border_group": "us-east-1-bue-1"}
    document = {"prefixes": [prefix], "ipv6_prefixes": []}
    (tmp_path / "ip-ranges.json").write_text(json.dumps(document))
    write_log(tmp_path, _event("52.80.0.1"))
    done = invoke(
        "audit", "log.csv", "--ip-ranges", "ip-ranges.json", "--format", "json", cwd=tmp_path
    )
    report = report_of(done)
    assert report["findings"][0]["jurisdictions"] == ["AR"]
    assert report["findings"][0]["basis"] == "registry"
    kinds = [registry["kind"] for registry in report["registries"]]
    assert "ip-ranges" in kinds
    assert {"ip-ranges:dbip", "ip-ranges:ipfire"} <= {*kinds}


def test_a_witness_that_differs_leaves_the_address_unresolved(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("first,last,country\n8.8.8.0,8.8.8.255,CN\n")
    write_log(tmp_path, _event("8.8.8.8"))
    done = invoke(
        "audit", "log.csv", "--select", "ROUTE-001", "--ip-ranges", "own.csv", "--format", "json",
        cwd=tmp_path,
    )  # fmt: skip
    report = report_of(done)
    assert report["findings"] == []
    assert report["rules"][0]["unknown"] == 1
    suspicion = {
        "rule_id": "ROUTE-001", "hop": "8.8.8.8", "countries": ["CN", "US"], "rows": 1,
        "basis": "conflicting",
    }  # fmt: skip
    assert report["suspected"] == [suspicion]


def test_databases_that_differ_on_places_that_are_all_allowed_raise_no_suspicion(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.csv").write_text("first,last,country\n8.8.8.0,8.8.8.255,CN\n")
    write_log(tmp_path, "2020-05-02T10:00:00Z,m1,s1,A,8.8.8.8,US;CN,US,pro,US")
    done = invoke("audit", "log.csv", "--ip-ranges", "own.csv", "--format", "json", cwd=tmp_path)
    report = report_of(done)
    assert report["suspected"] == []
    assert sum(rule["unknown"] for rule in report["rules"]) > 0


@pytest.mark.parametrize(("level", "findings"), [("single-source", 1), ("corroborated", 0)])
def test_agreement_of_databases_can_be_demanded(tmp_path: Path, level: str, findings: int) -> None:
    (tmp_path / "own.csv").write_text("first,last,country\n3000::,3000::ff,CN\n")
    write_log(tmp_path, _event("3000::1"))
    done = invoke(
        "audit", "log.csv", "--select", "ROUTE-001", "--ip-ranges", "own.csv",
        "--evidence-level", level, "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    report = report_of(done)
    assert len(report["findings"]) == findings
    assert report["settings"]["evidence_level"] == level
    assert [one["basis"] for one in report["findings"]] == ["single-source"] * findings


def test_shipped_databases_are_not_read_where_no_hop_is_an_address(tmp_path: Path) -> None:
    write_log(tmp_path, _event("SJ"))
    done = invoke("audit", "log.csv", "--format", "json", cwd=tmp_path)
    assert not [r for r in report_of(done)["registries"] if r["kind"].startswith("ip-ranges")]


def test_a_faulty_file_of_ranges_ends_the_run_before_any_row_is_judged(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("first,last,country\n8.8.8.0,8.8.8.256,CN\n")
    write_log(tmp_path, _event("SJ"))
    done = invoke("audit", "log.csv", "--ip-ranges", "own.csv", cwd=tmp_path)
    assert done.exit_code == 2
    assert "own.csv:2" in done.stderr
