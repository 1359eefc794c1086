"""What the commands on rules share: the flag `--rules`, and what lists say of a rule."""

from auditor.cli.flags import shared
from auditor.findings import Severity
from auditor.rules.model import Rule

RULES = shared("--rules", help="Packs or folders [default: the shipped packs].")


def summary_of(rule: Rule) -> dict[str, object]:
    """What lists of rules say of one."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": Severity(rule.severity).value,
        "pack": rule.pack,
        "table": rule.table,
        "subject": rule.subject,
        "tags": list(rule.tags),
    }
