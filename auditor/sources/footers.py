"""What the footers of Parquet files prove about texts, so that these need not be read."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.sources.field_plan import FieldPlan
from auditor.sources.log_file import LogFile
from auditor.sources.values import FIRST_PRINTABLE, LAST_PRINTABLE

if TYPE_CHECKING:
    from pyarrow.parquet import RowGroupMetaData


def present_fields(plans: Iterable[FieldPlan], files: Sequence[LogFile]) -> frozenset[str]:
    """The fields of text among `plans` of which no value is missing, as footers prove."""
    plain = {p.field.name: p.roots() for p in plans if p.is_supplied and p.blank is not None}
    single = {name: roots[0] for name, roots in plain.items() if len(roots) == 1}
    if not all(file.format == "parquet" for file in files):
        return frozenset()
    tidy = tidy_columns(files, single.values())
    return frozenset(name for name, root in single.items() if root in tidy)


def tidy_columns(files: Iterable[LogFile], columns: Iterable[str]) -> frozenset[str]:
    """Those of `columns` whose every text is there and begins with no blank, as footers prove.

    The footers' bounds are never inside the values: a least value that sorts after every ASCII
    blank, and a greatest one that sorts before every other, speak for all. A file that states no
    bounds, or such as cannot be read, proves nothing.
    """
    # NOTE: costs a tenth of a second, which a small log need not pay
    import pyarrow.parquet as pq  # noqa: PLC0415 - as noted
    from pyarrow.lib import ArrowException  # noqa: PLC0415 - as noted

    open_ = set(columns)
    for file in files:
        if not open_:
            break
        try:
            footer = pq.read_metadata(file.path)
            groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
            open_ = {name for name in open_ if groups and all(_is_tidy(g, name) for g in groups)}
        except (ArrowException, OSError, UnicodeDecodeError):
            return frozenset()
    return frozenset(open_)


def _is_tidy(group: "RowGroupMetaData", name: str) -> bool:
    chunks = (group.column(i) for i in range(group.num_columns))
    chunk = next((c for c in chunks if c.path_in_schema == name), None)
    bounds = chunk.statistics if chunk is not None and chunk.is_stats_set else None
    return (
        bounds is not None
        and bounds.has_min_max
        and bounds.has_null_count
        and bounds.null_count == 0
        and isinstance(bounds.min, str)
        and bounds.min >= FIRST_PRINTABLE
        and bounds.max <= LAST_PRINTABLE
    )
