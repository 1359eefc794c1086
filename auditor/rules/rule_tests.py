"""What testing rules by their examples showed: expectations not met, and parts not covered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag


class Truth(IntFlag):
    """What conditions came out as: SQL's three truths, as a set."""

    NONE = 0
    TRUE = 1
    FALSE = 2
    NULL = 4

    @property
    def names(self) -> list[str]:
        """The truths in it: `true`, `false`, `null`."""
        return [str(truth.name).lower() for truth in self]


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met, or a finding that none stated.

    Attributes:
        expected, got: texts for people.
        why: why it came out so; may be empty.
        location: `path:line:column` of the expectation.
    """

    expected: str
    got: str
    why: str
    location: str


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """How one example came out.

    Attributes:
        rows: how many rows its log has.
    """

    name: str
    location: str
    rows: int
    failures: Sequence[Failure] = ()

    @property
    def is_passed(self) -> bool:
        """Whether all came out as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class PartCoverage:
    """A condition of a rule that no other conditions make up, and what examples made of it.

    Attributes:
        place: the predicate it belongs to: `applies`, `violation`, `undecided.0.when`.
        sql: as written.
        location: `path:line:column`.
        possible: the truths it may have; what is certain never to happen is not among them.
        seen: those it had in some row in which the predicate mattered.
    """

    place: str
    sql: str
    location: str
    possible: Truth
    seen: Truth

    @property
    def missing(self) -> Truth:
        """The truths that no example shows."""
        return self.possible & ~self.seen


@dataclass(frozen=True, slots=True)
class RuleTests:
    """One rule and all its examples."""

    id: str
    title: str
    pack: str
    location: str
    examples: Sequence[ExampleResult]
    parts: Sequence[PartCoverage]

    @property
    def failed(self) -> list[ExampleResult]:
        """The examples that did not come out as expected."""
        return [example for example in self.examples if not example.is_passed]

    @property
    def coverage(self) -> float:
        """Per cent of the truths of all parts that examples show."""
        return _percent(self.parts)


@dataclass(frozen=True, slots=True)
class RuleTestReport:
    """One run of the examples of some rules.

    Attributes:
        version: of the program.
        rules: at least one.
        min_coverage: per cent that every rule must reach.
    """

    version: str
    rules: Sequence[RuleTests]
    min_coverage: float

    @property
    def examples(self) -> int:
        """How many examples there are."""
        return sum(len(rule.examples) for rule in self.rules)

    @property
    def failed(self) -> int:
        """How many of them did not come out as expected."""
        return sum(len(rule.failed) for rule in self.rules)

    @property
    def coverage(self) -> float:
        """Per cent of the truths of all parts of all rules that examples show."""
        return _percent([part for rule in self.rules for part in rule.parts])

    @property
    def is_passed(self) -> bool:
        """Whether every rule has examples, all of them passed, and they cover enough."""
        return all(not any(self.shortcomings(rule)) and not rule.failed for rule in self.rules)

    def shortcomings(self, rule: RuleTests) -> Iterator[str]:
        """What is wrong with the examples of `rule` as a whole."""
        if not rule.examples:
            yield "has no examples: nothing was tested"
        if rule.coverage < self.min_coverage:
            yield f"coverage of {rule.coverage:g} % is below {self.min_coverage:g} %"


def _percent(parts: Sequence[PartCoverage]) -> float:
    """Rounded down to a tenth, so that 100 means all."""
    possible = sum(part.possible.bit_count() for part in parts)
    seen = sum((part.possible & part.seen).bit_count() for part in parts)
    return seen * 1000 // possible / 10 if possible else 100.0
