"""What each key of a rule file means, for editors: one sentence, and examples."""

from typing import Final

MEANINGS: Final[dict[str, tuple[str, tuple[object, ...]]]] = {
    "schema": ("Version of the format.", ()),
    "id": ("Unique, in capitals; never reused. The file is named after it.", ("ACME-001",)),
    "title": ("What a finding means, as one sentence.", ()),
    "severity": ("How much a finding weighs; --fail-on compares it.", ()),
    "table": ("The table whose rows are judged.", ()),
    "subject": ("What one finding is about: rows of one subject are one finding.", ()),
    "applies": (
        "SQL: rows for which it is FALSE are not applicable. Left out: every row applies.",
        ("hop_role IN ('processing', 'relay')", "is_host"),
    ),
    "violation": (
        "SQL: TRUE is a violation, FALSE is compliant, NULL is unknown.",
        ("NOT within(jurisdictions, opted_in)", "touches(jurisdictions, 'CN')"),
    ),
    "undecided": ("Doubts: a row that would be compliant is unknown where one is TRUE.", ()),
    "undecided.when": ("SQL: the doubt counts where it is TRUE.", ("connection_type = 'P2P'",)),
    "undecided.because": ("The reason that reports state.", ()),
    "effective": ("The period in which the rule holds. Left out: always.", ()),
    "effective.from": (
        "First day, or first instant with its zone; null: unbounded.",
        ("2020-05-01", "2020-05-01T00:00:00Z"),
    ),
    "effective.until": ("First day or instant after the period; null: unbounded.", ("2021-01-01",)),
    "effective.earliest": (
        "The rule may have begun any time from here on; between this and `from` rows are unknown.",
        ("2020-06-01",),
    ),
    "effective.doubt": ("Why it is not known when the rule began.", ()),
    "effective.timezone": (
        "IANA zone in which days begin; --param timezone=… changes it.",
        ("UTC", "Asia/Shanghai", "America/New_York"),
    ),
    "effective.clock": ("The time field that must lie in the period.", ()),
    "message": (
        "What a finding says; {placeholders} are facts, sums of the finding, or evidence.",
        ("{session_id} went through {jurisdictions}",),
    ),
    "tags": ("Names for --select. Rules with `default` run unless others are selected.", ()),
    "why": ("What the rule protects, and where its facts leave doubts.", ()),
    "remediation": ("What whoever gets a finding should do.", ()),
    "references": ("Where the facts are from.", ()),
    "references.title": ("Title of the source.", ()),
    "references.publisher": ("Who published it.", ()),
    "references.published": ("The day it was published.", ("2020-04-13",)),
    "references.url": ("Where it can be read.", ()),
    "params": ("Values that whoever runs the rule may change; predicates name them :name.", ()),
    "params.type": ("What it holds; `texts` is a list, and a date is midnight in the zone.", ()),
    "params.default": ("Its value unless --param gives another.", ()),
    "params.meaning": ("One line for those who may change it.", ()),
    "basis": ("SQL yielding a text: which evidence a finding rests on.", ()),
    "evidence": ("Texts for the message: name → SQL yielding a text.", ()),
    "evidence_level": (
        "How surely a hop's place must be known to count; the stricter of it and --evidence-level.",
        ("corroborated",),
    ),
    "examples": ("Tests of the rule: a log, and what the rule must say of it.", ()),
    "examples.name": ("What the example shows; unique in the file.", ()),
    "examples.event": ("One row of the table.", ()),
    "examples.events": ("Several rows, each with what must come of it.", ()),
    "examples.fixture": ("A log in a file beside the rule.", ("data/log.csv",)),
    "examples.accounts": ("An accounts registry beside the rule.", ("data/accounts.csv",)),
    "examples.expect": ("The outcome; of a fixture, the number of rows with each.", ()),
    "examples.reason": ("Why the row is unknown, as reports state it.", ()),
    "examples.boundary": ("Whether the outcome depends on how a date is read.", ()),
    "examples.message": ("What the finding's message must contain.", ()),
    "examples.findings": ("The keys of every finding's subject.", ()),
    "examples.params": ("Values for parameters of the rule.", ()),
}
"""Path of the key → what it means, and examples of its value."""
