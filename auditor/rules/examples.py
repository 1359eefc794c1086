"""A rule's examples as rows of a log, so that the engine can run them."""

from datetime import UTC, datetime, timedelta
from typing import Final

from auditor.rules.literals import instant_of
from auditor.rules.model import ROW_TIME, TIMEZONE, Example, Rule
from auditor.rules.params import params_of
from auditor.rules.period import period_of
from auditor.schema import EVENTS, ORDERS, Kind

_UNBOUNDED: Final = datetime(2020, 6, 1, tzinfo=UTC)
_AFTER_START: Final = timedelta(hours=1)
_KEYS: Final = {
    "events": {
        "meeting_id": "meeting-1",
        "session_id": "session-1",
        "account_id": "account-1",
        "route": "country:US",
    },
    "orders": {"order_id": "order-1", "account_id": "account-1"},
}
_KINDS: Final = {
    "events": {field.name: field.kind for field in EVENTS},
    "orders": {field.name: field.kind for field in ORDERS},
}


def example_row(rule: Rule, example: Example) -> dict[str, object]:
    """One canonical row: the example's values, and defaults where it leaves a key or time out.

    Times are aware datetimes where the example's text is one, sets and routes are `;`-separated
    text, everything else is as the example gives it. The row's own time, and for events the
    meeting's start, default to one hour after the rule's period begins.
    """
    zone = params_of(rule).get(TIMEZONE)
    start = period_of(rule.effective, str(zone.default) if zone else None).from_
    moment = (start.at if start else _UNBOUNDED) + _AFTER_START
    times = [ROW_TIME[rule.table], *(["meeting_started_at"] if rule.table == "events" else [])]
    defaults: dict[str, object] = {**_KEYS[rule.table], **dict.fromkeys(times, moment)}
    kinds = _KINDS[rule.table]
    given = {name: _value(value, kinds[name]) for name, value in example.event.items()}
    return defaults | given


def _value(value: object, kind: Kind) -> object:
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    if kind is Kind.TIME and isinstance(value, str):
        return instant_of(value) or value
    return value
