"""chDB (ClickHouse in the process), as a good analyst writes it: `chdb_natural.sql`."""

from importlib.resources import files
from typing import Final

from chdb.session import Session

from benchmarks.contenders.job import REFERENCE, Job

_SETTINGS: Final = "SET max_threads = 2;\nSET date_time_input_format = 'best_effort';\n"
_ACCOUNT_TYPES: Final = """
    account_id String, plan Nullable(String), opted_in Nullable(String), home Nullable(String),
    billing_country Nullable(String), registered_country Nullable(String),
    valid_from Nullable(DateTime64(6, \\'UTC\\')), valid_to Nullable(DateTime64(6, \\'UTC\\'))
"""


def main() -> None:
    """Writes the findings."""
    job = Job.from_arguments()
    session = Session()
    job.out.unlink(missing_ok=True)
    script = files("benchmarks.contenders").joinpath("chdb_natural.sql").read_text("utf-8")
    places = {
        "events": job.files,
        "accounts": _accounts(job),
        "out": str(job.out),
        "reference": str(REFERENCE),
    }
    for name, place in places.items():
        script = script.replace("{" + name + "}", place)
    for statement in (_SETTINGS + script).split(";\n"):
        if statement.strip():
            session.query(statement)


def _accounts(job: Job) -> str:
    if job.accounts.suffix == ".csv":
        return f"file('{job.accounts}', CSVWithNames, '{_ACCOUNT_TYPES}')"
    return f"file('{job.accounts}', Parquet)"


if __name__ == "__main__":
    main()
