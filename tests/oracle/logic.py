"""Three-valued logic: True, False, and None for what cannot be decided."""

from collections.abc import Set as AbstractSet

Truth = bool | None


def both(*operands: Truth) -> Truth:
    """SQL's AND."""
    if False in operands:
        return False
    return None if None in operands else True


def negation(operand: Truth) -> Truth:
    """SQL's NOT."""
    return None if operand is None else not operand


def is_one_of(value: object, *wanted: object) -> Truth:
    """SQL's IN over constants."""
    return None if value is None else value in wanted


def within(known: AbstractSet[str], is_open: bool, allowed: AbstractSet[str] | None) -> Truth:
    """Whether a set of which `known` is known lies in the closed set `allowed`."""
    if allowed is None:
        return None
    if known - allowed:
        return False
    return None if is_open else True


def touches(known: AbstractSet[str] | None, is_open: bool, wanted: str) -> Truth:
    """Whether a set of which `known` is known holds `wanted`."""
    if known is None:
        return None
    if wanted in known:
        return True
    return None if is_open else False
