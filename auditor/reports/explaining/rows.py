"""One row in an explanation: its outcome, the conditions that led to it, and the evidence."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from auditor.explanation import (
    Condition,
    Decision,
    HopEvidence,
    InForce,
    OptIn,
    PolicyEvidence,
    Truth,
)
from auditor.reports.escape import visible
from auditor.reports.explaining.values import fact_text, span_text, value_text
from auditor.reports.terminal.text import BAD, GOOD, QUIET, WARN, Hanging

_STYLES: Final = {"violation": BAD, "compliant": GOOD, "unknown": WARN}
_TRUTHS: Final = {Truth.NULL: WARN}
_LABEL: Final = 13
_DEEPEST: Final = 12
"""Parts below that depth are not indented any further."""

_NO_POLICY: Final = "no registry of accounts was given; what the log states counts"


def row_of(row: Decision) -> Iterator[RenderableType]:
    """All that is known of one row."""
    yield Text()
    yield _line("Row", f"{visible(row.path)}, row {row.row}", "bold")
    keys = ", ".join(f"{name} {value_text(value)}" for name, value in row.keys.items())
    yield _line("", keys)
    outcome = row.outcome or row.bucket.replace("_", " ")
    verdict = Text.assemble((outcome.replace("_", " "), _STYLES.get(outcome, "bold")))
    yield Hanging(verdict.append(f": {visible(row.because)}"), _lead("Outcome"))
    yield from _predicates(row)
    yield from _evidence(row)


def _lead(label: str) -> str:
    return f"  {label:<{_LABEL}}"


def _line(label: str, text: str, style: str = "") -> Hanging:
    return Hanging(Text(text, style), _lead(label))


def _predicates(row: Decision) -> Iterator[RenderableType]:
    shown: set[str] = set()
    if row.violation is None:
        return
    yield Text()
    if row.applies is None:
        yield _line("applies", "to every row")
    else:
        yield from _tree("applies", row.applies, shown)
    if row.in_force is not None:
        yield from _in_force(row.in_force, shown)
    yield from _tree("violation", row.violation, shown)
    for doubt in row.undecided:
        yield from _tree("undecided", doubt.when, shown)
        yield _line("", f"where TRUE: {visible(doubt.because)}", QUIET)


def _tree(label: str, condition: Condition, shown: set[str], depth: int = 0) -> Iterator[Hanging]:
    """The condition and its parts; a fact is shown where it is read first."""
    lead = _lead(label) + "  " * min(depth, _DEEPEST)
    truth = f"{condition.truth.value:<6}"
    yield Hanging(Text(visible(condition.sql)), lead + truth, _TRUTHS.get(condition.truth, ""))
    for name, value in condition.params.items():
        if not condition.parts and f":{name}" not in shown:
            shown.add(f":{name}")
            yield _value(lead, f":{name} = {value_text(value)}")
    for part in condition.parts:
        yield from _tree("", part, shown, depth + 1)
    for fact in condition.facts if not condition.parts else ():
        if fact.name not in shown:
            shown.add(fact.name)
            yield _value(lead, fact_text(fact))


def _value(lead: str, text: str) -> Hanging:
    return Hanging(Text(text, QUIET), " " * (len(lead) + 8))


def _in_force(period: InForce, shown: set[str]) -> Iterator[Hanging]:
    lead = f"{_lead('effective')}{period.truth.value:<6}"
    if period.clock is None:
        yield Hanging(Text("always"), lead)
        return
    zone = f" (dates taken in {visible(period.zone)})" if period.zone else ""
    perhaps = f", perhaps from {value_text(period.earliest)} on" if period.earliest else ""
    span = f"{period.clock} {span_text(period.from_, period.until)}{perhaps}{zone}"
    yield Hanging(Text(span), lead)
    if period.clock not in shown:
        shown.add(period.clock)
        yield _value(_lead(""), f"{period.clock} = {value_text(period.at)}")
    if period.doubt:
        yield Hanging(Text(visible(period.doubt), WARN), " " * (len(_lead("")) + 8))


def _evidence(row: Decision) -> Iterator[RenderableType]:
    if row.start is None:
        return
    yield Text()
    known = "as the log states" if row.start_basis == "reported" else "its first row in the log"
    yield _line("Meeting", f"began {value_text(row.start)}, {known}")
    if row.policy is not None:
        yield _line("Policy", _policy(row.policy))
    if row.opt_in is not None:
        yield from _opt_in(row.opt_in)
    for number, hop in enumerate(row.hops):
        label = "" if number else "Hops"
        yield Hanging(Text(_hop(hop), BAD if hop.is_outside else ""), _lead(label))


def _policy(policy: PolicyEvidence) -> str:
    if policy.state is None:
        return _NO_POLICY
    if policy.state != "in_force":
        return f"none: {policy.state}"
    where = f" ({visible(policy.path)}, {_unit(policy.path)} {policy.row})" if policy.path else ""
    return f"in force {span_text(policy.valid_from, policy.valid_to)}{where}"


def _unit(path: str) -> str:
    """What the readers of registries count."""
    return "row" if path.lower().endswith((".parquet", ".pq")) else "line"


def _opt_in(opt_in: OptIn) -> Iterator[Hanging]:
    yield _line("Opt-in", value_text(opt_in.codes))
    if opt_in.text is not None:
        yield _line("", f"stated as '{visible(opt_in.text)}': {value_text(opt_in.stated)}", QUIET)
    wider = [("home", opt_in.home), ("this meeting's own opt-in", opt_in.extra)]
    for what, text in wider:
        if text is not None:
            yield _line("", f"{what}: {visible(text)}", QUIET)
    if opt_in.added:
        yield _line("", f"wider by {value_text(opt_in.added)}", QUIET)


def _hop(hop: HopEvidence) -> str:
    source = _BASES.get(hop.basis)
    where = hop.country or "not resolved"
    if hop.country is None:
        known = f", known only by the {source}, and more is demanded" if source else f": {hop.why}"
    else:
        known = f", by the {source or hop.basis}"
    side = {True: ": outside the opt-in", False: ": inside the opt-in", None: ""}[hop.is_outside]
    return f"{visible(hop.text) or '(empty)'}: {where}{known}{side}"


_BASES: Final = {
    "registry": "registry",
    "reported": "log itself",
    "corroborated": "agreement of databases",
    "single-source": "word of one database",
}
