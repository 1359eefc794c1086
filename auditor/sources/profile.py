"""Reading and validating source profiles: every fault at once, with its place."""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import polars as pl

from auditor.errors import ProfileError, UsageError, did_you_mean
from auditor.schema import Kind, Need
from auditor.sources import SOURCES
from auditor.sources.profile_model import (
    NAME_TABLES,
    OTHERWISE,
    PROFILE_SCHEMA,
    TABLES,
    TIME_WORDS,
    Condition,
    FieldSource,
    Part,
    Profile,
    Step,
    same_name_fields,
)
from auditor.sources.yaml_tree import Located, TreeReader, load_yaml

_MAX_PATTERN: Final = 500
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_profile(name_or_path: str) -> Profile:
    """The shipped profile of that name, or the one in that YAML file.

    Raises:
        UsageError: neither a shipped name nor a file.
        ProfileError: every fault of the file, each with `path:line:col`.
    """
    if name_or_path in SOURCES:
        return _shipped(name_or_path)
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise UsageError(
            f"unknown source {name_or_path!r}",
            location="--source",
            hint=f"{did_you_mean(name_or_path, SOURCES)} (or give the path of a YAML file)",
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", location="--source") from error
    except UnicodeDecodeError as error:
        raise ProfileError("not UTF-8", location=str(path)) from error
    return parse_profile(text, str(path))


def shipped_profiles(table: str) -> list[Profile]:
    """The shipped profiles of one table, in the order of `SOURCES`.

    The others are not read beyond their line `table:`, because parsing YAML is slow.
    """
    line = f"table: {table}"
    return [_shipped(name) for name in SOURCES if line in _shipped_text(name).splitlines()]


@cache
def _shipped(name: str) -> Profile:
    return parse_profile(_shipped_text(name), f"profiles/{name}.yaml", "shipped")


def _shipped_text(name: str) -> str:
    place = files("auditor.sources") / "profiles" / f"{name}.yaml"
    return place.read_text(encoding="utf-8")


def parse_profile(text: str, path: str, shown: str | None = None) -> Profile:
    """The profile in `text`; `path` is used in messages, `shown` kept in the profile.

    Raises:
        ProfileError: every fault, each with `path:line:col`.
    """
    reader = _Reader()
    profile = reader.profile(load_yaml(text, path), shown or path)
    if reader.problems:
        raise ProfileError.of(reader.problems)
    return profile


class _Reader(TreeReader):
    def profile(self, tree: Located, path: str) -> Profile:
        keys = self.keys(
            tree,
            "schema name title table operator about records prefix_of detect unread same_names "
            "fields never",
            required="schema name title table",
        )
        if "schema" in keys:
            self.choice(keys["schema"], (PROFILE_SCHEMA,), "schema")
        name = self.text(keys.get("name"), "canonical")
        if not _NAME.fullmatch(name):
            self.fault(f"name {name!r} must be lower-case words and dashes", keys["name"].location)
        table = self.choice(keys.get("table"), tuple(TABLES), "table", "events")
        same = self.flag(keys.get("same_names"))
        return Profile(
            name=name,
            title=self.text(keys.get("title")),
            table=table,
            operator=self.text(keys.get("operator")),
            path=path,
            table_fields=TABLES[table],
            about=self.text(keys.get("about")).strip(),
            records=self.texts(keys.get("records")),
            prefix_of=self.texts(keys.get("prefix_of")),
            detect=tuple(self.texts(item) for item in self.items(keys.get("detect"))),
            unread=self.texts(keys.get("unread")),
            fields={
                **(same_name_fields(TABLES[table]) if same else {}),
                **self.fields(keys.get("fields"), table),
            },
            never=self.never(keys.get("never"), table),
        )

    def fields(self, tree: Located | None, table: str) -> dict[str, FieldSource]:
        kinds = {f.name: f.kind for f in TABLES[table]}
        entries = {n: v for n, v in self.keys(tree, " ".join(kinds)).items() if n in kinds}
        found = {name: self.field_source(value, kinds[name]) for name, value in entries.items()}
        keys = [f.name for f in TABLES[table] if f.kind is Kind.TIME and f.need is Need.VALUE]
        for name, source in found.items():
            if name == "hop_role" and source.otherwise == "missing":
                # NOTE: rows that state no role count as processing
                self.fault("a role that no step reads is not missing", entries[name].location)
            for other in [part.field for part in source.join if part.field is not None]:
                if other not in keys:
                    message = f"{other!r} is not a time that every row has"
                    self.fault(message, entries[name].location, f"known: {', '.join(keys)}")
                elif other not in found:
                    self.fault(f"{other!r} is not read here", entries[name].location)
        return found

    def field_source(self, tree: Located, kind: Kind) -> FieldSource:
        if not isinstance(tree.value, dict):
            return FieldSource(columns=self.texts(tree))
        keys = self.keys(
            tree,
            "columns coalesce join param constant times separators trim read otherwise only_if "
            "prefixed",
        )
        source = FieldSource(
            columns=self.texts(keys.get("columns")),
            coalesce=self.flag(keys.get("coalesce")),
            join=tuple(self.part(item) for item in self.items(keys.get("join"))),
            param=self.text(keys.get("param")) or None,
            constant=self.text(keys.get("constant")) or None,
            times=tuple(self.time_format(item) for item in self.items(keys.get("times")))
            or ("iso",),
            separators=self.text(keys.get("separators")),
            trim=self.text(keys.get("trim")),
            steps=tuple(self.step(item) for item in self.items(keys.get("read"))),
            otherwise=self.choice(keys.get("otherwise"), OTHERWISE, "otherwise", "keep"),
            only_if=self.condition(keys.get("only_if")),
            is_prefixed=self.flag(keys.get("prefixed"), default=True),
        )
        for message in _clashes(source, kind, frozenset(keys)):
            self.fault(message, tree.location)
        return source

    def part(self, tree: Located) -> Part:
        if not isinstance(tree.value, dict):
            return Part(columns=self.texts(tree))
        return Part(field=self.text(self.keys(tree, "field", required="field").get("field")))

    def step(self, tree: Located) -> Step:
        keys = self.keys(tree, "extract values names as")
        template = self.text(keys.get("as"), "{}")
        if template.count("{}") > 1:
            self.fault("'as' takes one {}", keys["as"].location)
        return Step(
            extract=self.pattern(keys.get("extract")),
            values=self.mapping(keys["values"]) if "values" in keys else None,
            names=self.choice(keys["names"], NAME_TABLES, "names") if "names" in keys else None,
            template=template,
        )

    def condition(self, tree: Located | None) -> Condition | None:
        if tree is None:
            return None
        keys = self.keys(tree, "columns is", required="columns is")
        return Condition(
            self.texts(keys.get("columns")),
            tuple(text.casefold() for text in self.texts(keys.get("is"))),
        )

    def never(self, tree: Located | None, table: str) -> dict[str, str]:
        known = {f.name: f for f in TABLES[table]}
        found = {n: self.text(v) for n, v in self.keys(tree, " ".join(known)).items() if n in known}
        for name, value in self.keys(tree, None).items():
            if name in known and known[name].need is Need.VALUE:
                self.fault(f"{name} has to have a value in every row", value.key_location)
        return found

    def pattern(self, tree: Located | None) -> str | None:
        if tree is None:
            return None
        text = self.text(tree)
        try:
            groups = len(pl.Series([""]).str.extract_groups(text).struct.fields)
        except pl.exceptions.PolarsError:
            groups = 0
        if len(text) > _MAX_PATTERN or groups != 1:
            self.fault("expected a regular expression with exactly one group", tree.location)
            return None
        return text

    def time_format(self, tree: Located) -> str:
        text = self.text(tree)
        if text not in TIME_WORDS and "%" not in text:
            hint = f"one of {', '.join(TIME_WORDS)}, or a strptime format such as %Y-%m-%d %H:%M:%S"
            self.fault(f"unknown time format {text!r}", tree.location, hint)
            return "iso"
        if "%Z" in text:
            # NOTE: a name of a zone would be read over, whatever it is
            hint = "%z reads offsets; name the zone itself in the format if it is always UTC"
            self.fault("%Z names zones that cannot be told apart", tree.location, hint)
            return "iso"
        return text


_ITEM_KINDS: Final = (Kind.SET, Kind.HOPS)
_CLASHES: Final[tuple[tuple[Callable[[FieldSource, Kind, frozenset[str]], bool], str], ...]] = (
    (
        lambda s, _, __: not (s.columns or s.join or s.param or s.constant),
        "one of columns, join, param or constant is needed",
    ),
    (lambda s, _, __: bool(s.columns and s.join), "columns and join exclude each other"),
    (
        lambda s, kind, __: s.otherwise == "missing" and kind in _ITEM_KINDS,
        "a set would look smaller without the items that no step reads",
    ),
    (lambda _, kind, keys: "times" in keys and kind is not Kind.TIME, "times are for times only"),
    (
        lambda s, kind, __: bool(s.steps) and kind in (Kind.TIME, Kind.BYTES),
        "read is for texts, sets, choices, countries and Booleans",
    ),
    (
        lambda s, kind, __: bool(s.separators) and kind not in _ITEM_KINDS,
        "separators are for sets and hops only",
    ),
    (
        lambda s, kind, __: bool(s.join) and kind not in (Kind.TEXT, *_ITEM_KINDS),
        "join is for texts, sets and hops only",
    ),
)


def _clashes(source: FieldSource, kind: Kind, keys: frozenset[str]) -> list[str]:
    return [message for test, message in _CLASHES if test(source, kind, keys)]
