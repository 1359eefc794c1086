"""One rule file's tree → a checked `Rule`."""

import hashlib
import json
import re
from typing import Final

from auditor.addresses.locations import LEVELS
from auditor.errors import Problem
from auditor.findings import FINDING_SCHEMA, Severity
from auditor.rules.faults import FaultKind
from auditor.rules.fields import MOST_CLAUSES, Fields, text_of
from auditor.rules.literals import day_of
from auditor.rules.model import RULE_SCHEMA, Reference, Rule, Undecided
from auditor.rules.rule_examples import read_examples
from auditor.rules.rule_parts import NAME, NAME_HINT, read_effective, read_params
from auditor.rules.yaml_nodes import YamlMap, YamlNode, plain_of
from auditor.schema import FACTS

RULE_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")

REQUIRED: Final = (
    "schema", "id", "title", "severity", "table", "subject", "violation", "message",
)  # fmt: skip
KEYS: Final = (
    *REQUIRED, "applies", "undecided", "effective", "tags", "why", "remediation", "references",
    "examples", "params", "basis", "evidence", "evidence_level",
)  # fmt: skip
_TEXTS: Final = ("title", "applies", "violation", "message", "why", "remediation", "basis")
SUBJECTS: Final = {"events": ("session", "meeting", "account"), "orders": ("order", "account")}


def read_rule(document: YamlNode, pack: str, path: str) -> tuple[Rule | None, list[Problem]]:
    """The rule in a file and everything wrong with the file, apart from its SQL.

    Args:
        document: the file's tree.
        pack: the folder it came from.
        path: the file, as the user knows it.

    Returns:
        The rule, or None where a key that everything else hangs on is wrong.
    """
    problems: list[Problem] = []
    if not isinstance(document, YamlMap):
        return None, [document.problem("a rule is a mapping of keys", f"known: {', '.join(KEYS)}")]
    fields = Fields(document, KEYS, problems)
    fields.require(*REQUIRED)
    fields.choice("schema", [RULE_SCHEMA])
    rule_id = _rule_id(fields)
    severity = fields.choice("severity", [s.value for s in Severity])
    table = fields.choice("table", FACTS)
    subject = fields.choice("subject", SUBJECTS[table]) if table else None
    texts = {name: fields.text(name) for name in _TEXTS}
    effective = read_effective(fields, table)
    rule = Rule(
        id=rule_id or "",
        title=texts["title"] or "",
        severity=Severity(severity or Severity.INFO),
        table=table or "",
        subject=subject or "",
        applies=texts["applies"],
        violation=texts["violation"] or "",
        undecided=_undecided(fields),
        effective=effective,
        message=texts["message"] or "",
        tags=fields.texts("tags"),
        why=texts["why"] or "",
        remediation=texts["remediation"] or "",
        references=_references(fields),
        examples=read_examples(fields, table, subject),
        params=read_params(fields),
        basis=texts["basis"],
        evidence=_evidence(fields, table),
        evidence_level=_evidence_level(fields, table),
        pack=pack,
        path=path,
        digest=_digest(document),
        document=document,
    )
    is_whole = all((rule.id, table, subject, rule.violation, rule.message))
    return rule if is_whole else None, problems


def _rule_id(fields: Fields) -> str | None:
    rule_id = fields.text("id")
    if rule_id is not None and not RULE_ID.fullmatch(rule_id):
        fields.fault("id", f"{rule_id!r} is not a rule id", "write capitals and digits: ROUTE-001")
    return rule_id


def _undecided(fields: Fields) -> tuple[Undecided, ...]:
    found = []
    for item in fields.maps("undecided", ("when", "because"), MOST_CLAUSES):
        item.require("when", "because")
        found.append(Undecided(item.text("when") or "", item.text("because") or ""))
    return tuple(found)


def _references(fields: Fields) -> tuple[Reference, ...]:
    found = []
    for item in fields.maps("references", ("title", "publisher", "published", "url")):
        item.require("title", "publisher")
        day = item.text("published")
        published = day_of(day) if day else None
        if day and published is None:
            message = f"{day!r} is not a date"
            item.fault("published", message, "write 2020-05-01", FaultKind.INVALID_DATE)
        found.append(
            Reference(
                item.text("title") or "",
                item.text("publisher") or "",
                published,
                item.text("url") or "",
            )
        )
    return tuple(found)


def _evidence(fields: Fields, table: str | None) -> dict[str, str]:
    node = fields.map("evidence")
    found: dict[str, str] = {}
    if node is None:
        return found
    for name, value in node.values.items():
        text = text_of(value, name, fields.problems)
        fault = _evidence_fault(name, table)
        if fault:
            fields.problems.append(node.keys[name].problem(*fault))
        elif text is not None:
            found[name] = text
    return found


def _evidence_fault(name: str, table: str | None) -> tuple[str, str] | None:
    if not NAME.fullmatch(name):
        return f"{name!r} is not a name", NAME_HINT
    if name in FINDING_SCHEMA:
        return f"{name!r} is already the name of a finding's column", "choose another"
    if table and name in FACTS[table]:
        return f"{name!r} is already the name of a fact of {table}", "choose another"
    return None


def _evidence_level(fields: Fields, table: str | None) -> str | None:
    level = fields.choice("evidence_level", LEVELS)
    if level is not None and table is not None and "jurisdictions" not in FACTS[table]:
        hint = "remove it: it is about where the hops of a route are"
        fields.fault("evidence_level", f"rows of {table} have no hops", hint)
    return level


def _digest(document: YamlMap) -> str:
    content = json.dumps(plain_of(document), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
