"""Regions and local zones of clouds as hops."""

from pathlib import Path

import pytest

from tests.acceptance.logs import invoke, report_of, write_log


def _event(route: str) -> str:
    return f"2020-05-02T10:00:00Z,m1,s1,A,{route},US,US,pro,US"


@pytest.mark.parametrize(
    ("operator", "region", "country"),
    [
        ("aws", "eu-west-1", "IE"),
        ("AWS", "Europe (Ireland)", "IE"),
        ("aws", "cn-northwest-1", "CN"),
        ("aws", "us-east-1-bue-1", "AR"),
        ("aws", "us-east-1-bue-1a", "AR"),
        ("aws", "ap-northeast-1-tpe-1", "TW"),
        ("azure", "eastasia", "HK"),
        ("azure", "chinanorth3", "CN"),
        ("gcp", "asia-east2", "HK"),
        ("gcp", "europe-west1", "BE"),
        ("oracle", "me-riyadh-1", "SA"),
    ],
)
def test_a_region_is_where_its_cloud_says(
    tmp_path: Path, operator: str, region: str, country: str
) -> None:
    write_log(tmp_path, _event(region))
    done = invoke("audit", "log.csv", "--operator", operator, "--format", "json", cwd=tmp_path)
    finding = report_of(done)["findings"][0]
    assert finding["jurisdictions"] == [country]
    assert finding["basis"] == "registry"


@pytest.mark.parametrize("zone", ["eu-west-3-wl1-cmn-wlz-1", "us-east-1-xyz-1", "europe-west1"])
def test_a_zone_that_is_not_known_is_not_where_its_region_is(tmp_path: Path, zone: str) -> None:
    write_log(tmp_path, _event(zone))
    done = invoke("audit", "log.csv", "--operator", "aws", "--format", "json", cwd=tmp_path)
    report = report_of(done)
    hop = {"value": zone, "rows": 1, "reason": "unknown site or name"}
    assert report["unresolved"]["hops"] == [hop]
    assert {rule["id"]: rule["unknown"] for rule in report["rules"]}["ROUTE-001"] == 1


def test_the_report_names_the_table_of_clouds_only_where_it_was_read(tmp_path: Path) -> None:
    write_log(tmp_path, _event("SJ"))
    kinds = [
        [
            registry["kind"]
            for registry in report_of(
                invoke("audit", "log.csv", *flags, "--format", "json", cwd=tmp_path)
            )["registries"]
        ]
        for flags in ([], ["--operator", "gcp"])
    ]
    assert kinds[0][0] == "datacentres"
    assert kinds[1][0] == "cloud-regions"


def test_own_data_centres_of_a_cloud_replace_the_shipped_ones_by_label(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("operator,code,country\naws,eu-west-1,GB\n")
    write_log(tmp_path, _event("eu-west-1;eu-west-3"))
    done = invoke(
        "audit", "log.csv", "--operator", "aws", "--datacentres", "own.csv", "--format", "json",
        cwd=tmp_path,
    )  # fmt: skip
    assert report_of(done)["findings"][0]["jurisdictions"] == ["FR", "GB"]


def test_an_unknown_operator_is_told_the_known_ones(tmp_path: Path) -> None:
    write_log(tmp_path, _event("SJ"))
    done = invoke("audit", "log.csv", "--operator", "alibaba", cwd=tmp_path)
    assert done.exit_code == 2
    hint = done.stderr.partition("known: ")[2]
    assert all(name in hint for name in ("aws", "azure", "gcp", "oracle", "zoom"))
