"""What lint found as bytes: one format per module, one table of formats."""

from collections.abc import Callable
from typing import Final, TextIO

from auditor.reports.lint import github, json_format, sarif, text
from auditor.rules.lint.run import Linted

LINT_FORMATS: Final[dict[str, Callable[[Linted, TextIO], None]]] = {
    "text": text.write,
    "json": json_format.write,
    "sarif": sarif.write,
    "github": github.write,
}
"""Name as the user types it → what writes it."""
