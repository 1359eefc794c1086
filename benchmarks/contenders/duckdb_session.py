"""DuckDB with the log and the registry as the views `events` and `accounts`."""

from importlib.resources import files

import duckdb

from benchmarks.contenders.job import REFERENCE, Job

_EVENT_TYPES = {
    "event_at": "TIMESTAMPTZ",
    "meeting_id": "VARCHAR",
    "session_id": "VARCHAR",
    "account_id": "VARCHAR",
    "route": "VARCHAR",
    "hop_role": "VARCHAR",
    "meeting_started_at": "TIMESTAMPTZ",
    "is_host": "VARCHAR",
    "participant_country": "VARCHAR",
    "media_bytes": "UBIGINT",
    "client_version": "VARCHAR",
    "encryption": "VARCHAR",
    "connection_type": "VARCHAR",
}


def connect(job: Job) -> duckdb.DuckDBPyConnection:
    """A connection with the views; `events` has every column of the files.

    The variable `reference` names the folder of shipped registries.
    """
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET timezone = 'UTC'")
    connection.execute(f"SET VARIABLE reference = '{REFERENCE}'")
    connection.execute(f"CREATE VIEW events AS SELECT * FROM {events_of(job)}")
    registry = f"'{job.accounts}'"
    if job.accounts.suffix == ".csv":
        registry = (
            f"read_csv({registry}, types = {{valid_from: 'TIMESTAMPTZ', valid_to: 'TIMESTAMPTZ'}})"
        )
    connection.execute(f"CREATE VIEW accounts AS SELECT * FROM {registry}")
    return connection


def events_of(job: Job) -> str:
    """The table function that reads the event files; Parquet with `file_row_number`."""
    if job.format == "parquet":
        return f"read_parquet('{job.files}', file_row_number = true)"
    return f"read_csv('{job.files}', header = true, delim = ',', columns = {_EVENT_TYPES})"


def write_findings(connection: duckdb.DuckDBPyConnection, script: str, job: Job) -> None:
    """Runs the SQL file `script` beside this module and writes the table `findings`."""
    connection.execute(files("benchmarks.contenders").joinpath(script).read_text("utf-8"))
    connection.execute(f"COPY findings TO '{job.out}' (FORMAT parquet)")
