"""Floor: DuckDB decodes the touched columns and drops them, chunk by chunk."""

from benchmarks.contenders.duckdb_session import connect
from benchmarks.contenders.job import TOUCHED, Job


def main() -> None:
    """Reads; writes nothing."""
    # NOTE: a count per column, because a query that asks for nothing decodes nothing.
    counts = ", ".join(f"count({name})" for name in TOUCHED)
    connect(Job.from_arguments()).execute(f"SELECT {counts} FROM events")


if __name__ == "__main__":
    main()
