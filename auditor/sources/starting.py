"""A source profile to begin with: what the columns of a log seem to be, and the rest to fill in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from auditor.schema import Field, Kind, Need
from auditor.sources.json_values import Json
from auditor.sources.near_misses import bare
from auditor.sources.profile_model import PROFILE_SCHEMA, TABLES

TO_FILL_IN: Final = "TO BE FILLED IN"
"""Stands for a column that must be named; no log has it, so that nothing is taken for granted."""

_LOOKED_AT: Final = 20
_KINDS: Final = {
    Kind.TIME: "time",
    Kind.BOOLEAN: "true or false",
    Kind.BYTES: "whole number",
    Kind.COUNTRY: "ISO country",
    Kind.SET: "set",
    Kind.HOPS: "hops: site codes, names, addresses or country:XX",
}
_HINTS: Final = {
    Kind.TIME: "times: [iso]   # also epoch_ms, epoch_s, '%m/%d/%Y %I:%M:%S %p' (strptime)",
    Kind.HOPS: "separators: ','   # besides ;",
}


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of a feed before anyone has looked at it.

    Attributes:
        name: of the profile: lower-case words and dashes.
        table: `events`, `accounts` or `orders`.
        columns: the log's columns.
        records: paths at which its JSON has arrays of objects.
        like: the shipped source that it seems to be; None where it is none of them.
    """

    name: str
    table: str
    columns: Sequence[str]
    records: Sequence[str] = ()
    like: str | None = None


def array_paths(values: Iterator[Json]) -> tuple[str, ...]:
    """The paths at which the first of `values` have arrays of objects, outermost first."""
    found: dict[str, None] = {}
    for value in islice(values, _LOOKED_AT):
        found |= dict.fromkeys(_paths(value, ""))
    return tuple(found)


def _paths(value: Json, before: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        path = f"{before}.{key}" if before else key
        if isinstance(item, list) and item and all(isinstance(one, dict) for one in item):
            yield path
        elif isinstance(item, dict):
            yield from _paths(item, path)


def profile_text(start: Start) -> str:
    """A source profile in YAML, with what is not known as comments; it can be loaded as it is."""
    return "\n".join([*_head(start), *_fields(start), *_foot(start)]) + "\n"


def _head(start: Start) -> Iterator[str]:
    yield "# How this feed becomes canonical. Try it: auditor sources check LOG --source THIS_FILE"
    if start.like:
        yield f"# The columns are those of the shipped source {start.like}: it may be enough."
    yield f"schema: {PROFILE_SCHEMA}"
    yield f"name: {start.name}"
    yield f"title: {_quoted(f'The feed {start.name}')}"
    yield f"table: {start.table}"
    yield "# Whose site codes the hops are, if any (see auditor/reference/datacentres.csv):"
    yield "# operator: zoom"
    if start.records:
        yield "# Where the records are in the JSON; what stands around them is read too:"
        yield f"records: [{', '.join(map(_quoted, start.records[:1]))}]"
        yield from (f"# or: [{_quoted(path)}]" for path in start.records[1:])
    yield "# Columns that only this feed has, so that `auditor sources detect` knows it:"
    yield "# detect: [a_column, [another, its_older_name]]"
    yield ""
    yield "# The columns of the log:"
    yield from (f"#   {_quoted(name)}" for name in start.columns)
    yield ""


def _fields(start: Start) -> Iterator[str]:
    by_name: Mapping[str, str] = {bare(n.rpartition(".")[2]): n for n in reversed(start.columns)}
    yield "fields:"
    for field in TABLES[start.table]:
        column = by_name.get(bare(field.name))
        if column is not None:
            yield f"  {field.name}: {_quoted(column)}   # {_meaning(field)}"
        elif field.need is Need.OPTIONAL:
            yield f"  # {field.name}: COLUMN   # {_meaning(field)}"
        else:
            yield f"  {field.name}: {_quoted(TO_FILL_IN)}   # {_meaning(field)}"
        if column is None and field.kind in _HINTS:
            yield f"  #   as {{columns: COLUMN, …}} with {_HINTS[field.kind]}"


def _meaning(field: Field) -> str:
    what = _KINDS.get(field.kind) or ", ".join(field.choices)
    return f"{field.meaning} ({what})" if what else field.meaning


def _foot(start: Start) -> Iterator[str]:
    yield ""
    yield "# What this feed can never supply, and why; people see it in `auditor sources show`."
    yield "# never:"
    if start.table == "events":
        yield "#   media_bytes: the feed does not count bytes"


def _quoted(text: str) -> str:
    """A YAML scalar on one line, whatever the text; control characters are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = (c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped)
    return '"' + "".join(shown) + '"'
