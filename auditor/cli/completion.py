"""What a shell offers for a flag or argument that names rules or a source."""

from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from auditor.errors import AuditorError
from auditor.reports.escape import visible
from auditor.rules.load import load_rules
from auditor.rules.model import Rule
from auditor.sources import SOURCES


def ids(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules of the packs and folders named so far whose id begins so, with their titles."""
    return _beginning(incomplete, _ids(_rules(ctx)))


def ids_and_tags(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The same, and their tags."""
    rules = _rules(ctx)
    return _beginning(incomplete, [*_ids(rules), *_tags(rules)])


def sources(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The shipped sources whose name begins so; the flag takes a file as well."""
    return _beginning(incomplete, map(CompletionItem, SOURCES)) or [
        CompletionItem(incomplete, type="file")
    ]


def _rules(ctx: click.Context) -> list[Rule]:
    try:
        return load_rules(ctx.params.get("rules") or ())
    except AuditorError:
        # NOTE: a shell that asks what could come next is no place for messages.
        return []


def _ids(rules: list[Rule]) -> Iterator[CompletionItem]:
    for rule in rules:
        yield CompletionItem(rule.id, help=visible(rule.title))


def _tags(rules: list[Rule]) -> Iterator[CompletionItem]:
    for tag in sorted({tag for rule in rules for tag in rule.tags}):
        tagged = ", ".join(rule.id for rule in rules if tag in rule.tags)
        yield CompletionItem(visible(tag), help=f"tag of {tagged}")


def _beginning(incomplete: str, items: Iterable[CompletionItem]) -> list[CompletionItem]:
    start = incomplete.casefold()
    return [item for item in items if item.value.casefold().startswith(start)]
