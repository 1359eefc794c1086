"""All that is settled before a row is judged: rules, registries, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from auditor import reference
from auditor.engine.log import Log, open_log
from auditor.engine.progress import Progress, Stage
from auditor.engine.request import Request
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import Policies, load_policies
from auditor.enrich.registries import groups_of, sites_of, vendor_codes_of
from auditor.enrich.sites import Sites
from auditor.enrich.steps import Knowledge
from auditor.errors import UsageError, did_you_mean
from auditor.findings import RegistryFile, SkippedFile
from auditor.jurisdictions import Groups
from auditor.rules.compile import CompiledRule, compile_rule, resolve_params
from auditor.rules.load import load_rules, select_rules
from auditor.rules.model import Rule
from auditor.rules.params import params_of
from auditor.schema import DATACENTRES, GROUPS, VENDOR_CODES, Field
from auditor.sources.accounts import load_accounts
from auditor.sources.discover import Found, LogFile, find_files
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import Profile
from auditor.sources.registry import Registry, load_registry

_SHIPPED: Final = resources(reference)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin.

    Attributes:
        rules: compiled rules of the events table, by id.
        idle: compiled rules whose table was not given, by id.
        skipped: files in the named folders that are no logs.
    """

    rules: Sequence[CompiledRule]
    idle: Sequence[CompiledRule]
    knowledge: Knowledge
    registries: Sequence[RegistryFile]
    log: Log
    profile: Profile
    skipped: Sequence[SkippedFile]


def prepare(request: Request, spool: Path, stdin: BinaryIO, progress: Progress) -> Prepared:
    """Load and check everything that a run needs.

    Raises:
        AuditorError: whatever is wrong before any row is judged.
    """
    profile = load_profile(request.source)
    shipped_groups = _shipped("groups", GROUPS)
    groups = groups_of(shipped_groups.frame)
    rules = compiled_rules(request, groups, profile)
    knowledge, registries = _knowledge(request, profile, groups)
    progress.begin(Stage.OPENING)
    files, skipped = _logs(request, find_files(request.paths, spool, stdin))
    log = open_log(files, profile, request, spool)
    return Prepared(
        rules=[rule for rule in rules if rule.rule.table == "events"],
        idle=[rule for rule in rules if rule.rule.table != "events"],
        knowledge=knowledge,
        registries=[*registries, shipped_groups.file],
        log=log,
        profile=profile,
        skipped=skipped,
    )


def _logs(request: Request, found: Found) -> tuple[list[LogFile], list[SkippedFile]]:
    """The log files, less a registry that lies among them.

    Raises:
        UsageError: an output would overwrite a log or a registry.
    """
    registries = {Path(p).resolve() for p in (*request.accounts, request.datacentres) if p}
    read = registries | {file.path.resolve() for file in found.files}
    for output in request.outputs:
        if output.resolve() in read:
            raise UsageError(
                f"{output} is read by this audit and cannot be written by it",
                hint="name another file for the output",
            )
    named = {Path(path).resolve() for path in request.paths}
    is_registry = [
        f for f in found.files if f.path.resolve() in registries and f.path.resolve() not in named
    ]
    skipped = [SkippedFile(file.shown, "it is a registry of this audit") for file in is_registry]
    return [f for f in found.files if f not in is_registry], [*found.skipped, *skipped]


def compiled_rules(request: Request, groups: Groups, profile: Profile) -> list[CompiledRule]:
    """The selected rules with their parameters, compiled."""
    rules = select_rules(load_rules(request.rules), request.select, request.ignore)
    _check_idle(rules, request)
    declared = {name for rule in rules for name in params_of(rule)}
    given = [(n, v) for n, v in request.params if n in declared or n not in profile.params]
    params = resolve_params(rules, given)
    return [compile_rule(rule, params[rule.id], groups) for rule in rules]


def _check_idle(rules: Sequence[Rule], request: Request) -> None:
    """A rule that was asked for by its id must not be passed over for want of a table."""
    asked = {name.casefold() for name in request.select}
    for rule in rules:
        if rule.table != "events" and rule.id.casefold() in asked:
            raise UsageError(
                f"{rule.id} judges {rule.table}, and none were given",
                location="--select",
                hint="leave the rule out",
            )


def shipped_groups() -> Groups:
    """The groups of countries that come with the program."""
    return groups_of(_shipped("groups", GROUPS).frame)


def _knowledge(
    request: Request, profile: Profile, groups: Groups
) -> tuple[Knowledge, list[RegistryFile]]:
    centres = _shipped("datacentres", DATACENTRES)
    codes = _shipped("vendor-codes", VENDOR_CODES)
    registries = [centres.file, codes.file]
    own = centres.frame.clear()
    if request.datacentres is not None:
        given = load_registry("datacentres", Path(request.datacentres), DATACENTRES)
        own = given.frame
        registries.insert(0, given.file)
    operator = _operator(request.operator or profile.operator, pl.concat([own, centres.frame]))
    sites = Sites(sites_of(centres.frame, operator), sites_of(own, operator))
    optins = OptIns(groups, vendor_codes_of(codes.frame))
    policies: Policies | None = None
    if request.accounts:
        accounts, files = load_accounts([Path(p) for p in request.accounts], request.timezone)
        policies = load_policies(accounts.frame, accounts.columns, optins)
        registries = [*files, *registries]
    return Knowledge.of(sites, optins, policies), registries


def _operator(name: str, centres: pl.DataFrame) -> str:
    known = centres["operator"].unique().to_list()
    if name.casefold() not in {k.casefold() for k in known}:
        raise UsageError(
            f"no data centres of operator {name!r} are known",
            location="--operator",
            hint=f"{did_you_mean(name, known)} or give its sites with --datacentres FILE",
        )
    return name


def _shipped(kind: str, fields: Sequence[Field]) -> Registry:
    return load_registry(kind, _SHIPPED / f"{kind}.csv", fields, shown="shipped")
