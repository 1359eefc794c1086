"""The table of checks: id, level and meaning of everything that lint may say."""

from typing import Final

from auditor.rules.faults import FaultKind
from auditor.rules.lint import (
    against,
    declarations,
    examples,
    groups,
    naming,
    predicates,
    texts,
    unknowns,
)
from auditor.rules.lint.model import Check, Level, Look

LOOKS: Final[tuple[Look, ...]] = (
    predicates.look,
    unknowns.look,
    groups.look,
    declarations.look,
    examples.look,
    texts.look,
    naming.look,
)
"""What looks at each rule that could be read."""

_ERRORS: Final = {
    FaultKind.UNREADABLE_FILE: "the file cannot be read, is too large, empty or not UTF-8",
    FaultKind.INVALID_YAML: "not YAML 1.2, or YAML with anchors, aliases, tags or repeated keys",
    FaultKind.UNKNOWN_KEY: "a key that rule files do not have",
    FaultKind.MISSING_KEY: "a key that is needed is missing",
    FaultKind.INVALID_VALUE: "a value of a wrong kind or form",
    FaultKind.INVALID_DATE: "a text that is no date, or no instant with its zone",
    FaultKind.DATES_OUT_OF_ORDER: "a period that ends before it begins",
    FaultKind.DUPLICATE_ID: "two rules have the same id",
    FaultKind.INVALID_SQL: "a predicate that is no SQL, or SQL beyond the subset",
    FaultKind.UNKNOWN_NAME: "a field, parameter, function or placeholder that does not exist",
    FaultKind.WRONG_TYPE: "values that do not compare, such as a set and a text",
    FaultKind.UNKNOWN_VALUE: "a text outside a closed vocabulary",
    FaultKind.UNKNOWN_JURISDICTION: "a country that is no ISO 3166-1 alpha-2 code",
    FaultKind.UNKNOWN_GROUP: "a group of countries that is not known",
    FaultKind.TOO_LARGE: "a text or predicate that is too long, too deep or too large",
    predicates.NEVER_TRUE: "a predicate that is never TRUE, whatever the row",
    predicates.NEVER_DECIDED: "a predicate that is never TRUE and never FALSE",
    against.UNDECIDABLE: "a log (--against) lacks a column without which the rule finds nothing",
    predicates.NULL_COMPARISON: "a comparison with NULL, which is always NULL",
}
_WARNINGS: Final = {
    predicates.NEVER_FALSE: "a predicate that is never FALSE, whatever the row",
    against.MISSING_COLUMN: "a log (--against) lacks a column that the rule reads",
    unknowns.UNKNOWN_IS_COMPLIANT: "a row of which nothing is known would be compliant",
    predicates.CONSTANT_PART: "a part of a predicate that is never TRUE or never FALSE",
    declarations.UNUSED_PARAMETER: "a parameter that no predicate uses",
    declarations.UNUSED_EVIDENCE: "evidence that the message does not show",
    declarations.UNUSED_LEVEL: "evidence of places is demanded, and no predicate reads them",
    examples.MISSING_EXAMPLE: "no example of a violation, or none of compliance",
    examples.DUPLICATE_EXAMPLE: "two examples with the same name or the same log",
    texts.MISSING_WHY: "the rule does not say why",
    texts.MISSING_REMEDIATION: "the rule does not say what to do about a finding",
    texts.MISSING_REFERENCES: "the rule does not say where its facts are from",
    texts.MISSING_MEANING: "a parameter that is not explained",
    naming.FILE_NAME: "a file that is not named after its rule",
    naming.INVALID_TAG: "a tag that is given twice or not in small letters, digits and dashes",
}

CHECKS: Final = {
    str(id_): Check(str(id_), level, summary)
    for level, table in ((Level.ERROR, _ERRORS), (Level.WARNING, _WARNINGS))
    for id_, summary in table.items()
}
"""Id → check, errors first."""
