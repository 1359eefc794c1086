"""Rule files → everything that is wrong with any of them, in one run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from auditor.errors import Problem
from auditor.jurisdictions import Groups
from auditor.rules.lint import against
from auditor.rules.lint.against import LogColumns
from auditor.rules.lint.checks import CHECKS, LOOKS
from auditor.rules.lint.model import Level, Remark, Subject
from auditor.rules.load import RuleFile, duplicates, find_rules, load_rule
from auditor.rules.model import Rule
from auditor.rules.program import type_rule


@dataclass(frozen=True, slots=True)
class Linted:
    """What lint looked at and found.

    Attributes:
        files: the files, as the user knows them, sorted.
        remarks: by file, line and column.
    """

    files: Sequence[str]
    rules: Sequence[Rule]
    remarks: Sequence[Remark]

    def count(self, level: Level) -> int:
        """How many remarks are of `level`."""
        return sum(remark.check.level is level for remark in self.remarks)


def lint(
    places: Sequence[str],
    groups: Groups,
    ignore: Collection[str] = (),
    logs: Sequence[LogColumns] = (),
) -> Linted:
    """Lint every rule file at `places`.

    Args:
        places: names of shipped packs, folders (with all below) or files; none: all shipped packs.
        groups: the groups of countries that are known.
        ignore: ids of checks to leave out.
        logs: logs that the rules should be able to decide.

    Raises:
        UsageError: a place does not exist.
        RuleError: there is no file at all.
    """
    files = find_rules(places, "PATH")
    rules: list[Rule] = []
    remarks: list[Remark] = []
    for file in files:
        rule, found = lint_file(file, groups, logs)
        rules += [rule] if rule else []
        remarks += found
    remarks += [_remark(p.location.rsplit(":", 2)[0], p.kind, p) for p in duplicates(rules)]
    kept = [remark for remark in remarks if remark.check.id not in ignore]
    return Linted(sorted(file.shown for file in files), rules, sorted(kept, key=_order))


def lint_file(
    file: RuleFile, groups: Groups, logs: Sequence[LogColumns] = ()
) -> tuple[Rule | None, list[Remark]]:
    """The rule in one file, if it can be read, and what is wrong with the file; never raises."""
    rule, problems = load_rule(file)
    remarks = [_remark(file.shown, problem.kind, problem) for problem in problems]
    if rule is None:
        return None, remarks
    nodes, faults = type_rule(rule)
    subject = Subject(rule, {} if faults else nodes, groups)
    found = [pair for look in LOOKS for pair in look(subject)]
    found += against.look(subject, logs)
    return rule, [*remarks, *(_remark(file.shown, id_, problem) for id_, problem in found)]


def _remark(path: str, check: str, problem: Problem) -> Remark:
    numbers = [int(part) for part in problem.location[len(path) :].split(":") if part]
    line, column, *_ = [*numbers, None, None]
    return Remark(CHECKS[check], path, line, column, problem)


def _order(remark: Remark) -> tuple[str, int, int, str, str]:
    return (
        remark.path,
        remark.line or 0,
        remark.column or 0,
        remark.check.id,
        remark.problem.message,
    )
