"""Prefix lists of AWS, Azure, Google Cloud and Oracle Cloud, and geofeeds of RFC 8805."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final, TypeAlias

from auditor.addresses.ranges import Range
from auditor.addresses.texts import V4, V6
from auditor.errors import RegistryError
from auditor.sources.ip_ranges.networks import network_of
from auditor.sources.ip_ranges.places import Regions, country_of

_LAST_RANK: Final = 129
"""Of prefixes without a place that yield to every prefix with one."""

_DATES: Final = ("createDate", "creationTime", "last_updated_timestamp")
"""Where AWS, Google and Oracle say when they made the list; Azure does not."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Found: TypeAlias = tuple[str, str | None, bool]
"""Prefix, country if one is stated, and whether it yields to wider prefixes that state one."""

Document: TypeAlias = dict[str, Any]
"""A parsed JSON document: anything until it has been looked at."""


def provider_ranges(
    text: str, regions: Regions, shown: str
) -> tuple[dict[str, list[Range]], str | None]:
    """The ranges of each family in a provider's JSON file, and its date if it states one.

    The longest prefix ranks first.

    Raises:
        RegistryError: it is no JSON, or of no provider that is known.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"is not JSON: {error}", location=shown) from error
    for is_of, prefixes in _PROVIDERS:
        if isinstance(document, dict) and is_of(document):
            try:
                return _ranges(prefixes(document, regions), shown), _date(document)
            except (KeyError, TypeError, AttributeError) as error:
                message = f"is not as its provider writes it: {error!r}"
                raise RegistryError(message, location=shown) from error
    raise RegistryError(
        "is a JSON file of no known provider",
        location=shown,
        hint="known are AWS ip-ranges.json, Azure service tags, Google cloud.json, Oracle's list",
    )


def _date(document: Document) -> str | None:
    """The day on which a document says that it was made."""
    for name in _DATES:
        found = _DAY.match(str(document.get(name)))
        if found:
            with suppress(ValueError):
                return date.fromisoformat(found[0]).isoformat()
    return None


def geofeed_ranges(text: str, shown: str) -> dict[str, list[Range]]:
    """The ranges of each family in a geofeed of RFC 8805.

    Raises:
        RegistryError: a line is none of a geofeed.
    """
    return _ranges(_geofeed(text, shown), shown)


def is_geofeed(first_line: str) -> bool:
    """Whether a text without a header begins with a prefix, as geofeeds do."""
    field = first_line.split(",", maxsplit=1)[0].strip()
    return "/" in field and network_of(field) is not None


def _geofeed(text: str, shown: str) -> Iterator[Found]:
    reader = csv.reader(text.splitlines())
    try:
        yield from _fed(reader, shown)
    except csv.Error as error:
        location = f"{shown}:{reader.line_num}"
        raise RegistryError(f"is not CSV: {error}", location=location) from error


def _fed(records: Iterable[Sequence[str]], shown: str) -> Iterator[Found]:
    for number, record in enumerate(records, start=1):
        if not record or not "".join(record).strip() or record[0].lstrip().startswith("#"):
            continue
        prefix = record[0].strip()
        if network_of(prefix) is None:
            raise RegistryError(f"{prefix!r} is no prefix", location=f"{shown}:{number}")
        code, region = (*(field.strip() for field in record[1:3]), "", "")[:2]
        yield prefix, country_of(code, region), False


def _aws(document: Document, regions: Regions) -> Iterator[Found]:
    # NOTE: local zones lie elsewhere than their region; only the border group tells.
    for family, prefix in (("prefixes", "ip_prefix"), ("ipv6_prefixes", "ipv6_prefix")):
        for one in document.get(family, []):
            yield one[prefix], regions.get(("aws", str(one.get("network_border_group")))), False


def _azure(document: Document, regions: Regions) -> Iterator[Found]:
    # NOTE: a tag without a region is of a service as a whole, and repeats prefixes of regions.
    for tag in document["values"]:
        region = str(tag["properties"].get("region") or "").lower()
        for prefix in tag["properties"]["addressPrefixes"]:
            yield prefix, regions.get(("azure", region)), not region


def _google(document: Document, regions: Regions) -> Iterator[Found]:
    for one in document["prefixes"]:
        prefix = one.get("ipv4Prefix") or one["ipv6Prefix"]
        yield prefix, regions.get(("gcp", str(one.get("scope")))), False


def _oracle(document: Document, regions: Regions) -> Iterator[Found]:
    for region in document["regions"]:
        for one in region["cidrs"]:
            yield one["cidr"], regions.get(("oracle", str(region["region"]))), False


def _has_google_prefixes(document: Mapping[str, Any]) -> bool:
    listed = document.get("prefixes")
    first = listed[0] if isinstance(listed, list) and listed else {}
    return isinstance(first, dict) and bool({"ipv4Prefix", "ipv6Prefix"} & first.keys())


_PROVIDERS: Final[
    tuple[tuple[Callable[[Document], bool], Callable[[Document, Regions], Iterator[Found]]], ...]
] = (
    (_has_google_prefixes, _google),
    (lambda d: "prefixes" in d and "ipv6_prefixes" in d, _aws),
    (lambda d: "values" in d and "cloud" in d, _azure),
    (lambda d: "regions" in d, _oracle),
)


def _ranges(found: Iterator[Found], shown: str) -> dict[str, list[Range]]:
    ranges: dict[str, list[Range]] = {V4: [], V6: []}
    for prefix, country, yields in found:
        network = network_of(prefix)
        if network is None:
            raise RegistryError(f"{prefix!r} is no prefix", location=shown)
        rank = _LAST_RANK + network.host_bits if yields else network.host_bits
        ranges[network.family].append((network.first, network.last, country, rank))
    return ranges
