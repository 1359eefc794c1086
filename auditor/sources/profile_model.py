"""Source profiles: how the columns of one vendor's feed become canonical fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor import schema
from auditor.schema import Field

PROFILE_SCHEMA: Final = "auditor/source/v1"

TABLES: Final[dict[str, tuple[Field, ...]]] = {
    "events": schema.EVENTS,
    "accounts": schema.ACCOUNTS,
    "orders": schema.ORDERS,
}
"""The canonical tables a profile may supply."""

GIVEN_AS: Final = {
    "events": "a log of events: give it as PATH",
    "orders": "a log of orders: give it with --orders",
    "accounts": "an accounts registry: give it with --accounts",
}
"""Table → what a file of it is, and how the audit gets it."""

NAME_TABLES: Final = ("countries",)
"""What `names` in a step may look up: `countries` is `reference/country-names.csv`."""

TIME_WORDS: Final = ("iso", "epoch_ms", "epoch_s")
"""Time formats with a name; any other is a strptime format and contains `%`."""

OTHERWISE: Final = ("keep", "missing")


@dataclass(frozen=True, slots=True)
class Step:
    """One way to read a text (or one item of a set); it fails where it gives nothing.

    Attributes:
        extract: a regular expression with one group, whose match goes on.
        values: texts (without regard to case) and what they stand for.
        names: a table of names to look the text up in.
        template: the result, with `{}` for what was read.
    """

    extract: str | None = None
    values: Mapping[str, str] | None = None
    names: str | None = None
    template: str = "{}"


@dataclass(frozen=True, slots=True)
class Condition:
    """The field is missing in rows in which no such column holds one of `values`."""

    columns: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a joined text: the first of `columns` with a value, or another field."""

    columns: tuple[str, ...] = ()
    field: str | None = None


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where one canonical field comes from.

    Attributes:
        columns: alternatives; the first one that the log has is read, of hops all that it has.
        coalesce: read, row by row, the first of `columns` that has a value.
        join: parts to join with `@` (text; missing where one is) or as items (sets and hops).
        param: name of the parameter that stands in where the log has no such column.
        constant: the value in every row where the log has no such column.
        times: formats to try in turn.
        separators: characters that separate items, besides `;`.
        trim: characters cut from both ends of a text and of every item.
        steps: ways to read a text; the first one that gives something counts.
        otherwise: what becomes of a text that no step reads: `keep` it as it is, or `missing`.
        only_if: a condition on another column.
        is_prefixed: whether the log's column prefix belongs before `columns`.
    """

    columns: tuple[str, ...] = ()
    coalesce: bool = False
    join: tuple[Part, ...] = ()
    param: str | None = None
    constant: str | None = None
    times: tuple[str, ...] = ("iso",)
    separators: str = ""
    trim: str = ""
    steps: tuple[Step, ...] = ()
    otherwise: str = "keep"
    only_if: Condition | None = None
    is_prefixed: bool = True

    def names(self) -> tuple[str, ...]:
        """Every column name that may be read, in order."""
        names = [*self.columns, *(name for part in self.join for name in part.columns)]
        return (*names, *(self.only_if.columns if self.only_if else ()))


@dataclass(frozen=True, slots=True)
class Profile:
    """One feed.

    Attributes:
        name: what `--source` takes.
        title: one line for people.
        table: `events`, `accounts` or `orders`.
        operator: whose site codes its hops are.
        path: the file it was read from; `shipped` where it came with the program.
        table_fields: the canonical fields of the table.
        about: what to know about the feed; may be empty.
        prefix_of: columns that tell the log's column prefix; empty where there never is one.
        records: where the arrays of records may be in JSON: paths of keys.
        detect: alternatives of which a log must have one each to be taken for this feed.
        unread: columns that look like one that is read and mean something else.
        fields: canonical field → where it comes from.
        never: canonical field → why this feed can never supply it.
    """

    name: str
    title: str
    table: str
    operator: str
    path: str
    table_fields: tuple[Field, ...]
    about: str = ""
    prefix_of: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    detect: tuple[tuple[str, ...], ...] = ()
    unread: tuple[str, ...] = ()
    fields: Mapping[str, FieldSource] = field(default_factory=dict)
    never: Mapping[str, str] = field(default_factory=dict)

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters that can stand in for columns, sorted."""
        return tuple(sorted({s.param for s in self.fields.values() if s.param}))


def same_name_fields(fields: tuple[Field, ...]) -> dict[str, FieldSource]:
    """Each field read from the column of its own name."""
    return {f.name: FieldSource(columns=(f.name,)) for f in fields}


def same_name_profile(table: str, fields: tuple[Field, ...]) -> Profile:
    """The profile of a table whose columns have their canonical names already."""
    return Profile(
        name="canonical",
        title=f"canonical {table}",
        table=table,
        operator="",
        path="shipped",
        table_fields=fields,
        fields=same_name_fields(fields),
    )
