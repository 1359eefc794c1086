"""JSON text → values with every number as it is written, and what makes a text none."""

import json
from typing import Final

from auditor.sources.set_texts import item_text

_MOST_NESTING: Final = 32
_JOINT: Final = "."
_PAIR: Final = 2
_PAIR_VALUES: Final = ("value", "intValue", "boolValue", "multiValue", "multiIntValue")
_ENVELOPE: Final = "specversion"
ATTRIBUTE: Final = "ce-"
"""What stands before the attributes of a CloudEvents envelope."""


Json = str | bool | None | list["Json"] | dict[str, "Json"]
"""A value as it is read here: numbers are their own text."""

Texts = dict[str, str | None]
"""A flat record: column → text."""


class Twice(dict[str, "Json"]):
    """An object that gives a key twice: which value counts, nobody can say."""


class NotARecordError(ValueError):
    """Why a value is no record; the text is the reason for the reject."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Twice(found)


def _no_constant(name: str) -> Json:
    raise ValueError(name)


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_no_constant
)


def unwound(value: Json, paths: tuple[str, ...]) -> list[Json]:
    """The records in one value of a file.

    An array holds one record per item. A CloudEvents envelope holds what its `data` holds, with
    its attributes under the names `ce-…`, as over HTTP. An object that has an array at one of
    `paths` holds one record per item of that array: the object with the item in the array's place;
    where it has several, those of each, but of paths inside one another only the first counts.
    Any other value is itself one record.
    """
    if isinstance(value, list):
        return [record for item in value for record in unwound(item, paths)]
    if not isinstance(value, dict) or isinstance(value, Twice):
        return [value]
    inner = value.get("data") if _ENVELOPE in value else None
    if isinstance(inner, dict):
        attributes = {ATTRIBUTE + key: item for key, item in value.items() if key != "data"}
        value = type(inner)({**attributes, **inner})
    records: list[Json] = []
    taken: list[str] = []
    for path in paths:
        if any(_are_nested(path, other) for other in taken):
            continue
        found = _spread(value, path.split(_JOINT))
        if found is not None:
            taken.append(path)
            records += found
    return records if taken else [value]


def _are_nested(path: str, other: str) -> bool:
    shorter, longer = sorted((path + _JOINT, other + _JOINT), key=len)
    return longer.startswith(shorter)


def _spread(value: Json, path: list[str]) -> list[Json] | None:
    """`value` once per item of the array at `path`; None where there is no array."""
    if not isinstance(value, dict):
        return None
    head, *rest = path
    inner = value.get(head)
    if isinstance(inner, list) and not rest:
        items = inner
    elif isinstance(inner, list):
        spread = [_spread(item, rest) for item in inner]
        items = [
            one
            for item, found in zip(inner, spread, strict=True)
            for one in ([item] if found is None else found)
        ]
    else:
        deeper = _spread(inner, rest) if rest else None
        if deeper is None:
            return None
        items = deeper
    # NOTE: an item that is no object stays one, so that the record is rejected and not half read
    return [type(value)({**value, head: i}) if isinstance(i, dict) else i for i in items]


def flat(record: Json) -> Texts:
    """The texts of a record; keys of nested objects are joined with dots.

    A Boolean is `true` or `false`, and null is missing. An array of plain values is one text, with
    a `;` after each; so an empty one is missing. An array of pairs, `{"name": …, "value": …}`, is
    the object that they stand for. Any other array is its JSON.

    Raises:
        NotARecordError: it is no object, gives a key twice, or is nested too deeply.
    """
    if not isinstance(record, dict):
        raise NotARecordError("not an object")
    texts: Texts = {}
    _flatten(record, "", texts, 0)
    return texts


def _flatten(value: dict[str, Json], before: str, texts: Texts, depth: int) -> None:
    if depth > _MOST_NESTING:
        raise NotARecordError("nested too deeply")
    if isinstance(value, Twice):
        raise NotARecordError("a key is given twice")
    for key, item in value.items():
        name = before + key if before else key
        if isinstance(item, list) and (pairs := _pairs(item)) is not None:
            item = pairs  # noqa: PLW2901 - the same item in a form that can be flattened
        if isinstance(item, dict):
            _flatten(item, name + _JOINT, texts, depth + 1)
        elif name in texts:
            raise NotARecordError("a key is given twice")
        else:
            texts[name] = item if isinstance(item, str) else _text(item)


def _pairs(items: list[Json]) -> dict[str, Json] | None:
    """The object that pairs of `name` and value stand for, as Google's APIs write them."""
    found: dict[str, Json] = {}
    for item in items:
        if not isinstance(item, dict) or len(item) != _PAIR:
            return None
        name = item.get("name")
        values = [item[key] for key in _PAIR_VALUES if key in item]
        if not isinstance(name, str) or len(values) != 1:
            return None
        if name in found or isinstance(item, Twice):
            return Twice(found)
        found[name] = values[0]
    return found or None


def _text(item: Json) -> str | None:
    if item is None or isinstance(item, str):
        return item
    if isinstance(item, bool):
        return "true" if item else "false"
    if any(isinstance(one, list | dict) for one in item):
        return json.dumps(item, ensure_ascii=False)
    return "".join(item_text(_text(one)) for one in item)


def check_texts(texts: Texts) -> None:
    """Makes sure that keys and texts can be written: escapes can say what no text may hold.

    Raises:
        NotARecordError: a NUL byte, or half of a surrogate pair.
    """
    for text in (*texts, *texts.values()):
        if text is None or (text.isascii() and "\0" not in text):
            continue
        if "\0" in text:
            raise NotARecordError("NUL byte")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise NotARecordError("half a surrogate pair")
