"""Which objects a place in a store means: one object, those of a folder, or those of a glob."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from auditor.coverage import SkippedFile
from auditor.errors import Problem
from auditor.sources.formats import (
    OWN_REPORT,
    START,
    FileKind,
    is_own_report,
    kind_of,
    named_format,
)
from auditor.sources.log_file import LogFile
from auditor.sources.log_names import (
    LOG_NAMES,
    fault_of_name,
    hidden_part,
    hidden_reason,
    hive_values,
    is_pattern,
    printable,
)
from auditor.sources.stores.addresses import Address, address_of
from auditor.sources.stores.client import (
    Object,
    bytes_of,
    check_installed,
    find_object,
    objects_below,
)
from auditor.sources.stores.copies import REQUESTS
from auditor.sources.stores.tables import DeltaTables

_ANY_DEPTH: Final = "**"


@dataclass(slots=True)
class ObjectsFound:
    """The logs that a place means, what is none, and what is wrong with the place."""

    tables: DeltaTables
    files: list[LogFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def objects_at(place: str, spool: Path, tables: dict[str, DeltaTables]) -> ObjectsFound:
    """The logs that an address means; by the rules for files, folders and globs on disk.

    Args:
        place: an address; a `/` at its end says that it is a folder.
        spool: folder in which opening a log may put a copy.
        tables: those that the search has come across already, by bucket.

    Raises:
        AuditorError: the address is none that can be read, or the store cannot be asked.
    """
    address = address_of(place)
    check_installed(address)
    found = ObjectsFound(tables.setdefault(address.root, DeltaTables()))
    named = find_object(address) if address.key and not address.key.endswith("/") else None
    if named and (named.stamp.bytes or not any(objects_below(address))):
        found.tables.check_in_use(address)
        _add(found, [named], spool, is_named=True)
    elif is_pattern(address.key) and not any(objects_below(address)):
        _add(found, _matching(address, found), spool)
    else:
        _add(found, _in_folder(address, found), spool)
    if not (found.files or found.problems):
        found.problems.append(_nothing(place, address, is_empty=not found.skipped))
    return found


def _nothing(place: str, address: Address, *, is_empty: bool) -> Problem:
    if not is_empty:
        hint = f"logs end in {LOG_NAMES}; name other objects one by one"
        return Problem("holds no log file", place, hint)
    if is_pattern(address.key):
        hint = "check the pattern; quote it so that the shell leaves it alone"
        return Problem("matches no object", place, hint)
    hint = "check the spelling; names in stores tell upper from lower case"
    return Problem("no such object, and none in a folder of this name", place, hint)


def _in_folder(folder: Address, found: ObjectsFound) -> Iterator[Object]:
    above = len(folder.key.rstrip("/").split("/")) if folder.key else 0
    for one in _in_use(folder, (), found):
        parts = one.address.key.split("/")
        if one.address.key in found.tables.files or _is_log(one, parts[above:], (), found):
            yield one


def _matching(pattern: Address, found: ObjectsFound) -> Iterator[Object]:
    """The objects that the pattern matches, and those in the folders that it matches."""
    wanted = tuple(pattern.key.rstrip("/").split("/"))
    literal = next(at for at, part in enumerate(wanted) if is_pattern(part))
    # NOTE: `*.log` names its objects, `*` does not: there only known names are logs.
    suffix = PurePosixPath(wanted[-1]).suffix
    names_files = bool(suffix) and not is_pattern(suffix)
    for one in _in_use(pattern.of("/".join(wanted[:literal])), wanted, found):
        parts = tuple(one.address.key.split("/"))
        is_named = _matches(parts, wanted) and not pattern.key.endswith("/")
        is_meant = is_named or any(_matches(parts[:end], wanted) for end in range(1, len(parts)))
        is_sure = one.address.key in found.tables.files or (
            is_named and names_files and not hidden_part(parts, wanted)
        )
        if is_meant and (is_sure or _is_log(one, parts, wanted, found)):
            yield one


def _in_use(folder: Address, asked_for: Sequence[str], found: ObjectsFound) -> list[Object]:
    objects = list(_without_markers(objects_below(folder)))
    return found.tables.in_use(folder.of(folder.key.rstrip("/")), objects, asked_for)


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether names of folders match a glob, part by part; `**` stands for any number of them."""
    if not wanted:
        return not parts
    if wanted[0] == _ANY_DEPTH:
        return any(_matches(parts[at:], wanted[1:]) for at in range(len(parts) + 1))
    return (
        bool(parts)
        and _pattern(wanted[0]).match(parts[0]) is not None
        and _matches(parts[1:], wanted[1:])
    )


@cache
def _pattern(part: str) -> re.Pattern[str]:
    return re.compile(translate(part))


def _without_markers(objects: Iterator[Object]) -> Iterator[Object]:
    """All but the empty objects that stand for folders."""
    waiting: Object | None = None
    for one in sorted(objects, key=lambda one: one.address.key.split("/")):
        if waiting and not one.address.key.startswith(f"{waiting.address.key}/"):
            yield waiting
        waiting = None
        if one.stamp.bytes:
            yield one
        else:
            waiting = one
    if waiting:
        yield waiting


def _is_log(
    one: Object, parts: Sequence[str], asked_for: Sequence[str], found: ObjectsFound
) -> bool:
    hidden = hidden_part(parts[:-1], asked_for)
    if hidden:
        shown = str(one.address.of(_up_to(one.address.key, hidden)))
        reason: str | None = hidden_reason(hidden)
    else:
        shown = str(one.address)
        reason = fault_of_name(parts[-1])
    if reason is None:
        return True
    skipped = SkippedFile(printable(shown), reason)
    if skipped not in found.skipped[-1:]:
        found.skipped.append(skipped)
    return False


def _up_to(key: str, part: str) -> str:
    parts = key.split("/")
    return "/".join(parts[: parts.index(part) + 1])


def _add(
    found: ObjectsFound, objects: Iterable[Object], spool: Path, *, is_named: bool = False
) -> None:
    """Adds the logs among `objects`; the beginnings of files of text are looked at."""
    every = list(objects)
    folder = Path(tempfile.mkdtemp(prefix="objects-", dir=spool))
    with ThreadPoolExecutor(REQUESTS) as pool:
        starts = list(pool.map(_start, every))
    for at, (one, start) in enumerate(zip(every, starts, strict=True)):
        *folders, name = one.address.key.split("/")
        shown = printable(str(one.address))
        copy = folder / f"{at:06}"
        entry = found.tables.files.get(one.address.key)
        hive = entry.values if entry else hive_values(folders, shown)
        if isinstance(hive, Problem):
            found.problems.append(hive)
        elif not is_named and is_own_report(start):
            found.skipped.append(SkippedFile(shown, OWN_REPORT))
        else:
            kind = FileKind("parquet", None) if entry else kind_of(name, start)
            file = _log_file(one, shown, kind, hive, copy)
            found.files.append(replace(file, delta=entry))


def _start(one: Object) -> bytes:
    if named_format(one.address.key.rpartition("/")[2]) == "parquet":
        return b""
    return bytes_of(one, 0, min(START, one.stamp.bytes))


def _log_file(
    one: Object, shown: str, kind: FileKind, hive: dict[str, str | None], copy: Path
) -> LogFile:
    return LogFile(
        copy,
        shown,
        kind.format,
        kind.compression,
        one.stamp.bytes,
        hive,
        one.stamp,
        address=str(one.address),
    )
