"""The flags that several commands have, each defined once, and the request that they make."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import click

from auditor.addresses.locations import LEVELS
from auditor.cli.cache import cache_folder
from auditor.cli.completion import sources
from auditor.cli.settings import setting
from auditor.cli.types import LogType, PairType, check_timezone, instant
from auditor.engine.request import CANONICAL, Request
from auditor.errors import UsageError

Decorator: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]

_FILE: Final[Mapping[str, object]] = {"metavar": "F", "type": click.Path()}

SHARED: Final[Mapping[str, Mapping[str, object]]] = {
    "--orders": {
        "multiple": True,
        "metavar": "F",
        "type": LogType(allow_dash=True),
        "help": "Log of orders, beside PATH or instead of it, in any format of PATH; repeatable.",
    },
    "--source": {
        "default": CANONICAL,
        "show_default": True,
        "shell_complete": sources,
        "help": "Source profile: a name of `auditor sources list` or a file.",
    },
    "--operator": {"help": "Whose site codes the routes hold [default: the profile's own]."},
    "--accounts": {
        **_FILE,
        "multiple": True,
        "help": "Accounts registry: CSV, Parquet or JSON; several are merged.",
    },
    "--datacentres": {**_FILE, "help": "Data centres beside the shipped ones."},
    "--ip-ranges": {
        **_FILE,
        "multiple": True,
        "help": "Address ranges: prefix lists of clouds, geofeeds, MMDB, CSV or Parquet; "
        "repeatable.",
    },
    "--evidence-level": {
        "type": click.Choice(LEVELS),
        "default": LEVELS[0],
        "show_default": True,
        "help": "A hop whose place is known less surely is unknown.",
    },
    "--rules": {
        "type": click.Path(),
        "multiple": True,
        "metavar": "DIR|PACK",
        "help": "Rule packs or folders [default: the shipped packs].",
    },
    "--param": {
        "multiple": True,
        "type": PairType(),
        "help": "Set a parameter of rules or of the profile; ID.NAME=VALUE for one rule.",
    },
    "--from": {
        "metavar": "T",
        "help": "First instant audited (event_at, ordered_at); UTC unless it or --timezone says "
        "so.",
    },
    "--to": {"metavar": "T", "help": "First instant no longer audited."},
    "--timezone": {
        "metavar": "TZ",
        "help": "Zone of times in logs and registries that state none.",
    },
}
"""Flag → what click is told of it."""


def shared(name: str, **differing: object) -> Decorator:
    """The flag `name` of `SHARED`; `differing` is what this command says otherwise of it."""
    return click.option(*_names(name), **_attributes(name, differing))


def shared_setting(name: str, **differing: object) -> Decorator:
    """The same, and the variable `AUDITOR_<NAME>` sets it too."""
    return setting(*_names(name), **_attributes(name, differing))


def _names(name: str) -> tuple[str, ...]:
    return (name, "from_") if name == "--from" else (name,)


def _attributes(name: str, differing: Mapping[str, object]) -> dict[str, Any]:
    """`Any`: click's own arguments differ in type."""
    return {**SHARED[name], **differing}


def request_of(paths: Sequence[str], flags: Mapping[str, object]) -> Request:
    """The request that flags make.

    Args:
        paths: logs of events.
        flags: fields of the request by name; of shared flags, what click makes of them. Those
            that are not there have their defaults.

    Raises:
        UsageError: they do not fit together.
    """
    asked: dict[str, Any] = dict(flags)
    timezone = asked.get("timezone")
    check_timezone(timezone)
    begin = _instant(asked.pop("from_", None), timezone, "--from")
    end = _instant(asked.pop("to", None), timezone, "--to")
    if begin and end and begin >= end:
        raise UsageError("the window is empty", location="--from", hint="--to must come after it")
    return Request(
        paths=paths,
        cache=cache_folder(),
        params=tuple(asked.pop("param", ())),
        from_=begin,
        to=end,
        **asked,
    )


def _instant(value: str | datetime | None, timezone: str | None, flag: str) -> datetime | None:
    return value if isinstance(value, datetime) else instant(value, timezone, flag)
