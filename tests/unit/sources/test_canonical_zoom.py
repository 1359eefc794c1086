"""The Zoom Dashboard's columns in canonical form."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from auditor.errors import InputError
from auditor.schema import REJECT
from auditor.sources.canonical import canonical
from auditor.sources.profile import load_profile
from tests.unit.sources.raw_groups import raw_group

ROW = {
    "join_time": "2022-03-01T10:15:14Z",
    "meeting_uuid": "M==",
    "participant_uuid": "P",
    "user_id": "1",
    "account_id": "A",
    "full_data_center": "United States (SC Top);",
    "data_center": "US",
}


def read(row: Mapping[str, Any], **params: str) -> dict[str, Any]:
    group = raw_group({name: [value] for name, value in row.items()})
    lf = canonical(group, load_profile("zoom-dashboard"), None, params).lf
    return lf.collect(engine="streaming").row(0, named=True)


@pytest.mark.parametrize(
    ("full", "single", "route"),
    [
        ("United States (SC Top);", "", "country:US;"),
        ("United States;United States (US03_SC CRC)", "", "country:US;country:US"),
        ("", "United States", "country:US"),
        ("", "US", "US"),
        ("", "SC", "SC"),
        ("Hong Kong SAR (HK Top)", "", "country:HK"),
        ("Macau (MO Top)", "", "country:MO"),
        ("Taiwan (TW Top)", "", "country:TW"),
        ("China (TJ Top)", "", "country:CN"),
        ("China (Hong Kong)", "", "China (Hong Kong)"),
        ("China (HK Top)", "", "China (HK Top)"),
        ("China, Hong Kong", "", "China, Hong Kong"),
        ("Atlantis (AT Top);United States", "", "Atlantis (AT Top);country:US"),
        (" ;united   states", "", ";country:US"),
        ("Mainland China (TJ Top)", "", "country:CN"),
        ("China", "", "country:CN"),
        ("China (HK01 Top)", "", "China (HK01 Top)"),
        ("", "", None),
    ],
)
def test_a_hop_is_the_country_it_names_else_it_keeps_its_text(
    full: str, single: str, route: str | None
) -> None:
    row = {**ROW, "full_data_center": full, "data_center": single}

    assert read(row)["route"] == route


@pytest.mark.parametrize("between", [",", ", ", "|", "/", "\t", " ", "\n", "\r\n", " and ", ""])
def test_hops_that_are_not_separated_as_expected_stay_whole_and_unresolved(between: str) -> None:
    text = f"United States (SC Top){between}China (TJ Top)"

    assert read({**ROW, "full_data_center": text})["route"] == text


@pytest.mark.parametrize(
    "text",
    [
        "United States (SC",
        "United States (SC Top, TJ Top)",
        "United States (SC Top)x",
        "United States)",
        "United States, China (TJ Top)",
        "United States (TJ Top)",
        "United States (China)",
        "Singapore (Shanghai 01)",
        "United States (TJ)",
        "Hong Kong SAR China (TJ Top)",
        "United States (cn Top)",
        "Japan (CN01_TJ CRC)",
    ],
)
def test_what_contradicts_itself_or_goes_on_stays_unresolved(text: str) -> None:
    assert read({**ROW, "full_data_center": text})["route"] == text


@pytest.mark.parametrize(
    ("location", "country", "fault"),
    [
        ("Milpitas (US )", "US", None),
        ("United States", "US", None),
        ("New York", None, None),
        ("X (ZZ)", None, "ZZ"),
        ("", None, None),
    ],
)
def test_a_city_alone_is_no_country_and_no_fault(
    location: str, country: str | None, fault: str | None
) -> None:
    row = read({**ROW, "location": location})

    assert (row["participant_country"], row["invalid:participant_country"]) == (country, fault)


def test_a_session_is_one_join_of_one_participant() -> None:
    assert read(ROW)["session_id"] == "P@2022-03-01T10:15:14Z"
    assert read({**ROW, "participant_uuid": ""})["session_id"] == "1@2022-03-01T10:15:14Z"


def test_a_session_has_the_same_id_whether_times_are_text_or_native() -> None:
    group = raw_group({name: [value] for name, value in ROW.items()})
    native = raw_group(
        group.lf.collect().select(
            pl.exclude("join_time"),
            pl.col("join_time").str.to_datetime("%+", time_zone="UTC", time_unit="ms"),
        ).drop("@path", "@row", "@reject").to_dict()
    )  # fmt: skip

    profile = load_profile("zoom-dashboard")
    ids = [canonical(g, profile, None, {}).lf.collect()["session_id"][0] for g in (group, native)]

    assert ids[0] == ids[1]


def test_a_row_without_participant_is_rejected() -> None:
    row = {**ROW, "participant_uuid": " ", "user_id": ""}

    assert read(row)[REJECT] == "session_id is missing"


@pytest.mark.parametrize("prefix", ["participants_", "participant.", "data.", "Participant_"])
def test_a_prefix_before_the_participants_columns_is_found(prefix: str) -> None:
    meeting = {"meeting_uuid", "account_id"}
    row = {name if name in meeting else prefix + name: value for name, value in ROW.items()}

    found = read(row)

    assert found["meeting_id"] == "M=="
    assert found["session_id"] == "P@2022-03-01T10:15:14Z"
    assert found["route"] == "country:US;"


def test_the_participants_uuid_is_never_taken_for_the_meetings() -> None:
    row = {
        "participant_join_time": ROW["join_time"],
        "participant_uuid": "P",
        "participant_data_center": "SC",
        "account_id": "A",
    }

    with pytest.raises(InputError, match="no column for meeting_id") as caught:
        read(row)
    assert "--param meeting_id=" in str(caught.value)


PREFIXED = {"participants_join_time": ROW["join_time"], "participants_participant_uuid": "P",
            "meeting_uuid": "M", "account_id": "A"}  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (("participants_data_center", "full_data_center"), "'full_data_center' could be route"),
        (("participants_data_center", "data_center"), "'data_center' could be route"),
        (("participants_data_center", "data.full_data_center"), "'data.full_data_center' could"),
        (("full_data_center",), "'full_data_center' could be route"),
        (
            ("participants_data_center", "data.join_time", "data.data_center"),
            "'data.data_center' could be route",
        ),
        (("participants_data_center", "version"), "'version' could be client_version"),
    ],
)
def test_a_column_with_another_prefix_is_never_left_out_in_silence(
    columns: tuple[str, ...], named: str
) -> None:
    row = PREFIXED | dict.fromkeys(columns, "China")

    with pytest.raises(InputError, match="is not prefixed as 'participants_") as caught:
        read(row)
    assert named in str(caught.value)


def test_the_meetings_own_number_may_stand_beside_prefixed_columns() -> None:
    row = PREFIXED | {"participants_data_center": "China", "id": "123", "topic": "x"}

    assert read(row)["route"] == "country:CN"


def test_the_meeting_and_its_account_may_be_parameters() -> None:
    row = {n: v for n, v in ROW.items() if n not in ("meeting_uuid", "account_id")}

    found = read(row, meeting_id="M1", account_id=" A1 ")

    assert (found["meeting_id"], found["account_id"], found[REJECT]) == ("M1", "A1", None)


@pytest.mark.parametrize(
    ("role", "is_host", "fault"),
    [("host", True, None), ("Attendee", False, None), ("ghost", None, "ghost"), ("", None, None)],
)
def test_the_role_tells_the_host(role: str, is_host: bool | None, fault: str | None) -> None:
    row = read({**ROW, "role": role})

    assert (row["is_host"], row["invalid:is_host"]) == (is_host, fault)


def test_other_columns_go_where_they_belong() -> None:
    row = read(
        {**ROW, "version": "win_5.1.1697.0821", "connection_type": "P2P", "recording": "true",
         "ip_address": "10.0.0.1"}
    )  # fmt: skip

    assert row["client_version"] == "win_5.1.1697.0821"
    assert row["connection_type"] == "P2P"
    assert row["is_recorded"] is True
    assert row["participant_ip"] == "10.0.0.1"
    assert row["hop_role"] == "processing"
