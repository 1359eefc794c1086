"""Log files to lazy frames with provenance: one scan per kind of file, with nothing lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from auditor import schema
from auditor.errors import InputError
from auditor.findings import InputFile
from auditor.sources.column_names import INDEX, check_reserved
from auditor.sources.csv_exact import read_exactly
from auditor.sources.csv_preflight import Shape, preflight
from auditor.sources.formats import Compression, Format
from auditor.sources.json_exact import read_json
from auditor.sources.log_file import LogFile
from auditor.sources.parquet import parquet_facts, plain
from auditor.sources.provenance import MOST_ROWS, Part, slices_of, with_provenance
from auditor.sources.stores.addresses import address_of
from auditor.sources.stores.settings import scan_options

_PROVENANCE: Final = {schema.PATH: pl.String(), schema.ROW: pl.Int64(), schema.REJECT: pl.String()}


@dataclass(frozen=True, slots=True)
class RawGroup:
    """Files of one kind, read by one scan.

    Attributes:
        lf: the files' own columns (CSV, JSON: String; empty text may be null or ''), the hive keys
            that are no such column (String), PATH, ROW and REJECT (null for a sound record).
        columns: name and type of all but the last three.
        files: the files, in the order of their rows.
        may_reject: whether REJECT can hold a reason; if not, it is null in every row.
    """

    lf: pl.LazyFrame
    columns: dict[str, pl.DataType]
    files: list[LogFile]
    may_reject: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening the files gave.

    Attributes:
        groups: every readable file is in exactly one of them.
        inputs: every file, in the order given; `rows` is None where it is unreadable.
        failures: one per unreadable file, in that order.
    """

    groups: list[RawGroup]
    inputs: list[InputFile]
    failures: list[InputError]


def open_files(files: Sequence[LogFile], spool: Path) -> Opened:
    """Opens `files` lazily; CSV files are looked through once for damage.

    Args:
        files: as found.
        spool: folder for records of JSON and of damaged CSV files; must outlive the frames.

    A file that cannot be read is a failure and does not stop the others.
    """
    faults = _faults_of_objects(files)
    kinds: dict[_Kind, _Members] = {}
    inputs: list[InputFile] = []
    failures: list[InputError] = []
    for file in files:
        rows: int | None = None
        try:
            if file in faults:
                raise faults[file]
            kind, member = _open(file, spool)
            kinds.setdefault(kind, _Members(member.columns)).add(member)
            rows = member.part.rows
        except InputError as error:
            failures.append(error)
        version = file.delta.version if file.delta else None
        inputs.append(
            InputFile(
                file.shown,
                file.format,
                file.bytes,
                rows,
                etag=file.etag,
                delta_version=version,
            )
        )
    groups = [group for kind, members in kinds.items() for group in _groups(kind, members)]
    return Opened(groups, inputs, failures)


def _faults_of_objects(files: Sequence[LogFile]) -> dict[LogFile, InputError]:
    """Fetches of objects what opening them reads; what is wrong with those that cannot be."""
    if all(file.address is None for file in files):
        return {}
    # NOTE: the library behind it is an extra
    from auditor.sources.stores.copies import copy_here  # noqa: PLC0415 - as noted

    return copy_here(files)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What files must share to be read by one scan."""

    format: Format
    columns: tuple[tuple[str, pl.DataType], ...]
    hive: tuple[str, ...]
    compression: Compression | None = None
    is_quoted: bool = False
    is_spooled: bool = False
    store: str = ""


@dataclass(frozen=True, slots=True)
class _Member:
    part: Part
    columns: dict[str, pl.DataType]
    spooled: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class _Members:
    columns: dict[str, pl.DataType]
    parts: list[Part] = field(default_factory=list)
    empty: list[LogFile] = field(default_factory=list)
    spooled: list[Path] = field(default_factory=list)

    def add(self, member: _Member) -> None:
        self.columns = self.columns | member.columns
        if member.part.rows:
            self.parts.append(member.part)
        else:
            self.empty.append(member.part.file)
        self.spooled += member.spooled


def _open(file: LogFile, spool: Path) -> tuple[_Kind, _Member]:
    _check_path(file)
    if file.format == "parquet":
        kind, member = _open_parquet(file)
    elif file.format == "csv":
        kind, member = _open_csv(file, spool)
    else:
        kind, member = _open_json(file, spool)
    if member.part.rows + member.part.surplus > MOST_ROWS:
        hint = "split it"
        raise InputError(f"has more than {MOST_ROWS:,} rows", location=file.shown, hint=hint)
    return kind, member


def _check_path(file: LogFile) -> None:
    try:
        str(file.path).encode()
    except UnicodeEncodeError:
        hint = "rename it, or the folder it lies in"
        raise InputError("has a name that is not UTF-8", location=file.shown, hint=hint) from None


def _open_parquet(file: LogFile) -> tuple[_Kind, _Member]:
    facts = parquet_facts(file)
    stated = file.delta.rows if file.delta else None
    if stated is not None and stated != facts.rows:
        text = f"holds {facts.rows:,} rows, and its Delta table states {stated:,}"
        raise InputError(text, location=file.shown, hint="repair the table")
    signature = tuple(sorted(facts.columns.items(), key=lambda column: column[0]))
    kind = _Kind("parquet", signature, _hive(file, facts.columns), store=_store(file))
    return kind, _Member(Part(file, facts.rows), facts.columns)


def _store(file: LogFile) -> str:
    """The store that a scan of the file speaks to: none for what lies here."""
    return "" if file.address is None else address_of(file.address).root


def _open_csv(file: LogFile, spool: Path) -> tuple[_Kind, _Member]:
    flight = preflight(file)
    columns: dict[str, pl.DataType] = dict.fromkeys(flight.header.names, pl.String())
    signature, hive = tuple(columns.items()), _hive(file, columns)
    if flight.shape is Shape.DAMAGED:
        exact = read_exactly(file, spool)
        kind = _Kind("csv", signature, hive, is_spooled=True)
        return kind, _Member(Part(file, exact.rows), columns, exact.parts)
    is_quoted = flight.shape is Shape.QUOTED
    kind = _Kind("csv", signature, hive, file.compression, is_quoted)
    return kind, _Member(Part(file, flight.rows, flight.blank_tail), columns)


def _open_json(file: LogFile, spool: Path) -> tuple[_Kind, _Member]:
    check_reserved(file, file.hive, "folders")
    found = read_json(file, spool)
    columns: dict[str, pl.DataType] = dict.fromkeys(found.names, pl.String())
    # NOTE: a key may be in one file only, so all files are read together whatever their keys.
    kind = _Kind("json", (), (), is_spooled=True)
    return kind, _Member(Part(file, found.rows), columns, found.parts)


def _hive(file: LogFile, columns: dict[str, pl.DataType]) -> tuple[str, ...]:
    check_reserved(file, file.hive, "folders")
    return tuple(sorted(file.hive.keys() - columns.keys()))


def _groups(kind: _Kind, members: _Members) -> Iterator[RawGroup]:
    own = {name: plain(dtype) for name, dtype in members.columns.items()}
    columns: dict[str, pl.DataType] = own | dict.fromkeys(kind.hive, pl.String())
    order = [*columns, *_PROVENANCE]
    files = [*members.empty, *(part.file for part in members.parts)]
    if not members.parts:
        yield RawGroup(pl.LazyFrame(schema=columns | _PROVENANCE), columns, files)
    elif kind.is_spooled:
        lf = pl.scan_parquet(
            members.spooled,
            schema=columns | _PROVENANCE,
            missing_columns="insert",
            glob=False,
            hive_partitioning=False,
        )
        yield RawGroup(lf.select(order), columns, files, may_reject=True)
    else:
        empty = members.empty
        for parts in slices_of(members.parts):
            lf = with_provenance(_scan(kind, members.columns, parts), parts, kind.hive)
            files = [*empty, *(part.file for part in parts)]
            yield RawGroup(lf.select(order), columns, files)
            empty = []


def _scan(kind: _Kind, columns: dict[str, pl.DataType], parts: Sequence[Part]) -> pl.LazyFrame:
    paths = [part.file.data for part in parts]
    if kind.format == "parquet":
        # NOTE: with statistics, Polars 2.1 asks a Python predicate about rows made of a row group's
        # least and greatest values, and a predicate that counts would count them too.
        lf = pl.scan_parquet(
            paths,
            glob=False,
            hive_partitioning=False,
            row_index_name=INDEX,
            use_statistics=False,
            storage_options=scan_options(address_of(kind.store)) if kind.store else None,
            credential_provider=None,
        )
        casts = {name: plain(dtype) for name, dtype in columns.items() if plain(dtype) != dtype}
        return lf.with_columns(pl.col(name).cast(dtype) for name, dtype in casts.items())
    # NOTE: the header is skipped, not read: names, byte-order marks and quotes are dealt with.
    return pl.scan_csv(
        paths,
        has_header=False,
        skip_lines=1,
        schema=columns,
        quote_char='"' if kind.is_quoted else None,
        glob=False,
        row_index_name=INDEX,
    )
