"""Routes of addresses say the same counted by case as read: whole reports are equal."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.addresses.locations import LEVELS

from .audits import audit_in
from .logs import Case, cases
from .test_skimming import skimmed

_HOPS = (
    *("114.114.114.114", "8.8.4.4", "2001:4860:4860::8888", "2400:3200::1", "8.8.8.8", "3000::1"),
    *("::ffff:114.114.114.114", " 8.8.4.4\t", "2001:4860:4860:0:0:0:0:8888", "9.9.9.9", "3.0.0.1"),
    *(
        "3.1.0.1",
        "3.3.0.1",
        "18.0.0.1",
        "10.1.2.3",
        "2001:db8::1",
        "1.2.3.4.5",
        "08.8.8.8",
        "::1%1",
    ),
    *("TJ", "SC", "country:CN", "nowhere", "", " ", "\x1f", "\u00a0"),
)
"""Corroborated and conflicting ones, of one witness, of a registry, special, none; and sites."""

_FILES = {
    "own.csv": "first,last,country\n8.8.8.0,8.8.8.255,CN\n3000::,3000::ff,CN\n9.9.9.9,9.9.9.9,US\n",
    "feed.csv": "18.0.0.0/15,CN,CN-HK,Hong Kong,\n",
    "aws.json": """{"syncToken": "1", "prefixes": [
        {"ip_prefix": "3.0.0.0/9", "region": "us-east-1", "network_border_group": "us-east-1"},
        {"ip_prefix": "3.1.0.0/16", "region": "cn-north-1", "network_border_group": "cn-north-1"},
        {"ip_prefix": "3.3.0.0/16", "region": "GLOBAL", "network_border_group": "GLOBAL"}
    ], "ipv6_prefixes": []}""",
}  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(
    case=cases(hops=_HOPS),
    files=st.lists(st.sampled_from(sorted(_FILES)), unique=True),
    level=st.sampled_from((None, None, *LEVELS)),
)
def test_a_report_on_addresses_does_not_depend_on_rows_being_skimmed(
    case: Case, files: Sequence[str], level: str | None
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        flags = [] if level is None else ["--evidence-level", level]
        for file in files:
            (folder / file).write_text(_FILES[file])
            flags += ["--ip-ranges", str(folder / file)]
        read = audit_in(folder, case, flags).report
        with skimmed():
            found = audit_in(folder, case, flags).report

    for key in read.keys() - {"run"}:
        assert found[key] == read[key], key
