"""Whether what a report rests on is still what it was when the report was written."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from auditor.explanation import Check
from auditor.findings import InputFile, RegistryFile
from auditor.sources.discover import STDIN
from auditor.sources.stores.addresses import address_of, is_address

SAME: Final = "same"
CHANGED: Final = "changed"
MISSING: Final = "missing"
NOT_VERIFIED: Final = "not verified"
"""The report has no digest, and the size is what it was."""


def log_checks(inputs: Sequence[InputFile], paths: Collection[str]) -> list[Check]:
    """One check per input among `paths`, in the report's order."""
    return [Check("log", file.path, _state(file)) for file in inputs if file.path in paths]


def is_file(path: str) -> bool:
    """Whether there is such a file; a text that no path can be is none."""
    try:
        return path != STDIN and Path(path).is_file()
    except (OSError, ValueError):
        return False


def _state(file: InputFile) -> str:
    if is_address(file.path):
        return _state_in_store(file)
    if not is_file(file.path):
        return MISSING
    path = Path(file.path)
    try:
        if path.stat().st_size != file.bytes:
            return CHANGED
        if file.sha256 is None:
            return NOT_VERIFIED
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return MISSING
    return SAME if digest == file.sha256 else CHANGED


def _state_in_store(file: InputFile) -> str:
    # NOTE: the library behind it is an extra
    from auditor.sources.stores.client import check_installed, find_object  # noqa: PLC0415 - as noted

    address = address_of(file.path)
    check_installed(address)
    found = find_object(address)
    if found is None:
        return MISSING
    return SAME if found.stamp == (file.bytes, file.etag) else CHANGED


def registry_checks(
    reported: Sequence[RegistryFile], read: Sequence[RegistryFile]
) -> Iterator[Check]:
    """One check per registry of the report, and one per registry that it does not name.

    Those of a kind are compared in their order, for a registry may lie elsewhere by now.
    """
    for kind in dict.fromkeys(file.kind for file in (*reported, *read)):
        before = [file for file in reported if file.kind == kind]
        now = [file for file in read if file.kind == kind]
        for old, new in zip(before, now, strict=False):
            yield Check(kind, new.path, SAME if old.sha256 == new.sha256 else CHANGED)
        yield from (Check(kind, old.path, MISSING) for old in before[len(now) :])
        yield from (Check(kind, new.path, CHANGED) for new in now[len(before) :])


def problem_of(check: Check) -> str | None:
    """What a check means for the explanation; None where all is as it was."""
    if check.state == CHANGED:
        return f"{check.kind} {check.name} is not what it was when the report was written"
    if check.state == MISSING:
        if check.name == STDIN:
            return "the log was read from standard input and cannot be read again"
        return f"{check.kind} {check.name} is missing: explain in the folder of the audit"
    return None
