"""Every exception of the program, named by who must act; each carries a location and a hint."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

_SHOWN_NAMES: Final = 30
_SHOWN_FAULTS: Final = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Attributes:
        message: what is wrong, in one line.
        location: `path:line:col`, `path:line`, `path` or a flag; empty where there is none.
        hint: the next step for the person who must act; may be empty.
        excerpt: source lines with a caret below the fault; may be empty.
        kind: stable name of the kind of fault; empty where kinds are not told apart.
    """

    message: str
    location: str = ""
    hint: str = ""
    excerpt: str = ""
    kind: str = ""

    def __str__(self) -> str:
        message, location = _one_line(self.message), _one_line(self.location)
        head = f"{location}: {message}" if location else message
        lines = [head, *self.excerpt.splitlines()]
        if self.hint:
            lines.append(f"hint: {_one_line(self.hint)}")
        return "\n  ".join(lines)


def _one_line(text: str) -> str:
    """`text` with the line ends that a hostile name may hold made visible."""
    return text.replace("\n", "\\n").replace("\r", "\\r")


class AuditorError(Exception):
    """Base of all expected failures; holds one or more problems."""

    def __init__(self, message: str, *, location: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(message, location, hint),)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "AuditorError":
        """The error that reports all of `problems` at once, in the order given."""
        found = tuple(problems)
        error = cls(found[0].message)
        error.problems = found
        return error

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(AuditorError):
    """The command line asks for something that does not exist or does not fit together."""


class ConfigError(AuditorError):
    """A settings file, an environment variable or a parameter is wrong."""


class RuleError(AuditorError):
    """A rule file is wrong: its author must act."""


class RegistryError(AuditorError):
    """A registry (accounts, data centres, groups) is wrong: its owner must act."""


class ProfileError(AuditorError):
    """A source profile is wrong: its author must act."""


class InputError(AuditorError):
    """A log cannot be read: whoever delivers it must act."""


class ReportError(AuditorError):
    """A report could not be written."""


def first_of(problems: Sequence[Problem], location: str) -> list[Problem]:
    """Not too many faults of one file; where some are left out, how many there are."""
    if len(problems) <= _SHOWN_FAULTS:
        return list(problems)
    total = f"{len(problems)} faults, of which the first {_SHOWN_FAULTS} are shown"
    return [*problems[:_SHOWN_FAULTS], Problem(total, location)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Text that follows an unknown name: the closest known one, else all known ones."""
    names = sorted({str(one) for one in known})
    close = get_close_matches(name.casefold(), [n.casefold() for n in names], n=1, cutoff=0.6)
    if close:
        best = next(n for n in names if n.casefold() == close[0])
        return f"did you mean {best!r}?"
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f"known: {shown}{more}" if names else "none is known"
