"""Opening many files: groups, provenance, folder values and failures."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from auditor.schema import PATH, REJECT, ROW
from auditor.sources import provenance
from auditor.sources.discover import find_files
from auditor.sources.scan import Opened, open_files


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; the spool lies beside it."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (tmp_path / "spool").mkdir()
    monkeypatch.chdir(folder)
    return folder


def scan(*places: str) -> Opened:
    spool = Path("../spool")
    return open_files(find_files(places or (".",), spool, io.BytesIO()).files, spool)


def collected(opened: Opened) -> list[pl.DataFrame]:
    return [group.lf.collect(engine="streaming") for group in opened.groups]


def put(name: str, content: bytes) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content)


def test_rows_know_their_file_and_place_in_it(logs: Path) -> None:
    for name, rows in {"a": 3, "b": 1, "c": 0, "d": 2}.items():
        put(f"{name}.csv", b"x\n" + b"".join(b"%s%d\n" % (name.encode(), n) for n in range(rows)))

    opened = scan()

    (frame,) = collected(opened)
    assert frame.select(PATH, ROW, "x").rows() == [
        ("./a.csv", 1, "a0"),
        ("./a.csv", 2, "a1"),
        ("./a.csv", 3, "a2"),
        ("./b.csv", 1, "b0"),
        ("./d.csv", 1, "d0"),
        ("./d.csv", 2, "d1"),
    ]
    assert [(f.path, f.rows) for f in opened.inputs] == [
        ("./a.csv", 3),
        ("./b.csv", 1),
        ("./c.csv", 0),
        ("./d.csv", 2),
    ]
    assert sorted(file.shown for file in opened.groups[0].files) == [
        "./a.csv", "./b.csv", "./c.csv", "./d.csv",
    ]  # fmt: skip


def test_blank_ends_do_not_shift_the_rows_of_later_files(logs: Path) -> None:
    put("a.csv", b"x,y\n1,2\n3,4\n\n\n")
    put("b.csv", b"x,y\r\n5,6\r\n\r\n")
    put("c.csv", b"x,y\n7,8")

    (frame,) = collected(scan())

    assert frame.select(PATH, ROW, "x").rows() == [
        ("./a.csv", 1, "1"),
        ("./a.csv", 2, "3"),
        ("./b.csv", 1, "5"),
        ("./c.csv", 1, "7"),
    ]


def test_a_thousand_files_of_one_kind_are_one_group(logs: Path) -> None:
    for n in range(1000):
        put(f"{n:04}.csv", b"x,y\n%d,1\n%d,2\n" % (n, n))

    (frame,) = collected(scan())

    assert frame.height == 2000
    assert (frame[PATH] == "./" + frame["x"].str.zfill(4) + ".csv").all()
    assert (frame[ROW].cast(pl.String) == frame["y"]).all()


def test_files_that_cannot_share_a_scan_are_apart(logs: Path) -> None:
    put("plain.csv", b"x,y\n1,2\n")
    put("quoted.csv", b'x,y\n"1",2\n')
    put("other.csv", b"x,z\n1,2\n")
    put("damaged.csv", b"x,y\n1,2\n1\n")
    pl.DataFrame({"x": ["1"], "y": ["2"]}).write_parquet("a.parquet")
    pl.DataFrame({"y": ["2"], "x": ["1"]}).write_parquet("swapped.parquet")
    pl.DataFrame({"x": [1], "y": ["2"]}).write_parquet("number.parquet")

    opened = scan()

    grouped = sorted(sorted(file.shown for file in group.files) for group in opened.groups)
    assert grouped == [
        ["./a.parquet", "./swapped.parquet"],
        ["./damaged.csv"],
        ["./number.parquet"],
        ["./other.csv"],
        ["./plain.csv"],
        ["./quoted.csv"],
    ]
    for group, frame in zip(opened.groups, collected(opened), strict=True):
        assert frame.schema == {
            **group.columns, PATH: pl.String, ROW: pl.Int64, REJECT: pl.String,
        }  # fmt: skip
        assert frame["x"].cast(pl.String).to_list()[0] == "1"


def test_zones_and_units_of_time_are_kept_apart(logs: Path) -> None:
    when = pl.Series("t", [datetime(2020, 5, 1, tzinfo=UTC)])
    for name, series in {
        "utc": when,
        "zoneless": when.dt.replace_time_zone(None),
        "millis": when.dt.cast_time_unit("ms"),
    }.items():
        series.to_frame().write_parquet(f"{name}.parquet")

    assert len(scan().groups) == 3


def test_dictionary_types_become_text_at_any_depth(logs: Path) -> None:
    for name, words in {"a": ["p", "q"], "b": ["q", "p"]}.items():
        pl.DataFrame(
            {
                "c": pl.Series(words, dtype=pl.Categorical),
                "e": pl.Series(words, dtype=pl.Enum(words)),
                "l": pl.Series([[word] for word in words], dtype=pl.List(pl.Categorical)),
                "s": pl.Series([{"k": w} for w in words], dtype=pl.Struct({"k": pl.Categorical})),
            }
        ).write_parquet(f"{name}.parquet")

    opened = scan()

    frame = pl.concat(collected(opened)).sort(PATH, ROW)
    assert frame["e"].to_list() == frame["c"].to_list() == ["p", "q", "q", "p"]
    assert frame.schema["l"] == pl.List(pl.String)
    assert frame.schema["s"] == pl.Struct({"k": pl.String})
    assert [group.columns["e"] for group in opened.groups] == [pl.String()] * 2


def test_folder_values_are_columns_unless_the_file_has_them(logs: Path) -> None:
    put("day=1/zone=a/x.csv", b"x,zone\n1,own\n")
    put("day=2/zone=b/x.csv", b"x,zone\n2,own\n")
    put("day=__HIVE_DEFAULT_PARTITION__/zone=c/x.csv", b"x,zone\n3,own\n")
    put("day=4/zone=d/x.csv", b"x,zone\n4,own\nbroken\n")
    pl.DataFrame({"x": ["5"]}).write_parquet("day=4/x.parquet")

    frames = collected(scan())

    rows = sorted(row for frame in frames for row in frame.select("x", "day").rows() if row[0])
    assert rows == [("1", "1"), ("2", "2"), ("3", None), ("4", "4"), ("5", "4")]
    assert {zone for f in frames if "zone" in f.columns for zone in f["zone"]} == {"own", None}


def test_an_unreadable_file_does_not_stop_the_others(logs: Path) -> None:
    pl.DataFrame({"x": list(range(100))}).write_parquet("good.parquet")
    content = Path("good.parquet").read_bytes()
    put("cut.parquet", content[:-20])
    put("empty.parquet", b"")
    put("text.parquet", b"x,y\n1,2\n")
    put("empty.csv", b"")
    Path("gone.csv").symlink_to("nowhere")
    Path("gone.parquet").symlink_to("nowhere else")
    pl.DataFrame({ROW: [1]}).write_parquet("reserved.parquet")

    opened = scan()

    assert [failure.problems[0].location for failure in opened.failures] == [
        "./cut.parquet", "./empty.csv", "./empty.parquet", "./gone.csv", "./gone.parquet",
        "./reserved.parquet", "./text.parquet",
    ]  # fmt: skip
    assert all(failure.problems[0].hint for failure in opened.failures)
    assert [file.path for file in opened.inputs if file.rows is not None] == ["./good.parquet"]
    assert collected(opened)[0].height == 100


@pytest.mark.parametrize("key", [PATH, ROW, REJECT])
def test_a_folder_key_of_our_own_is_an_error_for_its_files_only(logs: Path, key: str) -> None:
    put(f"{key}=5/a.csv", b"x\n1\n")
    put("good/a.csv", b"x\n1\n")

    opened = scan()

    (problem,) = (p for failure in opened.failures for p in failure.problems)
    assert problem.message == f"has folders with reserved names: {key}"
    assert [file.rows for file in opened.inputs] == [None, 1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_file_that_must_not_be_read_says_so(logs: Path, name: str) -> None:
    put(name, b"a\n1\n")
    Path(name).chmod(0)

    (failure,) = scan().failures

    assert failure.problems[0].message.startswith("cannot be read: Permission denied")


def test_a_name_that_is_not_utf8_is_a_failure(logs: Path) -> None:
    Path(os.fsdecode(b"bad\xff.csv")).write_bytes(b"a\n1\n")

    (failure,) = scan().failures

    assert failure.problems[0].message == "has a name that is not UTF-8"


def test_files_without_rows_are_no_failure(logs: Path) -> None:
    put("a.csv", b"x,y\n")
    pl.DataFrame(schema={"x": pl.Int64}).write_parquet("b.parquet")

    opened = scan()

    assert [frame.height for frame in collected(opened)] == [0, 0]
    assert [file.rows for file in opened.inputs] == [0, 0]
    assert not opened.failures


@pytest.mark.parametrize("name", ["a[1].csv", "a *.csv", "über.csv", "a%20b.csv", "a'b.csv"])
def test_odd_names_are_read_as_they_are(logs: Path, name: str) -> None:
    put(name, b"x\n1\n")
    put("a1.csv", b"x\n2\n")

    (frame,) = collected(scan(name))

    assert frame.select(PATH, "x").rows() == [(name, "1")]


def test_a_scan_that_would_run_out_of_row_numbers_is_split(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "MOST_ROWS", 5)
    for n in range(4):
        pl.DataFrame({"x": [n, n]}).write_parquet(f"{n}.parquet")

    opened = scan()

    assert [[f.shown for f in group.files] for group in opened.groups] == [
        ["./0.parquet", "./1.parquet"],
        ["./2.parquet", "./3.parquet"],
    ]
    assert [frame[ROW].to_list() for frame in collected(opened)] == [[1, 2, 1, 2]] * 2


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_only_columns_that_are_asked_for_are_read(logs: Path, kind: str) -> None:
    for n in range(2):
        frame = pl.DataFrame({"x": ["1"], "y": ["2"], "z": ["3"]})
        if kind == "csv":
            frame.write_csv(f"{n}.csv")
        else:
            frame.write_parquet(f"{n}.parquet")
    (group,) = scan().groups

    plan = group.lf.filter(pl.col("y") == "2").select("x").explain(engine="streaming")
    placed = group.lf.filter(pl.col("y") == "2").select("x", PATH, ROW).explain(engine="streaming")

    assert "PROJECT 2/3 COLUMNS" in plan or "PROJECT 1/3 COLUMNS" in plan
    assert "python_udf" not in plan
    assert "FILTER" not in placed
    assert 'SELECTION: col("y")' in placed


def test_provenance_alone_has_a_row_per_record(logs: Path) -> None:
    put("a.csv", b"x,y\n1,2\n3,4\n")
    pl.DataFrame({"x": [1, 2, 3]}).write_parquet("b.parquet")

    groups = scan().groups

    heights = [g.lf.select(PATH, REJECT).collect(engine="streaming").height for g in groups]
    assert heights == [2, 3]


def test_rows_keep_their_place_in_large_files(logs: Path) -> None:
    for name in "ab":
        frame = pl.DataFrame({"x": pl.int_range(300_000, eager=True)})
        frame.write_parquet(f"{name}.parquet", row_group_size=50_000)
        frame.write_csv(f"{name}.csv")

    opened = scan()

    for frame in collected(opened):
        assert (frame["x"].cast(pl.Int64) + 1 == frame[ROW]).all()
        assert frame[PATH].value_counts()["count"].to_list() == [300_000] * 2
