"""What an explanation is asked for: a rule, and rows of a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.engine.request import Request
from auditor.explanation import Place


@dataclass(frozen=True, slots=True)
class Question:
    """Why a rule came to its outcomes on some rows.

    Attributes:
        request: the logs, what is known beside them, parameters and window; it selects no rule.
            Of a finding, its logs are not read but those of the report.
        rule_id: of the rule, without regard to case.
        places: the rows.
    """

    request: Request
    rule_id: str
    places: Sequence[Place]
