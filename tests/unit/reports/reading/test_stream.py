"""JSON is read value by value, whatever the chunks cut, and what is wrong is located."""

import io
import json
from collections.abc import Callable

import pytest

from auditor.errors import ReportError
from auditor.reports.reading import stream as module
from auditor.reports.reading.stream import JsonStream


def _stream(text: str | bytes) -> JsonStream:
    content = text.encode() if isinstance(text, str) else text
    return JsonStream(io.BytesIO(content), "r.json")


@pytest.fixture(params=[1, 2, 3, 7, 64])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", request.param)


VALUES = [
    {"a": [1, 2.5, -3e2, True, None], "b": {"c": 'é"\\\U0001f600', "d": "[{]}"}},
    ["x" * 200, {"y": "z" * 50}],
    "tab\tand \u2028",
    {},
    [],
    {"a": "}", "b": ["]", 1]},
    {"c": "{", "d": "\\"},
    [{"e": 1}, {"f": ["g"]}, {"h": {}}, {"i": '"'}],
]


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("is_ascii", [True, False])
def test_values_are_read_whole_however_they_are_cut(is_ascii: bool) -> None:
    text = "\n , ".join(json.dumps(value, ensure_ascii=is_ascii, indent=1) for value in VALUES)
    stream = _stream(text)

    found = []
    for _ in VALUES:
        found.append(stream.value())
        if stream.peek():
            stream.take(",")

    assert found == VALUES


@pytest.mark.usefixtures("_chunks")
def test_what_is_passed_over_leaves_the_next_value_in_place() -> None:
    stream = _stream(",".join([*map(json.dumps, VALUES), '"next"']))

    for _ in VALUES:
        stream.skip()
        stream.take(",")

    assert stream.value() == "next"


def _value(stream: JsonStream) -> None:
    stream.value()


def _skip(stream: JsonStream) -> None:
    stream.skip()


@pytest.mark.parametrize("read", [_value, _skip])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": [1, 2', "ends too early|no JSON"),
        ('["an open text', "ends too early|Unterminated"),
        ("", "ends too early|no JSON"),
        (b'["\xff"]', "not UTF-8"),
    ],
)
def test_a_text_that_is_cut_or_damaged_is_an_error(
    read: Callable[[JsonStream], None], text: str | bytes, message: str
) -> None:
    with pytest.raises(ReportError, match=message) as caught:
        read(_stream(text))

    assert caught.value.problems[0].location == "r.json:1"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('\n{"a": nope, "b": "' + "x" * 100 + '"}', "is no JSON", 2),
        ("[" * 100_000, "nested too deep", 1),
        ("\n\n" + "9" * 5_000 + ",", "impossible value", 3),
        ("]", "is no JSON", 1),
    ],
)
def test_what_is_no_value_is_named_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(ReportError, match=message) as caught:
        _stream(text).value()

    assert caught.value.problems[0].location == f"r.json:{line}"


def test_a_value_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(module, "_CHUNK", 100)

    with pytest.raises(ReportError, match="holds a value of more than"):
        _stream('["' + "x" * 10_000 + '"]').value()


def test_what_is_passed_over_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(module, "_CHUNK", 100)
    stream = _stream("[" + ",".join(['"abc"'] * 10_000) + "],1,")

    stream.skip()
    stream.take(",")

    assert stream.value() == 1
