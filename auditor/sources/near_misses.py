"""Columns that nothing reads but that resemble a field: misspelt ones, perhaps."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Final

_ALIKE: Final = 0.88
_PERIOD_ALIKE: Final = 0.65
_PERIOD: Final = ("valid_from", "valid_to")
_PERIOD_START: Final = "valid"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A column that was not read, and the field it may have been meant for."""

    column: str
    hint: str


def resembling(column: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `column` resembles most; None where it resembles none."""
    names = {bare(name): name for name in sorted(known, reverse=True)}
    close = get_close_matches(bare(column), names, n=1)
    return names[close[0]] if close else None


def mistaken_for(column: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `column` can hardly fail to mean; None where there is none.

    Stricter than `resembling`, but not for periods: a policy whose end is not read would hold for
    ever.
    """
    name = resembling(column, known)
    if name is None:
        return None
    is_period = name in _PERIOD and bare(column).startswith(_PERIOD_START)
    likeness = SequenceMatcher(None, bare(column), bare(name)).ratio()
    return name if likeness >= (_PERIOD_ALIKE if is_period else _ALIKE) else None


def meaning(name: str | None) -> str:
    """The hint that a column may have been meant for the field `name`; empty without one."""
    return f"did you mean {name!r}?" if name else ""


def bare(name: str) -> str:
    """`name` without case, blanks, hyphens, underscores and what cannot be seen."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(
        character
        for character in folded
        if unicodedata.category(character)[0] not in "CZ"
        and unicodedata.category(character) not in ("Pd", "Pc")
    )
