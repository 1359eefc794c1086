"""Files of address ranges in the layouts that operators publish them in."""

import contextlib
import json
import os
import random
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from socket import AF_INET, AF_INET6, AddressFamily, inet_ntop
from tempfile import TemporaryDirectory
from typing import Any

import maxminddb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.addresses.ranges import FIRST, HELD, LAST, Ranges
from auditor.addresses.texts import V6, numbers
from auditor.errors import RegistryError
from auditor.sources.ip_ranges.load import IpRanges, load_ip_ranges
from auditor.sources.ip_ranges.networks import bounds_of, network_of
from tests.unit.sources.mmdb_files import mmdb

_REGIONS = {
    ("aws", "us-east-1"): "US",
    ("aws", "us-east-1-bue-1"): "AR",
    ("azure", "westeurope"): "NL",
    ("gcp", "asia-east2"): "HK",
    ("oracle", "me-riyadh-1"): "SA",
}


def _load(tmp_path: Path, content: str | bytes, name: str = "ranges") -> IpRanges:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_ip_ranges([path], _REGIONS, None)


def _at(ranges: Ranges | None, *texts: str) -> list[str | None]:
    assert ranges is not None
    return ranges.at(numbers(pl.Series(texts)))["country"].to_list()


def test_a_local_zone_of_aws_is_not_where_its_region_is(tmp_path: Path) -> None:
    def prefix(cidr: str, group: str) -> dict[str, str]:
        return {"ip_prefix": cidr, "region": "us-east-1", "network_border_group": group}

    document = {
        "syncToken": "1",
        "prefixes": [
            prefix("3.0.0.0/9", "us-east-1"),
            prefix("3.1.0.0/16", "us-east-1-bue-1"),
            prefix("3.2.0.0/16", "us-east-1-nowhere-1"),
            prefix("3.3.0.0/16", "GLOBAL"),
        ],
        "ipv6_prefixes": [
            {"ipv6_prefix": "2600:1f00::/24", "network_border_group": "us-east-1-bue-1"}
        ],
    }
    found = _load(tmp_path, json.dumps(document)).registry
    asked = ("3.0.0.1", "3.1.0.1", "3.2.0.1", "3.3.0.1", "2600:1f00::1", "9.9.9.9")
    assert _at(found, *asked) == ["US", "AR", None, None, "AR", None]
    assert found is not None
    assert found.at(numbers(pl.Series(asked)))[HELD].to_list() == [True] * 5 + [False]


def test_an_azure_tag_without_a_region_yields_to_a_region(tmp_path: Path) -> None:
    def tag(region: str, *prefixes: str) -> dict[str, object]:
        return {"name": "X", "properties": {"region": region, "addressPrefixes": prefixes}}

    document = {
        "cloud": "Public",
        "values": [
            tag("", "20.0.0.0/24", "20.1.0.0/16"),
            tag("westeurope", "20.0.0.0/16", "2603:1020::/32"),
        ],
    }
    found = _load(tmp_path, json.dumps(document)).registry
    assert _at(found, "20.0.0.1", "20.1.0.1", "2603:1020::1") == ["NL", None, "NL"]


@pytest.mark.parametrize(
    ("document", "country"),
    [
        ({"prefixes": [{"ipv4Prefix": "34.0.0.0/20", "scope": "asia-east2"}]}, "HK"),
        ({"prefixes": [{"ipv4Prefix": "34.0.0.0/20", "scope": "global"}]}, None),
        ({"regions": [{"region": "me-riyadh-1", "cidrs": [{"cidr": "34.0.0.0/20"}]}]}, "SA"),
    ],
)
def test_prefixes_of_other_clouds_are_where_their_regions_are(
    tmp_path: Path, document: object, country: str | None
) -> None:
    assert _at(_load(tmp_path, json.dumps(document)).registry, "34.0.0.1") == [country]


def test_a_geofeed_may_write_hong_kong_as_a_part_of_china(tmp_path: Path) -> None:
    feed = (
        "# feed",
        "18.0.0.0/15,CN,CN-HK,Hong Kong,",
        "18.2.0.0/16,CN,CN-BJ,,",
        "18.4.0.0/16,,,,",
        "2a00::/32,UK",
    )
    found = _load(tmp_path, "\n".join(feed)).registry
    assert _at(found, "18.0.0.1", "18.2.0.1", "18.4.0.1", "2a00::1") == ["HK", "CN", None, "GB"]


@pytest.mark.parametrize(
    "table",
    [
        "first,last,country\n8.8.8.0,8.8.8.255,US\n8.9.0.0,8.9.0.0,EU\n2a00::,2a00::ffff,DE\n",
        "8.8.8.0,8.8.8.255,US\n8.9.0.0,8.9.0.0,ZZ\n2a00::,2a00::ffff,DE\n",
        "cidr,country_code\n8.8.8.0/24,us\n8.9.0.0/32,??\n2a00::/112,DE\n",
        '"network","country"\n"8.8.8.0/24","US"\n"8.9.0.0",""\n"2a00::/112","DE"\n',
        "network,country,country_code\n8.8.8.0/24,America,US\n8.9.0.0,,\n2a00::/112,Germany,DE\n",
        "cidr,country\n::ffff:8.8.8.0/120,US\n::ffff:8.9.0.0,EU\n2a00::/112,DE\n",
    ],
)
def test_a_range_table_is_a_witness(tmp_path: Path, table: str) -> None:
    found = _load(tmp_path, table)
    asked = ("8.8.8.8", "8.8.9.0", "8.9.0.0", "2a00::ffff", "2a00::1:0")
    assert found.registry is None
    assert _at(found.witnesses[0], *asked) == ["US", None, None, "DE", None]
    assert found.files[0].rows == 3


def test_a_geofeed_of_mapped_addresses_is_one_of_ipv4(tmp_path: Path) -> None:
    found = _load(tmp_path, "::ffff:8.8.0.0/112,US\n8.8.8.0/24,CN\n").registry
    assert _at(found, "8.8.8.8", "::ffff:8.8.8.8", "8.8.4.4") == ["CN", "CN", "US"]


def test_a_copy_of_a_file_corroborates_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.csv", "other.csv")]
    for path in paths:
        path.write_text("first,last,country\n8.8.8.0,8.8.8.255,US\n")
    found = load_ip_ranges([*paths, paths[0]], {}, None)
    assert len(found.witnesses) == len(found.files) == 1
    assert any("other.csv is the same as" in limit for limit in found.limits)


def test_a_range_table_may_be_parquet(tmp_path: Path) -> None:
    path = tmp_path / "ranges.parquet"
    pl.DataFrame({"first": ["8.8.8.0"], "last": ["8.8.8.9"], "country": ["US"]}).write_parquet(path)
    assert _at(load_ip_ranges([path], {}, None).witnesses[0], "8.8.8.9") == ["US"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("first,last,country\n8.8.8.9,8.8.8.0,US\n", ":2: is no range"),
        ("first,last,country\n8.8.8.0,2a00::,US\n", ":2: is no range"),
        ("first,last,country\n08.8.8.0,8.8.8.9,US\n", ":2: is no range"),
        ("first,last,country\n8.8.8.0,8.8.8.9,Germany\n", ":2: has a country"),
        ("first,last,country\n8.8.8.0\n", ":2: is no range"),
        (
            "first,start,last,country\n8.8.8.0,8.8.8.0,8.8.8.9,US\n",
            "'first' and 'start' mean the same",
        ),
        ("from,to\n1,2\n", "is no table of address ranges"),
        ("8.8.8.0/24,US\n8.8.8.8.8/24,US\n", ":2: '8.8.8.8.8/24' is no prefix"),
        ("{", "is not JSON"),
        ('{"a": 1}', "no known provider"),
        ('{"prefixes": [{"ip_prefix": 5}], "ipv6_prefixes": []}', "5 is no prefix"),
        ('{"values": [{}], "cloud": "Public"}', "not as its provider writes it"),
        (b"\xff\xfe\x00", "is no file of address ranges"),
        (b"PAR1 not", "cannot be read"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        _load(tmp_path, content)
    assert message in str(caught.value)


_COUNTRIES = ("CN", "US", "DE", "JP", "EU")
_EACH = 1_000_000
_SEEDS = range(20 if os.environ.get("HYPOTHESIS_PROFILE") == "full" else 1)


def _random_networks(chance: random.Random) -> dict[str, dict[str, dict[str, str]]]:
    networks: dict[str, dict[str, dict[str, str]]] = {}
    for _ in range(300):
        four = (chance.getrandbits(32), chance.randint(4, 32))
        six = (0x2 << 124 | chance.getrandbits(124), chance.randint(8, 128))
        for number, length, make in ((*four, IPv4Address), (*six, IPv6Address)):
            network = str(ip_network(f"{make(number)}/{length}", strict=False))
            networks[network] = {"country": {"iso_code": chance.choice(_COUNTRIES)}}
    return networks


def _texts(family: AddressFamily, numbers: Iterable[int]) -> list[str]:
    size = 4 if family == AF_INET else 16
    return [inet_ntop(family, number.to_bytes(size)) for number in numbers]


def _around(networks: Iterable[str], chance: random.Random, version: int) -> Iterator[int]:
    """The borders of networks, what lies beside them, and as many places within each."""
    for network in map(ip_network, networks):
        if network.version == version:
            first, last = int(network.network_address), int(network.broadcast_address)
            near = (
                first - 1,
                first,
                last,
                last + 1,
                *(chance.randint(first, last) for _ in "four"),
            )
            yield from (n for n in near if 0 <= n < 1 << network.max_prefixlen)


def _asked(networks: Iterable[str], chance: random.Random) -> dict[str, list[str]]:
    """Addresses to ask about: a million of each family, IPv4 ones also as they are mapped."""
    fours = [*_around(networks, chance, 4), *(chance.getrandbits(32) for _ in range(_EACH))]
    sixes = [
        *_around(networks, chance, 6),
        *(0x2 << 124 | chance.getrandbits(124) for _ in range(_EACH // 2)),
        *(chance.getrandbits(128) for _ in range(_EACH - _EACH // 2)),
    ]
    texts = _texts(AF_INET, fours)
    mapped = ["::ffff:" + text for text in texts[: _EACH // 10]]
    return {"IPv4": texts, "IPv6": _texts(AF_INET6, sixes), "mapped": mapped}


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_database_says_what_its_own_reader_says_of_a_million_addresses(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    networks = _random_networks(chance)
    found = _load(tmp_path, mmdb(networks), "db.mmdb").witnesses[0]
    with maxminddb.open_database(tmp_path / "db.mmdb") as reader:
        for family, texts in _asked(networks, chance).items():
            records: Iterable[Any] = map(reader.get, texts)
            codes = pl.Series([r and r["country"]["iso_code"] for r in records], dtype=pl.String)
            ours = found.at(numbers(pl.Series(texts)))["country"].cast(pl.String)
            is_other = ours.ne_missing(codes.replace("EU", None))
            assert [t for t, other in zip(texts, is_other, strict=True) if other] == [], family
            assert codes.n_unique() == len(_COUNTRIES) + 1


@pytest.mark.parametrize(
    "record",
    [
        {"country_code": "CN"},
        {"country": "CN"},
        {"country": {"iso_code": "CN"}, "registered_country": {"iso_code": "US"}},
    ],
)
def test_a_database_states_a_country_in_one_of_three_ways(
    tmp_path: Path, record: dict[str, str]
) -> None:
    found = _load(tmp_path, mmdb({"1.0.0.0/8": record})).witnesses[0]
    assert _at(found, "1.2.3.4", "::ffff:1.2.3.4", "2.2.3.4") == ["CN", "CN", None]


def test_who_holds_a_network_is_not_where_it_is(tmp_path: Path) -> None:
    record = {"registered_country": {"iso_code": "US"}}
    with pytest.raises(RegistryError, match="without a country"):
        _load(tmp_path, mmdb({"1.0.0.0/8": record}))


def test_a_database_of_ipv4_alone_says_so(tmp_path: Path) -> None:
    found = _load(tmp_path, mmdb({"1.0.0.0/8": {"country_code": "CN"}}, ip_version=4))
    assert _at(found.witnesses[0], "1.2.3.4", "2a00::1") == ["CN", None]
    assert found.limits == [f"{tmp_path / 'ranges'} knows no IPv6 addresses"]


def test_a_truncated_database_is_refused(tmp_path: Path) -> None:
    whole = mmdb({f"{n}.0.0.0/8": {"country_code": "CN"} for n in range(1, 100)})
    with pytest.raises(RegistryError, match="sound MMDB"):
        _load(tmp_path, whole[400:])


@pytest.mark.parametrize(
    ("table", "countries"),
    [
        ("first,last,country\n8.0.0.0,8.255.255.255,US\n8.8.0.0,8.8.255.255,CN\n", ["US", "CN"]),
        ("first,last,country\n8.8.0.0,8.8.255.255,CN\n8.0.0.0,8.255.255.255,US\n", ["US", "CN"]),
        ("first,last,country\n8.8.0.0,8.8.9.9,CN\n8.8.0.0,8.8.9.9,US\n", [None, None]),
        ("first,last,country\n8.8.0.0,8.8.9.9,CN\n8.8.0.0,8.8.9.9,CN\n", [None, "CN"]),
        ("first,last,country\n8.7.0.0,8.8.8.8,CN\n8.8.8.8,8.9.9.9,US\n", [None, "US"]),
        ("cidr,country\n8.0.0.0/8,US\n8.8.0.0/16,CN\n::/0,FR\n", ["US", "CN"]),
    ],
)
def test_of_ranges_that_overlap_the_narrowest_wins_and_equal_ones_must_agree(
    tmp_path: Path, table: str, countries: list[str | None]
) -> None:
    found = _load(tmp_path, table).witnesses[0]

    assert _at(found, "8.1.1.1", "8.8.8.8") == countries


@pytest.mark.parametrize(
    "content",
    [
        "::ffff:8.8.0.0/112,CN,,,\n",
        "cidr,country\n::ffff:8.8.0.0/112,CN\n",
        "cidr,country\n::FFFF:808:0/112,CN\n",
        "first,last,country\n::ffff:8.8.0.0,::ffff:8.8.255.255,CN\n",
        json.dumps({"regions": [{"region": "x", "cidrs": [{"cidr": "::ffff:8.8.0.0/112"}]}]}),
    ],
)
def test_networks_of_mapped_addresses_are_of_ipv4(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ranges"
    path.write_text(content)
    found = load_ip_ranges([path], {("oracle", "x"): "CN"}, None)
    ranges = found.registry or found.witnesses[0]

    assert _at(ranges, "8.8.8.8", "::ffff:8.8.8.8", "8.9.9.9") == ["CN", "CN", None]


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(
        st.tuples(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 33)),
        st.tuples(st.integers(0, 2**128 - 1).map(IPv6Address), st.integers(0, 129)),
        st.tuples(
            st.integers(0, 2**32 - 1).map(lambda n: IPv6Address((0xFFFF << 32) | n)),
            st.integers(90, 129),
        ),
    )
)
def test_networks_of_a_column_are_those_that_are_read_one_by_one(
    pair: tuple[IPv4Address | IPv6Address, int],
) -> None:
    text = f"{pair[0]}/{pair[1]}"
    network = network_of(text)

    bounds = bounds_of(pl.Series([text])).row(0, named=True)

    wanted: dict[str, int | None] = dict.fromkeys(bounds)
    mapped = getattr(pair[0], "ipv4_mapped", None)
    # NOTE: a prefix that is wider than all mapped addresses, and is written as one, is none
    if network is not None and not (mapped and network.family == V6):
        wanted[f"{FIRST}_{network.family}"] = network.first
        wanted[f"{LAST}_{network.family}"] = network.last
    assert bounds == wanted


@pytest.mark.parametrize(
    "code",
    ["EU", "AP", "ZZ", "??", "XX", "A1", "A2", "O1", "T1", "UN", "AN", "CS", "SU", "AB", "OS", ""],
)
def test_codes_of_databases_that_are_no_countries_are_no_places(tmp_path: Path, code: str) -> None:
    table = (
        f"first,last,country\n8.8.8.0,8.8.8.255,{code}\n8.9.0.0,8.9.0.0,UK\n8.9.0.1,8.9.0.1,FX\n"
    )
    found = _load(tmp_path, table).witnesses[0]

    assert _at(found, "8.8.8.8", "8.9.0.0", "8.9.0.1") == [None, "GB", "FR"]


@pytest.mark.parametrize("version", [4, 6])
def test_a_database_without_ranges_says_so(tmp_path: Path, version: int) -> None:
    found = _load(tmp_path, mmdb({}, ip_version=version))

    assert found.limits == [f"{tmp_path / 'ranges'} holds no range of addresses"]


def test_a_table_whose_ranges_overlap_says_what_counts(tmp_path: Path) -> None:
    table = "cidr,country\n8.0.0.0/8,US\n8.8.0.0/16,CN\n2a00::/16,FR\n"

    found = _load(tmp_path, table)

    limit = f"{tmp_path / 'ranges'} has ranges that overlap: the narrowest counts"
    assert found.limits == [limit]


def test_a_table_of_one_family_says_so(tmp_path: Path) -> None:
    found = _load(tmp_path, "first,last,country\n8.8.8.0,8.8.8.255,US\n")

    assert found.limits == [f"{tmp_path / 'ranges'} knows no IPv6 addresses"]


@pytest.mark.parametrize(
    ("kind", "publisher"),
    [("DBIP-Country-Lite", "dbip"), ("DB-IP City", "dbip"), ("GeoLite2-Country", "")],
)
def test_a_database_tells_whose_it_is(tmp_path: Path, kind: str, publisher: str) -> None:
    networks = {"1.0.0.0/8": {"country_code": "CN"}}
    found = _load(tmp_path, mmdb(networks, kind=kind))

    assert found.publishers == {publisher}


@pytest.mark.parametrize(
    ("built", "date"), [(1_700_000_000, "2023-11-14"), (0, None), (2**63, None)]
)
def test_a_database_tells_when_it_was_built(tmp_path: Path, built: int, date: str | None) -> None:
    found = _load(tmp_path, mmdb({"1.0.0.0/8": {"country_code": "CN"}}, built=built))

    assert found.files[0].date == date


@pytest.mark.parametrize(
    ("document", "date"),
    [
        ({"createDate": "2020-04-30-12-13-14", "prefixes": [], "ipv6_prefixes": []}, "2020-04-30"),
        ({"creationTime": "2020-05-01T00:00:00", "prefixes": [{"ipv4Prefix": "8.8.8.0/24"}]},
         "2020-05-01"),
        ({"last_updated_timestamp": "2020-05-02T11:03:42.0", "regions": []}, "2020-05-02"),
        ({"createDate": "2020-99-99", "prefixes": [], "ipv6_prefixes": []}, None),
        ({"createDate": {"x": 1}, "prefixes": [], "ipv6_prefixes": []}, None),
        ({"changeNumber": 1, "cloud": "Public", "values": []}, None),
    ],
)  # fmt: skip
def test_a_prefix_list_tells_when_it_was_made(
    tmp_path: Path, document: object, date: str | None
) -> None:
    assert _load(tmp_path, json.dumps(document)).files[0].date == date


_WHOLE = mmdb(
    {f"{n}.0.0.0/8": {"country": {"iso_code": "CN" if n % 2 else "US"}} for n in range(1, 60)}
)


def _overwritten(bytes_: list[tuple[int, int]]) -> bytes:
    data = bytearray(_WHOLE)
    for place, value in bytes_:
        data[place] = value
    return bytes(data)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.integers(0, len(_WHOLE)).map(lambda end: _WHOLE[:end]),
        st.integers(0, len(_WHOLE)).map(lambda start: _WHOLE[start:]),
        st.lists(
            st.tuples(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4
        ).map(_overwritten),
    )
)
def test_whatever_happened_to_a_database_it_is_read_or_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder, contextlib.suppress(RegistryError):
        _load(Path(folder), data)


@pytest.mark.parametrize(
    "content",
    [
        "first,start,last,country\n1.0.0.0,1.0.0.0,1.0.0.1,US\n",
        "cidr,network,country\n1.0.0.0/8,1.0.0.0/8,US\n",
        "8.8.8.0/24,US," + "x" * 200_000 + "\n",
        "cidr,country\n8.8.8.0/24/8,US\n",
        "cidr,country\n8.8.8.0/255.255.255.0,US\n",
        "cidr,country\n8.8.8.0/-1,US\n",
        "cidr,country\n::ffff:8.8.8.0/24,US\n",
        "\n\n",
        "",
        "[]",
        "[" * 100_000,
        '{"prefixes": {"ip_prefix": 1}, "ipv6_prefixes": 5}',
        '{"regions": [{"cidrs": [{}]}]}',
    ],
)
def test_an_odd_file_is_refused_and_nothing_worse(tmp_path: Path, content: str) -> None:
    with pytest.raises(RegistryError):
        _load(tmp_path, content)
