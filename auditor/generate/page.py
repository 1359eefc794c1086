"""The page that explains a synthetic log to whoever finds its folder."""

from typing import Final

from auditor.generate.request import LogFormat, LogRequest
from auditor.generate.truth import Expected

_PAGE: Final = """\
# A synthetic log of {rows:,} events

Made by `auditor generate --rows {rows} --seed {seed}`: invented, but of the shape of real meeting
logs from April to June 2020 (UTC), with violations planted that are known beforehand.

| file | holds |
|---|---|
| `events/` | {files} {format} file(s), one row per event |
| `{registry}` | the hosting accounts and their policies over time |
| `truth.parquet` | one row per finding that an audit must report; `events` counts its rows |
| `expected.json` | per rule: violating, compliant, unknown and not applicable rows, and findings |

    auditor audit events --accounts {registry}

| rule | violation | compliant | unknown | not applicable | findings |
|---|---|---|---|---|---|
{rules}

A default log is complete: no row is rejected and none unknown. `--unresolved` plants rows that no
rule can decide: hops that nothing resolves, unknown accounts, peer-to-peer media.
"""


def readme_of(request: LogRequest, registry: str, expected: Expected) -> str:
    """The page, in Markdown.

    Args:
        request: what was asked for.
        registry: name of the accounts file.
        expected: the counts per rule.
    """
    lines = [
        f"| {rule_id} | {c['violation']} | {c['compliant']} | {c['unknown']} "
        f"| {c['not_applicable']} | {c['findings']} |"
        for rule_id, c in expected["rules"].items()
    ]
    return _PAGE.format(
        rows=request.rows,
        seed=request.seed,
        files=request.files,
        format="Parquet" if request.format is LogFormat.PARQUET else "CSV",
        registry=registry,
        rules="\n".join(lines),
    )
