"""What flags hold: limits, instants, name=value pairs, report targets."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import click

from auditor.engine.request import Limit
from auditor.errors import UsageError, did_you_mean
from auditor.reports import REPORT_FORMATS

_ALL: Final = 100


class LogType(click.Path):
    """A log: a path, `-` or an address in an object store."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The logs that a variable holds; the `:` of an address does not part them."""
        parts = re.split(rf"{os.pathsep}(?!//)", rv)
        return [part for part in parts if part]


class LimitType(click.ParamType[Limit]):
    """`N` rows or `P%` of them."""

    name = "N|P%"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Limit:
        """The limit, or click's usage error."""
        if isinstance(value, Limit):
            return value
        text = str(value).strip()
        is_share = text.endswith("%")
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?%" if is_share else "[0-9]+", text):
            self.fail(f"{text!r} is neither a number of rows nor a share such as 0.5%", param, ctx)
        number = Fraction(text.removesuffix("%"))
        if is_share and number > _ALL:
            self.fail(f"{text!r} is more than all rows", param, ctx)
        return Limit(number, is_share, text)


class PairType(click.ParamType[tuple[str, str]]):
    """`NAME=VALUE`."""

    name = "NAME=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The pair, or click's usage error."""
        name, equals, text = str(value).partition("=")
        if not (equals and name.strip()):
            self.fail(f"{value!r} is not of the form NAME=VALUE", param, ctx)
        return name.strip(), text


@dataclass(frozen=True, slots=True)
class Target:
    """A report to write: in which format, to which file."""

    format: str
    path: Path


class TargetType(click.ParamType[Target]):
    """`FORMAT=FILE`."""

    name = "FMT=FILE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Target:
        """The target, or click's usage error."""
        name, _, path = str(value).partition("=")
        if name not in REPORT_FORMATS or not path:
            known = ", ".join(REPORT_FORMATS)
            self.fail(f"{value!r} is not FORMAT=FILE with a format of {known}", param, ctx)
        return Target(name, Path(path))


def instant(text: str | None, timezone: str | None, flag: str) -> datetime | None:
    """An instant in UTC from a date or time; one without a zone is in `timezone`, else in UTC.

    Raises:
        UsageError: the text is no date or time.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is None:
            at = at.replace(tzinfo=ZoneInfo(timezone) if timezone else UTC)
        if at.utcoffset() != at.replace(fold=1).utcoffset():
            raise UsageError(
                f"{text!r} happens twice or never in {timezone}",
                location=flag,
                hint="state the offset, such as 2020-10-25T02:30:00+01:00",
            )
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is no date or time", location=flag, hint="such as 2020-05-01T00:00:00Z"
        ) from error


def check_timezone(name: str | None) -> None:
    """Whether the tz database knows the zone.

    Raises:
        UsageError: it does not.
    """
    if name is not None and name not in available_timezones():
        raise UsageError(
            f"unknown time zone {name!r}",
            location="--timezone",
            hint=did_you_mean(name, available_timezones()),
        )


def distinct_targets(targets: Sequence[Path]) -> None:
    """Check that no two outputs go to one file.

    Raises:
        UsageError: two do.
    """
    seen: set[Path] = set()
    for path in targets:
        real = path.resolve()
        if real in seen:
            raise UsageError(f"two outputs go to {path}", hint="name a file for each")
        seen.add(real)
