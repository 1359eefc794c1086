"""An explanation of rows of a log: why a rule came to its outcomes on them."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from auditor.engine.explaining.decisions import Explainer
from auditor.engine.explaining.question import Question
from auditor.engine.explaining.setting import UNREADABLE, changes_of, setting_of
from auditor.engine.log import Log
from auditor.engine.prepare import prepare
from auditor.engine.progress import Progress
from auditor.errors import InputError, UsageError
from auditor.explanation import Explanation, Place
from auditor.rules.load import load_rules, rule_of
from auditor.sources.discover import STDIN
from auditor.sources.log_file import LogFile
from auditor.sources.stores.faults import plain_text


def explain_rows(
    question: Question, spool: Path, stdin: BinaryIO, progress: Progress
) -> Explanation:
    """Why a rule came to its outcomes on rows of a log.

    Args:
        question: the rule, the logs and the rows; a file that holds a row need not be among the
            logs.
        spool: an empty folder for files that live as long as the explanation.
        stdin: read where a path is `-`.
        progress: told how far the work is.

    Raises:
        AuditorError: the question makes no sense, or a row cannot be read.
    """
    places = question.places
    rules = load_rules(question.request.rules)
    setting = setting_of(rules, rule_of(rules, question.rule_id), question, {})
    logs = question.request.tables.get(setting.rule.rule.table, ())
    request = setting.reading(list(dict.fromkeys([*logs, *(place.path for place in places)])))
    explainer = Explainer.of(prepare(request, spool, stdin, progress), setting)
    log = explainer.log
    shown = [_shown_place(place, log) for place in places]
    try:
        decisions = explainer.decisions(shown, lambda: log)
    except UNREADABLE as error:
        raise InputError(f"the log cannot be read: {plain_text(error)}") from error
    missing = [place for place in shown if place not in {Place(d.path, d.row) for d in decisions}]
    if missing:
        raise _no_such_row(missing[0], log)
    return Explanation(
        rule=setting.words(),
        finding=None,
        rows=decisions,
        problems=[*map(str, log.problems), *changes_of(log)],
    )


def _shown_place(place: Place, log: Log) -> Place:
    """The place with the path by which the log knows the file."""
    return replace(place, path=_file_of(place, log).shown)


def _file_of(place: Place, log: Log) -> LogFile:
    real = Path(place.path).resolve()
    for file in log.files:
        is_named = file.address is not None or place.path == STDIN
        is_it = file.shown == place.path if is_named else file.path.resolve() == real
        if is_it and any(input_.rows is None for input_ in log.inputs if input_.path == file.shown):
            raise InputError.of(p for p in log.problems if p.location.startswith(file.shown))
        if is_it:
            return file
    raise UsageError(
        f"{place.path} is no log of this question",
        location="--row",
        hint="it is a registry, or a folder: name the file that holds the row",
    )


def _no_such_row(place: Place, log: Log) -> UsageError:
    rows = next(file.rows for file in log.inputs if file.path == place.path)
    return UsageError(
        f"{place.path} has no row {place.row}",
        location="--row",
        hint=f"its rows are 1 to {rows}, the header not counted",
    )
