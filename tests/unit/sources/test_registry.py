"""Registries: read as a whole, or refused with every fault and its line."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from auditor import schema
from auditor.errors import RegistryError
from auditor.schema import ROW
from auditor.sources.accounts import load_accounts
from auditor.sources.items import country_names
from auditor.sources.registry import Registry, load_registry


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path) -> Registry:
    return load_registry("accounts", path, schema.ACCOUNTS)


def problems_of(path: Path) -> list[str]:
    with pytest.raises(RegistryError) as caught:
        load(path)
    return [f"{p.location}: {p.message}".removeprefix(str(path)) for p in caught.value.problems]


def test_a_csv_file_is_read_with_its_line_numbers(tmp_path: Path) -> None:
    text = (
        "account_id,Plan,opted_in,valid_from,note\r\n"
        'a, Free ,US;EU,2020-04-18T00:00:00+08:00,"x, ""y"""\r\n\r\n'
        "b,,,,\r\n"
    )
    registry = load(write(tmp_path, "a.csv", "\ufeff" + text))

    assert registry.frame.select("account_id", "plan", "opted_in", "valid_from", ROW).rows() == [
        ("a", "free", "US;EU", datetime(2020, 4, 17, 16, tzinfo=UTC), 2),
        ("b", None, None, None, 4),
    ]
    assert registry.columns == {"account_id", "plan", "opted_in", "valid_from"}
    assert registry.ignored == ("note",)
    assert (registry.file.kind, registry.file.rows) == ("accounts", 2)


def test_a_parquet_file_is_read_with_its_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"account_id": ["a", "b"], "opted_in": [["US"], []]}).write_parquet(path)

    registry = load(path)

    assert registry.frame.select("account_id", "opted_in", ROW).rows() == [
        ("a", "US;", 1), ("b", "", 2),
    ]  # fmt: skip


def test_a_time_beyond_any_calendar_is_a_fault_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    until = pl.Series([2**62, None]).cast(pl.Datetime("ms", "UTC"))
    pl.DataFrame({"account_id": ["a", "b"], "valid_to": until}).write_parquet(path)

    (problem,) = problems_of(path)

    assert problem.startswith(f":row 1: valid_to '{2**62}' is not a time")


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        "account_id,plan,billing_country,valid_from,valid_to\n"
        "a,Basic+,China,soon,\n"
        ",free,US,,\n"
        "b,free,US,2020-05-01T00:00:00Z,2020-05-01T00:00:00Z\n"
        "c,free\n",
    )

    plans = ", ".join(schema.PLANS)
    assert problems_of(path) == [
        ":2: billing_country 'China' is not an ISO 3166-1 alpha-2 code",
        f":2: plan 'Basic+' is not one of {plans}",
        ":2: valid_from 'soon' is not a time with a zone (ISO 8601)",
        ":3: account_id is missing",
        ":4: valid_to is not after valid_from",
        ":5: has 2 fields instead of 5",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_stray_quotes_that_pair_swallow_no_record(tmp_path: Path, end: str) -> None:
    lines = ["account_id,opted_in,note", 'a,US;CN,"p', "a,US,", 'b,US,q"', "c,Mars", ""]
    path = tmp_path / "a.csv"
    path.write_bytes(end.join(lines).encode())

    assert problems_of(path) == [
        ":2: a quoted field spans several lines, up to line 4",
        ":5: has 2 fields instead of 3",
    ]


def test_a_header_that_spans_lines_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'account_id,"opted\nin"\na,US\n')

    assert problems_of(path) == [":1: a quoted field spans several lines"]


def test_a_countrys_name_gets_its_code_as_hint(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="did you mean 'CN'"):
        load(write(tmp_path, "a.csv", "account_id,home\na,China\n"))


def test_faults_beyond_fifty_are_counted(tmp_path: Path) -> None:
    found = problems_of(write(tmp_path, "a.csv", "account_id,home\n" + "a,Mars\n" * 60))

    assert len(found) == 51
    assert found[-1] == ": 60 faults, of which the first 50 are shown"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", ":1: is empty"),
        (b"account_id;plan\na;free\n", ":1: looks semicolon-separated; auditor reads comma-"),
        (b"account_id,account_id\n", ":1: names the column 'account_id' twice"),
        (b"account_id\na\xff\n", ":2: is not UTF-8"),
        (b'account_id\n"a\n', ":2: is not CSV: unexpected end of data"),
        (b"PAR1 and nothing else", ": is not sound Parquet"),
        (b"\x1f\x8b\x08 and so on", ": is compressed (gzip)"),
        (b"\x28\xb5\x2f\xfd and so on", ": is compressed (zstd)"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)

    assert problems_of(path)[0].startswith(problem)


def test_a_file_without_the_key_or_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "plan\nfree\n")

    assert problems_of(path)[0].startswith(": no column for account_id")
    assert problems_of(tmp_path / "none") == [": cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("datacentres", "datacentres.csv", schema.DATACENTRES),
        ("groups", "groups.csv", schema.GROUPS),
    ],
)
def test_the_shipped_registries_are_sound(
    kind: str, name: str, fields: tuple[schema.Field, ...]
) -> None:
    registry = load_registry(kind, files("auditor.reference") / name, fields, shown="shipped")

    assert registry.file.path == "shipped"
    assert registry.frame.height > 40


def test_names_of_china_hong_kong_macao_and_taiwan_are_kept_apart() -> None:
    names = country_names()

    assert {names[n] for n in names if "hong kong" in n} == {"HK"}
    assert {names[n] for n in names if "maca" in n} == {"MO"}
    assert {names[n] for n in names if "taiwan" in n} == {"TW"}
    assert [names[n] for n in ("china", "mainland china")] == ["CN", "CN"]


SETTINGS = "account_id,in_meeting.custom_data_center_regions,in_meeting.data_center_regions\n"


def test_account_settings_become_vendor_codes_where_regions_are_custom(tmp_path: Path) -> None:
    path = write(
        tmp_path, "s.csv",
        SETTINGS + 'a,true,"[""US"", ""LA""]"\nb,false,US;CN\nc,TRUE,US;EU;\nd,true,\n',
    )  # fmt: skip

    registry, _ = load_accounts([path])

    assert registry.source == "zoom-account-settings"
    assert registry.frame.select("account_id", "opted_in").rows() == [
        ("a", "zoom:US;zoom:LA"), ("b", None), ("c", "zoom:US;zoom:EU;"), ("d", None),
    ]  # fmt: skip


def test_plans_that_the_vendor_names_are_read_and_others_refused(tmp_path: Path) -> None:
    head = "account_id,plan_base.type,country\n"
    good = write(tmp_path, "p.csv", head + "a,free,cn\nb,Monthly,us\nc,enterprise,\n")
    bad = write(tmp_path, "q.csv", head + "a,golden_handshake,US\n")

    registry, _ = load_accounts([good])

    assert registry.frame.select("plan", "billing_country").rows() == [
        ("free", "CN"), ("pro", "US"), ("enterprise", None),
    ]  # fmt: skip
    with pytest.raises(RegistryError, match=r"q\.csv:2: plan 'golden_handshake'"):
        load_accounts([bad])


def test_files_of_different_fields_are_joined_on_the_account(tmp_path: Path) -> None:
    settings = write(tmp_path, "s.csv", SETTINGS + "a,true,US\nb,true,EU\n")
    plans = write(tmp_path, "p.csv", "account_id,plan_base.type,country\nb,free,cn\nc,yearly,us\n")

    registry, found = load_accounts([settings, plans])

    assert registry.columns == {"account_id", "opted_in", "plan", "billing_country"}
    assert registry.frame.select("account_id", "opted_in", "plan").rows() == [
        ("a", "zoom:US", None), ("b", "zoom:EU", "free"), ("c", None, "pro"),
    ]  # fmt: skip
    assert [file.path for file in found] == [str(settings), str(plans)]


def test_files_of_the_same_fields_are_read_as_one(tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{n}.csv", f"account_id,plan\n{n},free\n") for n in "ab"]

    registry, _ = load_accounts(paths)

    assert registry.frame["account_id"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("account_id,plan\na,pro\n", "account_id,plan,home\na,pro,US\n", "fit together"),
        ("account_id,plan,valid_from\na,pro,\n", "account_id,home\na,US\n", "fit together"),
        ("account_id,plan\na,pro\na,free\n", "account_id,home\na,US\n", "in several rows"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(
    tmp_path: Path, one: str, other: str, match: str
) -> None:
    with pytest.raises(RegistryError, match=match):
        load_accounts([write(tmp_path, "a.csv", one), write(tmp_path, "b.csv", other)])


def test_a_file_that_fits_several_feeds_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", SETTINGS.strip() + ",plan\na,true,US,free\n")

    with pytest.raises(RegistryError, match="zoom-account-settings, canonical"):
        load_accounts([path])


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        (
            "event_at,meeting_id,session_id,account_id,route",
            "by its columns this is a log of events: give it as PATH",
        ),
        (
            "order_id,ordered_at,account_id,action",
            "by its columns this is a log of orders: give it with --orders",
        ),
    ],
)
def test_a_log_is_no_registry_of_accounts(tmp_path: Path, header: str, hint: str) -> None:
    path = write(tmp_path, "a.csv", f"{header}\n")

    with pytest.raises(RegistryError, match="is no registry of accounts") as caught:
        load_accounts([path])

    assert caught.value.problems[0].hint == f"{hint} (auditor sources detect tells more)"


def test_a_date_without_a_time_is_told_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        load(write(tmp_path, "a.csv", "account_id,valid_from\na,2020-05-01\n"))

    assert caught.value.problems[0].hint.startswith("write it as 2020-05-01T00:00:00Z")
