"""Settings from `auditor.toml`: one table per command, keys named like the flags."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from auditor.errors import AuditorError, ConfigError, did_you_mean

DEFAULT_FILE: Final = Path("auditor.toml")

_PREFIX: Final = "AUDITOR_"
_FILE: Final = "auditor.settings"
_CLOSE: Final = 0.8


class SettingOption(click.Option):
    """A flag whose errors name the variable or the file that its value came from."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """The flag, as click shows it, and where else its value was set."""
        return _told(super().get_error_hint(ctx), self, ctx)


class SettingsCommand(click.Command):
    """A command whose own errors about a flag tell, as click's do, where its value was set."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        `Any`: whatever the command returns.
        """
        try:
            return super().invoke(ctx)
        except AuditorError as error:
            flags = {flag: parameter for parameter in self.params for flag in parameter.opts}
            error.problems = tuple(
                replace(problem, location=_told(problem.location, flags[flag], ctx))
                if (flag := problem.location.partition(" ")[0]) in flags
                else problem
                for problem in error.problems
            )
            raise


def _told(place: str, parameter: click.Parameter, ctx: click.Context | None) -> str:
    origin = None if ctx is None else _origin_of(parameter, ctx)
    return f"{place} (from {origin})" if origin else place


def _origin_of(parameter: click.Parameter, ctx: click.Context) -> str | None:
    """The variable or file that a parameter was set by; None for a flag or a default."""
    source = ctx.get_parameter_source(str(parameter.name))
    if source is ParameterSource.ENVIRONMENT:
        return str(parameter.envvar)
    return str(ctx.meta[_FILE]) if source is ParameterSource.DEFAULT_MAP else None


def setting(
    name: str, *more: str, **attributes: object
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A flag that `AUDITOR_<NAME>` sets too."""
    envvar = _PREFIX + name.removeprefix("--").replace("-", "_").upper()
    return click.option(name, *more, cls=SettingOption, envvar=envvar, **attributes)


def settings_file(
    meaning: str, of: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The flag `--config`, which makes a file the source of the command's defaults.

    Args:
        meaning: the help.
        of: as for `use_settings`.
    """

    def load(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
        if of is None:
            _refuse_misspelt(ctx.command)
        use_settings(ctx, value, of)

    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="F",
        is_eager=True,
        expose_value=False,
        envvar="AUDITOR_CONFIG",
        callback=load,
        help=meaning,
    )


def _refuse_misspelt(command: click.Command) -> None:
    """A variable that is nearly one of a setting would leave it at its default, unnoticed."""
    known = {str(one.envvar).removeprefix(_PREFIX) for one in command.params if one.envvar}
    given = {name.removeprefix(_PREFIX) for name in os.environ if name.startswith(_PREFIX)}
    for name in sorted(given - known):
        if close := get_close_matches(name, sorted(known), n=1, cutoff=_CLOSE):
            hint = f"did you mean {_PREFIX}{close[0]}?"
            raise ConfigError("no setting has this variable", location=_PREFIX + name, hint=hint)


def use_settings(ctx: click.Context, path: Path | None, of: str | None = None) -> None:
    """Make a settings file the source of the command's defaults; flags and environment win.

    Args:
        ctx: of the command.
        path: the file; None: `DEFAULT_FILE`, where there is one.
        of: the command whose table counts, as far as both have the same settings; None: its own.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or sets what does not exist.
    """
    if path is None and not DEFAULT_FILE.is_file():
        return
    file = path or DEFAULT_FILE
    ctx.meta[_FILE] = file
    is_by_variable = ctx.get_parameter_source("config") is ParameterSource.ENVIRONMENT
    tables = _load(file, "AUDITOR_CONFIG" if is_by_variable else "--config")
    known_tables = {of or str(ctx.info_name)}
    for name in tables.keys() - known_tables:
        raise ConfigError(
            f"unknown table [{name}]", location=str(file), hint=did_you_mean(name, known_tables)
        )
    table = tables.get(of or str(ctx.info_name), {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{of or ctx.info_name!r} must be a table", location=str(file))
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
            if of is not None:
                continue
            raise ConfigError(
                f"unknown setting {key!r}", location=str(file), hint=did_you_mean(key, options)
            )
        defaults[parameter.name] = _value(parameter, value, f"{file}: {key}")
    ctx.default_map = defaults


def _load(file: Path, named_by: str) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - most runs have no settings file

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", location=str(file), hint=f"check {named_by}"
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
