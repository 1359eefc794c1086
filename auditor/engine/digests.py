"""The digests of the files that were read."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from auditor.engine.log import Log
from auditor.engine.progress import Progress, Stage
from auditor.findings import InputFile


def digested(logs: Sequence[Log], progress: Progress) -> list[InputFile]:
    """The inputs with the SHA-256 of their bytes.

    An unreadable file may have none. Parquet objects in a store have none, because all of their
    bytes would have to be fetched; their tag tells them apart.
    """
    inputs = [file for log in logs for file in log.inputs]
    progress.begin_pass(Stage.DIGESTS, 0, sum(file.bytes for file in inputs))
    places = {
        (log.profile.table, file.shown): file.path if file.is_copied else None
        for log in logs
        for file in log.files
    }

    def one(file: InputFile) -> InputFile:
        digest = _sha256(places[file.table, file.path])
        progress.add(0, file.bytes)
        return replace(file, sha256=digest)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, inputs))


def _sha256(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
