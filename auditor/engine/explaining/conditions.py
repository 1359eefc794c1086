"""The parts of a rule with what they came to on a row, and that in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.engine.explaining.rows import DecidedRow, Row
from auditor.engine.plan import Bucket
from auditor.explanation import Condition, Doubt, Fact, InForce, Plain, Truth
from auditor.findings import Outcome
from auditor.jurisdictions import codes_of, set_columns
from auditor.rules.model import Rule
from auditor.rules.parts import Part
from auditor.rules.period import Period
from auditor.schema import FACTS, REJECT, Kind, invalid


@dataclass(frozen=True, slots=True)
class Predicates:
    """A rule's predicates, ready to be shown on a row.

    Attributes:
        parts: whole predicates.
        params: every parameter's value.
        doubt: what the report says where the outcome hangs on how a date is read.
    """

    rule: Rule
    parts: Sequence[Part]
    params: Mapping[str, Plain]
    period: Period
    doubt: str | None

    def condition(self, place: str, row: DecidedRow) -> Condition | None:
        """The predicate at `place` on the row; None where the rule has none."""
        whole = next((part for part in self.parts if part.place == place), None)
        return None if whole is None else self._shown(whole, row)

    def doubts(self, row: DecidedRow) -> list[Doubt]:
        """The clauses of `undecided`."""
        found = []
        for number, clause in enumerate(self.rule.undecided):
            when = self.condition(f"undecided.{number}.when", row)
            found += [Doubt(clause.because, when)] if when else []
        return found

    def in_force(self, row: DecidedRow) -> InForce:
        """Whether the rule held at the row's time."""
        period, truth = self.period, Truth.of(row.is_in_period)
        if period.clock is None:
            return InForce(truth)
        return InForce(
            truth=truth,
            clock=period.clock,
            at=row.facts[period.clock],
            from_=period.from_.at if period.from_ else None,
            until=period.until.at if period.until else None,
            earliest=period.earliest.at if period.earliest else None,
            zone=period.zone,
            doubt=self.doubt if row.is_in_doubt else None,
        )

    def _shown(self, part: Part, row: DecidedRow) -> Condition:
        return Condition(
            place=part.place,
            sql=part.sql,
            location=part.location,
            truth=Truth.of(row.truths[id(part)]),
            facts=[fact_of(name, self.rule, row.facts) for name in part.fields],
            params={name: self.params[name] for name in part.params},
            parts=[self._shown(child, row) for child in part.children],
        )


def fact_of(name: str, rule: Rule, facts: Row) -> Fact:
    """The fact as the rule saw it."""
    bad = facts.get(invalid(name))
    if FACTS[rule.table][name].kind is not Kind.SET:
        return Fact(name, facts[name], invalid=bad)
    seen = rule.jurisdictions if name == "jurisdictions" else name
    _, _, is_open = set_columns(seen)
    return Fact(name, set_of(seen, facts), is_open=bool(facts[is_open]), invalid=bad)


def set_of(name: str, facts: Row) -> list[str] | None:
    """The known members of a set, sorted; None where the whole set is missing."""
    lo, hi, _ = set_columns(name)
    low, high = facts[lo], facts[hi]
    return None if low is None or high is None else codes_of(low | high << 128)


def because_of(row: DecidedRow, predicates: Predicates, bad_texts: Sequence[str]) -> str:
    """Why the row came to its outcome, in words.

    Args:
        row: the row.
        predicates: of the rule.
        bad_texts: log fields whose bad text makes a row unknown.
    """
    if row.bucket is Bucket.REJECTED:
        return f"the row was rejected, so that no rule judged it: {row.facts[REJECT]}"
    if row.bucket is Bucket.OUTSIDE_WINDOW:
        return "the row lies outside the window of --from and --to, so that no rule judged it"
    if row.outcome is Outcome.UNKNOWN:
        return _unknown(row, bad_texts)
    if row.outcome is Outcome.NOT_APPLICABLE:
        return _not_applicable(row, predicates)
    truth = "TRUE" if row.outcome is Outcome.VIOLATION else "FALSE"
    return f"the rule applies to the row, and its violation is {truth}"


def _unknown(row: DecidedRow, bad_texts: Sequence[str]) -> str:
    reason = row.reason or "not decided"
    for name in bad_texts:
        text = row.facts.get(invalid(name))
        if text is not None:
            return f"{reason}: {text!r} is none"
    return reason


def _not_applicable(row: DecidedRow, predicates: Predicates) -> str:
    applies = predicates.condition("applies", row)
    if applies is not None and applies.truth is Truth.FALSE:
        return "applies is FALSE: the rule is not about such rows"
    return f"{predicates.period.clock} lies outside the period of the rule"
