"""What a report format is: a name and how it writes a report to a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, Protocol

from auditor.findings import Report


class Format(Protocol):
    """One way to turn a report into bytes."""

    @property
    def name(self) -> str:
        """What the user types."""
        ...

    @property
    def is_text(self) -> bool:
        """Whether a person can read the bytes on a terminal."""
        ...

    def write(self, report: Report, stream: BinaryIO) -> None:
        """Writes the whole report; leaves the stream open, and its errors to the caller."""
        ...


@dataclass(frozen=True, slots=True)
class LazyFormat:
    """A format whose module, and what that imports, is loaded when it first writes.

    Attributes:
        name: what the user types.
        module: dotted name of a module with a function `write(report, stream)`.
        is_text: whether a person can read the bytes on a terminal.
    """

    name: str
    module: str
    is_text: bool = True

    def write(self, report: Report, stream: BinaryIO) -> None:
        """Writes the whole report; leaves the stream open, and its errors to the caller."""
        write: Callable[[Report, BinaryIO], None] = import_module(self.module).write
        write(report, stream)
