"""The pages in `docs/rules` are those of the shipped rules: `make docs` writes them anew."""

from pathlib import Path

from auditor.reports.rule_pages.markdown import pages_of
from auditor.rules.load import load_rules

_FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_of_the_shipped_rules_are_current() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in _FOLDER.iterdir()}

    assert written == pages_of(load_rules([])), "run `make docs`"
