"""The benchmark in small: it runs, and every contender finds what the audit finds."""

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.entries import ENTRIES
from benchmarks.run import main
from benchmarks.table import BEGIN, END, write_between_markers

QUICK = (
    "ours", "duckdb_expert", "duckdb_natural", "polars_natural", "chdb_natural", "pandas_natural",
    "duckdb_expert:csv", "polars_natural:csv", "floor_polars", "ours:sites", "ours:addresses",
    "ours:unresolved",
    "ours:canonical-csv", "ours:dashboard-csv",
)  # fmt: skip


def test_every_contender_finds_what_the_audit_finds(tmp_path: Path) -> None:
    sizes = [
        "--rows",
        "20000",
        "--csv-rows",
        "10000",
        "--address-rows",
        "20000",
        "--rounds",
        "1",
        "--data",
        f"{tmp_path}/data",
    ]
    only = [part for name in QUICK for part in ("--only", name)]
    output = tmp_path / "results.json"

    done = CliRunner().invoke(main, [*sizes, *only, "--output", str(output)])

    assert done.exit_code == 0, done.output
    measured = json.loads(output.read_text("utf-8"))
    assert {"ours", "duckdb_expert", "duckdb_natural", "polars_natural"} <= measured.keys()
    assert all(usage["cpu"] > 0 for usages in measured.values() for usage in usages)
    assert "| **auditor**, four rules |" in done.stdout


def test_a_name_that_no_entry_has_lists_the_known_ones() -> None:
    done = CliRunner().invoke(main, ["--only", "spark"])

    assert done.exit_code == 2
    assert "duckdb_expert" in done.stderr


def test_names_of_entries_are_unique_and_their_bases_exist() -> None:
    names = [entry.name for entry in ENTRIES]

    assert len(names) == len({*names})
    assert {entry.base for entry in ENTRIES} <= {*names}


def test_the_table_replaces_only_what_stands_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")

    write_between_markers(page, "new\n")

    assert page.read_text("utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
