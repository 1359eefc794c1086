"""Floor: Polars decodes the touched columns into memory."""

from benchmarks.contenders.job import Job
from benchmarks.contenders.polars_natural import scan_events


def main() -> None:
    """Reads; writes nothing."""
    scan_events(Job.from_arguments()).collect(engine="streaming")


if __name__ == "__main__":
    main()
