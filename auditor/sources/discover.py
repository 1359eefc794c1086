"""Which files a command line means: files, folders, globs, stdin and objects, each once."""

import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from auditor.coverage import SkippedFile
from auditor.errors import InputError, Problem
from auditor.sources.delta import OUTDATED, DeltaFile
from auditor.sources.delta_folders import DeltaFolders
from auditor.sources.formats import OWN_REPORT, is_own_report, kind_of, start_of
from auditor.sources.log_file import LogFile, stamp_of
from auditor.sources.log_names import (
    LOG_NAMES,
    fault_of_name,
    hidden_part,
    hidden_reason,
    hive_values,
    is_hidden,
    is_pattern,
    printable,
)
from auditor.sources.stores.addresses import is_address

if TYPE_CHECKING:
    from auditor.sources.stores.tables import DeltaTables

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Found:
    """The log files to read and the files in folders that are none, both sorted by path."""

    files: list[LogFile]
    skipped: list[SkippedFile]


def find_files(places: Sequence[str], spool: Path, stdin: BinaryIO) -> Found:
    """The log files that `places` mean.

    Args:
        places: files, folders (searched through), globs, the same in object stores, or `-` for
            stdin.
        spool: folder for copies of what can be read only once.
        stdin: read only where `-` is among the places.

    Raises:
        UsageError: a place is an address that cannot be read from, or holds credentials.
        ConfigError: a store refuses the credentials, or reading from it is not installed.
        InputError: a place does not exist, matches nothing or holds no log; all of them at once.
    """
    search = _Search(spool, stdin)
    for place in dict.fromkeys(places):
        search.add(place)
    if search.problems:
        raise InputError.of(search.problems)
    return Found(
        sorted(search.files, key=lambda file: file.shown),
        sorted(search.skipped, key=lambda file: file.path),
    )


@dataclass(slots=True)
class _Search:
    spool: Path
    stdin: BinaryIO
    files: list[LogFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    tables: DeltaFolders = field(default_factory=DeltaFolders)
    stored_tables: "dict[str, DeltaTables]" = field(default_factory=dict)

    def add(self, place: str) -> None:
        if place == STDIN:
            self._add_copy(self.stdin, STDIN)
        elif is_address(place):
            self._add_objects(place)
        elif place and Path(place).is_dir():
            self._need_logs(place, self._add_folder(place))
        elif os.path.lexists(place):
            self._add_named(place)
        elif is_pattern(place):
            self._add_glob(place)
        else:
            hint = "check the spelling and the folder you are in"
            self.problems.append(Problem("no such file or folder", place, hint))

    def _need_logs(self, place: str, logs: int) -> None:
        if not logs:
            hint = f"logs end in {LOG_NAMES}; name other files one by one"
            self.problems.append(Problem("holds no log file", place, hint))

    def _add_named(self, place: str) -> None:
        if _is_pipe(Path(place)):
            with Path(place).open("rb") as source:
                self._add_copy(source, place)
        else:
            self._add_file(Path(place), place, Path(place).parts[:-1])

    def _add_objects(self, place: str) -> None:
        # NOTE: the library behind it is an extra, and takes a twentieth of a second to load
        from auditor.sources.stores.search import objects_at  # noqa: PLC0415 - as noted

        found = objects_at(place, self.spool, self.stored_tables)
        self.problems += found.problems
        self.skipped += found.skipped
        for file in found.files:
            if file.shown not in self.seen:
                self.seen.add(file.shown)
                self.files.append(file)

    def _add_copy(self, source: BinaryIO, shown: str) -> None:
        handle, name = tempfile.mkstemp(prefix="stdin-", dir=self.spool)
        with os.fdopen(handle, "wb") as copy:
            shutil.copyfileobj(source, copy)
        self.files.append(_log_file(Path(name), shown, {}))

    def _add_file(self, path: Path, shown: str, folders: Sequence[str]) -> None:
        real = os.path.realpath(path)
        if real in self.seen:
            return
        self.seen.add(real)
        hive = hive_values(folders, shown)
        entry = self.tables.entry_of(path)
        if entry is not None:
            self.files.append(_delta_file(path, printable(shown), entry))
        elif self.tables.is_outdated(path):
            hint = "its rows were replaced or deleted: name the table's folder"
            self.problems.append(Problem(OUTDATED, printable(shown), hint))
        elif isinstance(hive, Problem):
            self.problems.append(hive)
        else:
            self.files.append(_log_file(path, printable(shown), hive))

    def _add_glob(self, pattern: str) -> None:
        matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - keeps the path as given
        if not matches:
            hint = "check the pattern; quote it so that the shell leaves it alone"
            self.problems.append(Problem("matches no file", pattern, hint))
            return
        # NOTE: `*.log` names its files, `*` does not: there only known names are logs.
        suffix = Path(pattern).suffix
        names_files = bool(suffix) and not is_pattern(suffix)
        logs = 0
        for match in matches:
            hidden = hidden_part(Path(match).parts, Path(pattern).parts)
            if hidden:
                self._skip(match, hidden_reason(hidden))
            elif Path(match).is_dir():
                logs += self._add_folder(match)
            elif self.tables.is_outdated(Path(match)):
                self._skip(match, OUTDATED)
            elif names_files or self._is_log(Path(match), match):
                self._add_named(match)
                logs += 1
        self._need_logs(pattern, logs)

    def _add_folder(self, place: str) -> int:
        logs = 0
        for path in self._walk(place):
            relative = path.relative_to(place)
            shown = os.path.join(place, relative)  # noqa: PTH118 - keeps `./` as given
            if self.tables.entry_of(path) or self._is_log(path, shown):
                self._add_file(path, shown, (*Path(place).parts, *relative.parts[:-1]))
                logs += 1
        return logs

    def _walk(self, place: str) -> Iterator[Path]:
        visited: set[str] = set()
        for folder, subfolders, names in os.walk(place, onerror=self._unlisted, followlinks=True):
            visited.add(os.path.realpath(folder))
            if self.tables.root_of(Path(folder)):
                subfolders.clear()
                yield from self.tables.files_in(Path(folder))
                continue
            for name in sorted(subfolders):
                path = Path(folder, name)
                loops = os.path.realpath(path) in visited
                if loops or is_hidden(name):
                    reason = "leads back to a folder read already" if loops else hidden_reason(name)
                    self._skip(str(path), reason)
                    subfolders.remove(name)
            subfolders.sort()
            yield from (Path(folder, name) for name in sorted(names))

    def _unlisted(self, error: OSError) -> None:
        hint = "give the auditor the right to list it, or leave it out"
        place = printable(str(error.filename))
        self.problems.append(Problem(f"cannot be listed: {error.strerror}", place, hint))

    def _is_log(self, path: Path, shown: str) -> bool:
        reason = fault_of_name(path.name)
        if reason is None and path.exists() and not path.is_file():
            reason = "not a regular file"
        if reason is None and is_own_report(start_of(path)):
            reason = OWN_REPORT
        if reason is not None:
            self._skip(shown, reason)
        return reason is None

    def _skip(self, shown: str, reason: str) -> None:
        self.skipped.append(SkippedFile(printable(shown), reason))


def _is_pipe(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _delta_file(path: Path, shown: str, entry: DeltaFile) -> LogFile:
    stamp = stamp_of(path)
    size = stamp.bytes if stamp else 0
    return LogFile(path, shown, "parquet", None, size, entry.values, stamp, delta=entry)


def _log_file(path: Path, shown: str, hive: dict[str, str | None]) -> LogFile:
    stamp = stamp_of(path)
    kind = kind_of(path.name, start_of(path))
    return LogFile(
        path, shown, kind.format, kind.compression, stamp.bytes if stamp else 0, hive, stamp
    )
