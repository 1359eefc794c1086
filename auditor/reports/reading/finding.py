"""One finding of a report of any size, with what the report says of the run it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote
from typing import BinaryIO, Final

from auditor.errors import ReportError
from auditor.explanation import Reported
from auditor.findings import REPORT_SCHEMA
from auditor.reports.reading.members import Member
from auditor.reports.reading.reported import reported_of
from auditor.reports.reading.stream import JsonStream

_HEADER: Final = frozenset({"schema", "settings", "inputs", "registries", "rules"})
"""The members of a report that a finding rests on; all others are passed over."""

_SHOWN: Final = 10
_ALIKE: Final = 0.75


def read_finding(stream: BinaryIO, shown: str, wanted: str) -> Reported:
    """The finding whose id is `wanted`, or begins so.

    Args:
        stream: a report as JSON or NDJSON; read once, and never held as a whole.
        shown: its name in messages.
        wanted: an id, or as much of one as no other has.

    Raises:
        ReportError: it is no such report, or a value in it is wrong or too large.
    """
    search = _Search(wanted.strip().lower(), shown)
    header: dict[str, object] = {}
    for name, value in _members(JsonStream(stream, shown)):
        if name == "findings":
            search.see(value)
        else:
            header[name] = value
    report = Member(header, "report", shown)
    schema = header.get("schema")
    if schema != REPORT_SCHEMA:
        what = "has no schema" if schema is None else f"is of schema {schema!r}"
        raise ReportError(f"{what}, not of {REPORT_SCHEMA!r}", location=shown)
    return reported_of(report, search.found())


def _members(json: JsonStream) -> Iterator[tuple[str, object]]:
    """The members of a report's header, and every finding by the name `findings`."""
    json.take("{")
    is_feed = False
    for name in _names(json):
        if name == "findings" and json.peek() == "[":
            json.take("[")
            for _ in _items(json, "]"):
                yield name, json.value()
        elif name in _HEADER:
            yield name, json.value()
        elif name == "kind":
            is_feed = json.value() == "run"
        else:
            json.skip()
    while json.peek():
        if not is_feed:
            raise json.error("goes on after the end of the report")
        yield "findings", json.value()


def _names(json: JsonStream) -> Iterator[str]:
    for _ in _items(json, "}"):
        name = json.value()
        if not isinstance(name, str):
            raise json.error("the name of a member is wanted here")
        json.take(":")
        yield name


def _items(json: JsonStream, end: str) -> Iterator[None]:
    """Once before each item of a list or object that has been opened."""
    if json.peek() == end:
        json.take(end)
        return
    while True:
        yield
        if json.take("," + end) == end:
            return


@dataclass(slots=True)
class _Search:
    """Sees every finding and keeps those that may be meant."""

    wanted: str
    shown: str
    total: int = 0
    ids: list[str] = field(default_factory=list)
    matches: int = 0
    first: Member | None = None
    is_exact: bool = False
    nearest: str = ""
    likeness: float = 0.0
    of_rule: list[str] = field(default_factory=list)

    def see(self, value: object) -> None:
        finding = Member(value, f"findings[{self.total}]", self.shown)
        self.total += 1
        name = finding.member("id").text()
        if name.startswith(self.wanted) and not self.is_exact:
            self.is_exact = name == self.wanted
            self.first = finding if self.is_exact or self.first is None else self.first
            self.matches += 1
            if len(self.ids) < _SHOWN:
                self.ids.append(name)
        elif not self.matches:
            self._compare(finding, name)

    def _compare(self, finding: Member, name: str) -> None:
        alike = sum(map(str.__eq__, self.wanted, name)) / max(len(self.wanted), 1)
        if alike > self.likeness:
            self.likeness, self.nearest = alike, name
        if len(self.of_rule) < _SHOWN and finding.mapping().get("rule_id") == self.wanted.upper():
            self.of_rule.append(name)

    def found(self) -> Member:
        if self.first is None:
            raise self._none()
        if self.matches > 1 and not self.is_exact:
            more = f" and {self.matches - len(self.ids)} more" if self.matches > _SHOWN else ""
            raise ReportError(
                f"{self.matches} findings have an id that begins with {self.wanted!r}",
                location=self.shown,
                hint=f"give more of it: {', '.join(self.ids)}{more}",
            )
        return self.first

    def _none(self) -> ReportError:
        hint = f"its ids: jq -r '.findings[].id' {quote(self.shown)}"
        if self.of_rule:
            hint = f"that is a rule; findings of it: {', '.join(self.of_rule)}"
        elif self.likeness >= _ALIKE:
            hint = f"did you mean {self.nearest!r}?"
        message = f"none of the {self.total} findings has an id that begins with {self.wanted!r}"
        return ReportError(message, location=self.shown, hint=hint)
