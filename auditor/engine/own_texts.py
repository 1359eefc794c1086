"""Texts of rows that are kept while the batch they come from is not."""

from typing import Final

import polars as pl

OWN_TEXTS: Final = pl.col(pl.String) + ""
"""All columns of text, copied; to follow a filter whose rows wait for others.

NOTE: what Polars 2.1 filters holds the text of all rows it was taken from for as long as it lives,
so that a few rows of many batches hold the log (https://github.com/pola-rs/polars/issues/19497).
"""
