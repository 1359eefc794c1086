"""Frames of facts as the rules see them, and rules made from a few keys."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from auditor.jurisdictions import Groups, Membership, bits_of, set_columns, words_of
from auditor.rules.compile import CompiledRule, compile_rule
from auditor.rules.load import load_rules
from auditor.rules.model import Rule
from auditor.schema import FACTS, POLICY_STATE, Field, Kind, PolicyState, invalid

Row = Mapping[str, object]

GROUPS = Groups([Membership("EU", "FR"), Membership("EU", "DE"), Membership("EEA", "NO")])

HEAD = """\
schema: auditor/rule/v1
id: TEST-001
title: A rule under test
severity: high
table: events
subject: session
message: "{session_id}"
"""


def rule_of(folder: Path, body: str, head: str = HEAD) -> Rule:
    """The rule whose file is `head` and `body`."""
    path = folder / "rule.yaml"
    path.write_text(head + body, encoding="utf-8")
    return load_rules([str(path)])[0]


def compiled(folder: Path, body: str, **params: str) -> CompiledRule:
    """The same rule, compiled with `params`."""
    return compile_rule(rule_of(folder, body), params, GROUPS)


def facts(rows: Sequence[Row], table: str = "events") -> pl.DataFrame:
    """A frame of facts on the rows of a table.

    A set is a list of codes in which `?` stands for a member that is not known. A key such as
    `invalid:plan` or `@policy_state` fills that column.
    """
    columns = [c for field in FACTS[table].values() for c in _fact_columns(field, rows)]
    names = {*FACTS[table], *(["extra_opted_in"] if table == "events" else [])}
    bad = [_bad_texts(name, rows) for name in sorted(names)]
    states = [row.get(POLICY_STATE, PolicyState.IN_FORCE.value) for row in rows]
    return pl.DataFrame([*columns, *bad, pl.Series(POLICY_STATE, states, dtype=pl.String)])


def _bad_texts(name: str, rows: Sequence[Row]) -> pl.Series:
    column = invalid(name)
    return pl.Series(column, [row.get(column) for row in rows], dtype=pl.String)


def _fact_columns(field: Field, rows: Sequence[Row]) -> list[pl.Series]:
    values = [row.get(field.name) for row in rows]
    if field.kind is not Kind.SET:
        return [pl.Series(field.name, values, dtype=field.kind.dtype)]
    sets = [None if v is None else list(v) for v in values if v is None or isinstance(v, list)]
    words = [
        (None, None) if codes is None else words_of(bits_of(c for c in codes if c != "?"))
        for codes in sets
    ]
    lo, hi, is_open = set_columns(field.name)
    return [
        pl.Series(lo, [word[0] for word in words], dtype=pl.UInt128),
        pl.Series(hi, [word[1] for word in words], dtype=pl.UInt128),
        pl.Series(is_open, ["?" in (codes or ()) for codes in sets], dtype=pl.Boolean),
    ]
