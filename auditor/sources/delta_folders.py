"""Delta tables on disk: which folders are some, and what of them is read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auditor.sources.delta import LOG_FOLDER, DeltaFile, Snapshot, load_snapshot


@dataclass(slots=True)
class DeltaFolders:
    """The tables that a search on disk has come across; each is looked at once."""

    roots: dict[Path, Path | None] = field(default_factory=dict)
    snapshots: dict[Path, Snapshot] = field(default_factory=dict)

    def root_of(self, folder: Path) -> Path | None:
        """The table that `folder` is, or lies in; None if there is none."""
        absolute = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay as they are
        if absolute not in self.roots:
            if (absolute / LOG_FOLDER).is_dir():
                self.roots[absolute] = absolute
            else:
                above = absolute.parent
                self.roots[absolute] = None if above == absolute else self.root_of(above)
        return self.roots[absolute]

    def files_in(self, folder: Path) -> Iterator[Path]:
        """The files below `folder` that are in the latest version of its table, sorted.

        Raises:
            AuditorError: the table cannot be read.
        """
        root = self.root_of(folder)
        if root is not None:
            inside = Path(os.path.abspath(folder)).relative_to(root)  # noqa: PTH100 - as above
            paths = sorted(Path(path) for path in self._snapshot(root).files)
            yield from (
                folder / path.relative_to(inside) for path in paths if path.is_relative_to(inside)
            )

    def entry_of(self, path: Path) -> DeltaFile | None:
        """What the latest version of a table says of a file; None if the file is not in it.

        Raises:
            AuditorError: the table cannot be read.
        """
        root = self.root_of(path.parent)
        if root is None:
            return None
        inside = Path(os.path.abspath(path)).relative_to(root)  # noqa: PTH100 - as above
        return self._snapshot(root).files.get(inside.as_posix())

    def is_outdated(self, path: Path) -> bool:
        """Whether a file lies in a table and is not in its latest version; raises as above."""
        return self.root_of(path.parent) is not None and self.entry_of(path) is None

    def _snapshot(self, root: Path) -> Snapshot:
        if root not in self.snapshots:
            self.snapshots[root] = load_snapshot(str(root), root.as_uri())
        return self.snapshots[root]
