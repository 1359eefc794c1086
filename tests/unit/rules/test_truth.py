"""Predicates have SQL's three-valued truth, sets and NULLs included."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from auditor.errors import RuleError
from auditor.jurisdictions import Groups, Membership
from auditor.rules.compile import compile_rule
from tests.unit.rules.frames import GROUPS, Row, compiled, facts, rule_of


def _truth(folder: Path, predicate: str, row: Row, *others: Row) -> list[bool | None]:
    rule = compiled(folder, f"violation: >-\n  {predicate}\n")
    df = facts([row, *others]).with_columns(truth=rule.violation_if_effective)
    return df["truth"].to_list()


@pytest.mark.parametrize(
    ("jurisdictions", "opted_in", "truth"),
    [
        (["US"], ["US"], True),
        (["US", "CN"], ["US"], False),
        ([], ["US"], True),
        (["US"], [], False),
        (None, ["US"], None),
        (["US"], None, None),
        (["US", "?"], ["US"], None),
        (["CN", "?"], ["US"], False),
        (["CN"], ["US", "?"], None),
        (["US"], ["US", "?"], True),
        (["ZW"], ["AD"], False),
    ],
)
def test_within_is_false_only_for_a_hop_known_to_be_outside(
    tmp_path: Path, jurisdictions: list[str] | None, opted_in: list[str] | None, truth: bool | None
) -> None:
    row = {"jurisdictions": jurisdictions, "opted_in": opted_in}

    assert _truth(tmp_path, "within(jurisdictions, opted_in)", row) == [truth]


@pytest.mark.parametrize(
    ("predicate", "row", "truth"),
    [
        ("touches(jurisdictions, 'CN')", {"jurisdictions": ["CN", "?"]}, True),
        ("touches(jurisdictions, 'CN')", {"jurisdictions": ["US", "?"]}, None),
        ("touches(jurisdictions, 'CN')", {"jurisdictions": ["US"]}, False),
        ("touches(jurisdictions, 'CN')", {}, None),
        ("touches(jurisdictions, 'CN', 'HK')", {"jurisdictions": ["HK"]}, True),
        ("touches(jurisdictions, 'CN', opted_in)", {"jurisdictions": ["CN"]}, True),
        ("touches(jurisdictions, 'CN', opted_in)", {"jurisdictions": ["US"]}, None),
        ("touches(jurisdictions, group('EU'))", {"jurisdictions": ["FR"]}, True),
        ("within(jurisdictions, 'US')", {"jurisdictions": ["US"]}, True),
        ("within(jurisdictions, group('EU'), 'US')", {"jurisdictions": ["US", "DE"]}, True),
        ("within(jurisdictions, 'US', opted_in)", {"jurisdictions": ["US"]}, True),
        ("within(jurisdictions, 'US', opted_in)", {"jurisdictions": ["CN"]}, None),
        ("within(jurisdictions, group('EU'))", {"jurisdictions": ["GB"]}, False),
        ("in_group(billing_country, 'eu')", {"billing_country": "FR"}, True),
        ("in_group(billing_country, 'EU')", {"billing_country": "CN"}, False),
        ("in_group(billing_country, 'EU')", {}, None),
        ("opted_in IS NULL", {}, True),
        ("opted_in IS NOT NULL", {"opted_in": []}, True),
        ("route LIKE 'T_;%'", {"route": "TJ;SC"}, True),
        ("media_bytes - 2 < 0", {"media_bytes": 1}, True),
        ("media_bytes + media_bytes > 0", {"media_bytes": 2**64 - 1}, True),
        ("media_bytes / 0 > 1", {"media_bytes": 1}, None),
        ("media_bytes % 0 > 1", {"media_bytes": 1}, None),
        ("media_bytes / 2 = 0.5", {"media_bytes": 1}, True),
        ("(2 - media_bytes) % 3 = -2", {"media_bytes": 4}, True),
        ("media_bytes BETWEEN NULL AND 2", {"media_bytes": 3}, False),
        ("plan NOT IN ('free', NULL)", {"plan": "pro"}, None),
        ("plan NOT IN ('free', NULL)", {"plan": "free"}, False),
        ("COALESCE(billing_country, registered_country, home) = 'CN'", {"home": "CN"}, True),
        ("CASE WHEN is_host THEN FALSE ELSE TRUE END", {}, True),
        ("PLAN = 'free'", {"plan": "free"}, True),
        ("Coalesce(plan, 'pro') = 'pro'", {}, True),
    ],
)
def test_a_predicate_is_true_false_or_unknown(
    tmp_path: Path, predicate: str, row: Row, truth: bool | None
) -> None:
    assert _truth(tmp_path, predicate, row) == [truth]


@pytest.mark.parametrize(
    ("version", "truth"),
    [
        ("5.0", True),
        ("5", True),
        ("4.9.9", False),
        ("5.10.1", True),
        ("win_5.1.1697.0821", True),
        ("5.2.45120.0906(win)", True),
        ("4.4.55383.0716", False),
        ("unknown", None),
        (None, None),
        ("99999999999999999999.1", True),
        ("0005.0", True),
        ("Zoom 5.0.2 (24046.0510)", True),
        ("Zoom 4.6.9 (build 19273.0402)", False),
        ("5.0.2 (24046.0510)", True),
        ("4.6 (Windows 10.0)", False),
        ("win_4.6.12 x64", False),
        ("5.0 on Windows 10.0", True),
    ],
)
def test_versions_are_compared_number_by_number(
    tmp_path: Path, version: str | None, truth: bool | None
) -> None:
    row = {"client_version": version}

    assert _truth(tmp_path, "version_at_least(client_version, '5.0')", row) == [truth]


@pytest.mark.parametrize(
    "version",
    [
        "Windows10 4.6.12",
        "win64_4.6",
        "mac 10.15 4.6.9",
        "iPad8,1 4.6",
        "os (10.1) 4.6",
        "iOS 13.4 (4.6.9)",
        "Windows 10 (4.6.12)",
        "Windows 10.0.19041 (4.6)",
        "os 10.1.2 (1903 4.6)",
        "Chrome/83.0",
        "macOS 10.15",
        "Windows 10",
        "v 10.",
        "x10",
        "iOS 13.4.1 (build 19 4.6.9)",
    ],
)
@pytest.mark.parametrize("predicate", ["version_at_least({}, '5.0')", "version_at_least({}, '4')"])
def test_a_number_of_the_platform_is_not_taken_for_the_version(
    tmp_path: Path, version: str, predicate: str
) -> None:
    row = {"client_version": version}

    assert _truth(tmp_path, predicate.format("client_version"), row) == [None]
    assert _truth(tmp_path, predicate.format(f"'{version}'"), row) == [None]


@pytest.mark.parametrize(
    ("version", "truth"), [("5.9.3", False), ("5.10", True), ("5.10.0.1", True), ("5", False)]
)
def test_5_10_is_newer_than_5_9(tmp_path: Path, version: str, truth: bool) -> None:
    row = {"client_version": version}

    assert _truth(tmp_path, "version_at_least(client_version, '5.10')", row) == [truth]


def test_groups_have_the_members_of_the_events_time(tmp_path: Path) -> None:
    left = datetime(2020, 1, 31, 23, tzinfo=UTC)
    groups = Groups([Membership("EU", "FR"), Membership("EU", "GB", None, left)])
    predicate = "within(jurisdictions, group('EU')) AND in_group(home, 'EU')"
    rule = compile_rule(rule_of(tmp_path, f"violation: {predicate}\n"), {}, groups)
    rows = [
        {"jurisdictions": ["GB"], "home": "GB", "event_at": datetime(2020, 1, 31, 22, tzinfo=UTC)},
        {"jurisdictions": ["GB"], "home": "GB", "event_at": left},
        {"jurisdictions": ["FR"], "home": "FR", "event_at": left},
    ]

    truth = facts(rows).select(rule.violation_if_effective).to_series().to_list()

    assert truth == [True, False, True]
    assert "event_at" in rule.reads


def test_an_unknown_group_is_a_located_fault(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, "violation: touches(jurisdictions, group('EUU'))\n")

    with pytest.raises(RuleError) as caught:
        compile_rule(rule, {}, GROUPS)

    (problem,) = caught.value.problems
    assert problem.location.endswith("rule.yaml:8:41")
    assert (problem.message, problem.hint) == ("unknown group 'EUU'", "did you mean 'EU'?")


@pytest.mark.parametrize(
    "predicate",
    [
        "(" * 200 + "is_host" + ")" * 200,
        "NOT " * 200 + "is_host",
        "CASE WHEN " * 200 + "is_host" + " THEN is_host END" * 200,
        " + ".join(["media_bytes"] * 200) + " = 200 * media_bytes",
        " OR ".join(["is_host"] * 1500),
        "CASE " + "WHEN is_host THEN FALSE " * 700 + "ELSE TRUE END",
    ],
)
def test_what_is_allowed_compiles_and_runs_however_deep(tmp_path: Path, predicate: str) -> None:
    row = {"is_host": True, "media_bytes": 1}

    assert _truth(tmp_path, predicate, row, row)[0] is not None


@pytest.mark.parametrize("predicate", ["TRUE", "NULL", "1 < 2", "UPPER('a') = 'A'", "'a' LIKE '_'"])
def test_a_predicate_that_reads_nothing_still_decides_every_row(
    tmp_path: Path, predicate: str
) -> None:
    rule = compiled(tmp_path, f"violation: >-\n  {predicate}\n")

    outcomes = facts([{}, {}, {}]).with_columns(o=rule.outcome)["o"]

    assert outcomes.len() == 3
    assert outcomes.dtype == pl.UInt8
    assert outcomes.null_count() == 0
    assert not rule.reads


@pytest.mark.parametrize(
    ("predicate", "reads"),
    [
        ("FALSE AND is_host", set()),
        ("TRUE OR is_host", set()),
        ("NULL AND is_host", {"is_host"}),
        ("is_host AND NOT (FALSE AND plan = 'free')", {"is_host"}),
        ("CASE WHEN FALSE THEN is_host ELSE has_passcode END", {"has_passcode"}),
        ("COALESCE(TRUE, is_host)", set()),
        ("plan = NULL", set()),
        ("touches(jurisdictions, 'CN') OR is_host", {"jurisdictions", "is_host"}),
    ],
)
def test_only_what_can_decide_is_read(tmp_path: Path, predicate: str, reads: set[str]) -> None:
    assert compiled(tmp_path, f"violation: {predicate}\n").reads == reads
