"""Where in a rule file something is that is not there, or is more than one text."""

from auditor.errors import Problem
from auditor.rules.model import Rule


def at_key(rule: Rule, key: str, message: str, hint: str = "") -> Problem:
    """A problem at a key of the file, or at its start where the key is missing."""
    node = rule.document.keys.get(key, rule.document)
    return node.problem(message, hint)
