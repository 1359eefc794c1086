"""DuckDB, as a good analyst writes it without tuning: `duckdb_natural.sql`."""

from benchmarks.contenders.duckdb_session import connect, write_findings
from benchmarks.contenders.job import Job


def main() -> None:
    """Writes the findings."""
    job = Job.from_arguments()
    write_findings(connect(job), "duckdb_natural.sql", job)


if __name__ == "__main__":
    main()
