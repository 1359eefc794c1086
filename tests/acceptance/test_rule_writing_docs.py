"""What docs/writing-rules.md names exists, and what exists it names."""

import csv
import json
import re
from pathlib import Path

import pytest

import auditor
from auditor.rules.functions import FUNCTIONS
from auditor.rules.lint.run import lint
from auditor.schema import FACTS
from tests.unit.rules.frames import GROUPS
from tests.unit.rules.lint.linting import RULE, changed

_PROGRAM = Path(auditor.__file__).parent
_PAGE = (Path(__file__).parents[2] / "docs" / "writing-rules.md").read_text(encoding="utf-8")
_SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", _PAGE, re.DOTALL | re.MULTILINE))
_PREDICATES = re.findall(r"```sql\n(.*?)```", _PAGE, re.DOTALL)[0].splitlines()


def _first_cells(section: str) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", _SECTIONS[section], re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


@pytest.mark.parametrize("table", FACTS)
def test_the_page_names_the_facts_of_each_table(table: str) -> None:
    assert _first_cells(f"Facts of {table}") == set(FACTS[table])


@pytest.mark.parametrize("table", FACTS)
def test_the_page_names_the_values_of_each_choice(table: str) -> None:
    for field in FACTS[table].values():
        if field.choices:
            values = ", ".join(f"`{value}`" for value in field.choices)
            assert f"| `{field.name}` | {values} |" in _SECTIONS[f"Facts of {table}"]


def test_the_page_names_every_key_and_function() -> None:
    schema = json.loads((_PROGRAM / "rules" / "rule.schema.json").read_text(encoding="utf-8"))

    assert _first_cells("Keys") == set(schema["properties"])
    assert _first_cells("Predicates") | {"group"} == set(FUNCTIONS)


def test_the_page_names_every_group() -> None:
    with (_PROGRAM / "reference" / "groups.csv").open(encoding="utf-8") as file:
        groups = {row["group"] for row in csv.DictReader(file)}

    listed = re.search(r"Groups: (.*?)\.\n", _SECTIONS["Predicates"], re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(.+?)`", listed[1])) == groups


@pytest.mark.parametrize("predicate", _PREDICATES)
def test_the_predicates_of_the_page_are_sound(tmp_path: Path, predicate: str) -> None:
    path = tmp_path / "TEST-001.yaml"
    path.write_text(changed("violation: is_host", f"violation: {predicate}"), encoding="utf-8")

    assert path.read_text(encoding="utf-8") != RULE
    assert lint([str(path)], GROUPS).remarks == []
