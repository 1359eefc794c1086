"""The published schema of source files, and the page on all sources."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from auditor.errors import ProfileError
from auditor.sources import SOURCES
from auditor.sources.page import sources_page
from auditor.sources.profile import load_profile, parse_profile
from auditor.sources.profile_schema import profile_schema
from auditor.sources.starting import Start, profile_text

HEAD = "schema: auditor/source/v1\nname: x\ntitle: x\ntable: events\n"


def refused(text: str) -> bool:
    document: Any = yaml.safe_load(text)
    validator = jsonschema.Draft7Validator(profile_schema())
    return not validator.is_valid(document)


def test_the_published_schema_is_that_of_the_tables(golden: Callable[[str, bytes], None]) -> None:
    current = json.dumps(profile_schema(), indent=2, ensure_ascii=False) + "\n"

    golden("../../../auditor/sources/source.schema.json", current.encode())
    jsonschema.Draft7Validator.check_schema(profile_schema())


def test_the_page_on_sources_is_that_of_the_profiles(golden: Callable[[str, bytes], None]) -> None:
    golden("../../../docs/sources.md", sources_page().encode())


def test_the_page_names_every_source_and_all_it_never_supplies() -> None:
    page = sources_page()

    for profile in map(load_profile, SOURCES):
        assert f"## {profile.name}\n" in page
        assert all(f"- `{name}`: {why}" in page for name, why in profile.never.items())


@pytest.mark.parametrize("name", SOURCES)
def test_the_schema_accepts_every_shipped_source(name: str) -> None:
    text = (files("auditor.sources") / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")

    assert not refused(text)


def test_the_schema_accepts_a_source_file_that_is_begun() -> None:
    assert not refused(profile_text(Start("x", "events", ["event_at", "b"], ["p"], None)))


@pytest.mark.parametrize(
    "text",
    [
        "name: x\ntitle: x\ntable: events\n",
        HEAD.replace("v1", "v2"),
        HEAD.replace("name: x", "name: X y"),
        HEAD.replace("events", "meetings"),
        HEAD + "records: {a: b}\n",
        HEAD + "fieldz: {}\n",
        HEAD + "fields: {even_at: a}\n",
        HEAD + "fields: {event_at: {columns: a, time: iso}}\n",
        HEAD + "fields: {event_at: {columns: a, times: isoo}}\n",
        HEAD + "fields: {media_bytes: {columns: a, times: iso}}\n",
        HEAD + "fields: {media_bytes: {columns: a, separators: x}}\n",
        HEAD + "fields: {route: {columns: a, otherwise: drop}}\n",
        HEAD + "fields: {route: {columns: a, read: [{match: x}]}}\n",
        HEAD + "fields: {route: {columns: a, only_if: {columns: b}}}\n",
        HEAD + "never: {event_at: why}\n",
    ],
)
def test_what_the_schema_refuses_loading_refuses_too(text: str) -> None:
    assert refused(text)
    with pytest.raises(ProfileError):
        parse_profile(text, "x.yaml")
