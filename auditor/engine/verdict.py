"""Whether a run is complete, and if not, why and what to do about it."""

from collections.abc import Iterator, Sequence

from auditor.engine.log import Log
from auditor.engine.request import Request
from auditor.findings import Coverage, InputFile, RuleResult


def incomplete_reasons(
    request: Request,
    log: Log,
    coverage: Coverage,
    rules: Sequence[RuleResult],
) -> list[str]:
    """Why the audit did not decide all it was given; each says how to fix or accept it."""
    return [
        *(str(problem) for problem in log.problems),
        *_empty_files(log.inputs),
        *_ledger(request, coverage),
        *(reason for rule in rules for reason in _unknowns(request, rule)),
        *_idle(rules),
    ]


def _empty_files(inputs: Sequence[InputFile]) -> Iterator[str]:
    empty = [file.path for file in inputs if file.rows == 0]
    if empty:
        more = f" and {len(empty) - 1} more" if len(empty) > 1 else ""
        yield (
            f"{empty[0]}{more}: no rows"
            "\n  hint: remove the file, or find out why the export is empty"
        )


def _ledger(request: Request, coverage: Coverage) -> Iterator[str]:
    if not coverage.reconciles:
        yield (
            f"the ledger does not reconcile: {coverage.rows_read} rows in the files, but "
            f"{coverage.events} events + {coverage.rows_rejected} rejected + "
            f"{coverage.rows_outside_window} outside the window"
            "\n  hint: please report this as a bug"
        )
    if not request.max_rejects.allows(coverage.rows_rejected, coverage.rows_read):
        top = coverage.rejects[0] if coverage.rejects else None
        why = f" (most often: {top.value}, {top.rows})" if top else ""
        yield (
            f"{coverage.rows_rejected} of {coverage.rows_read} rows were rejected{why}, above "
            f"--max-rejects {request.max_rejects.text}"
            "\n  hint: see them with --rejects FILE, accept with --max-rejects N or P%"
        )


def _unknowns(request: Request, rule: RuleResult) -> Iterator[str]:
    in_scope = rule.violation + rule.compliant + rule.unknown
    if rule.status == "not_run" or request.max_unknown.allows(rule.unknown, in_scope):
        return
    top = rule.unknown_reasons[0]
    yield (
        f"{rule.id} could not decide {rule.unknown} of the {in_scope} rows it applies to (most "
        f"often: {top.value}, {top.rows}), above --max-unknown {request.max_unknown.text}"
        "\n  hint: see them with --unknowns FILE, accept with --max-unknown N or P%"
    )


def _idle(rules: Sequence[RuleResult]) -> Iterator[str]:
    if not any(rule.status == "ran" for rule in rules):
        yield (
            "no selected rule applied to any row: nothing was judged"
            "\n  hint: check the period of the log, --from and --to, and --select"
        )
