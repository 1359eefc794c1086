"""Which examples can share one log, so that few queries decide them all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.rules.examples import Cell, example_rows
from auditor.rules.model import Rule

Key = tuple[str, str]


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
    """The written examples of `rules`; few batches, unless examples give equal ids."""
    batches: list[Batch] = []
    for rule in rules:
        for place, example in enumerate(rule.examples):
            if example.fixture is None:
                rows = list(example_rows(rule, example, place + 1))
                keys = set(_keys(rule, rows))
                fits = (batch for batch in batches if batch.takes(rule, example.params, keys))
                batch = next(fits, None)
                if batch is None:
                    batch = Batch(rule.table)
                    batches.append(batch)
                batch.add(rule, place, rows, keys)
    return batches


def _keys(rule: Rule, rows: Sequence[dict[str, Cell]]) -> Iterator[Key]:
    """What ties rows together: facts of whole meetings, and findings about one subject."""
    names = ["meeting_id"] if rule.table == "events" else ["order_id"]
    names += ["account_id"] if rule.subject == "account" else []
    for row in rows:
        for name in names:
            yield name, str(row[name] or "").strip()
