"""Which files a command line means."""

import gzip
import io
import os
import threading
from pathlib import Path

import polars as pl
import pytest
import zstandard

from auditor.errors import InputError, UsageError
from auditor.sources.discover import Found, find_files
from auditor.sources.log_names import LOG_NAMES


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; the spool lies beside it."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (tmp_path / "spool").mkdir()
    monkeypatch.chdir(folder)
    return folder


def find(*places: str, stdin: bytes = b"") -> Found:
    return find_files(places, Path("../spool"), io.BytesIO(stdin))


def shown(*places: str) -> list[str]:
    return [file.shown for file in find(*places).files]


def put(*names: str, content: bytes = b"a\n") -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def test_a_folder_is_searched_through_in_the_order_of_paths(logs: Path) -> None:
    put("d/z.csv", "d/b/y.pq", "d/b/x.parquet", "d/a.CSV.gz", "d/c.csv.zst")

    assert shown("d") == ["d/a.CSV.gz", "d/b/x.parquet", "d/b/y.pq", "d/c.csv.zst", "d/z.csv"]


@pytest.mark.parametrize("place", ["d", "d/", "./d", "../logs/d"])
def test_paths_are_shown_as_they_were_given(logs: Path, place: str) -> None:
    put("d/a.csv")

    assert shown(place) == [os.path.join(place, "a.csv")]  # noqa: PTH118 - keeps `./`


def test_what_is_no_log_is_listed_with_its_reason(logs: Path) -> None:
    put("d/a.csv", "d/_SUCCESS", "d/.b.csv", "d/notes.txt", "d/_temporary/0/c.csv", "d/.git/d.csv")
    os.mkfifo("d/pipe.csv")

    found = find("d")

    assert [file.shown for file in found.files] == ["d/a.csv"]
    assert [(skipped.path, skipped.reason) for skipped in found.skipped] == [
        ("d/.b.csv", "hidden"),
        ("d/.git", "hidden"),
        ("d/_SUCCESS", "marked as no data by its leading underscore"),
        ("d/_temporary", "marked as no data by its leading underscore"),
        ("d/notes.txt", f"not a log: its name ends in none of {LOG_NAMES}"),
        ("d/pipe.csv", "not a regular file"),
    ]


def test_a_file_named_twice_is_read_once(logs: Path) -> None:
    put("d/a.csv")
    Path("link.csv").symlink_to("d/a.csv")

    assert shown("d/a.csv", "d", "d/*.csv", "./d/a.csv", "link.csv", "d/a.csv") == ["d/a.csv"]


def test_a_folder_that_leads_back_to_itself_is_read_once(logs: Path) -> None:
    put("d/a.csv")
    Path("d/again").symlink_to(".")

    found = find("d")

    assert [file.shown for file in found.files] == ["d/a.csv"]
    assert [skipped.path for skipped in found.skipped] == ["d/again"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("d/*.csv", ["d/a.csv"]),
        ("**/*.csv", ["d/a.csv", "d/e/b.csv"]),
        ("d/*", ["d/a.csv", "d/e/b.csv"]),
        ("d/?/*.csv", ["d/e/b.csv"]),
        ("d/**", ["d/a.csv", "d/e/b.csv"]),
        ("d/*.log", ["d/c.log"]),
        ("d/_*/*.csv", ["d/_tmp/d.csv"]),
    ],
)
def test_a_glob_names_what_it_matches(logs: Path, pattern: str, expected: list[str]) -> None:
    put("d/a.csv", "d/e/b.csv", "d/c.log", "d/_tmp/d.csv")

    assert shown(pattern) == expected


def test_a_file_whose_name_looks_like_a_glob_is_a_file(logs: Path) -> None:
    put("a[1]*.csv", "a1.csv")

    assert shown("a[1]*.csv") == ["a[1]*.csv"]


CONTENTS = {
    "parquet": (b"PAR1....PAR1", "parquet", None),
    "gzip": (gzip.compress(b"a\n"), "csv", "gzip"),
    "zstd": (zstandard.compress(b"a\n"), "csv", "zstd"),
    "text": (b"a\n", "csv", None),
    "nothing": (b"", "csv", None),
}


@pytest.mark.parametrize("name", ["x", "x.log", "x.csv", "x.parquet.bak"])
@pytest.mark.parametrize("content", CONTENTS)
def test_a_named_file_is_known_by_its_first_bytes(logs: Path, content: str, name: str) -> None:
    data, form, compression = CONTENTS[content]
    put(name, content=data)

    (file,) = find(name).files

    assert (file.format, file.compression, file.bytes) == (form, compression, len(data))


@pytest.mark.parametrize(
    ("name", "form", "compression"),
    [("x.parquet", "parquet", None), ("x.csv.gz", "csv", "gzip"), ("x.csv.zst", "csv", "zstd")],
)
def test_a_name_promises_what_the_bytes_do_not_tell(
    logs: Path, name: str, form: str, compression: str | None
) -> None:
    put(name)

    (file,) = find(name).files

    assert (file.format, file.compression) == (form, compression)


@pytest.mark.parametrize("content", CONTENTS)
def test_stdin_is_spooled_and_known_by_its_first_bytes(logs: Path, content: str) -> None:
    data, form, compression = CONTENTS[content]

    (file,) = find("-", "-", stdin=data).files

    assert (file.shown, file.format, file.compression) == ("-", form, compression)
    assert file.path.read_bytes() == data
    assert file.path.parent.samefile("../spool")


def test_a_named_pipe_is_spooled(logs: Path) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(b"a\n1\n"))
    writer.start()

    (file,) = find("pipe").files

    writer.join()
    assert (file.shown, file.bytes, file.path.read_bytes()) == ("pipe", 4, b"a\n1\n")


def test_folder_names_are_values(logs: Path) -> None:
    put("d/day=2020-05-01/place=a%20b/none=__HIVE_DEFAULT_PARTITION__/x/a.csv")
    expected = {"day": "2020-05-01", "place": "a b", "none": None}

    assert find("d").files[0].hive == expected
    assert find("d/**/*.csv").files[0].hive == expected
    assert find("d/day=2020-05-01").files[0].hive == expected
    assert find("d/day=2020-05-01/").files[0].hive == expected
    assert find("d/*").files[0].hive == expected
    assert find(str(logs / "d" / "day=2020-05-01")).files[0].hive == expected


def test_folder_names_that_contradict_each_other_are_an_error(logs: Path) -> None:
    put("d/zone=a/zone=b/a.csv", "d/zone=c/zone=c/a.csv")

    with pytest.raises(InputError, match="its folders give 'zone' two values, 'a' and 'b'"):
        find("d")
    assert find("d/zone=c").files[0].hive == {"zone": "c"}


@pytest.mark.parametrize("address", ["https://host/x.csv", "ftp://host/x.parquet"])
def test_an_address_of_no_store_is_refused(logs: Path, address: str) -> None:
    with pytest.raises(UsageError, match="copy other files to a local folder"):
        find(address)


def test_all_places_that_mean_nothing_are_named_at_once(logs: Path) -> None:
    put("empty/notes.txt")

    with pytest.raises(InputError) as caught:
        find("nowhere.csv", "*.csv", "empty", "")

    problems = [(problem.location, problem.message) for problem in caught.value.problems]
    assert problems == [
        ("nowhere.csv", "no such file or folder"),
        ("*.csv", "matches no file"),
        ("empty", "holds no log file"),
        ("", "no such file or folder"),
    ]
    assert all(problem.hint for problem in caught.value.problems)


def test_a_link_to_nothing_is_a_log_that_will_fail(logs: Path) -> None:
    Path("d").mkdir()
    Path("d/a.csv").symlink_to("gone")

    assert [(file.shown, file.bytes) for file in find("d").files] == [("d/a.csv", 0)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_cannot_be_listed_is_an_error(logs: Path) -> None:
    put("d/a.csv", "d/closed/b.csv")
    Path("d/closed").chmod(0)

    with pytest.raises(InputError, match="cannot be listed"):
        find("d")


def test_a_name_that_is_not_text_is_shown_escaped(logs: Path) -> None:
    Path(os.fsdecode(b"bad\xff.csv")).write_bytes(b"a\n")

    assert shown(".") == ["./bad\\xff.csv"]


def test_parquet_by_another_name_is_still_parquet(logs: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet("x.csv")

    assert find(".").files[0].format == "parquet"
