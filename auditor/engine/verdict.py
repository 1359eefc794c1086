"""Whether a run is complete, and if not, why and what to do about it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from auditor.coverage import Coverage, Ledger
from auditor.engine.log import Log
from auditor.engine.prepare import GIVING
from auditor.engine.request import Request
from auditor.errors import Problem
from auditor.findings import InputFile, RuleResult
from auditor.rules.compile import CompiledRule
from auditor.schema import ACCOUNT_FACTS, names_of
from auditor.sources.canonical import place_of
from auditor.sources.profile_model import Profile

_NO_ZONE: Final = frozenset({"event_at has no zone", "ordered_at has no zone"})
_MISSING: Final = " is missing"
_NO_FACT: Final = frozenset(f"{name}{_MISSING}" for name in names_of(ACCOUNT_FACTS))
_BEHIND: Final = {"meeting_countries": "participant_country"}
"""Fact → the column without which no row has it, where that has another name."""


def incomplete_reasons(
    request: Request,
    logs: Sequence[Log],
    registered: Collection[str],
    coverage: Coverage,
    rules: Sequence[RuleResult],
    tags: Mapping[str, Collection[str]],
    deciding: Mapping[str, Collection[str]],
) -> list[str]:
    """Why the audit did not decide all it was given; each says how to fix or accept it.

    Args:
        request: what was asked for.
        logs: the log of each table.
        registered: the account facts that a registry has a column for.
        coverage: what became of the rows.
        rules: what became of the rules.
        tags: of each rule, by its id.
        deciding: per table the fields that its rules decide by.
    """
    supplied = {log.profile.table: log.supplied for log in logs}
    columns = supplied | {"events": supplied.get("events", frozenset()) | {*registered}}
    problems = [
        *(problem for log in logs for problem in log.problems),
        *(p for log in logs for p in _misnamed(log, deciding[log.profile.table], registered)),
        *_empty_files([file for log in logs for file in log.inputs]),
        *(p for table, one in coverage.tables.items() for p in _ledger(request, table, one)),
        *(problem for rule in rules for problem in _unknowns(request, rule, columns)),
        *_idle(coverage, rules),
        *_idle_tags(request, rules, tags),
    ]
    return [str(problem) for problem in problems]


def _misnamed(
    log: Log, deciding: Collection[str], registered: Collection[str]
) -> Iterator[Problem]:
    """Columns that can only mean a field that rules decide by, and are not called so."""
    for source in log.sources:
        for column, field in source.misnamed:
            if field in deciding and field not in registered:
                yield Problem(
                    f"column {column!r} was not read, and rules decide by {field!r}",
                    place_of(source.group),
                    "name it as the source does, or leave it out if it means something else",
                )


def _empty_files(inputs: Sequence[InputFile]) -> Iterator[Problem]:
    empty = [file.path for file in inputs if file.rows == 0]
    if empty:
        more = f" and so have {len(empty) - 1} more files" if len(empty) > 1 else ""
        hint = "remove the file, or find out why the export is empty"
        yield Problem(f"has no rows{more}", empty[0], hint)


def _ledger(request: Request, table: str, ledger: Ledger) -> Iterator[Problem]:
    if not ledger.reconciles:
        yield Problem(
            f"the ledger does not reconcile: {ledger.rows_read} rows in the files, but "
            f"{ledger.judged} {table} + {ledger.rows_rejected} rejected + "
            f"{ledger.rows_outside_window} outside the window",
            hint="audit again when nothing writes to the files; else report this as a bug",
        )
    if not request.max_rejects.allows(ledger.rows_rejected, ledger.rows_read):
        top = ledger.rejects[0]
        mend = "--timezone TZ names the zone of the log; " if top.value in _NO_ZONE else ""
        rows = "rows" if table == "events" else f"rows of {table}"
        yield Problem(
            f"{ledger.rows_rejected} of {ledger.rows_read} {rows} were rejected (most often: "
            f"{top.value}, {top.rows}), above --max-rejects {request.max_rejects.text}",
            hint=f"{mend}see them with --rejects FILE, accept with --max-rejects N or P%",
        )


def _unknowns(
    request: Request, rule: RuleResult, columns: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    in_scope = rule.violation + rule.compliant + rule.unknown
    if rule.status == "not_run" or request.max_unknown.allows(rule.unknown, in_scope):
        return
    top = rule.unknown_reasons[0]
    is_account_fact = rule.table == "events" and top.value in _NO_FACT
    lacks_registry = is_account_fact and not request.accounts
    mend = "no accounts registry was given: --accounts FILE; " if lacks_registry else ""
    limit = f"above --max-unknown {request.max_unknown.text}"
    yield Problem(
        f"{rule.id} could not decide {rule.unknown} of the {in_scope} rows it applies to (most "
        f"often: {top.value}, {top.rows}), {limit}{_lacking(rule, columns)}",
        hint=f"{mend}see them with --unknowns FILE, accept with --max-unknown N or P%",
    )


def _lacking(rule: RuleResult, columns: Mapping[str, Collection[str]]) -> str:
    """The columns for want of which rows are unknown and that no file has."""
    reasons = [r.value for r in rule.unknown_reasons if r.value.endswith(_MISSING)]
    facts = [reason.removesuffix(_MISSING) for reason in reasons]
    behind = dict.fromkeys(_BEHIND.get(fact, fact) for fact in facts)
    absent = [column for column in behind if column not in columns.get(rule.table, ())]
    if not absent:
        return ""
    is_registered = rule.table == "events" and set(absent) & {*names_of(ACCOUNT_FACTS)}
    where = "neither a log nor a registry has" if is_registered else "no file has"
    return f"; {where} the column{'s' if len(absent) > 1 else ''} {' and '.join(absent)}"


def undecidable(profile: Profile, rules: Sequence[CompiledRule]) -> Iterator[str]:
    """The rules that a feed can never decide, because it never says where media was."""
    ids = sorted(rule.rule.id for rule in rules if "jurisdictions" in rule.reads)
    if ids and "route" in profile.never:
        what = f"{', '.join(ids)} cannot be decided by this source ({profile.name})"
        yield f"{what}: {profile.never['route']}"


def unspoken(
    profile: Profile, rules: Sequence[CompiledRule], results: Sequence[RuleResult]
) -> Iterator[str]:
    """The rules on hops that a feed never speaks of: no row of it says that they were kept."""
    source = profile.fields.get("hop_role")
    role = source.constant if source is not None and not source.columns else None
    why = profile.never.get("hop_role") or (role and f"it only tells of {role} hops")
    idle = {result.id for result in results if result.status == "never_applied"}
    ids = sorted(r.rule.id for r in rules if r.rule.id in idle and "hop_role" in r.reads)
    if ids and why:
        yield f"{', '.join(ids)} applied to no row of this source ({profile.name}): {why}"


def _idle(coverage: Coverage, rules: Sequence[RuleResult]) -> Iterator[Problem]:
    judged = {rule.table for rule in rules}
    for table in sorted(coverage.tables.keys() - judged):
        yield Problem(
            f"no selected rule judges {table}: the rows were read, and nothing else",
            hint=f"add rules for {table} with --select (see `auditor rules list`), or leave the "
            f"{table} out",
        )
    hint = "check the period of the log, --from and --to, and --select"
    if not any(ledger.rows_read for ledger in coverage.tables.values()):
        hint = "no row could be read: mend what is named above"
    elif all(ledger.rows_read == ledger.rows_rejected for ledger in coverage.tables.values()):
        hint = "every row was rejected: mend what is named above"
    ran = {rule.table for rule in rules if rule.status == "ran"}
    if not ran:
        yield Problem("no selected rule applied to any row: nothing was judged", hint=hint)
        return
    for table in sorted((coverage.tables.keys() & judged) - ran):
        yield Problem(f"no selected rule applied to any of the {table}: none was judged", hint=hint)


def _idle_tags(
    request: Request, rules: Sequence[RuleResult], tags: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """The tags that were asked for and of which not one rule had its table."""
    for tag in dict.fromkeys(name.casefold() for name in request.select):
        tagged = [rule for rule in rules if tag in {one.casefold() for one in tags[rule.id]}]
        if tagged and all(rule.status == "not_run" for rule in tagged):
            tables = sorted({rule.table for rule in tagged})
            yield Problem(
                f"no rule of tag {tag!r} was run: no {' and no '.join(tables)} were given",
                hint=f"{' and '.join(GIVING[table] for table in tables)}, or leave the tag out",
            )
