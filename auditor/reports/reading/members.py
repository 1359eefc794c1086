"""Members of a report by type: what is of another type is an error that names its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from auditor.errors import ReportError

_MOST: Final = 2**63 - 1
_MOST_BYTES: Final = 2**64 - 1
_HINT: Final = "give a report that `auditor audit` wrote with --format json or ndjson"


@dataclass(frozen=True, slots=True)
class Member:
    """A value somewhere in a report.

    Attributes:
        value: as JSON has it.
        place: such as `findings[3].rows[0].path`.
        shown: the report's name in messages.
    """

    value: object
    place: str
    shown: str

    def error(self, message: str) -> ReportError:
        """An error at this place."""
        return ReportError(f"{self.place} {message}", location=self.shown, hint=_HINT)

    def member(self, name: str) -> "Member":
        """A member of an object, which must have it."""
        found = self.mapping()
        if name not in found:
            raise self.error(f"has no member {name!r}")
        return Member(found[name], f"{self.place}.{name}", self.shown)

    def mapping(self) -> Mapping[str, object]:
        """An object."""
        if not isinstance(self.value, dict):
            raise self.error("is not an object")
        return self.value

    def items(self) -> Iterator["Member"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.error("is not a list")
        for number, item in enumerate(self.value):
            yield Member(item, f"{self.place}[{number}]", self.shown)

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.error("is not a text")
        return self.value

    def text_or_none(self) -> str | None:
        """A text or null."""
        return None if self.value is None else self.text()

    def texts(self) -> list[str]:
        """A list of texts."""
        return [item.text() for item in self.items()]

    def count(self, most: int = _MOST) -> int:
        """A whole number from 0 to `most`."""
        is_whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        if not isinstance(self.value, int) or not is_whole or not 0 <= self.value <= most:
            raise self.error("is not a number of things")
        return self.value

    def count_or_none(self) -> int | None:
        """The same, or null."""
        return None if self.value is None else self.count()

    def bytes_or_none(self) -> int | None:
        """The same of media, whose bytes may fill 64 bits."""
        return None if self.value is None else self.count(_MOST_BYTES)

    def instant(self) -> datetime | None:
        """An instant with its zone, or null."""
        text = self.text_or_none()
        if text is None:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.error("is not an instant") from error
        if at.tzinfo is None:
            raise self.error("is an instant without a zone")
        return at
