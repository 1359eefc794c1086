"""Rule files and predicates, random or mutated from the shipped ones, most of them wrong."""

import json
from typing import Final

from hypothesis import strategies as st

from auditor.rules.ir import Op
from auditor.rules.packs import rule_files, shipped_packs
from auditor.schema import FACTS
from tests.unit.rules.frames import HEAD

Texts = st.SearchStrategy[str]

SHIPPED: Final = tuple(
    path.read_text(encoding="utf-8")
    for folder in shipped_packs().values()
    for path in rule_files(folder)
)
_SHORT: Final = tuple(text.partition("\nexamples:")[0] + "\n" for text in SHIPPED)
_FIELDS: Final = sorted({name for fields in FACTS.values() for name in fields})
_WORDS: Final = (
    *_FIELDS, *_FIELDS, *(op.value for op in Op), "within(", "touches(", "group('EU')",
    "group('nowhere')", "in_group(", "version_at_least(", "COALESCE(", "LOWER(", "CASE WHEN",
    "CASE",
    "WHEN", "THEN", "ELSE", "END", "ESCAPE", "NULL", "TRUE", "FALSE", "'CN'", "'free'", "'%a_'",
    "'a!%'", "'5.0'", "'UK'", "''", "'\\'", "'\x00'", "'\U0001f600'", "DATE '2020-05-01'",
    "DATE '2020-02-30'", "DATE '0000-00-00'", "TIMESTAMP '2020-05-01T00:00:00Z'",
    "TIMESTAMP '9999-12-31T23:59:59-14:00'", "TIMESTAMP '2020-05-01'", "0", "1", "-1", "0.5",
    "1e99",
    "1e308", "1e9999", "9" * 30, "9" * 31, "9" * 400, ":p", ":q", ":nothing", "(", ")", "(", ")",
    ",",
    ",", "::int", "||", ";", "--", "/*", "*/", "$$", "$1", "?", "@x", "[", "]", "{", "}", ".", "'",
    '"', "`", "\\", "\n", "\t", "\x0b", "\xa0", "\u2028", "\ufeff", "ä", "٣", "SELECT", "FROM", "x",
    "ANY(", "EXISTS(", "ARRAY[1]", "INTERVAL '1' DAY", "CAST(", "EXTRACT(", "OVER (",
    "AT TIME ZONE",
    "SIMILAR TO", "COLLATE", "ISNULL", "->", "->>", "!~", "~*", "<=>", "!=", "==", "XOR", "ROW(",
)  # fmt: skip
_ATOMS: Final = (
    "is_host", "is_recorded", ":p", "TRUE", "plan = 'free'", "home IN ('CN', 'HK')",
    "media_bytes > 5", "media_bytes / 0 > 1e99", "media_bytes % 3 = -0.0",
    "media_bytes - 999999999999999999999999999999 < 0", "event_at < meeting_started_at",
    "event_at BETWEEN DATE '1900-01-01' AND DATE '2200-12-31'", "partner LIKE '%a_%' ESCAPE '_'",
    "within(jurisdictions, opted_in, group('EU'), 'CN')", "touches(jurisdictions, residency)",
    "in_group(home, 'EU')", "version_at_least(client_version, '5.10')", "opted_in IS NULL",
    "partner IN (:q)", "COALESCE(plan, 'pro') <> 'free'", "LOWER(home) LIKE '_%'",
    "CASE plan WHEN 'free' THEN media_bytes ELSE 2 END IS DISTINCT FROM 1", "NULL",
)  # fmt: skip
_YAML: Final = (
    "&a ", "*a", "!!python/object/apply:os.system [ls]", "!x ", "<<: ", "---\n", "...\n",
    "%YAML 9.9\n",
    "{", "}", "[", "]", ": ", "- ", "? ", "| ", ">-\n", "'", '"', "#", "\t", "\n", "\n\n", "  ",
    ",",
    "\x00", "\x07", "\x1b", "\x85", "\u2028", "\ufeff", "\ud800", '"\\ud800"', '"\\UFFFFFFFF"',
    '"\\x00"', "~", "null", "NO", "0x10", "1e999", "9" * 40, ".inf", ".nan", "2020-13-45",
    "schema:",
    "params: {p: {type: text, default: x}}\n", "undecided: [{when: is_host, because: x}]\n",
    "effective: {from: 2020-01-01, until: 2019-01-01, timezone: X, clock: y}\n", "\r", "\r\n",
)  # fmt: skip
_PARAMS: Final = (
    "params:\n  p: {type: boolean, default: true}\n  q: {type: texts, default: [a, '']}\n"
    "effective: {from: 2020-05-01, timezone: Asia/Shanghai, clock: event_at}\n"
)


@st.composite
def mutated(draw: st.DrawFn, text: str, words: tuple[str, ...]) -> str:
    """`text` with up to five cuts, copies, repeats and insertions."""
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 40)))
        new = draw(st.sampled_from(("cut", "word", "word", "repeat", "move", "any")))
        if new == "cut":
            text = text[:at] + text[end:]
        elif new == "word":
            text = text[:at] + draw(st.sampled_from(words)) + text[end:]
        elif new == "repeat":
            text = text[:at] + text[at:end] * draw(st.sampled_from((2, 3, 50, 500))) + text[end:]
        elif new == "move":
            to = draw(st.integers(0, len(text)))
            text = text[:to] + text[at:end] + text[to:]
        else:
            text = text[:at] + draw(st.text(max_size=4)) + text[end:]
    return text


def _connected(inner: Texts) -> Texts:
    pair = st.tuples(inner, st.sampled_from(("AND", "OR", "=", "+", ",")), inner).map(" ".join)
    return st.one_of(
        pair,
        inner.map("NOT ({})".format),
        inner.map("({})".format),
        st.tuples(inner, inner).map(lambda p: f"CASE WHEN {p[0]} THEN {p[1]} END"),
        st.tuples(inner, inner).map(lambda p: f"COALESCE({p[0]}, {p[1]})"),
        inner.map("({}) IS NULL".format),
    )


_SOUND: Final = st.recursive(st.sampled_from(_ATOMS), _connected, max_leaves=8)
PREDICATES: Final[Texts] = st.one_of(
    _SOUND,
    _SOUND.flatmap(lambda text: mutated(text, _WORDS)),
    st.lists(st.sampled_from(_WORDS), max_size=15).map(" ".join),
    st.tuples(st.sampled_from(_WORDS), st.sampled_from((150, 250, 3000))).map(
        lambda pair: f"{pair[0]} " * pair[1]
    ),
    st.text(max_size=60),
)
"""Sound ones, mutated ones, random words, one word very often, any characters."""


def _file_with(predicate: str) -> str:
    return f"{HEAD}violation: {json.dumps(predicate, ensure_ascii=False)}\n{_PARAMS}"


_VALUES: Final = st.recursive(
    st.sampled_from((*_YAML[-30:], *_FIELDS[:5], True, None)) | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_KEYS: Final = (
    "schema", "id", "title", "severity", "table", "subject", "violation", "message", "applies",
    "undecided", "effective", "tags", "why", "remediation", "references", "examples", "params",
    "basis", "evidence", "evidence_level",
)  # fmt: skip


def _with_key(parts: tuple[str, str, object]) -> str:
    text, key, value = parts
    return f"{text}{key}: {json.dumps(value, ensure_ascii=False)}\n"


FILES: Final[st.SearchStrategy[bytes]] = st.one_of(
    PREDICATES.map(_file_with),
    st.sampled_from((*_SHORT, *_SHORT, *SHIPPED)).flatmap(lambda text: mutated(text, _YAML)),
    st.sampled_from(_SHORT).flatmap(lambda text: mutated(text, _WORDS)),
    st.tuples(st.sampled_from((*_SHORT, HEAD)), st.sampled_from(_KEYS), _VALUES).map(_with_key),
    st.lists(st.sampled_from(_YAML), max_size=20).map("".join),
    st.text(max_size=80),
).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40)
"""Files around such predicates, mutated shipped ones, odd values of keys, and plain rubbish."""
