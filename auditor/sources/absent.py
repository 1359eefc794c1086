"""Fields that a table needs and no column supplies: what to say of them, and what to do."""

from collections.abc import Iterator, Sequence
from typing import Final

from auditor.errors import Problem, did_you_mean
from auditor.sources.candidates import Candidate, candidates_for
from auditor.sources.columns import Columns
from auditor.sources.field_plan import FieldPlan
from auditor.sources.profile_model import GIVEN_AS
from auditor.sources.starting import TO_FILL_IN

_SHOWN_COLUMNS: Final = 20


def absent_columns(plans: Sequence[FieldPlan], columns: Columns) -> Problem:
    """The one problem of all fields that are needed and that no column of a log supplies.

    Args:
        plans: those fields, one at least.
        columns: of the log.
    """
    fields = ", ".join(f"{plan.field.name} ({plan.field.meaning})" for plan in plans)
    wanted = dict.fromkeys(" or ".join(map(repr, _names(p, columns))) or "none" for p in plans)
    names = columns.names
    shown = ", ".join(names[:_SHOWN_COLUMNS]) or "none"
    more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
    return Problem(
        f"no column for {fields}; looked for {', for '.join(wanted)}; "
        f"the columns are: {shown}{more}",
        columns.place,
        "; ".join(_steps(plans, columns)),
    )


def _names(plan: FieldPlan, columns: Columns) -> tuple[str, ...]:
    source = columns.profile.fields.get(plan.field.name)
    return source.names() if source is not None else ()


def _steps(plans: Sequence[FieldPlan], columns: Columns) -> Iterator[str]:
    other = candidates_for(lambda _profile: columns.raw).best
    if other is not None and _is_meant(other, plans, columns):
        yield _instead(other, columns)
        return
    yield from _closest(plans, columns)
    for plan in plans:
        source = columns.profile.fields.get(plan.field.name)
        if source is not None and source.param is not None:
            yield f"give --param {source.param}=… if it is one for the whole log"
    yield _rename(plans, columns)
    if columns.profile.table == "events":
        yield "or name the feed with --source (auditor sources detect tells which)"


def _is_meant(other: Candidate, plans: Sequence[FieldPlan], columns: Columns) -> bool:
    """Whether the log should be read as `other`; the feed of a registry is told by itself."""
    table, name = columns.profile.table, columns.profile.name
    if other.table == table:
        return table == "events" and other.source != name
    # NOTE: a log of events may hold all facts of its accounts, but none else names sessions.
    return table != "events" or any(plan.field.name == "session_id" for plan in plans)


def _instead(other: Candidate, columns: Columns) -> str:
    if other.table == columns.profile.table:
        step = f"its columns are those of source {other.source!r}: give --source {other.source}"
    else:
        step = f"by its columns this is {GIVEN_AS[other.table]}"
    return f"{step} (auditor sources detect tells more)"


def _closest(plans: Sequence[FieldPlan], columns: Columns) -> Iterator[str]:
    """The column that is most like one that was looked for."""
    close = (did_you_mean(n, columns.names) for plan in plans for n in _names(plan, columns))
    yield from [text for text in close if text.startswith("did you mean")][:1]


def _rename(plans: Sequence[FieldPlan], columns: Columns) -> str:
    if any(_names(plan, columns) == (TO_FILL_IN,) for plan in plans):
        return "write in the source file which column it is"
    if len(plans) > 1:
        return "rename the columns"
    names = _names(plans[0], columns)
    return f"rename the column to {names[0]!r}" if names else "add the column"
