"""Floor: pyarrow decodes the touched columns and drops them, batch by batch."""

from pyarrow import dataset

from benchmarks.contenders.job import TOUCHED, Job


def main() -> None:
    """Reads; writes nothing."""
    job = Job.from_arguments()
    for batch in dataset.dataset(job.events, format=job.format).to_batches(columns=list(TOUCHED)):
        del batch


if __name__ == "__main__":
    main()
