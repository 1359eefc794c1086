"""An explanation of a finding: the rows that its report names, read and decided again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from auditor.engine.explaining.checks import (
    CHANGED,
    MISSING,
    SAME,
    is_file,
    log_checks,
    problem_of,
    registry_checks,
)
from auditor.engine.explaining.decisions import Explainer
from auditor.engine.explaining.question import Question
from auditor.engine.explaining.setting import UNREADABLE, Setting, changes_of, setting_of
from auditor.engine.log import Log, open_log
from auditor.engine.prepare import Prepared, prepare
from auditor.engine.progress import Progress
from auditor.engine.request import Request
from auditor.explanation import Check, Decision, Explanation, Place, Reported
from auditor.findings import Outcome, RegistryFile
from auditor.rules.load import load_rules
from auditor.sources.discover import find_files
from auditor.sources.stores.faults import plain_text


def explain_finding(
    question: Question, reported: Reported, spool: Path, progress: Progress
) -> Explanation:
    """Why a finding is one, as far as what its report rests on is still there.

    Whatever is missing or changed since is said in `problems`, for the explanation is then not, or
    not wholly, of the data that the report is about.

    Raises:
        AuditorError: rules, registries or settings are wrong.
    """
    return _Inquiry(question, reported, spool, progress).explanation()


@dataclass(slots=True)
class _Inquiry:
    question: Question
    reported: Reported
    spool: Path
    progress: Progress
    checks: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def explanation(self) -> Explanation:
        rules = load_rules(self.question.request.rules)
        rule = next((one for one in rules if one.id == self.reported.rule_id), None)
        if rule is None:
            self.problems.append(
                f"rule {self.reported.rule_id} is not known: name its folder with --rules"
            )
            return Explanation(None, self.reported.finding, (), (), self.problems)
        setting = setting_of(rules, rule, self.question, self.reported.settings.params)
        is_same = setting.rule.digest == self.reported.digest
        self._check(Check("rule", setting.rule.rule.id, SAME if is_same else CHANGED))
        paths = self._paths_of_rows()
        has_registries = self._has_registries(setting.request)
        rows = self._rows(setting, paths) if paths and has_registries else []
        words = setting.words()
        return Explanation(words, self.reported.finding, rows, self.checks, self.problems)

    def _check(self, *checks: Check) -> None:
        self.checks += checks
        self.problems += [problem for check in checks if (problem := problem_of(check))]

    def _paths_of_rows(self) -> list[str]:
        """The files that hold the rows, less those that are not there."""
        wanted = {place.path for place in self.reported.places}
        checks = log_checks(self.reported.inputs, wanted)
        self._check(*checks)
        named = {check.name for check in checks}
        self.problems += [f"the report has no input {path}" for path in sorted(wanted - named)]
        return [check.name for check in checks if check.state != MISSING]

    def _has_registries(self, request: Request) -> bool:
        given = [*request.accounts, *filter(None, [request.datacentres]), *request.ip_ranges]
        missing = [Check("registry", path, MISSING) for path in given if not is_file(path)]
        self._check(*missing)
        return not missing

    def _rows(self, setting: Setting, paths: Sequence[str]) -> list[Decision]:
        request = setting.reading(paths)
        prepared = prepare(request, self.spool, BytesIO(), self.progress)
        self._check(*registry_checks(self.reported.registries, self._registries(prepared)))
        explainer = Explainer.of(prepared, setting)
        self.problems += map(str, explainer.log.problems)
        return self._decisions(explainer, prepared, request)

    def _registries(self, prepared: Prepared) -> list[RegistryFile]:
        """Those that are read now, shipped databases only where the audit asked them too."""
        asked = {file.kind for file in self.reported.registries}
        return [*prepared.registries, *prepared.addresses.witnesses.files(asked)]

    def _decisions(
        self, explainer: Explainer, prepared: Prepared, request: Request
    ) -> list[Decision]:
        logs = [explainer.log]

        def whole() -> Log:
            logs.append(self._whole(prepared, request))
            return logs[-1]

        readable = {file.path for file in explainer.log.inputs if file.rows is not None}
        places = [place for place in self.reported.places if place.path in readable]
        try:
            decisions = explainer.decisions(places, whole) if places else []
        except UNREADABLE as error:
            self.problems.append(f"the log cannot be read: {plain_text(error)}")
            return []
        for log in logs:
            self.problems += changes_of(log)
        self.problems += self._differences(places, decisions)
        return decisions

    def _whole(self, prepared: Prepared, request: Request) -> Log:
        """All files of the audit that are still there."""
        # NOTE: a file that the audit could not read counted for nothing.
        read = {f.path for f in self.reported.inputs if f.rows is not None and f.table == "events"}
        checks = log_checks(self.reported.inputs, read - set(request.paths))
        self._check(*checks)
        there = [check.name for check in checks if check.state != MISSING]
        files = find_files([*request.paths, *there], self.spool, BytesIO()).files
        log = open_log(files, prepared.profile, request, self.spool)
        self.problems += [str(p) for p in log.problems if p.location not in request.paths]
        return log

    def _differences(self, places: Sequence[Place], decisions: Sequence[Decision]) -> Iterator[str]:
        """What the rows say now that the report does not."""
        found = {Place(one.path, one.row) for one in decisions}
        for place in places:
            if place not in found:
                yield f"{place.path} has no row {place.row}"
        for one in decisions:
            where = f"{one.path}, row {one.row}"
            if one.outcome != Outcome.VIOLATION.name.lower():
                yield f"{where} is no violation any more: {one.because}"
            for name, value in self.reported.subject.items():
                if name in one.keys and one.keys[name] != value:
                    yield f"{where} is of another {name} than the finding"
