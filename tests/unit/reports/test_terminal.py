"""The terminal report: the verdict first, nothing silently left out, nothing a terminal obeys."""

import os
from collections.abc import Callable
from io import BytesIO

import pytest

from auditor.findings import InputFile, Report, RuleResult, Severity
from auditor.reports import REPORT_FORMATS

from .builders import MemoryFindings, finding, frame, make_report, rule, unresolved_hops

Written = Callable[[str, Report], bytes]


class Terminal(BytesIO):
    def isatty(self) -> bool:
        return True


def found(written: Written, **given: object) -> str:
    """The report on one finding, in 80 columns."""
    findings = MemoryFindings([frame(finding(1, **given))])
    report = make_report(rules=[rule(violation=2, findings=1)], findings=findings)
    return written("terminal", report).decode()


def test_without_a_terminal_there_is_no_escape_and_no_line_above_80(
    full_report: Report, written: Written
) -> None:
    first, *lines, last = written("terminal", full_report).decode().splitlines()

    assert "".join([first, *lines, last]).isprintable()
    assert max(map(len, lines)) <= 80


def test_a_terminal_gets_colour(full_report: Report) -> None:
    stream = Terminal()

    REPORT_FORMATS["terminal"].write(full_report, stream)

    assert "\x1b[1;31mINCOMPLETE" in stream.getvalue().decode()


def width_on(stream: BytesIO) -> int:
    """Width of a message that could fill any line."""
    findings = MemoryFindings([frame(finding(1, message="x " * 500))])
    report = make_report(rules=[rule(violation=2, findings=1)], findings=findings)
    REPORT_FORMATS["terminal"].write(report, stream)
    lines = stream.getvalue().decode().splitlines()
    return max(len(line) for line in lines if line.startswith("  x x"))


@pytest.mark.parametrize("stream", [BytesIO, Terminal])
@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 119), ("60", 59), ("5", 59), ("0", 79), ("wide", 79), ("9" * 9, 79), ("", 79)],
)
def test_columns_set_the_width(
    stream: type[BytesIO], columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert width_on(stream()) == width


def test_a_terminal_is_asked_for_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    size = os.terminal_size((132, 50))
    monkeypatch.setattr(Terminal, "fileno", lambda _: 1)
    monkeypatch.setattr("os.get_terminal_size", lambda _: size)

    assert width_on(Terminal()) == 131


def test_the_last_line_repeats_the_verdict(full_report: Report, written: Written) -> None:
    lines = written("terminal", full_report).decode().splitlines()

    assert lines[0].startswith("INCOMPLETE: 4 findings (1 critical, 3 high)")
    assert lines[-2:] == ["", lines[0]]


def test_no_color_is_heeded(full_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()

    REPORT_FORMATS["terminal"].write(full_report, stream)

    assert b"\x1b[31m" not in stream.getvalue()
    assert b"\x1b[1;31m" not in stream.getvalue()


def test_force_color_is_heeded(
    full_report: Report, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert b"\x1b[" in written("terminal", full_report)


def test_an_escape_in_a_log_never_reaches_a_terminal(full_report: Report) -> None:
    stream = Terminal()

    REPORT_FORMATS["terminal"].write(full_report, stream)

    text = stream.getvalue().decode()
    assert "\x1b[2J" not in text
    assert "\\x1b[2J" in text
    assert "[bold]" in text


def test_the_worst_findings_are_shown_and_the_rest_counted(written: Written) -> None:
    low = [frame(finding(n, severity="low", rule_id="A-1")) for n in range(25)]
    worst = frame(finding(99, severity="critical", rule_id="Z-1", message="the worst of all"))
    rules = [
        RuleResult("A-1", "", Severity.LOW, "", "ran", findings=25),
        RuleResult("Z-1", "", Severity.CRITICAL, "", "ran", findings=1),
    ]
    report = make_report(rules=rules, findings=MemoryFindings([*low, worst]))

    text = written("terminal", report).decode()

    assert "20 of 26 findings shown; --format json for all" in text
    assert text.index("the worst of all") < text.index("s0 went through")
    assert "s18 went through" in text
    assert "s19 went through" not in text


def test_a_rule_is_named_once_and_says_where_to_read_on(written: Written) -> None:
    two = frame(finding(1), finding(2, waiver="accepted"))
    other = frame(finding(3, rule_id="Z-1"))
    rules = [
        rule(violation=2, findings=2),
        RuleResult("Z-1", "Other", Severity.HIGH, "d", "ran", findings=1),
    ]
    report = make_report(rules=rules, findings=MemoryFindings([two, other]))

    text = written("terminal", report).decode()

    assert text.count("high ROUTE-001: Media left") == 1
    assert text.count("auditor rules show ROUTE-001 tells why and what to do") == 1
    assert text.index("s2 went through") < text.index("high Z-1: Other")


def test_a_long_opt_in_is_counted_not_listed(written: Written) -> None:
    codes = [f"A{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

    text = found(written, opted_in=codes, message=", ".join(codes))

    assert "opted in: AA, AB, AC, AD, AE, AF, AG, AH and 18 more\n" in text
    assert ", ".join(codes) in " ".join(text.split())


def test_a_path_is_never_broken(written: Written) -> None:
    path = f"/var/log/media gateways/{'2020-05-01-' * 9}.csv"
    report = make_report(
        inputs=[InputFile(f"{'x' * 99}.csv", "csv", 1, 1)],
        rules=[rule(violation=2, findings=1)],
        findings=MemoryFindings([frame(finding(1, rows=[{"path": path, "row": 1234}]))]),
    )

    lines = written("terminal", report).decode().splitlines()

    assert f"      {path}, row 1234" in lines
    assert f"  - {'x' * 99}.csv:" in lines


@pytest.mark.parametrize(
    ("basis", "start", "shown"),
    [
        ("registry", None, "places known from a registry"),
        ("reported", None, "as the log states"),
        ("billing_country", None, "billing_country"),
        ("unresolved", "reported", "unresolved; meeting start as the log states"),
        (None, "observed", "meeting start taken from its first row"),
    ],
)
def test_the_basis_is_told_in_plain_words(
    basis: str | None, start: str | None, shown: str, written: Written
) -> None:
    text = found(written, basis=basis, start_basis=start)

    assert f"    basis: {shown}\n" in text


def test_a_long_message_is_wrapped_not_cut(written: Written) -> None:
    words = " ".join(f"word{number}" for number in range(300))
    report = make_report(
        rules=[rule(findings=1)], findings=MemoryFindings([frame(finding(1, message=words))])
    )

    text = written("terminal", report).decode()

    assert words in " ".join(text.split())


def test_a_list_says_how_many_it_leaves_out(written: Written) -> None:
    hops = unresolved_hops(*((f"hop{n:02}", 1, "unknown site or name") for n in range(13)))
    inputs = [InputFile(f"{number}.csv", "csv", 1, 1) for number in range(11)]

    text = written("terminal", make_report(unresolved_hops=hops, inputs=inputs)).decode()

    assert "hop09: unknown site or name, 1 row\n  - and 3 more hops; --format json has all" in text
    assert "and 1 more input; --format json has all" in text
    assert "hop10" not in text


def test_large_counts_are_shown_in_full(written: Written) -> None:
    big = rule(violation=10**12, compliant=10**12, unknown=10**12, not_applicable=10**12)

    text = written("terminal", make_report(rules=[big])).decode()

    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
