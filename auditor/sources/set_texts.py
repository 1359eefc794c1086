"""Lists of texts as one text with `;`, in which every item stays one item."""

from typing import Final

import polars as pl

SEPARATOR: Final = ";"

_WITHIN_ITEM: Final = "\uff1b"
"""What stands for a `;` in an item: no code, name or address has it, so that the item is no value
of a set and no place, as it stands. Left as it is, one wrong item would be two right ones."""


def list_text(items: pl.Expr) -> pl.Expr:
    """A list of texts as one text: null stays null, an empty list is the empty text.

    Every item, also an empty or null one, is followed by `;`, so that none is lost.
    """
    filled = items.list.eval(
        pl.element()
        .cast(pl.String)
        .fill_null("")
        .str.replace_all(SEPARATOR, _WITHIN_ITEM, literal=True)
    )
    joined = filled.list.join(SEPARATOR) + SEPARATOR
    return pl.when(items.list.len() == 0).then(pl.lit("")).otherwise(joined)


def item_text(item: str | None) -> str:
    """One item as it stands in such a text, the `;` after it included."""
    return (item or "").replace(SEPARATOR, _WITHIN_ITEM) + SEPARATOR
