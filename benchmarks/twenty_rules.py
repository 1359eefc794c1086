"""Twenty rules over the same columns: the four default ones and sixteen made up for measuring."""

from pathlib import Path
from typing import Final

from auditor.rules import packs

_COUNTRIES: Final = ("US", "CA", "NL", "DE", "HK", "SG", "JP", "AU", "IN", "BR")
_ROLES: Final = ("signalling", "key", "recording", "dial_in")

_RULE: Final = """\
schema: auditor/rule/v1
id: {id}
title: Made up for measuring
severity: low
table: events
subject: session
{applies}violation: {violation}
effective: {{from: 2020-04-18, until: null, timezone: UTC, clock: meeting_started_at}}
message: "{{session_id}} of {{account_id}}"
tags: [default]
why: Measures what one more rule costs.
remediation: None.
references: []
examples: []
"""


def write_rules(folder: Path, shipped: tuple[str, ...]) -> None:
    """Writes twenty rules into the new folder: copies of `shipped` and sixteen of our own."""
    folder.mkdir(parents=True)
    pack = packs.shipped_packs()["zoom-2020"]
    for rule_id in shipped:
        text = (pack / f"{rule_id}.yaml").read_text("utf-8")
        (folder / f"{rule_id}.yaml").write_text(text, "utf-8")
    for rule_id, (applies, violation) in _made_up().items():
        text = _RULE.format(
            id=rule_id, applies=f"applies: {applies}\n" if applies else "", violation=violation
        )
        (folder / f"{rule_id}.yaml").write_text(text, "utf-8")


def _made_up() -> dict[str, tuple[str, str]]:
    """Rule id → `applies` (may be empty) and `violation`: few rows of a generated log violate."""
    outside = "NOT within(jurisdictions, opted_in)"
    rules = {
        f"BENCH-{country}": (
            "",
            f"touches(jurisdictions, '{country}') AND NOT touches(opted_in, '{country}')",
        )
        for country in _COUNTRIES
    }
    rules |= {
        f"BENCH-ROLE-{i}": (f"hop_role = '{role}'", outside) for i, role in enumerate(_ROLES, 1)
    }
    rules["BENCH-PLAN-1"] = ("plan IN ('government', 'education')", outside)
    rules["BENCH-PLAN-2"] = ("plan <> 'free' AND hop_role = 'relay'", outside)
    return rules
