"""Rule files → checked rules; all faults of all files in one error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from auditor.errors import Problem, RuleError, UsageError, did_you_mean
from auditor.rules.document import parse_document
from auditor.rules.examples import example_problems
from auditor.rules.faults import FaultKind
from auditor.rules.model import Rule
from auditor.rules.packs import rule_files, shipped_packs
from auditor.rules.params import param_values, params_of
from auditor.rules.program import bind_rule, type_rule
from auditor.rules.rule_file import read_rule
from auditor.rules.source import Source

DEFAULT_TAG: Final = "default"

_MAX_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file to read; `shown` is its path as the user knows it."""

    path: Path
    shown: str
    pack: str


def load_rules(places: Sequence[str], flag: str = "--rules") -> list[Rule]:
    """Load and check every rule at `places`, sorted by id.

    Args:
        places: names of shipped packs, folders (with all below) or files; none: all shipped packs.
        flag: where the places were named.

    Raises:
        UsageError: a place does not exist.
        RuleError: some file is wrong, or there is no rule at all.
    """
    rules: list[Rule] = []
    problems: list[Problem] = []
    for file in find_rules(places, flag):
        rule, faults = load_rule(file)
        problems += sorted(faults, key=_place)
        if rule is not None:
            rules.append(rule)
    problems += duplicates(rules)
    if problems:
        raise RuleError.of(problems)
    return sorted(rules, key=lambda rule: rule.id)


def _place(problem: Problem) -> list[int]:
    return [int(part) for part in problem.location.split(":") if part.isdecimal()]


def find_rules(places: Sequence[str], flag: str = "--rules") -> list[RuleFile]:
    """The rule files at `places`, each once; none: those of all shipped packs.

    Args:
        places: names of shipped packs, folders (with all below) or files.
        flag: where the places were named.

    Raises:
        UsageError: a place does not exist.
        RuleError: there is no file at all.
    """
    packs = shipped_packs()
    found: dict[Path, RuleFile] = {}
    unknown: list[Problem] = []
    for place in places or list(packs):
        listed = _files_at(place, packs)
        if listed is None:
            hint = f"give a folder, a file or a pack ({did_you_mean(place, packs)})"
            unknown.append(Problem(f"no such rules: {place}", flag, hint))
        for file in listed or ():
            found.setdefault(file.path.resolve(), file)
    if unknown:
        raise UsageError.of(unknown)
    if not found:
        where = ", ".join(places) or "the program"
        raise RuleError(f"no rules in {where}", hint="rule files end in .yaml or .yml")
    return list(found.values())


def _files_at(place: str, packs: dict[str, Path]) -> list[RuleFile] | None:
    if place in packs:
        folder = packs[place]
        return [
            RuleFile(path, f"{place}/{path.relative_to(folder).as_posix()}", place)
            for path in rule_files(folder)
        ]
    path = Path(place)
    if path.is_dir():
        return [RuleFile(file, str(file), file.resolve().parent.name) for file in rule_files(path)]
    return [RuleFile(path, place, path.resolve().parent.name)] if path.is_file() else None


def load_rule(file: RuleFile) -> tuple[Rule | None, list[Problem]]:
    """The rule in one file and everything wrong with it; never raises."""
    source = _read(file)
    if isinstance(source, Problem):
        return None, [source]
    document, problems = parse_document(source)
    if document is None:
        return None, problems or [_unreadable("the file is empty", f"{file.shown}:1:1")]
    rule, faults = read_rule(document, file.pack, file.shown)
    problems += faults
    if rule is None:
        return None, problems
    rule = replace(rule, folder=file.path.parent)
    return rule, problems + _sql_problems(rule, has_faults=bool(problems))


def _read(file: RuleFile) -> Source | Problem:
    try:
        with file.path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(f"cannot be read: {error.strerror}", file.shown)
    if len(content) > _MAX_BYTES:
        return _unreadable(f"larger than {_MAX_BYTES // 1024} KiB", f"{file.shown}:1")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unreadable("not UTF-8", f"{file.shown}:{line}")
    return Source(file.shown, text.replace("\r\n", "\n").replace("\r", "\n"))


def _unreadable(message: str, location: str) -> Problem:
    return Problem(message, location, kind=FaultKind.UNREADABLE_FILE)


def _sql_problems(rule: Rule, *, has_faults: bool) -> list[Problem]:
    """Faults of the SQL; with a faulty zone or parameter the values cannot be tried out."""
    nodes, problems = type_rule(rule)
    if has_faults:
        return problems
    zone = params_of(rule).get("timezone")
    name = str(zone.default) if zone else None
    _, faults = bind_rule(rule, nodes, param_values(rule, {}), name)
    problems += [found.problem for found in faults]
    return problems or list(example_problems(rule, nodes))


def duplicates(rules: Sequence[Rule]) -> Iterator[Problem]:
    """A fault for each rule whose id an earlier one has."""
    first: dict[str, Rule] = {}
    for rule in rules:
        earlier = first.setdefault(rule.id, rule)
        if earlier is not rule:
            where = earlier.problem("id", 0, "").location
            message = f"duplicate rule id {rule.id!r}"
            yield rule.problem("id", 0, message, f"it is first at {where}", FaultKind.DUPLICATE_ID)


def select_rules(rules: Sequence[Rule], select: Sequence[str], ignore: Sequence[str]) -> list[Rule]:
    """The rules to run, sorted by id.

    Args:
        rules: all that were loaded.
        select: ids or tags, without regard to case; none: the tag `default`.
        ignore: ids or tags to leave out.

    Raises:
        UsageError: an id or tag is not known, or nothing is left.
    """
    _refuse_unknown(rules, {"--select": select, "--ignore": ignore})
    wanted = {name.casefold() for name in select or [DEFAULT_TAG]}
    unwanted = {name.casefold() for name in ignore}
    chosen = [r for r in rules if _names(r) & wanted and not _names(r) & unwanted]
    if not chosen:
        hint = "name rules or tags with --select" if not select else "see `auditor rules list`"
        raise UsageError("no rule is selected", location="--select", hint=hint)
    return sorted(chosen, key=lambda rule: rule.id)


def rule_of(rules: Sequence[Rule], rule_id: str) -> Rule:
    """The rule of that id, without regard to case.

    Raises:
        UsageError: there is none.
    """
    for rule in rules:
        if rule.id.casefold() == rule_id.casefold():
            return rule
    hint = did_you_mean(rule_id, [rule.id for rule in rules])
    raise UsageError(f"there is no rule {rule_id!r}", hint=hint)


def _names(rule: Rule) -> set[str]:
    return {rule.id.casefold(), *(tag.casefold() for tag in rule.tags)}


def _refuse_unknown(rules: Sequence[Rule], asked: dict[str, Sequence[str]]) -> None:
    known = {name for rule in rules for name in (rule.id, *rule.tags)}
    folded = {name.casefold() for name in known}
    unknown = [
        Problem(f"unknown rule or tag {name!r}", flag, did_you_mean(name, known))
        for flag, names in asked.items()
        for name in names
        if name.casefold() not in folded
    ]
    if unknown:
        raise UsageError.of(unknown)
