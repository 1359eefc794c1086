"""Random logs, registries and questions, crowded around the cut-offs so that rows collide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise

from hypothesis import strategies as st

from tests.oracle.model import Accounts, Broken, Question, Raw, Record, Row
from tests.oracle.rules import RULES

from .cells import (
    ACCOUNT_COLUMNS,
    ACCOUNTS,
    BAD_TIMES,
    CUTS,
    ERAS,
    LISTS,
    MEETINGS,
    NEEDED,
    OPTIONAL,
    RULE_IDS,
    SESSIONS,
    SHIFTS,
    THEMES,
    TOKENS,
    VALUES,
    Shape,
    Theme,
    cells,
    often,
    sets,
    spelled,
    times,
)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a log, before it is written."""

    columns: Sequence[str]
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Case:
    """One audit: what is written where, and what is asked."""

    files: Sequence[File]
    accounts: Accounts | None
    question: Question
    log_format: str = "csv"
    accounts_format: str = "csv"
    is_typed: bool = False

    def everything(self) -> File:
        """All records of the log in one file."""
        columns = dict.fromkeys(name for file in self.files for name in file.columns)
        return File(tuple(columns), [r for file in self.files for r in file.records])


def _rows(columns: Sequence[str], log: Shape) -> st.SearchStrategy[Row]:
    keys: dict[str, st.SearchStrategy[Raw]] = {
        "event_at": times(log.zone, log.cuts),
        "meeting_id": st.sampled_from(("m1",) if log.is_crowded else MEETINGS),
        "session_id": st.sampled_from(("s1",) if log.is_crowded else SESSIONS),
        "account_id": st.sampled_from(("a1",) if log.is_crowded else ACCOUNTS),
    }
    if not log.is_clean:
        keys["event_at"] = often(keys["event_at"], None, "", *BAD_TIMES)
        keys["session_id"] = often(keys["session_id"], None)
        keys["account_id"] = often(keys["account_id"], "a3", None, "")
    others = {name: cells(name, log) for name in columns if name not in keys}
    cell_of = keys | others
    return st.fixed_dictionaries({name: cell_of[name] for name in columns})


def _broken(columns: Sequence[str]) -> st.SearchStrategy[Broken]:
    commas = "," * (len(columns) - 1)
    return st.sampled_from(
        (
            Broken(commas[1:], "too few fields"),
            Broken(commas + ",", "too many fields"),
            Broken("\udcff" + commas, "invalid UTF-8"),
            Broken('a"b' + commas, "stray quote"),
            Broken("", "blank line"),
            Broken("\x00" + commas, "NUL byte"),
            Broken(",".join(columns), "repeated header"),
        )
    )


@st.composite
def _files(draw: st.DrawFn, log: Shape) -> Sequence[File]:
    files: list[File] = []
    others = [name for name in OPTIONAL if name not in log.theme]
    absent = draw(st.lists(st.sampled_from(others), unique=True, max_size=9))
    columns = tuple(name for name in (*NEEDED, *OPTIONAL) if name not in absent)
    for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
        present = [name for name in others if name in columns]
        dropped = draw(st.sampled_from((*[""] * 6, *present)))
        own = tuple(name for name in columns if name != dropped)
        size = draw(st.sampled_from((6, 9, 3, 1, 0) if files else (12, 16, 6, 1)))
        row = _rows(own, log)
        rows: list[Record] = [draw(row) for _ in range(size)]
        if log.format == "csv" and rows and draw(often(st.just(False), True)):
            rows.insert(draw(st.integers(0, len(rows) - 1)), draw(_broken(own)))
        files.append(File(own, rows))
    return files


def _account_cells(name: str, theme: Theme, is_list: bool) -> st.SearchStrategy[Raw]:
    if name in LISTS:
        tokens = theme.get(name, TOKENS)
        return st.one_of(sets(tokens, is_list, least=0 if is_list else 1, most=4), st.none())
    if name == "upgraded_at":
        return st.one_of(times(None), st.just(""))
    values = theme.get(name, VALUES[name])
    return st.sampled_from((*values, *values, ""))


@st.composite
def _account_rows(
    draw: st.DrawFn, account_id: str, columns: Sequence[str], theme: Theme, is_list: bool
) -> list[Row]:
    """The versions of one account: spans that do not overlap, some left out."""
    is_dated = "valid_from" in columns
    cuts = draw(st.lists(st.sampled_from(CUTS), unique=True, max_size=2)) if is_dated else []
    edges = ["", *(spelled(cut, draw(st.integers(0, 3)), None) for cut in sorted(cuts)), ""]
    rows: list[Row] = []
    for start, end in pairwise(edges):
        if cuts and draw(often(st.just(False), True)):
            continue
        row: dict[str, Raw] = {"account_id": account_id, "valid_from": start, "valid_to": end}
        for name in columns:
            if name not in row:
                row[name] = draw(_account_cells(name, theme, is_list))
        rows.append({name: row[name] for name in columns})
    return rows


@st.composite
def registries(draw: st.DrawFn, theme: Theme, is_list: bool) -> Accounts:
    """Valid accounts registries of one to three accounts."""
    dates = draw(st.sampled_from((("valid_from", "valid_to"), ())))
    facts = draw(
        st.one_of(
            st.just(ACCOUNT_COLUMNS),
            st.lists(st.sampled_from(ACCOUNT_COLUMNS), unique=True, min_size=1),
        )
    )
    columns = ("account_id", *facts, *dates)
    holders = draw(st.sampled_from((("a1", "a2"), ("a1", "a2", "a3"), ("a1",), ("a2",))))
    rows = [
        row for holder in holders for row in draw(_account_rows(holder, columns, theme, is_list))
    ]
    whole = dict.fromkeys(columns, "") | {"account_id": "a9"}
    return Accounts(columns, draw(st.permutations(rows or [whole])))


@st.composite
def questions(draw: st.DrawFn, zone: str | None = None) -> Question:
    """Rules, parameters and a window."""
    some = st.lists(st.sampled_from(RULE_IDS), unique=True, min_size=1)
    select = draw(st.one_of(st.permutations(RULE_IDS), some))
    params: dict[str, str] = {}
    if "ROUTE-002" in select and draw(st.booleans()):
        params["cn_participant_allows"] = draw(st.sampled_from(("true", "false")))
    if "HOST-002" in select and draw(st.booleans()):
        params["cut_off"] = draw(st.sampled_from(("2020-05-01", "2020-04-25", "2020-05-20")))
    if "CLIENT-001" in select and draw(st.booleans()):
        params["floor"] = draw(st.sampled_from(("5.0", "5.1", "4.6.12.1")))
    if "CRYPTO-001" in select and draw(often(st.just(False), True)):
        params["CRYPTO-001.strong"] = draw(st.sampled_from(("e2ee", "none;e2ee")))
    dated = [rule_id for rule_id in select if RULES[rule_id].effective]
    if dated and draw(often(st.just(False), True)):
        offset = st.sampled_from(("Asia/Shanghai", "America/Los_Angeles", "UTC"))
        params[f"{dated[0]}.timezone"] = draw(offset)
    edges = often(st.none(), *(cut + shift for cut in CUTS for shift in SHIFTS[:3]))
    start, end = draw(edges), draw(edges)
    if start and end and end <= start:
        start = None
    return Question(
        select=tuple(select),
        params=params,
        timezone=zone,
        window_from=spelled(start.astimezone(UTC), 0, None) if start else None,
        window_to=spelled(end.astimezone(UTC), 0, None) if end else None,
    )


@st.composite
def cases(draw: st.DrawFn, log_format: str | None = None, hops: Sequence[str] = ()) -> Case:
    """Whole audits, the log as CSV or as Parquet with texts, lists or native types.

    Args:
        draw: of Hypothesis.
        log_format: only logs of this one.
        hops: what routes are made of, in place of sites.
    """
    theme = {**draw(st.sampled_from(THEMES)), **({"route": hops} if hops else {})}
    log = Shape(
        theme=theme,
        format=log_format or draw(st.sampled_from(("csv", "parquet"))),
        lists=draw(st.lists(st.sampled_from(LISTS), unique=True)),
        zone=draw(st.sampled_from((None, None, "Asia/Shanghai"))),
        cuts=draw(st.sampled_from(ERAS)),
        is_clean=draw(st.sampled_from((True, True, False) if theme else (True, False))),
        is_crowded=draw(st.sampled_from((False, False, True))),
    )
    accounts_format = draw(st.sampled_from(("csv", "parquet")))
    has_lists = accounts_format == "parquet" and draw(st.booleans())
    return Case(
        files=draw(_files(log if log.format == "parquet" else replace(log, lists=()))),
        accounts=draw(st.one_of(registries(theme, has_lists), st.none())),
        question=draw(questions(log.zone)),
        log_format=log.format,
        accounts_format=accounts_format,
        is_typed=log.format == "parquet" and draw(st.booleans()),
    )
