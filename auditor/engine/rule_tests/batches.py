"""Which examples can share one log, so that few queries decide them all."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from auditor.rules.examples import Cell, example_rows
from auditor.rules.model import Rule
from auditor.rules.program import expressions_of

Key = tuple[str, str]

_MARK: Final = "\ue000"
_TAG: Final = re.compile(f"{_MARK}[^{_MARK}]*{_MARK}")


@dataclass(slots=True)
class Batch:
    """Examples on one table, none of which can change another's outcome.

    Attributes:
        params: rule id → the parameters that its examples give.
        rows: of all examples, in the order of the log.
        places: rule id → number of a row, from 1 → place of its example among the rule's.
    """

    table: str
    params: dict[str, Mapping[str, str]] = field(default_factory=dict)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    places: dict[str, dict[int, int]] = field(default_factory=dict)
    _keys: set[Key] = field(default_factory=set)

    def takes(self, rule: Rule, params: Mapping[str, str], keys: set[Key]) -> bool:
        """Whether the rule has no other parameters here, and no row has one of `keys`."""
        has_params = self.params.get(rule.id, params) == params
        return self.table == rule.table and has_params and self._keys.isdisjoint(keys)

    def add(self, rule: Rule, place: int, rows: Sequence[dict[str, Cell]], keys: set[Key]) -> None:
        """Add the example at `place` of `rule`."""
        self.params[rule.id] = rule.examples[place].params
        first = len(self.rows) + 1
        own = self.places.setdefault(rule.id, {})
        own |= dict.fromkeys(range(first, first + len(rows)), place)
        self.rows += rows
        self._keys |= keys


def batches_of(rules: Sequence[Rule]) -> list[Batch]:
    """The written examples of `rules`.

    Few batches: ids that tie rows together are tagged with their example. Only where a rule itself
    reads such an id, or it is missing, do examples with equal ones get logs of their own.
    """
    batches: list[Batch] = []
    for rule in rules:
        ties = _ties(rule)
        tagged = ties - _read(rule)
        for place, example in enumerate(rule.examples):
            if example.fixture is None:
                rows = [_tagged(row, tagged, rule, place) for row in example_rows(rule, example)]
                keys = set(_keys(rows, ties))
                fits = (batch for batch in batches if batch.takes(rule, example.params, keys))
                batch = next(fits, None)
                if batch is None:
                    batch = Batch(rule.table)
                    batches.append(batch)
                batch.add(rule, place, rows, keys)
    return batches


def untagged(text: str) -> str:
    """A text of a finding as the example's own log would have it."""
    return _TAG.sub("", text)


def _ties(rule: Rule) -> frozenset[str]:
    """What ties rows together: facts of whole meetings, and findings about one subject."""
    key = "meeting_id" if rule.table == "events" else "order_id"
    return frozenset({key, "account_id"} if rule.subject == "account" else {key})


def _read(rule: Rule) -> set[str]:
    """The ids that the rule may read; a word that only looks like one does no harm."""
    texts = " ".join(sql.text.casefold() for sql in expressions_of(rule))
    return {name for name in _ties(rule) if name in texts}


def _tagged(row: dict[str, Cell], names: frozenset[str], rule: Rule, place: int) -> dict[str, Cell]:
    tag = f"{_MARK}{rule.id}#{place}{_MARK}"
    found = {name: _id_of(row, name) for name in names}
    # NOTE: the blanks around an id stay where they are, for the reader of logs to judge
    ids = {name: str(row[name]).replace(id_, id_ + tag, 1) for name, id_ in found.items() if id_}
    return {**row, **ids}


def _keys(rows: Sequence[dict[str, Cell]], ties: frozenset[str]) -> Iterator[Key]:
    for row in rows:
        for name in ties:
            yield name, _id_of(row, name)


def _id_of(row: Mapping[str, Cell], name: str) -> str:
    return str(row[name] or "").strip()
