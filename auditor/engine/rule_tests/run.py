"""All examples of some rules, decided by the engine and compared with what they expect."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from auditor import __version__
from auditor.engine.addresses import address_knowledge
from auditor.engine.prepare import registered_for, shipped_groups
from auditor.engine.request import Request
from auditor.engine.rule_tests.batches import Batch, batches_of
from auditor.engine.rule_tests.compare import Messages, compared, fixture_compared
from auditor.engine.rule_tests.decide import Decided, Judge, decide
from auditor.engine.rule_tests.logs import fixture_file, fixture_log, written_log
from auditor.enrich.steps import Knowledge
from auditor.rules.compile import compile_rule
from auditor.rules.coverage import Covered, covered_parts
from auditor.rules.model import Example, Fixture, Rule
from auditor.rules.rule_tests import (
    ExampleResult,
    PartCoverage,
    RuleTestReport,
    RuleTests,
    Truth,
)
from auditor.sources.profile import load_profile


def run_examples(rules: Sequence[Rule], spool: Path, min_coverage: float = 0.0) -> RuleTestReport:
    """Run every example of `rules`.

    Args:
        rules: as loaded.
        spool: a folder for files that live as long as the run.
        min_coverage: per cent that every rule must reach.

    Raises:
        RuleError: a fixture is not there or cannot be read.
        RegistryError: a registry of accounts beside a rule is faulty.
    """
    runner = _Runner(rules, spool)
    for batch in batches_of(rules):
        runner.add_batch(batch)
    for rule in rules:
        for place, example in enumerate(rule.examples):
            if example.fixture is not None:
                runner.add_fixture(rule, place, example, example.fixture)
    return RuleTestReport(__version__, [runner.tests_of(rule) for rule in rules], min_coverage)


class _Runner:
    """Runs examples and keeps what they showed; registries are read once."""

    def __init__(self, rules: Sequence[Rule], spool: Path) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._spool = spool
        self._groups = shipped_groups()
        self._knowledge = cache(self._read_knowledge)
        self._results: dict[str, dict[int, ExampleResult]] = {rule.id: {} for rule in rules}
        self._coverage = {rule.id: _Coverage() for rule in rules}

    def add_batch(self, batch: Batch) -> None:
        """Run the examples of a batch."""
        judges = [self._judge(self._rules[name], given) for name, given in batch.params.items()]
        decided = decide(written_log(batch, self._spool), judges, self._knowledge(None))
        for judge in judges:
            places = batch.places[judge.id]
            own = decided.only(places)
            self._cover(own, judge)
            messages = self._messages(own, judge)
            verdicts = list(own.verdicts(judge))
            for place in dict.fromkeys(places.values()):
                rows = [verdict for verdict in verdicts if places[verdict.row] == place]
                example = self._rules[judge.id].examples[place]
                self._results[judge.id][place] = compared(example, rows, messages)

    def add_fixture(self, rule: Rule, place: int, example: Example, fixture: Fixture) -> None:
        """Run an example whose log is a file."""
        judge = self._judge(rule, example.params)
        log = fixture_log(rule, example, fixture, self._spool)
        accounts = fixture_file(rule, example, fixture.accounts) if fixture.accounts else None
        decided = decide(log, [judge], self._knowledge(accounts))
        self._cover(decided, judge)
        self._results[rule.id][place] = fixture_compared(
            example,
            fixture,
            rule.subject,
            list(decided.verdicts(judge)),
            self._messages(decided, judge),
        )

    def tests_of(self, rule: Rule) -> RuleTests:
        """How the examples of a rule came out, in the order of its file."""
        results = self._results[rule.id]
        coverage = self._coverage[rule.id]
        if not results:
            coverage.add(self._judge(rule, {}).covered, [])
        return RuleTests(
            id=rule.id,
            title=rule.title,
            pack=rule.pack,
            location=rule.problem("id", 0, "").location,
            examples=[results[place] for place in sorted(results)],
            parts=coverage.parts,
        )

    def _judge(self, rule: Rule, params: Mapping[str, str]) -> Judge:
        compiled = compile_rule(rule, params, self._groups)
        return Judge(compiled, covered_parts(compiled, params, self._groups))

    def _cover(self, decided: Decided, judge: Judge) -> None:
        self._coverage[judge.id].add(judge.covered, decided.seen(judge))

    def _messages(self, decided: Decided, judge: Judge) -> Messages:
        return cache(lambda: decided.messages(judge, self._spool))

    def _read_knowledge(self, accounts: Path | None) -> Knowledge:
        request = Request(paths=(), accounts=[str(accounts)] if accounts else ())
        profile, addresses = load_profile(request.source), address_knowledge(request)
        return registered_for(request, profile, self._groups, addresses).knowledge


class _Coverage:
    """What the parts of one rule came out as, over all its examples.

    Attributes:
        parts: one per part, in the order of the text.
    """

    def __init__(self) -> None:
        self.parts: list[PartCoverage] = []

    def add(self, covered: Sequence[Covered], seen: Sequence[Truth]) -> None:
        """Add what one log showed of the parts, which are the same ones for all parameters."""
        before = self.parts or [_unseen(part) for part in covered]
        more = seen or [Truth.NONE] * len(covered)
        self.parts = [
            replace(old, possible=old.possible | part.possible, seen=old.seen | truth)
            for old, part, truth in zip(before, covered, more, strict=True)
        ]


def _unseen(covered: Covered) -> PartCoverage:
    part = covered.part
    return PartCoverage(part.place, part.sql, part.location, Truth.NONE, Truth.NONE)
