"""Names of companies compared loosely: without case, spacing, punctuation and legal form.

Two names are alike if they are equal after these steps, and only then: compatible characters are
made the same (NFKC), case is dropped, everything but letters, marks and digits separates words,
legal forms at the end (`Co., Ltd.`) are cut, and words are joined. So `BizConf`, `biz-conf` and
`Bizconf Co., Ltd.` are alike. `Not Bizconf Ltd`, `Bizconfusion` and `Bizconf China` are three other
names: a part of a name never stands for the whole, and which spellings are one company is for the
rule's list to say.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

_LEGAL_FORMS: Final = (
    "ab", "ag", "bhd", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated",
    "kg", "kk", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pte", "pty", "sa", "sarl",
    "sas", "sdn", "spa", "srl",
)  # fmt: skip
_DOTTED: Final = 4
"""Forms of so few letters are also written with a full stop after each."""

_SAME_LETTERS: Final = {"ß": "ss", "\u03c2": "\u03c3"}
"""Small letters that have the same capitals as others."""

_BETWEEN_WORDS: Final = r"[^\p{L}\p{M}\p{N}]+"


def _spelt(form: str) -> str:
    return " ?".join(form) if len(form) <= _DOTTED else form


_ENDS: Final = (
    rf"(?: (?:{'|'.join(_spelt(form) for form in _LEGAL_FORMS)})| ?(?:股份)?有限(?:责任)?公司)+$"
)


def name_key(name: pl.Expr) -> pl.Expr:
    """What two names that are alike have in common: String, null where nothing is left."""
    # NOTE: not by way of capitals, of which a dotless i has the same as i.
    folded = name.str.normalize("NFKC").str.to_lowercase().str.replace_many(_SAME_LETTERS)
    words = folded.str.replace_all(_BETWEEN_WORDS, " ").str.strip_chars(" ")
    key = words.str.replace(_ENDS, "").str.replace_all(" ", "", literal=True)
    return pl.when(key != "").then(key)


def name_keys(names: Sequence[str]) -> list[str | None]:
    """The key of each name, None where nothing is left of it."""
    keys = pl.select(name_key(pl.lit(pl.Series(names, dtype=pl.String))).alias("key"))
    return keys["key"].to_list()


def is_named_like(name: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """Whether `name` is like one of `names`: Boolean, null where it is missing or says nothing."""
    keys = sorted({key for key in name_keys(names) if key is not None})
    return name_key(name).is_in(pl.Series(keys, dtype=pl.String).implode())
