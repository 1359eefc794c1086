"""Whether rows recur: which of those that are new are worth deciding, and whether asking pays."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from auditor.engine.skimming.codebook import Numbers

_FEW: Final = 1000
_ONE_IN: Final = 8

_TRIED_ROWS: Final = 1 << 18
_RESTING_ROWS: Final = 8 * _TRIED_ROWS


@dataclass(frozen=True, slots=True)
class Distinct:
    """Keys of some rows.

    Attributes:
        rows: the first row of each key.
        times: how many rows have it.
    """

    rows: Numbers
    times: Numbers

    @classmethod
    def of(cls, keys: NDArray[Any], rows: Numbers) -> "Distinct":
        """The keys of some `rows` of those that have `keys`."""
        _, first, times = np.unique(keys[rows], return_index=True, return_counts=True)
        return cls(rows[first], times)

    def recurring(self, asked: int) -> Numbers:
        """The rows of keys that are likely to come up again.

        The share of rows that are the only ones of their key is about the share of later rows
        whose key will be new (Good and Turing). Where it is large, keys met once are not worth
        deciding: few would come up again, and the others will be met twice soon.

        Args:
            asked: rows among which these are all that have such keys.
        """
        is_once = self.times == 1
        is_common = int(is_once.sum()) <= max(_FEW, asked // _ONE_IN)
        return self.rows if is_common else self.rows[~is_once]


class Trial:
    """Whether it pays to ask about rows, judged by the last that were asked about."""

    def __init__(self) -> None:
        self._asked = self._missed = self._resting = 0

    def is_resting(self, rows: int) -> bool:
        """Whether so many rows are better not asked about, since others were to no avail."""
        if self._resting <= 0:
            return False
        # NOTE: by any thread, without a lock: a few rows more or less make no difference
        self._resting -= rows
        return True

    def has_failed(self, asked: int, missed: int) -> bool:
        """Whether more than three quarters of the rows asked about were not decided.

        If so, it rests: a log may go on otherwise than it began.
        """
        self._asked += asked
        self._missed += missed
        if self._asked < _TRIED_ROWS:
            return False
        has_failed = self._missed * 4 > self._asked * 3
        self._asked = self._missed = 0
        if has_failed:
            self._resting = _RESTING_ROWS
        return has_failed
