"""Floor: Polars decodes the touched columns and drops them, batch by batch."""

from benchmarks.contenders.job import Job
from benchmarks.contenders.polars_natural import scan_events


def main() -> None:
    """Reads; writes nothing."""
    scan_events(Job.from_arguments()).sink_batches(lambda _: None)


if __name__ == "__main__":
    main()
