"""A generated log: what is in it, and that nothing is left of one that fails."""

from pathlib import Path

import polars as pl
import pytest

from auditor.errors import ReportError, UsageError
from auditor.generate import log
from auditor.generate.log import write_log
from auditor.generate.request import Compression, LogFormat, LogRequest
from auditor.schema import ACCOUNTS, EVENTS, TIME, names_of


def quiet(_: int) -> None:
    """Shows no progress."""


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("log_format", LogFormat)
@pytest.mark.parametrize("compression", Compression)
def test_equal_requests_give_equal_bytes(
    tmp_path: Path, log_format: LogFormat, compression: Compression
) -> None:
    request = LogRequest(2000, 5, format=log_format, compression=compression, files=2)

    for name in ("a", "b"):
        write_log(tmp_path / name, request, quiet)

    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_another_seed_gives_another_log(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_log(tmp_path / str(seed), LogRequest(500, seed), quiet)

    first, second = (pl.read_parquet(tmp_path / name / "events") for name in ("1", "2"))
    assert set(first["meeting_id"]).isdisjoint(second["meeting_id"])


@pytest.mark.parametrize(("rows", "files"), [(1, 1), (7, 3), (1000, 1), (1001, 4)])
def test_a_log_has_exactly_the_rows_asked_for_in_about_equal_files(
    tmp_path: Path, rows: int, files: int
) -> None:
    write_log(tmp_path / "log", LogRequest(rows, 1, files=files), quiet)

    heights = [pl.read_parquet(p).height for p in sorted((tmp_path / "log/events").iterdir())]
    assert sum(heights) == rows
    assert len(heights) == files
    assert max(heights) - min(heights) <= 1


def test_columns_are_canonical(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(100, 1), quiet)

    df = pl.read_parquet(tmp_path / "log/events")

    kinds = {field.name: field.kind.dtype for field in EVENTS}
    assert all(dtype == kinds[name] for name, dtype in df.schema.items())
    accounts = (tmp_path / "log/accounts.csv").read_text().splitlines()[0].split(",")
    assert set(accounts) <= set(names_of(ACCOUNTS))


def test_parquet_and_csv_hold_the_same_events(tmp_path: Path) -> None:
    for log_format in LogFormat:
        write_log(tmp_path / log_format, LogRequest(3000, 3, format=log_format), quiet)

    parquet = pl.read_parquet(tmp_path / "parquet/events")
    csv = pl.read_csv(tmp_path / "csv/events/*.csv", infer_schema=False)
    times = [name for name, dtype in parquet.schema.items() if dtype == TIME]
    as_text = parquet.with_columns(
        pl.col(times).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        pl.col("is_host", "media_bytes").cast(pl.String),
    )
    assert as_text.equals(csv)


def test_the_start_is_left_out_on_demand_and_nothing_else_changes(tmp_path: Path) -> None:
    for has_start in (True, False):
        write_log(tmp_path / str(has_start), LogRequest(500, 1, has_start=has_start), quiet)

    stated, bare = (pl.read_parquet(tmp_path / name / "events") for name in ("True", "False"))
    assert bare.equals(stated.drop("meeting_started_at"))
    starts = stated.group_by("meeting_id").agg(
        pl.col("event_at").min(), pl.col("meeting_started_at").unique()
    )
    assert (
        starts.explode("meeting_started_at", empty_as_null=False)
        .filter(pl.col("event_at") != pl.col("meeting_started_at"))
        .is_empty()
    )


def test_a_log_runs_from_april_to_june(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(20_000, 1), quiet)

    days = pl.read_parquet(tmp_path / "log/events")["event_at"].dt.date()

    assert days.n_unique() >= 91
    assert str(days.min()) == "2020-04-01"
    assert str(days.max()) in {"2020-06-30", "2020-07-01"}


def test_some_meetings_run_past_the_cut_off_of_hosting(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(60_000, 1), quiet)
    cut_off = pl.datetime(2020, 4, 30, 16, time_zone="UTC")

    df = pl.read_parquet(tmp_path / "log/events")

    assert df.filter((pl.col("meeting_started_at") < cut_off) & (pl.col("event_at") >= cut_off))[
        "meeting_id"
    ].n_unique()


def test_a_tenth_of_the_accounts_change_their_policy(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(100, 1, accounts=10_000), quiet)

    accounts = pl.read_csv(tmp_path / "log/accounts.csv")

    changing = accounts.group_by("account_id").len().filter(pl.col("len") > 1).height
    assert changing == pytest.approx(1000, rel=0.15)


def test_many_accounts_are_written_as_parquet(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(100, 1, accounts=60_000), quiet)

    accounts = pl.read_parquet(tmp_path / "log/accounts.parquet")

    assert accounts["account_id"].n_unique() == 60_000
    assert accounts.schema["valid_from"] == TIME


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")

    with pytest.raises(UsageError, match="not an empty folder"):
        write_log(tmp_path, LogRequest(10, 1), quiet)

    assert contents(tmp_path) == {"notes": b"mine"}


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("mine")

    with pytest.raises(UsageError, match="not an empty folder"):
        write_log(tmp_path / "log", LogRequest(10, 1), quiet)


def test_a_missing_parent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        write_log(tmp_path / "no" / "log", LogRequest(10, 1), quiet)


def test_too_few_accounts_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="3 accounts are too few"):
        write_log(tmp_path / "log", LogRequest(10, 1, accounts=3), quiet)

    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()

    write_log(tmp_path / "log", LogRequest(10, 1), quiet)

    assert (tmp_path / "log" / "README.md").exists()


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (OSError(28, "No space left on device"), ReportError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_log_that_fails_half_way_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    error: type[BaseException],
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(log, "readme_of", fail)

    with pytest.raises(error):
        write_log(tmp_path / "log", LogRequest(10, 1), quiet)

    assert list(tmp_path.iterdir()) == []


def test_progress_ends_with_all_rows(tmp_path: Path) -> None:
    seen: list[int] = []

    write_log(tmp_path / "log", LogRequest(700, 1), seen.append)

    assert seen == sorted(seen)
    assert seen[-1] == 700


def test_the_page_tells_how_to_audit_it(tmp_path: Path) -> None:
    write_log(tmp_path / "log", LogRequest(50, 1), quiet)

    page = (tmp_path / "log/README.md").read_text()

    assert "auditor audit events --accounts accounts.csv" in page
    assert all(name in page for name in ("truth.parquet", "expected.json"))
