"""A rule's examples as rows of a log, so that the engine can run them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from auditor.errors import ConfigError, Problem
from auditor.rules.faults import FaultKind
from auditor.rules.ir import Node
from auditor.rules.literals import instant_of, is_zone
from auditor.rules.model import ROW_TIME, TIMEZONE, Example, Rule
from auditor.rules.params import param_values, params_of
from auditor.rules.period import period_of
from auditor.rules.program import bind_rule
from auditor.schema import TABLES, Kind

_UNBOUNDED: Final = datetime(2020, 6, 1, tzinfo=UTC)
_AFTER_START: Final = timedelta(hours=1)
_LISTED: Final = frozenset({Kind.SET, Kind.HOPS})

Cell = str | list[str] | None
"""A raw value: sets and routes are lists, which can be empty; everything else is text."""


def example_rows(rule: Rule, example: Example) -> Iterator[dict[str, Cell]]:
    """The rows of an example that is no fixture, with a column for every field of the table.

    Left out, the account is `account-1`, the meeting `meeting-1`, and sessions and orders have the
    number of their row. The row's own time, and for events the meeting's start, default to one hour
    after the rule's period begins; whatever else is left out is missing.
    """
    moment = _moment(rule, example)
    kinds = [(field.name, field.kind) for field in TABLES[rule.table]]
    for number, row in enumerate(example.rows, start=1):
        values = {**_defaults(rule, number, moment), **row.values}
        yield {name: _cell(values.get(name), kind) for name, kind in kinds}


def example_problems(rule: Rule, nodes: Mapping[str, Node]) -> Iterator[Problem]:
    """Parameters of examples that the rule does not have or that do not fit.

    Args:
        rule: without faults but these.
        nodes: its typed expressions by place.
    """
    for example in rule.examples:
        if not example.params:
            continue
        problems: Iterable[Problem]
        try:
            values = param_values(rule, example.params)
        except ConfigError as error:
            problems = error.problems
        else:
            zone = str(values[TIMEZONE]) if TIMEZONE in values else None
            problems = [found.problem for found in bind_rule(rule, nodes, values, zone)[1]]
        for fault in problems:
            message = f"params of this example: {fault.message}"
            yield Problem(message, example.location, fault.hint, kind=FaultKind.INVALID_VALUE)


def _moment(rule: Rule, example: Example) -> str:
    zone = params_of(rule).get(TIMEZONE)
    given = example.params.get(TIMEZONE, "")
    name = given if is_zone(given) else str(zone.default) if zone else None
    start = period_of(rule.effective, name).from_
    moment = (start.at if start else _UNBOUNDED) + _AFTER_START
    return moment.isoformat()


def _defaults(rule: Rule, number: int, moment: str) -> Mapping[str, object]:
    account = {"account_id": "account-1", ROW_TIME[rule.table]: moment}
    if rule.table == "orders":
        return account | {"order_id": f"order-{number}"}
    return account | {
        "meeting_id": "meeting-1",
        "session_id": f"session-{number}",
        "meeting_started_at": moment,
        "route": "country:US",
    }


def _cell(value: object, kind: Kind) -> Cell:
    if value is None:
        return None
    if isinstance(value, list):
        return [str(item) for item in value]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if kind in _LISTED:
        # NOTE: text as a CSV file has it: empty is missing, and a stray last `;` is no item
        return [text.strip().removesuffix(";")] if text.strip() else None
    at = instant_of(text) if kind is Kind.TIME else None
    return at.isoformat() if at else text
