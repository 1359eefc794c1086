"""Profiles: the shipped ones are sound, and every fault of another one is told with its place."""

from pathlib import Path

import pytest

from auditor.errors import ProfileError, UsageError
from auditor.schema import EVENTS, names_of
from auditor.sources import SOURCES
from auditor.sources import profile as profile_module
from auditor.sources.profile import load_profile, parse_profile, shipped_profiles
from auditor.sources.profile_model import Part, Step

HEAD = "schema: auditor/source/v1\nname: some-feed\ntitle: Some feed\ntable: events\n"


def problems_of(text: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "p.yaml")
    return [f"{p.location}: {p.message}" for p in caught.value.problems]


def test_every_shipped_profile_is_listed_and_named_like_its_file() -> None:
    folder = Path(profile_module.__file__).parent / "profiles"

    assert sorted(path.stem for path in folder.glob("*.yaml")) == sorted(SOURCES)
    assert [load_profile(name).name for name in SOURCES] == list(SOURCES)


@pytest.mark.parametrize("table", ["events", "accounts"])
def test_the_shipped_profiles_of_a_table_are_told_by_their_text(table: str) -> None:
    by_table = [p.name for p in map(load_profile, SOURCES) if p.table == table]

    assert [profile.name for profile in shipped_profiles(table)] == by_table


def test_the_canonical_profile_reads_every_field_from_its_own_name() -> None:
    profile = load_profile("canonical")

    assert [(n, s.columns) for n, s in profile.fields.items()] == [
        (name, (name,)) for name in names_of(EVENTS)
    ]


def test_an_unknown_source_names_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'zoom-dashboard'"):
        load_profile("zoom-dashbord")


def test_a_file_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        load_profile(str(tmp_path / "none.yaml"))


def test_a_profile_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(HEAD + "fields: {event_at: {columns: t, times: [epoch_s, iso]}}\n")

    profile = load_profile(str(path))

    assert profile.fields["event_at"].times == ("epoch_s", "iso")
    assert profile.path == str(path)


def test_the_whole_language_is_read() -> None:
    text = HEAD + (
        "operator: acme\n"
        "prefix_of: [t]\n"
        "detect: [t, [a, b]]\n"
        "fields:\n"
        "  event_at: t\n"
        "  session_id: {join: [[u, v], {field: event_at}]}\n"
        "  meeting_id: {columns: m, param: meeting_id, prefixed: false}\n"
        "  hop_role: {constant: relay}\n"
        "  route:\n"
        "    columns: [a, b]\n"
        "    coalesce: true\n"
        "    separators: ','\n"
        "    trim: '[]'\n"
        "    read: [{extract: '^(..)', values: {NO: Norway}, as: 'country:{}'}]\n"
        "  participant_country: {columns: c, otherwise: missing, read: [{names: countries}]}\n"
        "  opted_in: {columns: o, only_if: {columns: on, is: [TRUE]}}\n"
        "never: {encryption: not said}\n"
    )

    profile = parse_profile(text, "p.yaml")

    assert profile.detect == (("t",), ("a", "b"))
    assert profile.fields["session_id"].join == (Part(("u", "v")), Part(field="event_at"))
    assert profile.fields["route"].steps == (
        Step(extract="^(..)", values={"no": "Norway"}, template="country:{}"),
    )
    assert profile.fields["opted_in"].only_if is not None
    assert profile.params == ("meeting_id",)
    assert profile.never == {"encryption": "not said"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("tabel: x\n", "p.yaml:5:1: unknown key 'tabel'"),
        ("fields: {evnt_at: x}\n", "p.yaml:5:10: unknown key 'evnt_at'"),
        ("fields: {event_at: {colums: x}}\n", "p.yaml:5:21: unknown key 'colums'"),
        ("fields: {event_at: {coalesce: true}}\n",
         "p.yaml:5:20: one of columns, join, param or constant is needed"),
        ("fields: {event_at: {columns: x, times: [rfc]}}\n",
         "p.yaml:5:41: unknown time format 'rfc'"),
        ("fields: {event_at: {columns: x, times: ['%F %T %Z']}}\n",
         "p.yaml:5:41: %Z names zones that cannot be told apart"),
        ("fields: {route: {columns: x, read: [{names: cities}]}}\n",
         "p.yaml:5:45: unknown names 'cities'"),
        ("fields: {route: {columns: x, read: [{extract: '(a'}]}}\n",
         "p.yaml:5:47: expected a regular expression with exactly one group"),
        ("fields: {route: {columns: x, read: [{extract: 'ab'}]}}\n",
         "p.yaml:5:47: expected a regular expression with exactly one group"),
        ("fields: {route: {columns: x, otherwise: missing}}\n",
         "p.yaml:5:17: a set would look smaller without the items that no step reads"),
        ("fields: {hop_role: {columns: x, otherwise: missing}}\n",
         "p.yaml:5:20: a role that no step reads is not missing"),
        ("fields: {session_id: {join: [a, {field: meeting_started_at}]}}\n",
         "p.yaml:5:22: 'meeting_started_at' is not a time that every row has"),
        ("fields: {session_id: {join: [a, {field: event_at}]}}\n",
         "p.yaml:5:22: 'event_at' is not read here"),
        ("fields: {is_host: {columns: a, prefixed: maybe}}\n",
         "p.yaml:5:42: expected true or false"),
        ("never: {event_at: no}\n", "p.yaml:5:9: event_at has to have a value in every row"),
        ("name: again\n", "p.yaml:5:1: 'name' is given twice"),
        ("about: &a x\n", "p.yaml:5:8: anchors are not allowed"),
        ("about: !x y\n", "p.yaml:5:8: tag !x is not allowed"),
        ("about: <<\n", "p.yaml:5:8: tag tag:yaml.org,2002:merge is not allowed"),
        ("about: *x\n", "p.yaml:5:8: not YAML: found undefined alias 'x'"),
        ("? [a]\n: b\n", "p.yaml:5:3: a key must be text"),
        ("about: [\n",
         "p.yaml:6:1: not YAML: did not find expected node content"),
        ("---\nname: x\n", "p.yaml: expected one document, found 2"),
        ("about: " + "[" * 2000 + "]" * 2000 + "\n", "p.yaml:5:23: nested too deeply"),
        ("about: " + "[" * 20 + "]" * 20 + "\n", "p.yaml:5:23: nested too deeply"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(body: str, problem: str) -> None:
    assert problem in problems_of(HEAD + body)


def test_all_faults_are_told_at_once() -> None:
    assert problems_of("schema: v2\nname: X Y\ntable: evnts\n") == [
        "p.yaml:1:1: 'title' is missing",
        "p.yaml:1:9: unknown schema 'v2'",
        "p.yaml:2:7: name 'X Y' must be lower-case words and dashes",
        "p.yaml:3:8: unknown table 'evnts'",
    ]


def test_a_document_that_is_no_mapping_is_refused() -> None:
    assert problems_of("- a\n") == ["p.yaml:1:1: expected keys and values"]
