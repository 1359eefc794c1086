"""Properties of reading JSON: whatever the bytes, every line is a record or a reject."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.schema import ROW
from auditor.sources.json_records import json_records_of
from tests.unit.sources.opening import log, opened, rows_of

TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b'"a"', b'"b"', b"1", b"-", b"e9", b"true", b"null",
    b"\n", b"\r\n", b" ", b"\\", b"\\u0000", b"\\ud800", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf",
    b'{"a":1}\n', b'{"a":[1,"x"]}', b'{"a":{"b":1}}\n', b'"specversion":', b'"data":',
    b"\0", b'{"a":1,"a":2}\n',
]  # fmt: skip
anything = st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(TOKENS)).map(b"".join))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(anything)
@example(b'{"@row": 1}')
@example(b"\xef\xbb\xbf")
def test_every_line_that_is_not_blank_is_counted(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    found = opened(tmp_path_factory.mktemp("any"), content, "log.ndjson")

    if found.failures:
        return
    text = content.removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in text.split(b"\n") if line.strip(b" \t\r\n")]
    # NOTE: a list on one line is as many records as it has items.
    rows = rows_of(found)
    assert rows[ROW].to_list() == list(range(1, rows.height + 1))
    if b"[" not in content:
        assert rows.height == len(lines)


@settings(deadline=None, max_examples=200)
@given(anything)
def test_a_document_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    found = opened(tmp_path_factory.mktemp("any"), content, "log.json")

    assert len(found.failures) + len(found.groups) == 1


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), max_size=6))
def test_lines_and_documents_of_the_same_values_are_the_same_records(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lines = "".join(json.dumps(record) + "\n" for record in records).encode() or b"\n"
    document = json.dumps(records, indent=1, ensure_ascii=False).encode()

    by_line = list(json_records_of(log(folder, lines, "a.ndjson")))
    by_value = list(json_records_of(log(folder, document, "b.json")))

    assert [(r.fault, r.texts) for r in by_line] == [(r.fault, r.texts) for r in by_value]
    assert len(by_line) == len(records)
