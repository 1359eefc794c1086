"""The command `auditor sources check`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Final

import click

from auditor.cli.documents import FORMAT, echo_json
from auditor.cli.exits import Exit
from auditor.cli.flags import request_of, shared
from auditor.cli.streams import stdin_stream
from auditor.cli.waiting import interruptible, spool_folder, wait_for
from auditor.engine.check import CheckedGroup, SourceCheck, check_source
from auditor.engine.progress import Progress
from auditor.reports.escape import visible

_SHOWN: Final = 20
_PROBLEMS: Final = {
    "invalid": "no value of the field",
    "unread": "not read (missing)",
    "rejected": "rejected",
}


@click.command("check")
@click.argument("path", nargs=-1, required=True, type=click.Path(allow_dash=True))
@shared("--source", help="Source profile.")
@shared("--operator", help="Whose site codes the routes hold.")
@shared("--accounts", help="Accounts registry.")
@shared("--datacentres")
@shared("--ip-ranges", help="Files of address ranges.")
@shared("--timezone", help="Zone of times that state none.")
@shared("--param", help="Parameters.")
@FORMAT
@click.pass_context
def check_log(
    ctx: click.Context,
    /,
    path: Sequence[str],
    format_: str,
    **asked: object,
) -> None:
    """How the log at PATH is read: fields, texts that do not resolve, rules it can decide."""
    request = request_of(path, {**asked, "digest": False})
    progress = Progress()
    with spool_folder() as spool, interruptible(spool):
        call = partial(
            check_source, request, spool, stdin_stream(), lambda: datetime.now(UTC), progress
        )
        found = wait_for(call, progress, "auto")
    if format_ == "json":
        echo_json(_document(found))
    else:
        for line in _lines(found):
            click.echo(visible(line))
    is_read = not found.problems and any(
        g.totals["rows"] > g.totals["rejected"] for g in found.groups
    )
    ctx.exit(Exit.CLEAN if is_read else Exit.INCOMPLETE)


def _document(found: SourceCheck) -> dict[str, object]:
    return {
        "groups": [
            {
                "paths": list(group.paths),
                "fields": [
                    asdict(field) | {"rows": group.totals.get(field.name, 0)}
                    for field in group.fields
                ],
                "ignored": [asdict(ignored) for ignored in group.ignored],
                "rows": group.totals["rows"],
                "rejected": group.totals["rejected"],
                "samples": [s for s in group.samples.to_dicts() if s["problem"] in _PROBLEMS],
            }
            for group in found.groups
        ],
        "problems": [str(problem) for problem in found.problems],
        "unresolved_hops": found.unresolved_hops.head(_SHOWN).to_dicts(),
        "rules": [
            {
                "id": rule.id,
                "decided": rule.violation + rule.compliant + rule.not_applicable,
                "not_applicable": rule.not_applicable,
                "unknown": rule.unknown,
                "reasons": [asdict(reason) for reason in rule.unknown_reasons],
            }
            for rule in found.rules
        ],
    }


def _lines(found: SourceCheck) -> Iterator[str]:
    for group in found.groups:
        yield from _group_lines(group)
    for problem in found.problems:
        yield from str(problem).splitlines()
    if any(field.name == "route" for group in found.groups for field in group.fields):
        yield f"Hops that nothing resolves: {found.unresolved_hops.height}"
        for hop, rows, why in found.unresolved_hops.head(_SHOWN).iter_rows():
            yield f"  {rows:>12,}  {hop or '(empty)'} ({why})"
        yield ""
    if found.rules:
        yield "Rules, and the rows they can decide"
    for rule in found.rules:
        decided = rule.violation + rule.compliant + rule.not_applicable
        yield f"  {rule.id:<16}{decided:>12,} decided {rule.unknown:>12,} unknown"
        if rule.not_applicable:
            yield f"  {'':<16}{rule.not_applicable:>12,} of those decided: it does not apply"
        for reason in rule.unknown_reasons[:3]:
            yield f"  {'':<16}{reason.rows:>12,} {reason.value}"


def _group_lines(group: CheckedGroup) -> Iterator[str]:
    more = f" and {len(group.paths) - 1} more" if len(group.paths) > 1 else ""
    rows, rejected = group.totals["rows"], group.totals["rejected"]
    yield f"{group.paths[0]}{more}: {rows:,} rows, {rejected:,} rejected"
    for field in group.fields:
        mark = "+" if field.is_supplied else "-"
        count = f"{group.totals.get(field.name, 0):>12,}" if field.is_supplied else f"{'':>12}"
        yield f"  {mark} {field.name:<24}{count}  {field.origin}"
    if group.ignored:
        yield "  not read: " + ", ".join(
            f"{i.column} ({i.hint})" if i.hint else i.column for i in group.ignored
        )
    for row in group.samples.iter_rows(named=True):
        if row["problem"] in _PROBLEMS:
            what = f"{row['field'] or 'row'}: {row['value']!r} {_PROBLEMS[row['problem']]}"
            yield f"  {what}, {row['rows']:,} row{'' if row['rows'] == 1 else 's'}"
    yield ""
