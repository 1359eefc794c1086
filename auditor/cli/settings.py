"""Settings from `auditor.toml`: one table per command, keys named like the flags."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from auditor.errors import ConfigError, did_you_mean

DEFAULT_FILE: Final = Path("auditor.toml")


def use_settings(ctx: click.Context, path: Path | None) -> None:
    """Make a settings file the source of the command's defaults; flags and environment win.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or sets what does not exist.
    """
    if path is None and not DEFAULT_FILE.is_file():
        return
    file = path or DEFAULT_FILE
    tables = _load(file)
    known_tables = {str(ctx.info_name)}
    for name in tables.keys() - known_tables:
        raise ConfigError(
            f"unknown table [{name}]", location=str(file), hint=did_you_mean(name, known_tables)
        )
    table = tables.get(str(ctx.info_name), {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{ctx.info_name!r} must be a table", location=str(file))
    options = {
        name.lstrip("-"): parameter
        for parameter in ctx.command.params
        for name in parameter.opts
        if parameter.name != "config"
    } | {p.name or "": p for p in ctx.command.params if isinstance(p, click.Argument)}
    defaults: dict[str, object] = {}
    for key, value in table.items():
        parameter = options.get(str(key).replace("_", "-")) or options.get(str(key))
        if parameter is None or parameter.name is None:
            raise ConfigError(
                f"unknown setting {key!r}", location=str(file), hint=did_you_mean(key, options)
            )
        defaults[parameter.name] = _value(parameter, value, f"{file}: {key}")
    ctx.default_map = defaults


def _load(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", location=str(file), hint="check --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"is no TOML: {error}", location=str(file)) from error


def _value(parameter: click.Parameter, value: object, where: str) -> object:
    """The value as click would have read it from the command line."""
    if isinstance(value, Mapping):
        value = [f"{name}={_text(item)}" for name, item in value.items()]
    if parameter.multiple or parameter.nargs == -1:
        return [_text(item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list):
        raise ConfigError("takes one value, not a list", location=where)
    return value if isinstance(value, bool) else _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
