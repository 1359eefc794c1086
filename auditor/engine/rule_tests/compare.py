"""What examples expect against what the engine decided: every difference is a failure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from auditor.engine.rule_tests.decide import Subject, Verdict
from auditor.findings import Outcome
from auditor.rules.model import Example, ExampleRow, Fixture
from auditor.rules.rule_tests import ExampleResult, Failure
from auditor.schema import SUBJECT_KEYS

_SHOWN: Final = 20
_REJECTED: Final = "rejected"

Messages = Callable[[], Mapping[Subject, str]]
"""The findings of a log, gathered when they are asked for."""


def compared(example: Example, verdicts: Sequence[Verdict], messages: Messages) -> ExampleResult:
    """How a written example came out.

    Args:
        example: its rows are those of `verdicts`.
        verdicts: one per row, in their order.
        messages: the findings on these rows, perhaps among others.
    """
    pairs = list(zip(example.rows, verdicts, strict=True))
    failures = [failure for row, verdict in pairs for failure in _row(row, verdict, messages)]
    return ExampleResult(example.name, example.location, len(pairs), failures)


def _row(row: ExampleRow, verdict: Verdict, messages: Messages) -> Iterator[Failure]:
    got = _name(verdict.outcome)
    if verdict.outcome is not row.expect:
        is_found = verdict.outcome is Outcome.VIOLATION
        why = messages()[verdict.subject] if is_found else verdict.why
        yield Failure(_name(row.expect), got, why, row.location)
        return
    if row.reason not in {None, verdict.why}:
        yield Failure(f"unknown because: {row.reason}", verdict.why, "", row.location)
    if row.boundary not in {None, verdict.is_boundary}:
        yield Failure(_boundary(row.boundary), _boundary(verdict.is_boundary), "", row.location)
    if row.message is not None:
        message = messages()[verdict.subject]
        if row.message not in message:
            yield Failure(f"a message with: {row.message}", message, "", row.location)


def _name(outcome: Outcome | None) -> str:
    return _REJECTED if outcome is None else outcome.name.lower()


def _boundary(is_boundary: bool | None) -> str:  # noqa: FBT001 - the value that is worded
    return f"{'depends' if is_boundary else 'does not depend'} on how a date is read"


def fixture_compared(
    example: Example, fixture: Fixture, subject: str, verdicts: Sequence[Verdict], found: Messages
) -> ExampleResult:
    """How a fixture came out; `subject` is what the rule's findings are about."""
    failures = list(_counts(example, fixture, verdicts))
    if fixture.findings is not None:
        keys = SUBJECT_KEYS[subject]
        wanted = [tuple(finding[key] for key in keys) for finding in fixture.findings]
        failures += _findings(example, keys, wanted, found())
    return ExampleResult(example.name, example.location, len(verdicts), failures)


def _counts(example: Example, fixture: Fixture, verdicts: Sequence[Verdict]) -> Iterator[Failure]:
    """The rows of each outcome that are too many or too few."""
    wanted = {**{_name(o): n for o, n in fixture.rows.items()}, _REJECTED: fixture.rejected}
    got = Counter(_name(verdict.outcome) for verdict in verdicts)
    for name, number in wanted.items():
        if got[name] != number:
            those = [verdict for verdict in verdicts if _name(verdict.outcome) == name]
            yield Failure(f"{number} {name}", f"{got[name]} {name}", _why(those), example.location)


def _why(verdicts: Sequence[Verdict]) -> str:
    """The rows, and the reasons that they were given."""
    if not verdicts:
        return ""
    rows = ("row " if len(verdicts) == 1 else "rows ") + _shortened([str(v.row) for v in verdicts])
    reasons = Counter(verdict.why for verdict in verdicts if verdict.why)
    is_same = list(reasons.values()) == [len(verdicts)]
    texts = [why if is_same else f"{why} ({number})" for why, number in sorted(reasons.items())]
    return rows + (f": {_shortened(texts)}" if texts else "")


def _shortened(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more


def _findings(
    example: Example,
    keys: Sequence[str],
    wanted: Sequence[Subject],
    found: Mapping[Subject, str],
) -> Iterator[Failure]:
    absent = [subject for subject in dict.fromkeys(wanted) if subject not in found]
    extra = [subject for subject in found if subject not in set(wanted)]
    for subject in absent[:_SHOWN]:
        yield Failure(f"finding {_keys(keys, subject)}", "no such finding", "", example.location)
    for subject in extra[:_SHOWN]:
        got = f"finding {_keys(keys, subject)}"
        yield Failure("no such finding", got, found[subject], example.location)
    yield from _rest(example, absent, "missing")
    yield from _rest(example, extra, "unexpected")


def _rest(example: Example, subjects: Sequence[Subject], what: str) -> Iterator[Failure]:
    more = len(subjects) - _SHOWN
    if more > 0:
        yield Failure(f"no {what} findings", f"{more} more {what} findings", "", example.location)


def _keys(keys: Iterable[str], subject: Subject) -> str:
    pairs = zip(keys, subject, strict=True)
    return ", ".join(f"{key} {'missing' if value is None else value}" for key, value in pairs)
