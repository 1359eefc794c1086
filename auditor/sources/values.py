"""Texts → values of closed kinds, a batch at a time, with the texts that are none."""

from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl

from auditor.jurisdictions import COUNTRIES
from auditor.schema import FALSE_WORDS, TRUE_WORDS, Field, Kind

VALUE, FAULT = "value", "fault"

FIRST_PRINTABLE, LAST_PRINTABLE = "!", "~"
"""Every blank of Unicode sorts before the one or after the other."""

NULL_TEXT: Final = pl.Series(FAULT, [], dtype=pl.String)
"""Empty column of faults; `NULL_TEXT.clear(n)` is one of n rows without any."""

_BOOLEAN_WORDS: Final = (*TRUE_WORDS, *FALSE_WORDS)
_BOOLEANS: Final = (*(True for _ in TRUE_WORDS), *(False for _ in FALSE_WORDS))
_COUNTRY_WORDS: Final = tuple(code.lower() for code in COUNTRIES)
_CODES: Final = pl.Enum(list(COUNTRIES))

Kernel = Callable[[pl.Series], pl.Series]


def reading(value: pl.Series, fault: pl.Series) -> pl.Series:
    """A struct column of `value` and `fault`."""
    return pl.DataFrame([value.alias(VALUE), fault.alias(FAULT)]).to_struct()


def as_kernel(expr: pl.Expr, kernel: Kernel, value: pl.DataType) -> pl.Expr:
    """`expr` read by `kernel`: a struct of `value` and `fault` (String), row for row."""
    dtype = pl.Struct({VALUE: value, FAULT: pl.String()})
    return expr.map_batches(kernel, return_dtype=dtype, is_elementwise=True)


def trimmed(expr: pl.Expr) -> pl.Expr:
    """Text without surrounding Unicode blanks; null where nothing is left."""
    return expr.map_batches(_trimmed, return_dtype=pl.String(), is_elementwise=True)


def is_blank(expr: pl.Expr) -> pl.Expr:
    """Whether `trimmed` would give null; far cheaper, for the key columns of every row."""
    return expr.map_batches(_is_blank, return_dtype=pl.Boolean(), is_elementwise=True)


def value_kernel(field: Field) -> Kernel:
    """The kernel that reads texts of `field`, which is of a closed kind other than time."""
    if field.kind is Kind.BOOLEAN:
        return _read_boolean
    if field.kind is Kind.BYTES:
        return _read_bytes
    if field.kind is Kind.COUNTRY:
        return _read_country
    return lambda texts: _read_choice(texts, field.choices)


def read_counts(numbers: pl.Series) -> pl.Series:
    """The same for whole numbers: negative ones are faults."""
    value = numbers.cast(pl.UInt64, strict=False)
    if value.null_count() == numbers.null_count():
        return _no_fault(value)
    is_bad = value.is_null() & numbers.is_not_null()
    return reading(value, numbers.cast(pl.String).zip_with(is_bad, NULL_TEXT.clear(len(value))))


def _trimmed(texts: pl.Series) -> pl.Series:
    if _is_tidy(texts):
        return texts
    text = texts.str.strip_chars()
    is_empty = text == ""
    return text.set(is_empty, None) if is_empty.any() else text


def _is_tidy(texts: pl.Series) -> bool:
    """Whether nothing is empty and no text begins or ends with what could be a blank.

    Looking at two bytes is cheaper than trimming.
    """
    if not _starts_tidily(texts):
        return False
    last = texts.cast(pl.Binary).bin.get(-1)
    lowest, highest = last.min(), last.max()
    if not isinstance(lowest, int) or not isinstance(highest, int):
        return True
    return lowest >= ord(FIRST_PRINTABLE) and highest <= ord(LAST_PRINTABLE)


def _starts_tidily(texts: pl.Series) -> bool:
    return not ((texts < FIRST_PRINTABLE).any() or (texts > LAST_PRINTABLE).any())


def _is_blank(texts: pl.Series) -> pl.Series:
    return texts.is_null() if _starts_tidily(texts) else _trimmed(texts).is_null()


def _no_fault(values: pl.Series) -> pl.Series:
    return reading(values, NULL_TEXT.clear(len(values)))


@cache
def _spellings(words: tuple[str, ...], values: tuple[str | bool, ...]) -> tuple[pl.Enum, pl.Series]:
    """The usual spellings of lower-case `words`, and what each stands for; empty is nothing."""
    known = {
        spelling: value
        for word, value in zip(words, values, strict=True)
        for spelling in (word, word.title(), word.upper())
    }
    return pl.Enum([*known, ""]), pl.Series([*known.values(), None])


def _read_words(
    texts: pl.Series, words: tuple[str, ...], values: tuple[str | bool, ...]
) -> pl.Series:
    spelled, value_of = _spellings(words, values)
    codes = texts.cast(spelled, strict=False)
    if codes.null_count() == texts.null_count():
        return _no_fault(value_of.gather(codes.to_physical()))
    text = _trimmed(texts)
    codes = text.str.to_lowercase().cast(spelled, strict=False)
    is_bad = codes.is_null() & text.is_not_null()
    fault = text.zip_with(is_bad, NULL_TEXT.clear(len(texts)))
    return reading(value_of.gather(codes.to_physical()), fault)


def _read_boolean(texts: pl.Series) -> pl.Series:
    return _read_words(texts, _BOOLEAN_WORDS, _BOOLEANS)


def _read_choice(texts: pl.Series, choices: tuple[str, ...]) -> pl.Series:
    if texts.cast(pl.Enum(choices), strict=False).null_count() == texts.null_count():
        return _no_fault(texts)
    return _read_words(texts, choices, choices)


def _read_country(texts: pl.Series) -> pl.Series:
    if texts.cast(_CODES, strict=False).null_count() == texts.null_count():
        return _no_fault(texts)
    return _read_words(texts, _COUNTRY_WORDS, tuple(COUNTRIES))


def _read_bytes(texts: pl.Series) -> pl.Series:
    value = texts.cast(pl.UInt64, strict=False)
    if value.null_count() == texts.null_count():
        return _no_fault(value)
    text = _trimmed(texts)
    value = text.cast(pl.UInt64, strict=False)
    is_bad = value.is_null() & text.is_not_null()
    return reading(value, text.zip_with(is_bad, NULL_TEXT.clear(len(value))))
