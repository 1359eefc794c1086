"""A page of text: its width, its colours, and how it is written."""

import os
import re
from collections.abc import Iterable
from io import StringIO
from typing import BinaryIO, Final

from rich.console import Console, Group, RenderableType

_PLAIN_WIDTH: Final = 80
_LEAST_WIDTH: Final = 60


def write_page(parts: Iterable[RenderableType], stream: BinaryIO) -> None:
    """Writes the parts one below the other.

    The page is as wide as `COLUMNS` says, else as the terminal, else 80 columns. Colour is for
    terminals, unless `NO_COLOR` or `FORCE_COLOR` say otherwise.
    """
    page = StringIO()
    console = Console(
        file=page,
        width=_width_of(stream),
        height=1,  # NOTE: without one, rich takes 80 columns for a terminal that it does not know.
        force_terminal=True if stream.isatty() else None,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    # NOTE: a bare text would be joined to a new one, which wraps; in a group it stays as it is.
    console.print(Group(*parts), crop=False)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    stream.write("".join(f"{line}\n" for line in lines).encode())


def _width_of(stream: BinaryIO) -> int:
    wanted = os.environ.get("COLUMNS", "")
    if re.fullmatch("0*[1-9][0-9]{0,4}", wanted):
        return max(int(wanted), _LEAST_WIDTH)
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except OSError:  # NOTE: also what a stream without a descriptor raises.
        width = 0
    return max(width or _PLAIN_WIDTH, _LEAST_WIDTH)
