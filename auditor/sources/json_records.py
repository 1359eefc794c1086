"""The records of a JSON file: sound ones as flat texts, broken ones with the reason."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from auditor.sources.json_stream import Value, values_of, values_of_bytes
from auditor.sources.json_values import Json, NotARecordError, Texts, check_texts, flat, unwound
from auditor.sources.log_file import LogFile

_ESCAPE, _ESCAPE_BYTES = "\\u", b"\\u"


class JsonRecord(NamedTuple):
    """One record.

    Attributes:
        source: the value of the file that it stands in.
        is_part: whether other records may stand in the same value.
        is_first: whether it is the first record of the value.
        record: what it says; None where the value is broken.
        fault: why it is broken, or None.
        texts: column → text; empty where it is broken.
    """

    source: Value
    is_part: bool
    is_first: bool
    record: Json
    fault: str | None
    texts: Texts

    @property
    def raw(self) -> bytes:
        """Its text as it stands in the file; of a part the JSON of what was read."""
        if self.is_part:
            return json.dumps(self.texts or self.record, ensure_ascii=False).encode(
                "utf-8", "surrogatepass"
            )
        raw = self.source.raw
        return raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw


def json_records_of(file: LogFile) -> Iterator[JsonRecord]:
    """The records of `file` in their order, read as they are asked for.

    Raises:
        InputError: as `values_of`.
    """
    return _records(values_of(file), file.records)


def json_records_of_bytes(data: bytes, shown: str) -> Iterator[JsonRecord]:
    """The same of a JSON file that is in memory already; `shown` is its name in messages."""
    return _records(values_of_bytes(data, shown), ())


def _records(values: Iterator[Value], paths: tuple[str, ...]) -> Iterator[JsonRecord]:
    for value in values:
        if value.fault is not None:
            yield JsonRecord(
                value, is_part=False, is_first=True, record=None, fault=value.fault, texts={}
            )
            continue
        mark = _ESCAPE if isinstance(value.raw, str) else _ESCAPE_BYTES
        is_escaped = mark in value.raw  # type: ignore[operator]  # the mark is of its type
        records = unwound(value.value, paths)
        is_part = len(records) != 1 or records[0] is not value.value
        is_first = True
        for record in records:
            texts, fault = _judged(record, is_escaped=is_escaped)
            yield JsonRecord(value, is_part, is_first, record, fault, texts)
            is_first = False


def _judged(record: Json, *, is_escaped: bool) -> tuple[Texts, str | None]:
    try:
        texts = flat(record)
        if is_escaped:
            check_texts(texts)
    except NotARecordError as error:
        return {}, str(error)
    return texts, None
