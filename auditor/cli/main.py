"""The program `auditor`: its commands, each loaded when it is called, and its exit codes."""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click
from click.exceptions import NoArgsIsHelpError

from auditor import __version__
from auditor.cli.exits import Exit
from auditor.cli.lazy import LazyGroup
from auditor.cli.streams import say, silence_stdout
from auditor.errors import AuditorError

COMMANDS: Final = {
    "audit": ("auditor.cli.audit:audit", "Audit logs and report what violates the rules."),
    "explain": ("auditor.cli.explain:explain", "Explain a finding, or the outcome of a row."),
    "rules": ("auditor.cli.rules:rules", "List, show, check, test and document rules."),
    "sources": ("auditor.cli.sources:sources", "List, show, detect and check log sources."),
    "generate": ("auditor.cli.generate:generate", "Write a synthetic log with known violations."),
}
"""Command → where it is, and its line in the help."""

# NOTE: Polars reads this when it is loaded, which no command has done yet: how many row groups of
# Parquet are decoded ahead. Two cost no time and 80 MB less than its own choice.
os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "2")

# NOTE: the same. Its allocator keeps four heaps per processor, each with free pages of its own;
# fewer hand them out again sooner, which saves a twentieth of the time and up to 100 MB.
os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(1, (os.cpu_count() or 1) // 2)}")

# NOTE: numpy reads this when it is loaded. We do no algebra, and the threads that it keeps for that
# turn idly for a tenth of a second.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_BUGS: Final = "please report this, with the lines above, as a bug"


class Program(LazyGroup):
    """The group of all commands, whose failures end as a message and an exit code."""

    table = COMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has seen enough of its output is no error.

        `Any`: whatever the command returns.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            silence_stdout()
            return Exit.CLEAN

    def main(  # type: ignore[override]  # narrower than click's: always ends the process
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        """Run the program and exit with one of `Exit`.

        `Any`: click passes its own settings through.
        """
        extra.pop("standalone_mode", None)
        sys.exit(self._run(args, prog_name, extra))

    def _run(self, args: Sequence[str] | None, prog_name: str | None, extra: dict[str, Any]) -> int:
        try:
            code = super().main(args, prog_name or "auditor", standalone_mode=False, **extra)
        except click.ClickException as error:
            say(_usage(error))
            return _not_run(args)
        except AuditorError as error:
            say(_visible(f"Error: {error}"))
            return _not_run(args)
        except (KeyboardInterrupt, click.Abort):
            say("interrupted: the audit was not finished")
            return Exit.INTERRUPTED
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else Exit.CLEAN
        except BaseException:  # noqa: BLE001 - the one place where any failure ends as a message; a panic in Polars is no Exception
            say(f"{_visible(traceback.format_exc())}internal error: {_BUGS}")
            return Exit.BUG
        return code if isinstance(code, int) else Exit.CLEAN


def _not_run(args: Sequence[str] | None) -> Exit:
    if "audit" in (sys.argv[1:] if args is None else args):
        say("No audit was performed.")
    return Exit.NOT_RUN


def _usage(error: click.ClickException) -> str:
    """What click would show: the usage line, where to get help, the message; or the help alone."""
    if isinstance(error, NoArgsIsHelpError):
        return error.format_message()
    message = _visible(f"Error: {error.format_message()}")
    ctx = getattr(error, "ctx", None)
    if ctx is None:
        return message
    return f"{ctx.get_usage()}\nTry '{ctx.command_path} --help' for help.\n\n{message}"


def _visible(text: str) -> str:
    """`text` with the control characters of names and values shown, not obeyed."""
    from auditor.reports.escape import visible  # noqa: PLC0415 - loads the engine: errors only

    return "\n".join(visible(line) for line in text.split("\n"))


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 not run, 3 incomplete, 70 bug, 130 interrupted.",
)
@click.version_option(__version__, "-V", "--version", prog_name="auditor")
def cli() -> None:
    """Compliance audit of meeting-routing logs.

    Decides for every row of a log and every rule whether it is violated, complied with, unknown or
    not applicable, and reports the violations.

    \b
    Examples:
      auditor audit logs/ --accounts accounts.csv
      auditor audit logs/*.parquet --accounts accounts.csv --format json | jq .summary
      auditor rules list
    """  # noqa: D301 - click wants the backspace itself


def main() -> None:
    """Entry point of the console script."""
    cli()
