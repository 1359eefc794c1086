"""Names of companies are alike but for case, spacing, punctuation and legal form."""

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ConfigError, RuleError
from auditor.rules.names import is_named_like
from tests.unit.rules.frames import compiled, facts, rule_of

LISTED = ("Bizconf", "Suirui Zhumu", "Straße AG")


def _is_like(*names: str | None) -> list[bool | None]:
    df = pl.DataFrame({"name": names}, schema={"name": pl.String})
    return df.select(is_named_like(pl.col("name"), LISTED)).to_series().to_list()


@pytest.mark.parametrize(
    "name",
    [
        "Bizconf", "bizconf ", "BIZCONF", "BizConf", "Biz-Conf", "Biz conf", "\tbizconf\u200b",
        "\uff22izconf", "Bizconf Ltd", "Bizconf, Inc.", "Bizconf Co., Ltd.", "Bizconf L.L.C.",
        "Bizconf S.A.", "Bizconf有限公司", "Bizconf 股份有限公司", "SuiruiZhumu", "Suirui / Zhumu",
        "STRASSE", "strasse gmbh", "STRA\u1e9eE",
    ],
)  # fmt: skip
def test_the_same_name_in_another_spelling_is_alike(name: str) -> None:
    assert _is_like(name) == [True]


@pytest.mark.parametrize(
    "name",
    [
        "Not Bizconf Ltd", "Bizconfusion", "Bizconf China", "Bizconf Group", "Ltd Bizconf",
        "BizconfLtd", "Bizconf 2",
        "Bízconf", "B\u0131zconf", "\u0412izconf", "Suirui", "Zhumu Suirui", "Ltd", "Biz",
        "Bizconf Bizconf", "Bizconf;Suirui Zhumu",
    ],
)  # fmt: skip
def test_a_name_with_more_or_less_in_it_is_another(name: str) -> None:
    assert _is_like(name) == [False]


@pytest.mark.parametrize("name", [None, "", " ", "-", "?!", "有限公司"])
def test_what_says_no_name_is_not_known(name: str | None) -> None:
    assert _is_like(name) == [None]


def test_nothing_is_like_a_name_of_an_empty_list() -> None:
    df = pl.DataFrame({"name": ["Bizconf", None, "-"]})

    truth = df.select(is_named_like(pl.col("name"), [])).to_series().to_list()

    assert truth == [False, None, None]


_BETWEEN = st.text("-_.,/ \t\u00a0\u200b", max_size=3)
_FORM = st.sampled_from(["", " Ltd", ", INC.", " Co., Ltd.", " gmbh", " (Pte) Ltd"])


def _cased(word: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in word)).map("".join)


@given(st.tuples(_BETWEEN, _cased("biz"), _BETWEEN, _cased("conf"), _BETWEEN, _FORM))
def test_separators_case_and_form_never_matter(parts: tuple[str, ...]) -> None:
    assert _is_like("".join(parts)) == [True]


@given(st.text(st.characters(categories=["L", "N"]), min_size=1), st.sampled_from(["", " "]))
def test_a_further_letter_or_digit_makes_another_name(more: str, between: str) -> None:
    names = [f"{more}{between}Bizconf", f"Bizconf{more}", f"Biz{between}{more}conf"]

    assert True not in _is_like(*names)


def test_a_predicate_asks_for_quoted_names_and_for_those_of_a_parameter(tmp_path: Path) -> None:
    body = (
        "params: {names: {type: texts, default: [Acme, Globex]}}\n"
        "violation: NOT named_like(partner, :names, 'Initech')\n"
    )
    rows = [{"partner": name} for name in ("ACME Ltd", "globex", "initech", "Hooli", None)]

    usual = compiled(tmp_path, body)
    changed = compiled(tmp_path, body, names="Hooli; Acme")

    def truth(rule: pl.Expr) -> list[bool | None]:
        return facts(rows).with_columns(truth=rule)["truth"].to_list()

    assert truth(usual.violation_if_effective) == [False, False, False, True, None]
    assert truth(changed.violation_if_effective) == [False, True, False, False, None]
    assert usual.reads == {"partner"}


@pytest.mark.parametrize(
    ("predicate", "truth"),
    [
        ("named_like('ACME Ltd.', 'Acme')", True),
        ("named_like('Acmeon', 'Acme')", False),
        ("named_like('-', 'Acme')", None),
        ("named_like(NULL, 'Acme')", None),
    ],
)
def test_constants_are_worked_out_alike(tmp_path: Path, predicate: str, truth: bool | None) -> None:
    rule = compiled(tmp_path, f"violation: {predicate}\n")

    assert (
        facts([{}, {}]).with_columns(truth=rule.violation_if_effective)["truth"].to_list()
        == [truth] * 2
    )
    assert rule.reads == frozenset()


@pytest.mark.parametrize(
    ("predicate", "fault"),
    [
        ("named_like(partner)", "takes a text and the names it may be like"),
        ("named_like(media_bytes, 'Acme')", "takes a text first, not number"),
        ("named_like(billing_country, 'Acme')", "takes a text first, not country"),
        ("named_like(partner, participant_id)", "takes quoted names or a parameter of names"),
        ("named_like(partner, 1)", "takes quoted names or a parameter of names"),
        ("named_like(partner, '--')", "'--' is not a name"),
        ("name_like(partner, 'Acme')", "did you mean 'named_like'?"),
    ],
)
def test_what_does_not_fit_is_a_fault(tmp_path: Path, predicate: str, fault: str) -> None:
    with pytest.raises(RuleError, match=re.escape(fault)):
        rule_of(tmp_path, f"violation: {predicate}\n")


def test_a_parameter_that_holds_no_name_is_a_fault_of_whoever_gives_it(tmp_path: Path) -> None:
    body = (
        "params: {names: {type: texts, default: [Acme]}}\nviolation: named_like(partner, :names)\n"
    )

    with pytest.raises(ConfigError, match="'--' is not a name"):
        compiled(tmp_path, body, names="Acme;--")
