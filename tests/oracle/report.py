"""The report that an audit must give: ledger, counts and findings, as plain data."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .events import Event, Reject, read
from .facts import Facts, enriched
from .model import Accounts, LogFile, Question
from .predicates import Params
from .reference import shipped
from .rules import RULES, Rule
from .values import shown, time_of
from .verdicts import OUTCOMES, Verdict, judge, log_columns_of

SUBJECT_KEYS = {
    "session": ("account_id", "meeting_id", "session_id"),
    "meeting": ("account_id", "meeting_id"),
}
_FAR_PAST = datetime.min.replace(tzinfo=UTC)
_FINDING_FACTS = ("opted_in", "meeting_started_at", "media_bytes")

Plain = dict[str, Any]
"""JSON-like data."""


def params_of(rule: Rule, given: Mapping[str, str]) -> Params:
    """The parameters given for all rules, then those given for this one."""
    own = {k.partition(".")[2]: v for k, v in given.items() if k.startswith(f"{rule.id}.")}
    return {**{k: v for k, v in given.items() if "." not in k}, **own}


def finding_id(rule: Rule, keys: Sequence[str | None]) -> str:
    """The digest that names a finding."""
    parts = [rule.id, rule.subject, *keys]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _hop_bases(facts: Facts) -> set[str]:
    resolved = [hop for hop in facts.event.hops if hop.country]
    deciding = [hop for hop in resolved if hop.country in facts.outside] or resolved
    return {hop.basis for hop in deciding} or {"unresolved"}


def _bases(rule: Rule, rows: Sequence[Facts]) -> list[str]:
    """The bases a report may name: one, unless the rule's own expression differs over rows."""
    if rule.basis:
        return sorted({rule.basis(facts) for facts in rows})
    found = set().union(*(_hop_bases(facts) for facts in rows))
    weakest_first = ("unresolved", "corroborated", "reported", "registry")
    return [next(basis for basis in weakest_first if basis in found)]


def _policies(rows: Sequence[Facts]) -> list[Plain]:
    """The policies a report may name: those of the earliest violating rows."""

    def age(facts: Facts) -> tuple[datetime, datetime]:
        start = facts.policy.valid_from if facts.policy else None
        return facts.event.event_at, start or _FAR_PAST

    earliest = min(map(age, rows))
    return [
        {
            "valid_from": shown(f.policy.valid_from) if f.policy else None,
            "valid_to": shown(f.policy.valid_to) if f.policy else None,
        }
        for f in rows
        if age(f) == earliest
    ]


def _union(sets: Iterable[Iterable[str]]) -> list[str]:
    return sorted(set().union(*sets))


def _finding(rule: Rule, keys: Sequence[str | None], verdicts: Sequence[Verdict]) -> Plain:
    rows = sorted((v.facts for v in verdicts), key=lambda f: (f.event.path, f.event.row))
    events = [facts.event for facts in rows]
    stated = [e.values["media_bytes"] for e in events if e.values["media_bytes"] is not None]
    return {
        "id": finding_id(rule, keys),
        "rule_id": rule.id,
        "severity": rule.severity,
        "subject": {
            "kind": rule.subject,
            **dict(zip(SUBJECT_KEYS[rule.subject], keys, strict=True)),
        },
        "first_at": shown(min(event.event_at for event in events)),
        "last_at": shown(max(event.event_at for event in events)),
        "events": len(rows),
        "media_bytes": sum(int(str(value)) for value in stated) if stated else None,
        "jurisdictions": _union(facts.jurisdictions for facts in rows),
        "jurisdictions_outside": _union(facts.outside for facts in rows),
        "opted_in": _union(facts.opted_in or () for facts in rows),
        "route": _union([hop.text for hop in event.hops] for event in events),
        "basis": _bases(rule, rows),
        "start_basis": max((f.start_basis for f in rows), key=["reported", "observed"].index),
        "policy": _policies(rows),
        "boundary": any(v.depends_on_zone for v in verdicts),
        "rows": [{"path": event.path, "row": event.row} for event in events[:10]],
    }


def _missing_first(keys: Sequence[str | None]) -> list[tuple[bool, str]]:
    return [(key is not None, key or "") for key in keys]


def _findings(rule: Rule, verdicts: Iterable[Verdict]) -> list[Plain]:
    """The findings of one rule, in the order of the report."""
    by_subject: dict[tuple[str | None, ...], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome == "violation":
            event = verdict.facts.event
            keys = tuple(getattr(event, name) for name in SUBJECT_KEYS[rule.subject])
            by_subject.setdefault(keys, []).append(verdict)
    ordered = sorted(by_subject, key=_missing_first)
    return [_finding(rule, keys, by_subject[keys]) for keys in ordered]


def _rule_result(verdicts: Sequence[Verdict]) -> Plain:
    counts = Counter(verdict.outcome for verdict in verdicts)
    is_in_scope = any(v.outcome != "not_applicable" for v in verdicts)
    return {
        **{outcome: counts[outcome] for outcome in OUTCOMES},
        "status": "ran" if is_in_scope else "never_applied",
        "boundary_rows": sum(verdict.is_boundary_row for verdict in verdicts),
        "unknown_reasons": dict(Counter(v.reason for v in verdicts if v.reason)),
    }


def _invalid_values(rows: Sequence[Facts], rules: Sequence[tuple[Rule, Params]]) -> Plain:
    """Rows per column and text, the last separator of a set left out."""
    counts: Counter[str] = Counter()
    for facts in rows:
        needed = {name for rule, _ in rules for name in rule.evidence}
        for fact in (*_FINDING_FACTS, *(f for rule, p in rules for f in rule.reads(p))):
            needed |= log_columns_of(fact, facts)
        invalid = facts.event.invalid.items()
        counts.update(f"{c}={text.removesuffix(';')}" for c, text in invalid if c in needed)
    return dict(counts)


def _unresolved(rows: Sequence[Facts]) -> Plain:
    hops = Counter(
        text for f in rows for text in {hop.text for hop in f.event.hops if hop.country is None}
    )
    accounts = Counter(f.event.account_id or "" for f in rows if f.trouble)
    return {"hops": dict(hops), "accounts": dict(accounts)}


def _is_inside(event: Event, question: Question) -> bool:
    start, end = (
        time_of(text, question.timezone) if text else None
        for text in (question.window_from, question.window_to)
    )
    after = not isinstance(start, datetime) or start <= event.event_at
    return after and (not isinstance(end, datetime) or event.event_at < end)


def _exit_code(files: Sequence[LogFile], rejects: Sequence[Reject], rules: Plain) -> int:
    if any(rule["violation"] for rule in rules.values()):
        return 1
    is_empty = any(not file.records for file in files)
    is_unknown = any(rule["unknown"] for rule in rules.values())
    is_idle = all(rule["status"] == "never_applied" for rule in rules.values())
    return 3 if rejects or is_empty or is_unknown or is_idle else 0


def expected_report(
    files: Sequence[LogFile], accounts: Accounts | None, question: Question
) -> Plain:
    """What the audit of `files` must report, `run`, `settings`, `inputs` and texts aside."""
    reference = shipped()
    events, rejects = read(files, question.timezone, reference)
    facts = enriched(
        events,
        accounts,
        reference,
        is_residency_stated=all(file.has("residency") for file in files),
    )
    rows = [f for f in facts if _is_inside(f.event, question)]
    asked = [(RULES[i], params_of(RULES[i], question.params)) for i in sorted(question.select)]
    verdicts = {rule.id: [judge(rule, f, params) for f in rows] for rule, params in asked}
    findings = {rule.id: _findings(rule, verdicts[rule.id]) for rule, _ in asked}
    rules = {
        rule.id: {**_rule_result(verdicts[rule.id]), "findings": len(findings[rule.id])}
        for rule, _ in asked
    }
    return {
        "exit_code": _exit_code(files, rejects, rules),
        "coverage": {
            "rows_read": len(events) + len(rejects),
            "rows_rejected": len(rejects),
            "rows_outside_window": len(events) - len(rows),
            "events": len(rows),
            "first_at": shown(min((f.event.event_at for f in rows), default=None)),
            "last_at": shown(max((f.event.event_at for f in rows), default=None)),
            "rejects": dict(Counter(reject.reason for reject in rejects)),
            "invalid_values": _invalid_values(rows, asked),
        },
        "rules": rules,
        "unresolved": _unresolved(rows),
        "findings": [finding for found in findings.values() for finding in found],
    }
