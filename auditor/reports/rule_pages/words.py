"""What pages on rules say in words: periods, values, the rows of examples."""

from collections.abc import Iterator

from auditor.rules.load import DEFAULT_TAG
from auditor.rules.model import Example, Rule


def runs_by_default(rule: Rule) -> bool:
    """Whether an audit runs the rule unless rules are selected."""
    return DEFAULT_TAG in rule.tags


def period_text(rule: Rule) -> str:
    """When the rule holds, by which time of a row."""
    period = rule.effective
    if period.clock is None:
        return "always"
    ends = [
        f"{word} {end}"
        for word, end in (("from", period.from_), ("until", period.until))
        if end is not None
    ]
    zone = f" ({period.timezone})" if period.timezone else ""
    doubt = f"; perhaps from {period.earliest}: {period.doubt}" if period.earliest else ""
    return f"{period.clock} {' '.join(ends)}{zone}{doubt}"


def value_text(value: object) -> str:
    """A value of a parameter or of a log as a rule file writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    return str(value)


def rows_of(example: Example) -> Iterator[str]:
    """The rows of an example, each as its stated values; or its files."""
    if example.fixture is not None:
        files = [example.fixture.log, example.fixture.accounts]
        yield f"the rows of {' with '.join(file for file in files if file)}"
    for row in example.rows:
        stated = [f"{name}: {value_text(value)}" for name, value in row.values.items()]
        yield ", ".join(stated) or "defaults alone"


def outcomes_of(example: Example) -> str:
    """The outcomes that its rows must have, one for each row of a log written out."""
    if example.fixture is not None:
        return ", ".join(outcome.name.lower() for outcome in sorted(example.outcomes))
    return ", ".join(row.expect.name.lower() for row in example.rows)


def params_text(example: Example) -> str:
    """The parameters that an example sets; empty where it sets none."""
    return ", ".join(f"{name}={value}" for name, value in example.params.items())
