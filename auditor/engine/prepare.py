"""All that is settled before a row is judged: rules, registries, files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from auditor.coverage import SkippedFile
from auditor.engine.addresses import AddressKnowledge, address_knowledge
from auditor.engine.centres import load_sites
from auditor.engine.files import check_registries, find_logs
from auditor.engine.log import Log, open_log
from auditor.engine.plan import Plan
from auditor.engine.progress import Progress, Stage
from auditor.engine.request import Request
from auditor.engine.shipped import shipped
from auditor.enrich.optins import OptIns
from auditor.enrich.policies import Policies, load_policies
from auditor.enrich.registries import groups_of, vendor_codes_of
from auditor.enrich.steps import Knowledge
from auditor.errors import Problem, UsageError
from auditor.findings import RegistryFile
from auditor.jurisdictions import Groups
from auditor.rules.compile import CompiledRule, compile_rule, resolve_params
from auditor.rules.load import load_rules, select_rules
from auditor.rules.model import Rule
from auditor.rules.params import params_of
from auditor.schema import GROUPS, VENDOR_CODES
from auditor.sources.accounts import load_accounts
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import GIVEN_AS, Profile

CANONICAL_ORDERS: Final = "canonical-orders"
"""The source profile with which orders are read."""

GIVING: Final = {"events": "name logs of events", "orders": "give them with --orders FILE"}
"""Table → how logs of it are given."""


@dataclass(frozen=True, slots=True)
class Given:
    """A table that was given.

    Attributes:
        plan: judges it by the selected rules of this table, if there are any.
        log: its files.
        spool: a folder of its own for files that live as long as the run.
    """

    plan: Plan
    log: Log
    spool: Path


@dataclass(frozen=True, slots=True)
class Registered:
    """What registries say.

    Attributes:
        files: the registries, the user's own first.
        remarks: columns that were not read and may be misspelt.
    """

    knowledge: Knowledge
    files: Sequence[RegistryFile]
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin.

    Attributes:
        tables: what was given, events before orders.
        idle: compiled rules whose table was not given, by id.
        addresses: what is known of addresses.
        profile: how events are read.
        skipped: files in the named folders that are no logs.
        remarks: on registries, for the person at the terminal.
    """

    tables: Sequence[Given]
    idle: Sequence[CompiledRule]
    knowledge: Knowledge
    registries: Sequence[RegistryFile]
    addresses: AddressKnowledge
    profile: Profile
    skipped: Sequence[SkippedFile]
    remarks: Sequence[str]


def prepare(request: Request, spool: Path, stdin: BinaryIO, progress: Progress) -> Prepared:
    """Load and check everything that a run needs.

    Raises:
        AuditorError: whatever is wrong before any row is judged.
    """
    check_registries(request)
    profile = _profile_of_events(request)
    shipped_groups = shipped("groups", GROUPS)
    groups = groups_of(shipped_groups.frame)
    rules = compiled_rules(request, groups, profile)
    addresses = address_knowledge(request)
    registered = registered_for(request, profile, groups, addresses)
    knowledge = registered.knowledge
    progress.begin(Stage.OPENING)
    files, skipped = find_logs(request, spool, stdin)
    tables: list[Given] = []
    for table, logs in files.items():
        plan = Plan([r for r in rules if r.rule.table == table], request.from_, request.to, table)
        folder = spool / table
        folder.mkdir(exist_ok=True)
        how = profile if table == "events" else load_profile(CANONICAL_ORDERS)
        log = open_log(logs, how, request, folder)
        if table == "events":
            knowledge = replace(knowledge, stated=log.stated)
        tables.append(Given(plan, log, folder))
    return Prepared(
        tables=tables,
        idle=[rule for rule in rules if rule.rule.table not in files],
        knowledge=knowledge,
        registries=[*registered.files, shipped_groups.file],
        addresses=addresses,
        profile=profile,
        skipped=skipped,
        remarks=registered.remarks,
    )


def _profile_of_events(request: Request) -> Profile:
    profile = load_profile(request.source)
    if profile.table != "events":
        raise UsageError(
            f"source {profile.name!r} is of {profile.table}, not of events",
            location="--source",
            hint=f"a file of it is {GIVEN_AS[profile.table]}",
        )
    return profile


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
    idle = [r for r in rules if r.table not in request.tables and r.id.casefold() in asked]
    if idle:
        raise UsageError.of(
            Problem(
                f"{rule.id} judges {rule.table}, and none were given",
                "--select",
                f"{GIVING[rule.table]}, or leave the rule out",
            )
            for rule in idle
        )


def shipped_groups() -> Groups:
    """The groups of countries that come with the program."""
    return groups_of(shipped("groups", GROUPS).frame)


def registered_for(
    request: Request, profile: Profile, groups: Groups, addresses: AddressKnowledge
) -> Registered:
    """What the shipped registries and those of `request` say.

    Raises:
        AuditorError: a registry is faulty, or the operator is not known.
    """
    codes = shipped("vendor-codes", VENDOR_CODES)
    sites, centres = load_sites(request, profile, addresses.locations)
    registries = list(dict.fromkeys([*centres, *addresses.files, codes.file]))
    optins = OptIns(groups, vendor_codes_of(codes.frame))
    policies: Policies | None = None
    remarks: list[str] = []
    if request.accounts:
        accounts, files = load_accounts(
            [Path(p) for p in request.accounts], request.timezone, dict(request.params)
        )
        policies = load_policies(accounts.frame, accounts.columns, optins)
        registries = [*files, *registries]
        remarks = [
            f"{', '.join(request.accounts)}: column {one.column!r} was not read; {one.hint}"
            for one in accounts.near_misses
        ]
    return Registered(Knowledge.of(sites, optins, policies), registries, remarks)
