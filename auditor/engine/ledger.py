"""Counts of everything that was read: coverage, what stayed unresolved, why rows are unknown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from auditor.engine.plan import BUCKET, Bucket, Plan, invalid_columns, outcome_column
from auditor.enrich.interned import era_of
from auditor.enrich.sites import Sites
from auditor.findings import Counted, Coverage, InvalidValue, Outcome, RuleResult, SkippedFile
from auditor.jurisdictions import OPEN
from auditor.rules.compile import CompiledRule
from auditor.schema import PATH, POLICY_STATE, REJECT, ROW, PolicyState
from auditor.sources.discover import LogFile
from auditor.sources.reread import raw_text


def coverage(
    counts: Mapping[str, int],
    flagged: pl.LazyFrame,
    plan: Plan,
    rows_read: int,
    skipped: Sequence[SkippedFile],
) -> Coverage:
    """The coverage ledger; `rows_read` is counted apart from the pass that decided."""
    per_bucket = [counts[b.name] for b in (Bucket.EVENT, Bucket.REJECTED, Bucket.OUTSIDE_WINDOW)]
    events, rejected, outside = per_bucket
    return Coverage(
        rows_read=rows_read,
        rows_rejected=rejected,
        rows_outside_window=outside,
        events=events,
        rejects=_counted(flagged.filter(pl.col(REJECT).is_not_null()), pl.col(REJECT)),
        invalid_values=_invalid_values(_events(flagged), invalid_columns(plan.needs)),
        files_skipped=skipped,
        reconciles=sum(per_bucket) == rows_read,
    )


def rule_result(
    rule: CompiledRule, counts: Mapping[str, int], flagged: pl.LazyFrame, findings: int
) -> RuleResult:
    """One rule's row of the report."""
    name = rule.rule.id
    per_outcome = {o: counts[f"{name}:{o.name}"] for o in Outcome}
    applied = sum(per_outcome.values()) - per_outcome[Outcome.NOT_APPLICABLE]
    undecided = flagged.filter(pl.col(outcome_column(name)) == Outcome.UNKNOWN.value)
    return RuleResult(
        id=name,
        title=rule.rule.title,
        severity=rule.rule.severity,
        digest=rule.digest,
        status="ran" if applied else "never_applied",
        violation=per_outcome[Outcome.VIOLATION],
        compliant=per_outcome[Outcome.COMPLIANT],
        unknown=per_outcome[Outcome.UNKNOWN],
        not_applicable=per_outcome[Outcome.NOT_APPLICABLE],
        boundary_rows=counts[f"{name}:late"],
        findings=findings,
        unknown_reasons=_counted(undecided, rule.unknown_reason)
        if per_outcome[Outcome.UNKNOWN]
        else (),
    )


def not_run(rule: CompiledRule, reason: str) -> RuleResult:
    """The row of a rule whose table was not given."""
    return RuleResult(
        rule.rule.id, rule.rule.title, rule.rule.severity, rule.digest, "not_run", reason
    )


def unresolved_hops(flagged: pl.LazyFrame, sites: Sites) -> list[Counted]:
    """Hop texts that nothing resolves, with the rows that hold them."""
    era = era_of(pl.col("event_at"), sites.boundaries).alias("era")
    routes = (
        _events(flagged)
        .filter(pl.col("jurisdictions" + OPEN))
        .group_by("route", era)
        .len()
        .collect(engine="streaming")
    )
    rows: Counter[str] = Counter()
    for route, at, number in routes.iter_rows():
        for text in {hop.text for hop in sites.hops(route, at) if hop.country is None}:
            rows[text] += number
    return _most_first(rows.items())


def unresolved_accounts(flagged: pl.LazyFrame) -> list[Counted]:
    """Hosting accounts without a policy in force, with their rows; '' for rows that name none."""
    rows = _events(flagged).filter(pl.col(POLICY_STATE) != PolicyState.IN_FORCE.value)
    return _counted(rows, pl.col("account_id").fill_null(""))


def unknown_rows(flagged: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """One row per rule and row it could not decide: rule, reason, place, time, keys, route."""
    columns = ("event_at", "account_id", "meeting_id", "session_id", "route")
    if not plan.rules:
        return pl.LazyFrame()
    return pl.concat(
        flagged.filter(pl.col(outcome_column(rule.rule.id)) == Outcome.UNKNOWN.value).select(
            pl.lit(rule.rule.id).alias("rule_id"),
            rule.unknown_reason.alias("reason"),
            pl.col(PATH).alias("path"),
            pl.col(ROW).alias("row"),
            *columns,
        )
        for rule in plan.rules
    ).sort("rule_id", "path", "row")


def rejected_rows(flagged: pl.LazyFrame, files: Sequence[LogFile]) -> pl.DataFrame:
    """The rejected rows: `path`, `row`, `line` (of a text file), `reason`, `raw`."""
    rejects = (
        flagged.filter(pl.col(REJECT).is_not_null())
        .select(PATH, ROW, REJECT)
        .collect(engine="streaming")
    )
    return (
        rejects.join(raw_text(files, rejects.select(PATH, ROW)), on=[PATH, ROW], how="left")
        .sort(PATH, ROW)
        .select(
            pl.col(PATH).alias("path"),
            pl.col(ROW).alias("row"),
            "line",
            pl.col(REJECT).alias("reason"),
            "raw",
        )
    )


def _events(flagged: pl.LazyFrame) -> pl.LazyFrame:
    return flagged.filter(pl.col(BUCKET) == Bucket.EVENT.value)


def _invalid_values(events: pl.LazyFrame, bad_texts: Sequence[str]) -> list[InvalidValue]:
    found: list[InvalidValue] = []
    for column in bad_texts:
        counted = _counted(events.filter(pl.col(column).is_not_null()), pl.col(column))
        name = column.removeprefix("invalid:")
        found += [InvalidValue(name, item.value, item.rows) for item in counted]
    return found


def _counted(rows: pl.LazyFrame, value: pl.Expr) -> list[Counted]:
    frame = rows.group_by(value.alias("value")).len().collect(engine="streaming")
    return _most_first(frame.iter_rows())


def _most_first(items: Iterable[tuple[str, int]]) -> list[Counted]:
    return [Counted(v, n) for v, n in sorted(items, key=lambda item: (-item[1], item[0]))]
