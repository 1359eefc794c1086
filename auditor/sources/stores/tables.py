"""Delta tables in object stores: which folders are some, and which objects are in use."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from auditor.errors import AuditorError, InputError
from auditor.sources.delta import LOG_FOLDER, OUTDATED, DeltaFile, load_snapshot
from auditor.sources.log_names import hidden_part
from auditor.sources.stores.addresses import Address
from auditor.sources.stores.client import Object, objects_below


@dataclass(slots=True)
class DeltaTables:
    """The tables of one bucket that a search has come across.

    Attributes:
        files: those of their latest versions, by key.
        roots: the tables' folders.
        others: folders that are no tables.
    """

    files: dict[str, DeltaFile] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    def in_use(
        self, folder: Address, objects: Sequence[Object], asked_for: Sequence[str]
    ) -> list[Object]:
        """Those of `objects` that are in the latest version of their table, or in no table.

        Args:
            folder: below which the objects are all that there are.
            objects: sorted.
            asked_for: parts of a pattern; a table in a hidden folder is left alone otherwise.

        Raises:
            AuditorError: a table cannot be read, or an object of it is not there.
        """
        self._add_above(folder)
        depth = folder.key.count("/") + 1 if folder.key else 0
        for root in _roots_in(objects):
            parts = root.split("/") if root else []
            if not hidden_part(parts[depth:], asked_for) and not self._holds(root):
                self._add(folder.of(root))
        there = {one.address.key for one in objects}
        prefix = f"{folder.key}/" if folder.key else ""
        for key in self.files:
            if key.startswith(prefix) and key not in there:
                hint = "restore it, or repair the table"
                text = "is in the latest version of its Delta table, and not in the store"
                raise InputError(text, location=str(folder.of(key)), hint=hint)
        return [o for o in objects if o.address.key in self.files or not self._holds(o.address.key)]

    def check_in_use(self, address: Address) -> None:
        """Refuses an object of a table that is not in its latest version.

        Raises:
            InputError: it is not, or the table cannot be read.
        """
        self._add_above(address)
        if self._holds(address.key) and address.key not in self.files:
            raise InputError(
                OUTDATED,
                location=str(address),
                hint="its rows were replaced or deleted: name the table's folder",
            )

    def _add_above(self, address: Address) -> None:
        """Adds the table in which `address` lies."""
        parts = address.key.split("/")
        for end in range(len(parts)):
            root = "/".join(parts[:end])
            if root in self.others or self._holds(root):
                continue
            if _is_table(address.of(root)):
                self._add(address.of(root))
            else:
                self.others.add(root)

    def _holds(self, key: str) -> bool:
        return any(not root or f"{key}/".startswith(f"{root}/") for root in self.roots)

    def _add(self, table: Address) -> None:
        place = str(table).rstrip("/")
        snapshot = load_snapshot(place, f"{table.root}/{quote(table.key)}")
        self.roots.append(table.key)
        prefix = f"{table.key}/" if table.key else ""
        self.files |= {prefix + path: file for path, file in snapshot.files.items()}


def _roots_in(objects: Iterable[Object]) -> Iterator[str]:
    keys = (one.address.key.split("/") for one in objects)
    logs = (parts for parts in keys if LOG_FOLDER in parts[:-1])
    yield from dict.fromkeys("/".join(parts[: parts.index(LOG_FOLDER)]) for parts in logs)


def _is_table(folder: Address) -> bool:
    prefix = f"{folder.key}/" if folder.key else ""
    try:
        return any(objects_below(folder.of(prefix + LOG_FOLDER)))
    except AuditorError:
        # NOTE: who may list only a part of the bucket cannot be told; the part itself is listed.
        return False
