"""A rule file is data: whatever it holds, it gives a rule or located faults."""

from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.rules.load import load_rules
from tests.unit.rules.frames import HEAD, compiled, facts

BODY = "violation: is_host\n"


def _faults(folder: Path, content: bytes) -> list[str]:
    path = folder / "r.yaml"
    path.write_bytes(content)
    with pytest.raises(RuleError) as caught:
        load_rules([str(path)])
    return [f"{p.location.removeprefix(f'{folder}/')}: {p.message}" for p in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'a: "\\ud800"', "r.yaml:1:7: not YAML: found invalid Unicode character"),
        (b'a: "\\UFFFFFFFF"', "r.yaml:1:7: not YAML: found invalid Unicode character"),
        (b'a: "\\U00110000"', "r.yaml:1:7: not YAML: found invalid Unicode character"),
        (b"a: 1\nb: \x00", "r.yaml:2:4: not YAML: unacceptable character #x0000"),
        (b"a: 1\nb: \x1b[31m", "r.yaml:2:4: not YAML: unacceptable character #x001b"),
        (b"a: \xed\xa0\x80", "r.yaml:1: not UTF-8"),
        (b"\xff\xfea\x00", "r.yaml:1: not UTF-8"),
        (b"a: !!python/object/apply:os.system [ls]", "r.yaml:1:4: tags are not allowed"),
        (b"<<: *a", "r.yaml:1:5: aliases are not allowed"),
        (b"<<: {id: A-1}", "r.yaml:1:1: unknown key '<<'"),
        (b"a: 1\n---\nb: 2", "r.yaml:2:1: a second document"),
        (b"%YAML 9.9\n---\na: 1", "r.yaml:1:"),
        (b"[" * 200_000, "r.yaml:1:33: nested more than 32 deep"),
        (b"- " * 100_000, "r.yaml:1:65: nested more than 32 deep"),
        (b"{" + b"a," * 100_000 + b"}", "more than 10000 values"),
        (b"a: 1\n" * 50_000, "more than 10000 values"),
    ],
)
def test_hostile_yaml_is_a_located_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    found = _faults(tmp_path, content)

    assert any(fault in line for line in found), found[:3]
    assert all(line.startswith("r.yaml:") for line in found)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("violation: " + "is_host OR " * 10_000 + "is_host\n",
         "r.yaml:8:12: longer than 20000 characters"),
        ("violation: " + "(" * 1000 + "is_host" + ")" * 1000 + "\n", "nested more than 200 deep"),
        ("violation: " + "NOT " * 1000 + "is_host\n", "nested more than 200 deep"),
        ("violation: partner LIKE '" + "_%" * 300 + "'\n",
         "r.yaml:8:25: a pattern of more than 500 characters"),
        (BODY + "undecided:\n" + "- {when: is_host, because: x}\n" * 101,
         "r.yaml:110:3: undecided has more than 100 items"),
        (BODY + "evidence:\n" + "".join(f"  e{i}: partner\n" for i in range(101)),
         "r.yaml:10:3: evidence has more than 100 keys"),
        (BODY + "params:\n" + "".join(f"  p{i}: {{}}\n" for i in range(101)),
         "r.yaml:10:3: params has more than 100 keys"),
        (BODY + "tags: [" + "a," * 1001 + "]\n", "tags has more than 1000 items"),
        (BODY.replace("is_host", "media_bytes = " + "9" * 31),
         "is not a number of at most 30 digits"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_a_located_fault(tmp_path: Path, body: str, fault: str) -> None:
    found = _faults(tmp_path, (HEAD + body).encode())

    assert any(fault in line for line in found), found


def test_a_long_message_is_a_located_fault(tmp_path: Path) -> None:
    head = HEAD.replace("{session_id}", "{plan}" * 1000)

    assert _faults(tmp_path, (head + BODY).encode()) == [
        "r.yaml:7:4011: longer than 4000 characters"
    ]


def test_thousands_of_faults_in_one_predicate_are_all_located(tmp_path: Path) -> None:
    predicate = " OR ".join(f"x{i} = 1" for i in range(1500))

    found = _faults(tmp_path, f"{HEAD}violation: {predicate}\n".encode())

    assert len(found) == 1500
    assert found[-1].startswith(f"r.yaml:8:{12 + predicate.rindex('x')}: ")


@pytest.mark.parametrize("text", [f"'{'a' * 10_000}'", "partner"])
def test_no_pattern_makes_matching_backtrack(tmp_path: Path, text: str) -> None:
    pattern = "%a" * 200 + "%b"
    rule = compiled(tmp_path, f"violation: >-\n  {text} LIKE '{pattern}'\n")
    rows = facts([{"partner": "a" * 100_000}])

    assert rows.with_columns(o=rule.violation_if_effective)["o"].to_list() == [False]


@pytest.mark.parametrize("function", ["touches", "within"])
def test_a_set_named_a_thousand_times_counts_once(tmp_path: Path, function: str) -> None:
    sets = ", ".join(["opted_in", "'CN'", "group('EU')"] * 500)
    rule = compiled(tmp_path, f"violation: {function}(jurisdictions, {sets})\n")
    rows = facts([{"jurisdictions": ["CN"], "opted_in": ["US"]}, {}])

    assert rows.with_columns(o=rule.violation_if_effective)["o"].to_list() == [True, None]


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + BODY).replace("\n", ending).encode())

    (rule,) = load_rules([str(path)])

    assert rule.id == "TEST-001"
