"""Which files a command line means: files, folders, globs and stdin, each real file once."""

import glob
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from urllib.parse import unquote

from auditor.errors import InputError, Problem, UsageError
from auditor.findings import SkippedFile
from auditor.sources.formats import Compression, Format, is_own_report, kind_of

STDIN: Final = "-"

LOG_NAMES: Final = ".parquet, .pq, .csv, .ndjson, .jsonl, .json (the last four also with .gz, .zst)"

_LOG_NAME: Final = re.compile(
    r"\.(?:parquet|pq|(?:csv|ndjson|jsonl|json)(?:\.gz|\.zst)?)\Z", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAGIC_CHARACTERS: Final = re.compile(r"[*?\[]")
_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"


class Stamp(NamedTuple):
    """What changes when a file is written to or replaced."""

    bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log file as found, not yet opened.

    Attributes:
        path: where it lies (a spooled copy for stdin and pipes).
        shown: the path as the user would recognise it; `-` for stdin.
        format: by its name and its first bytes.
        compression: of a CSV or JSON file; Parquet compresses inside.
        bytes: size on disk; 0 where it cannot be told.
        hive: values of `key=value` folder names, URL-decoded; None for Hive's null.
        stamp: what tells whether the file has changed since; None where it could not be told.
        records: where in its JSON values the arrays of records may be: paths of keys.
    """

    path: Path
    shown: str
    format: Format
    compression: Compression | None
    bytes: int
    hive: dict[str, str | None] = field(hash=False)
    stamp: Stamp | None = field(default=None, compare=False, repr=False)
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The log files to read and the files in folders that are none, both sorted by path."""

    files: list[LogFile]
    skipped: list[SkippedFile]


def find_files(places: Sequence[str], spool: Path, stdin: BinaryIO) -> Found:
    """The log files that `places` mean.

    Args:
        places: files, folders (searched through), globs, or `-` for stdin.
        spool: folder for copies of what can be read only once.
        stdin: read only where `-` is among the places.

    Raises:
        UsageError: a place is an object-store address.
        InputError: a place does not exist, matches nothing or holds no log; all of them at once.
    """
    addresses = [place for place in places if _ADDRESS.match(place)]
    if addresses:
        raise UsageError.of(_address_problem(address) for address in addresses)
    search = _Search(spool, stdin)
    for place in dict.fromkeys(places):
        search.add(place)
    if search.problems:
        raise InputError.of(search.problems)
    return Found(
        sorted(search.files, key=lambda file: file.shown),
        sorted(search.skipped, key=lambda file: file.path),
    )


def with_records(files: Sequence[LogFile], paths: tuple[str, ...]) -> list[LogFile]:
    """`files` with the paths at which a profile says that arrays of records are."""
    return [replace(file, records=paths) for file in files]


def _address_problem(address: str) -> Problem:
    return Problem(
        "object-store addresses are not supported yet",
        address,
        "copy the logs to a local folder or mount the bucket, and give that path",
    )


@dataclass(slots=True)
class _Search:
    spool: Path
    stdin: BinaryIO
    files: list[LogFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add(self, place: str) -> None:
        if place == STDIN:
            self._add_copy(self.stdin, STDIN)
        elif place and Path(place).is_dir():
            self._need_logs(place, self._add_folder(place))
        elif os.path.lexists(place):
            self._add_named(place)
        elif _MAGIC_CHARACTERS.search(place):
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
        hive: dict[str, str | None] = {}
        for key, value in _hive_of(folders):
            if hive.setdefault(key, value) != value:
                hint = "rename one of the folders, or name the files from inside the inner one"
                text = f"its folders give {key!r} two values, {hive[key]!r} and {value!r}"
                self.problems.append(Problem(text, _printable(shown), hint))
                return
        self.files.append(_log_file(path, _printable(shown), hive))

    def _add_glob(self, pattern: str) -> None:
        matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - keeps the path as given
        if not matches:
            hint = "check the pattern; quote it so that the shell leaves it alone"
            self.problems.append(Problem("matches no file", pattern, hint))
            return
        # NOTE: `*.log` names its files, `*` does not: there only known names are logs.
        suffix = Path(pattern).suffix
        names_files = bool(suffix) and not _MAGIC_CHARACTERS.search(suffix)
        logs = 0
        for match in matches:
            hidden = _hidden_part(match, pattern)
            if hidden:
                self._skip(match, _hidden(hidden))
            elif Path(match).is_dir():
                logs += self._add_folder(match)
            elif names_files or self._is_log(Path(match), match):
                self._add_named(match)
                logs += 1
        self._need_logs(pattern, logs)

    def _add_folder(self, place: str) -> int:
        logs = 0
        for path in self._walk(place):
            relative = path.relative_to(place)
            shown = os.path.join(place, relative)  # noqa: PTH118 - keeps `./` as given
            if self._is_log(path, shown):
                self._add_file(path, shown, (*Path(place).parts, *relative.parts[:-1]))
                logs += 1
        return logs

    def _walk(self, place: str) -> Iterator[Path]:
        visited: set[str] = set()
        for folder, subfolders, names in os.walk(place, onerror=self._unlisted, followlinks=True):
            visited.add(os.path.realpath(folder))
            for name in sorted(subfolders):
                path = Path(folder, name)
                loops = os.path.realpath(path) in visited
                if loops or _is_hidden(name):
                    reason = "leads back to a folder read already" if loops else _hidden(name)
                    self._skip(str(path), reason)
                    subfolders.remove(name)
            subfolders.sort()
            yield from (Path(folder, name) for name in sorted(names))

    def _unlisted(self, error: OSError) -> None:
        hint = "give the auditor the right to list it, or leave it out"
        place = _printable(str(error.filename))
        self.problems.append(Problem(f"cannot be listed: {error.strerror}", place, hint))

    def _is_log(self, path: Path, shown: str) -> bool:
        if _is_hidden(path.name):
            reason = _hidden(path.name)
        elif not _LOG_NAME.search(path.name):
            reason = f"not a log: its name ends in none of {LOG_NAMES}"
        elif path.exists() and not path.is_file():
            reason = "not a regular file"
        elif is_own_report(path):
            reason = "a report of this program"
        else:
            return True
        self._skip(shown, reason)
        return False

    def _skip(self, shown: str, reason: str) -> None:
        self.skipped.append(SkippedFile(_printable(shown), reason))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _hidden(name: str) -> str:
    return "hidden" if name.startswith(".") else "marked as no data by its leading underscore"


def _hidden_part(match: str, pattern: str) -> str | None:
    asked_for = {part[0] for part in Path(pattern).parts}
    parts = (part for part in Path(match).parts if _is_hidden(part))
    return next((part for part in parts if part[0] not in asked_for), None)


def _is_pipe(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _hive_of(folders: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for folder in folders:
        key, equals, value = folder.partition("=")
        if key and equals:
            yield unquote(key), None if value == _HIVE_NULL else unquote(value)


def stamp_of(path: Path) -> Stamp | None:
    """The file's stamp as it is now; None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


def _log_file(path: Path, shown: str, hive: dict[str, str | None]) -> LogFile:
    stamp = stamp_of(path)
    kind = kind_of(path)
    return LogFile(
        path, shown, kind.format, kind.compression, stamp.bytes if stamp else 0, hive, stamp
    )
