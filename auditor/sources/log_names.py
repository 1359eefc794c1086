"""What the names of files and folders say: which files are logs, and values in folder names."""

import os
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from auditor.errors import Problem

LOG_NAMES: Final = ".parquet, .pq, .csv, .ndjson, .jsonl, .json (the last four also with .gz, .zst)"

_LOG_NAME: Final = re.compile(
    r"\.(?:parquet|pq|(?:csv|ndjson|jsonl|json)(?:\.gz|\.zst)?)\Z", re.IGNORECASE
)
_PACKED_LOG: Final = re.compile(
    r"\.(?:parquet|pq|csv|ndjson|jsonl|json)\.(?:gz|zst|bz2|xz|lzma|lz4|br|zip|7z|z|sz|snappy)\Z",
    re.IGNORECASE,
)
_PATTERN: Final = re.compile(r"[*?\[]")
_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"


def is_pattern(place: str) -> bool:
    """Whether `place` has characters of a glob."""
    return _PATTERN.search(place) is not None


def fault_of_name(name: str) -> str | None:
    """Why a file of this name in a folder of logs is none; None if it is one."""
    if is_hidden(name):
        return hidden_reason(name)
    # NOTE: a log in a packing that is not read is an unreadable log, not something else.
    if not _LOG_NAME.search(name) and not _PACKED_LOG.search(name):
        return f"not a log: its name ends in none of {LOG_NAMES}"
    return None


def is_hidden(name: str) -> bool:
    """Whether a file or folder is passed over in a folder of logs."""
    return name.startswith((".", "_"))


def hidden_reason(name: str) -> str:
    """Why a file or folder with a hidden name is passed over."""
    return "hidden" if name.startswith(".") else "marked as no data by its leading underscore"


def hidden_part(parts: Sequence[str], asked_for: Sequence[str]) -> str | None:
    """The first hidden one of `parts` that no part of the pattern asks for by its first letter."""
    letters = {part[:1] for part in asked_for}
    return next((part for part in parts if is_hidden(part) and part[0] not in letters), None)


def hive_values(folders: Sequence[str], shown: str) -> dict[str, str | None] | Problem:
    """Values of `key=value` folder names, URL-decoded; a problem if a key has two of them."""
    hive: dict[str, str | None] = {}
    for key, value in _pairs(folders):
        if hive.setdefault(key, value) != value:
            hint = "rename one of the folders, or name the files from inside the inner one"
            text = f"its folders give {key!r} two values, {hive[key]!r} and {value!r}"
            return Problem(text, printable(shown), hint)
    return hive


def printable(path: str) -> str:
    """`path` with bytes that are not UTF-8 made visible."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _pairs(folders: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for folder in folders:
        key, equals, value = folder.partition("=")
        if key and equals:
            yield unquote(key), None if value == _HIVE_NULL else unquote(value)
