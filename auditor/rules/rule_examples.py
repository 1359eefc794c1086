"""The examples of a rule file: rows of a log or a file of them, and what the rule must say."""

from pathlib import PurePosixPath
from typing import Final

from auditor.findings import Outcome
from auditor.rules.fields import Fields
from auditor.rules.model import Example, ExampleRow, Fixture
from auditor.rules.yaml_nodes import YamlList, YamlMap, YamlScalar
from auditor.schema import SUBJECT_KEYS, TABLES, Kind

FIXTURE_SUFFIXES: Final = (".csv", ".parquet")

_OUTCOMES: Final = {outcome.name.lower(): outcome for outcome in Outcome}
REJECTED: Final = "rejected"
_ONE, _SEVERAL, _FILE = "event", "events", "fixture"
LOGS: Final = (_ONE, _SEVERAL, _FILE)
"""The keys of which an example has one: a log of one row of the table, of several, in a file."""

CLAIMS: Final = ("expect", "reason", "boundary", "message")
"""What may be said of one row."""

_EXPECTED_OF: Final = {
    "reason": ("only an unknown row has a reason", Outcome.UNKNOWN),
    "message": ("only a violation has a message", Outcome.VIOLATION),
}


def read_examples(fields: Fields, table: str | None, subject: str | None) -> tuple[Example, ...]:
    """The examples of a rule on `table` whose findings are about a `subject`."""
    known = ("name", _ONE, _SEVERAL, _FILE, "accounts", *CLAIMS, "findings", "params")
    found = []
    for number, item in enumerate(fields.maps("examples", known)):
        item.require("name")
        rows, fixture = _log(item, f"examples.{number}", table, subject)
        params = _params(item)
        name = item.text("name") or ""
        found.append(Example(name, rows, fixture, params, item.location))
    return tuple(found)


def _log(
    item: Fields, place: str, table: str | None, subject: str | None
) -> tuple[tuple[ExampleRow, ...], Fixture | None]:
    given = [name for name in LOGS if item.scalar_or_node(name) is not None]
    if len(given) != 1:
        message = f"an example takes one of {_ONE}, {_SEVERAL} and {_FILE}"
        item.wrong(message, "write event: {…}")
        return (), None
    if given == [_FILE]:
        item.refuse(_FILE, "reason", "boundary", "message")
        return (), _fixture(item, subject)
    item.refuse(given[0], "accounts", "findings")
    if given == [_ONE]:
        return (_row(item, place, table),), None
    item.refuse(_SEVERAL, *CLAIMS)
    parts = enumerate(item.maps(_SEVERAL, (_ONE, *CLAIMS)))
    rows = tuple(_row(part, f"{place}.{_SEVERAL}.{number}", table) for number, part in parts)
    if not rows:
        item.fault(_SEVERAL, f"{_SEVERAL} is empty")
    return rows, None


def _row(item: Fields, place: str, table: str | None) -> ExampleRow:
    item.require(_ONE, "expect")
    values = item.map(_ONE)
    expect = item.choice("expect", _OUTCOMES)
    outcome = _OUTCOMES[expect] if expect else None
    for name, (message, wanted) in _EXPECTED_OF.items():
        if outcome not in {None, wanted} and item.scalar_or_node(name) is not None:
            item.fault(name, message, f"leave {name} out")
    return ExampleRow(
        values=_values(values, item, table) if values and table else {},
        expect=Outcome.UNKNOWN if outcome is None else outcome,
        reason=item.text("reason"),
        boundary=item.boolean("boundary"),
        message=item.text("message"),
        place=f"{place}.{_ONE}",
        location=item.location,
    )


def _values(node: YamlMap, item: Fields, table: str) -> dict[str, object]:
    known = {field.name: field for field in TABLES[table]}
    values: dict[str, object] = {}
    part = Fields(node, list(known), item.problems)
    for name, value in node.values.items():
        if name not in known:
            continue
        is_list = known[name].kind in {Kind.SET, Kind.HOPS}
        if isinstance(value, YamlScalar):
            values[name] = _raw(value, known[name].kind)
        elif isinstance(value, YamlList) and is_list:
            values[name] = [v.text for v in value.items if isinstance(v, YamlScalar)]
        else:
            part.fault(name, f"{name} takes {'texts' if is_list else 'one value'}")
    return values


def _raw(scalar: YamlScalar, kind: Kind) -> object:
    """The value as a log would hold it: only Booleans and numbers are typed."""
    is_typed = kind in {Kind.BOOLEAN, Kind.BYTES} or scalar.value is None
    return scalar.value if is_typed else scalar.text


def _params(item: Fields) -> dict[str, str]:
    """Texts for parameters, as the command line would give them."""
    node = item.map("params")
    found: dict[str, str] = {}
    for name, value in node.values.items() if node else ():
        items = value.items if isinstance(value, YamlList) else [value]
        texts = [one.text for one in items if isinstance(one, YamlScalar) and one.value is not None]
        if len(texts) == len(items):
            found[name] = ";".join(texts)
        else:
            item.problems.append(value.problem(f"{name} takes one value, or a list of texts"))
    return found


def _fixture(item: Fields, subject: str | None) -> Fixture:
    item.require("expect")
    rows = _counts(item)
    return Fixture(
        log=_file(item, _FILE) or "",
        accounts=_file(item, "accounts"),
        rows={outcome: rows.get(name, 0) for name, outcome in _OUTCOMES.items()},
        rejected=rows.get(REJECTED, 0),
        findings=_findings(item, subject),
    )


def _counts(item: Fields) -> dict[str, int]:
    node = item.map("expect")
    found: dict[str, int] = {}
    if node is None:
        return found
    part = Fields(node, (*_OUTCOMES, REJECTED), item.problems)
    for name, value in node.values.items():
        number = value.value if isinstance(value, YamlScalar) else None
        if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
            found[name] = number
        else:
            part.fault(name, f"{name} takes a number of rows")
    if not any(found.values()):
        item.fault("expect", "expect names no row", "write expect: {violation: 2, compliant: 5}")
    return found


def _file(item: Fields, name: str) -> str | None:
    text = item.text(name)
    if text is None:
        return None
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or not text.isprintable():
        item.fault(name, f"{name} must lie beside the rule file or below it", "write data/log.csv")
    elif path.suffix not in FIXTURE_SUFFIXES:
        item.fault(name, f"{name} must end in {' or '.join(FIXTURE_SUFFIXES)}")
    return text


def _findings(item: Fields, subject: str | None) -> tuple[dict[str, str | None], ...] | None:
    if item.scalar_or_node("findings") is None or subject is None:
        return None
    keys = SUBJECT_KEYS[subject]
    found = []
    for part in item.maps("findings", keys):
        absent = [key for key in keys if not part.has(key)]
        if absent:
            part.wrong(f"key {absent[0]!r} is missing", "null stands for a missing value")
        found.append({key: part.scalar_text(key) for key in keys})
    return tuple(found)
