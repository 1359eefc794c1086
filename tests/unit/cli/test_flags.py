"""Flags that commands share, and the request that they make."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from auditor.cli.flags import SHARED, Decorator, request_of, shared, shared_setting
from auditor.engine.request import Request
from auditor.errors import UsageError


@pytest.mark.parametrize("name", SHARED)
def test_every_shared_flag_says_something_of_the_request(name: str) -> None:
    field = {"--from": "from_", "--param": "params"}.get(name, name[2:].replace("-", "_"))

    assert field in {one.name for one in fields(Request)}


@pytest.mark.parametrize("make", [shared, shared_setting])
def test_a_command_may_say_something_else_of_a_flag(make: Callable[..., Decorator]) -> None:
    @click.command
    @make("--from", help="Its own words.")
    def command(from_: str) -> None:
        click.echo(from_)

    shown = CliRunner().invoke(command, ["--help"]).output

    assert "Its own words." in shown
    assert "First instant audited" not in shown
    assert CliRunner().invoke(command, ["--from", "2020"]).output == "2020\n"


def test_only_settings_are_set_by_variables() -> None:
    @click.command
    @shared("--operator")
    @shared_setting("--timezone")
    def command(operator: str | None, timezone: str | None) -> None:
        click.echo(f"{operator} {timezone}")

    shown = CliRunner().invoke(command, env={"AUDITOR_OPERATOR": "aws", "AUDITOR_TIMEZONE": "UTC"})

    assert shown.output == "None UTC\n"


def test_times_without_a_zone_are_in_the_zone_of_the_flag() -> None:
    flags = {"from_": "2020-05-01", "to": "2020-05-02", "timezone": "Asia/Shanghai"}

    request = request_of(["log.csv"], flags)

    assert request.from_ == datetime(2020, 4, 30, 16, tzinfo=UTC)
    assert request.to == datetime(2020, 5, 1, 16, tzinfo=UTC)
    assert request.timezone == "Asia/Shanghai"


@pytest.mark.parametrize("to", ["2020-05-01", "2020-04-30"])
def test_a_window_without_an_instant_is_refused(to: str) -> None:
    with pytest.raises(UsageError, match="the window is empty"):
        request_of([], {"from_": "2020-05-01", "to": to})


def test_what_no_flag_says_has_its_default() -> None:
    request = request_of(["log.csv"], {"param": [("a", "b")]})

    assert (request.params, request.source, request.from_) == ((("a", "b"),), "canonical", None)
