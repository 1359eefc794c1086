"""What a reader of a finding needs: why, what to do, where the facts are from."""

from collections.abc import Iterator

from auditor.rules.lint.model import Found, Subject
from auditor.rules.lint.place import at_key

MISSING_WHY, MISSING_REMEDIATION = "missing-why", "missing-remediation"
MISSING_REFERENCES, MISSING_MEANING = "missing-references", "missing-meaning"


def look(subject: Subject) -> Iterator[Found]:
    """Texts that are missing."""
    rule = subject.rule
    if not rule.why:
        yield MISSING_WHY, at_key(rule, "why", "why is missing", "say what the rule protects")
    if not rule.remediation:
        hint = "say what whoever gets a finding should do"
        yield MISSING_REMEDIATION, at_key(rule, "remediation", "remediation is missing", hint)
    if not rule.references:
        hint = "name title and publisher of what the rule is taken from"
        yield MISSING_REFERENCES, at_key(rule, "references", "references are missing", hint)
    for param in rule.params.values():
        if not param.meaning:
            problem = rule.problem(f"params.{param.name}.type", 0, f"{param.name} has no meaning")
            yield MISSING_MEANING, problem
