"""Orders to write and audit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .logs import invoke, report_of

COLUMNS = "order_id,account_id,ordered_at,action,channel,partner,billing_country"
DIRECT = "O1,A,2020-08-24T10:00:00Z,new,direct,,CN"
RENEWAL = "O2,A,2020-08-24T10:00:00Z,renewal,direct,,CN"
ELSEWHERE = "O3,A,2020-08-24T10:00:00Z,new,direct,,HK"
UNKNOWN = "O4,A,2020-08-24T10:00:00Z,new,,,CN"
EARLY = "O5,A,2020-01-24T10:00:00Z,new,direct,,CN"
BROKEN = {
    "order_id is missing": ",A,2020-08-24T10:00:00Z,new,direct,,CN",
    "ordered_at is missing": "O6,A,,new,direct,,CN",
    "ordered_at is not a time": "O7,A,yesterday,new,direct,,CN",
    "ordered_at has no zone": "O8,A,2020-08-24T10:00:00,new,direct,,CN",
    "too few fields": "O9,A",
}


def write_orders(folder: Path, *rows: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    return path


def audited(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report. `Any`: a document."""
    done = invoke("audit", *arguments, "--format", "json", cwd=folder)
    return done.exit_code, report_of(done)


def outcomes(report: Mapping[str, Any], rule_id: str = "SALE-001") -> tuple[int, ...]:
    (rule,) = [rule for rule in report["rules"] if rule["id"] == rule_id]
    names = ("violation", "compliant", "unknown", "not_applicable")
    return tuple(rule[name] for name in names)
