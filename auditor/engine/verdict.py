"""Whether a run is complete, and if not, why and what to do about it."""

from collections.abc import Iterator, Sequence
from typing import Final

from auditor.engine.log import Log
from auditor.engine.request import Request
from auditor.errors import Problem
from auditor.findings import Coverage, InputFile, RuleResult
from auditor.schema import ACCOUNT_FACTS, names_of

_NO_ZONE: Final = "event_at has no zone"
_NO_FACT: Final = frozenset(f"{name} is missing" for name in names_of(ACCOUNT_FACTS))


def incomplete_reasons(
    request: Request, log: Log, coverage: Coverage, rules: Sequence[RuleResult]
) -> list[str]:
    """Why the audit did not decide all it was given; each says how to fix or accept it."""
    problems = [
        *log.problems,
        *_empty_files(log.inputs),
        *_ledger(request, coverage),
        *(problem for rule in rules for problem in _unknowns(request, rule)),
        *_idle(rules),
    ]
    return [str(problem) for problem in problems]


def _empty_files(inputs: Sequence[InputFile]) -> Iterator[Problem]:
    empty = [file.path for file in inputs if file.rows == 0]
    if empty:
        more = f" and so have {len(empty) - 1} more files" if len(empty) > 1 else ""
        hint = "remove the file, or find out why the export is empty"
        yield Problem(f"has no rows{more}", empty[0], hint)


def _ledger(request: Request, coverage: Coverage) -> Iterator[Problem]:
    if not coverage.reconciles:
        yield Problem(
            f"the ledger does not reconcile: {coverage.rows_read} rows in the files, but "
            f"{coverage.events} events + {coverage.rows_rejected} rejected + "
            f"{coverage.rows_outside_window} outside the window",
            hint="audit again when nothing writes to the files; else report this as a bug",
        )
    if not request.max_rejects.allows(coverage.rows_rejected, coverage.rows_read):
        top = coverage.rejects[0]
        mend = "--timezone TZ names the zone of the log; " if top.value == _NO_ZONE else ""
        yield Problem(
            f"{coverage.rows_rejected} of {coverage.rows_read} rows were rejected (most often: "
            f"{top.value}, {top.rows}), above --max-rejects {request.max_rejects.text}",
            hint=f"{mend}see them with --rejects FILE, accept with --max-rejects N or P%",
        )


def _unknowns(request: Request, rule: RuleResult) -> Iterator[Problem]:
    in_scope = rule.violation + rule.compliant + rule.unknown
    if rule.status == "not_run" or request.max_unknown.allows(rule.unknown, in_scope):
        return
    top = rule.unknown_reasons[0]
    lacks_registry = top.value in _NO_FACT and not request.accounts
    mend = "no accounts registry was given: --accounts FILE; " if lacks_registry else ""
    yield Problem(
        f"{rule.id} could not decide {rule.unknown} of the {in_scope} rows it applies to (most "
        f"often: {top.value}, {top.rows}), above --max-unknown {request.max_unknown.text}",
        hint=f"{mend}see them with --unknowns FILE, accept with --max-unknown N or P%",
    )


def _idle(rules: Sequence[RuleResult]) -> Iterator[Problem]:
    if not any(rule.status == "ran" for rule in rules):
        yield Problem(
            "no selected rule applied to any row: nothing was judged",
            hint="check the period of the log, --from and --to, and --select",
        )
