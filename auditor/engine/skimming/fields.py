"""Which raw columns a case is told by, for one group of files under one plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from auditor.engine.log import ROW_IDS
from auditor.engine.plan import Plan
from auditor.engine.skimming.codebook import Numbers
from auditor.engine.skimming.hops import PlaceHashes, PlacesOf
from auditor.engine.skimming.reading import (
    CaseReading,
    Classify,
    CodedColumns,
    ObservedStarts,
    any_of,
)
from auditor.enrich.meetings import COUNTRIES_SET
from auditor.enrich.sites import Sites
from auditor.enrich.steps import Knowledge
from auditor.schema import FACTS, MADE_FROM, REJECT, TIME, Kind, invalid
from auditor.sources.canonical import Canonical
from auditor.sources.field_plan import FieldPlan
from auditor.sources.footers import present_fields
from auditor.sources.values import FAULT

_START: Final = "meeting_started_at"
_TIMES: Final = frozenset({"event_at", _START})
_NEARLY_UNIQUE: Final = frozenset(
    {*ROW_IDS, "account_id", "participant_id", "participant_ip", "media_bytes", "start_basis"}
)
"""Facts that hardly any two rows share; where a rule decides by one, no case would recur."""

_BEHIND: Final = {**MADE_FROM, COUNTRIES_SET: (), "start_basis": ("start_basis",)}
"""Fact → the fields of its row that it is made from, where they are not of its own name.

NOTE: countries are a fact of the whole meeting; a row that hinges on them is no case's."""

_WORDS: Final = frozenset({Kind.CHOICE, Kind.COUNTRY, Kind.BOOLEAN})
_NUMBERS: Final = frozenset({Kind.BYTES, Kind.TIME})


def case_reading(
    source: Canonical, plan: Plan, knowledge: Knowledge, *, has_starts: bool, seed: int
) -> CaseReading | None:
    """How `source` is read as cases; None where its rows have none that would recur.

    Args:
        source: the group of files.
        plan: the rules and the window.
        knowledge: the registries, and the observed starts that matter.
        has_starts: whether those have been gathered.
        seed: of all hashes of a run.
    """
    plans = {p.field.name: p for p in source.plans if p.is_supplied}
    deciding = _deciding_fields(plan)
    instants = [_instants(plan, knowledge, name) for name in ("event_at", _START)]
    if deciding & _NEARLY_UNIQUE & {*plans, "start_basis"} or None in instants:
        return None
    start = plans.get(_START)
    # NOTE: other files state starts, and those of these rows are yet to be observed
    if start is None and not has_starts:
        return None
    policies = knowledge.policies
    replaced = policies.columns if policies is not None else frozenset()
    own = (deciding - replaced - _TIMES) & plans.keys()
    checked = (_checked_fields(plan) - replaced - _TIMES - own) & plans.keys()
    words, odd = _words(checked, own, plans)
    hops_of = None if any("route" in rule.reads for rule in plan.rules) else _sites(plan, knowledge)
    coded = _coded(own, words, plans, hops_of, source, seed)
    return CaseReading(
        source=source,
        coded=list(coded),
        account=_as_written(plans["account_id"], source) if policies is not None else None,
        event_at=_time(plans["event_at"], source),
        start=_time(start, source) if start is not None else None,
        meeting=plans["meeting_id"].expr,
        observed=ObservedStarts.of(knowledge.starts, seed) if has_starts else None,
        odd=[*odd, *_odd_keys(plans, source), *_odd_numbers(checked, plans, source)],
        event_instants=_micros(instants[0] or ()),
        start_instants=_micros(instants[1] or ()),
        seed=seed,
    )


def _deciding_fields(plan: Plan) -> frozenset[str]:
    """The fields of a row that its outcomes, or what is said of undecided rows, depend on."""
    facts = {fact for rule in plan.rules for fact in rule.reads}
    fields = {field for fact in facts for field in _BEHIND.get(fact, (fact,))}
    fields |= {source for rule in plan.rules for source in rule.sources}
    sets = {name for name in _checked_fields(plan) if _kind(name) is Kind.SET}
    return frozenset(fields | sets | {"route"})


def _checked_fields(plan: Plan) -> frozenset[str]:
    """The fields whose bad texts are counted on every row."""
    return frozenset(name.removeprefix(invalid("")) for name in plan.bad_texts)


def _kind(name: str) -> Kind:
    fields = FACTS["events"]
    return fields[name].kind if name in fields else Kind.SET


def _instants(plan: Plan, knowledge: Knowledge, name: str) -> Iterable[datetime] | None:
    """The instants between which times in `name` are alike; None where every value counts."""
    read = [rule.instants.get(name, frozenset()) for rule in plan.rules]
    if None in read:
        return None
    found = frozenset[datetime]().union(*(r for r in read if r is not None))
    if name == "event_at":
        found |= {at for at in (plan.from_, plan.to) if at is not None}
        found |= {*knowledge.sites.boundaries, *knowledge.optins.boundaries}
    return found


def _micros(instants: Iterable[datetime]) -> Numbers:
    return pl.Series(sorted(instants), dtype=TIME).to_physical().to_numpy()


def _coded(
    own: Iterable[str],
    words: Sequence[FieldPlan],
    plans: Mapping[str, FieldPlan],
    sites: Sequence[Sites] | None,
    source: Canonical,
    seed: int,
) -> Iterator[CodedColumns]:
    """The raw columns behind the deciding fields; routes with equal hops by `sites` are alike."""
    roots = {name: set(plans[name].roots()) for name in own}
    others = {root for name in own if name != "route" for root in roots[name]}
    routes = roots.get("route", set())
    if sites is not None and routes and not routes & others:
        route = plans["route"]
        by_places = PlaceHashes(_as_written(route, source), _places_of(sites), seed)
        yield CodedColumns(sorted(routes), _by_hops(route, sites), by_places)
    else:
        others |= routes
    names = sorted({*others, *(plan.roots()[0] for plan in words)})
    if names:
        yield CodedColumns(names, _by_value(sorted(others), words, seed))


def _sites(plan: Plan, knowledge: Knowledge) -> list[Sites]:
    """The sites as the run sees them, and as rules do that demand evidence."""
    levels = sorted({r.rule.evidence_level for r in plan.rules if r.rule.evidence_level})
    ours = knowledge.sites
    return list(dict.fromkeys([ours, *(ours.demanding(level) for level in levels)]))


def _by_hops(plan: FieldPlan, sites: Sequence[Sites]) -> Classify:
    def classify(distinct: pl.DataFrame) -> list[object]:
        routes = distinct.with_columns(plan.expr.alias("@route"))["@route"]
        return list(zip(*(one.signatures(routes) for one in sites), strict=True))

    return classify


def _places_of(sites: Sequence[Sites]) -> PlacesOf:
    def places(hops: pl.Series) -> pl.DataFrame:
        of_sites = [
            one.countries(hops).select(pl.all().name.suffix(f"@{number}"))
            for number, one in enumerate(sites)
        ]
        return pl.concat(of_sites, how="horizontal")

    return places


def _by_value(deciding: Sequence[str], words: Sequence[FieldPlan], seed: int) -> Classify:
    """Rows with equal `deciding` columns are alike; bad texts of `words` have no class."""

    def classify(distinct: pl.DataFrame) -> list[object]:
        keys = [0] * distinct.height
        if deciding:
            keys = distinct.select(deciding).hash_rows(seed=seed).to_list()
        read = [distinct.with_columns(plan.expr.alias("@read"))["@read"] for plan in words]
        is_bad = any_of([reading.struct.field(FAULT).is_not_null() for reading in read])
        if is_bad is None:
            return list(keys)
        return [None if bad else key for key, bad in zip(keys, is_bad, strict=True)]

    return classify


def _words(
    checked: Iterable[str], own: Iterable[str], plans: Mapping[str, FieldPlan]
) -> tuple[list[FieldPlan], list[pl.Expr]]:
    """Fields of words that decide nothing: those of one column each, and tests of the others."""
    taken = {root for name in own for root in plans[name].roots()}
    words: list[FieldPlan] = []
    odd: list[pl.Expr] = []
    for name in sorted(checked):
        if plans[name].field.kind in _WORDS:
            roots = plans[name].roots()
            if len(roots) == 1 and roots[0] not in taken:
                taken.add(roots[0])
                words.append(plans[name])
            else:
                odd.append(_has_fault(plans[name]))
    return words, odd


def _odd_keys(plans: Mapping[str, FieldPlan], source: Canonical) -> Iterator[pl.Expr]:
    """Rows that may be rejects. What footers prove to be there is not read."""
    if source.group.may_reject:
        yield pl.col(REJECT).is_not_null()
    keys = [plans[key] for key in ROW_IDS]
    present = present_fields(keys, source.group.files)
    for plan in keys:
        if plan.field.name not in present:
            yield plan.blank if plan.blank is not None else plan.expr.is_null()


def _odd_numbers(
    checked: Iterable[str], plans: Mapping[str, FieldPlan], source: Canonical
) -> Iterator[pl.Expr]:
    for name in sorted(checked):
        dtypes = [source.group.columns.get(root) for root in plans[name].roots()]
        is_sound = len(dtypes) == 1 and dtypes[0] is not None and dtypes[0].is_unsigned_integer()
        if plans[name].field.kind in _NUMBERS and not is_sound:
            yield _has_fault(plans[name])


def _has_fault(plan: FieldPlan) -> pl.Expr:
    return plan.expr.struct.field(FAULT).is_not_null()


def _time(plan: FieldPlan, source: Canonical) -> pl.Expr:
    """The column itself where it holds instants as we do; else their reading."""
    roots = plan.roots()
    is_plain = len(roots) == 1 and source.group.columns.get(roots[0]) == TIME
    return pl.col(roots[0]) if is_plain else plan.expr


def _as_written(plan: FieldPlan, source: Canonical) -> pl.Expr:
    """The text of an account id or a route; not yet trimmed where it is one column of text."""
    roots = plan.roots()
    is_text = len(roots) == 1 and source.group.columns.get(roots[0]) == pl.String()
    return pl.col(roots[0]) if is_text and plan.blank is not None else plan.expr
