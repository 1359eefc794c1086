"""A finding and what it rests on, out of the members of a report."""

from typing import Final

from auditor.explanation import Place, Reported
from auditor.findings import InputFile, RegistryFile, Settings
from auditor.reports.reading.members import Member

_MOST_ROWS: Final = 10
_TEXTS: Final = ("id", "rule_id", "severity", "message")
_TEXTS_OR_NONE: Final = ("first_at", "last_at", "basis", "start_basis", "boundary", "waiver")
_LISTS: Final = ("jurisdictions", "jurisdictions_outside", "opted_in", "route")
_ENDS: Final = ("valid_from", "valid_to")


def reported_of(report: Member, finding: Member) -> Reported:
    """What `report` says of `finding`.

    Raises:
        ReportError: a member is missing or of another type than the schema says.
    """
    rule_id = finding.member("rule_id").text()
    places = [_place(row) for row in finding.member("rows").items()]
    if len(places) > _MOST_ROWS:
        raise finding.member("rows").error(f"has more than {_MOST_ROWS} rows")
    return Reported(
        finding=_finding(finding),
        rule_id=rule_id,
        subject=_subject(finding.member("subject")),
        places=places,
        digest=_digest(report.member("rules"), rule_id),
        settings=_settings(report.member("settings")),
        inputs=[_input(one) for one in report.member("inputs").items()],
        registries=[_registry(one) for one in report.member("registries").items()],
    )


def _finding(finding: Member) -> dict[str, object]:
    """The finding with the members that the schema names, in its order."""
    policy = finding.member("policy")
    ends = None if policy.value is None else {n: policy.member(n).text_or_none() for n in _ENDS}
    read: dict[str, object] = {name: finding.member(name).text() for name in _TEXTS}
    read |= {name: finding.member(name).text_or_none() for name in _TEXTS_OR_NONE}
    read |= {name: finding.member(name).texts() for name in _LISTS}
    read["subject"] = finding.member("subject").mapping()
    read["events"] = finding.member("events").count()
    read["media_bytes"] = finding.member("media_bytes").bytes_or_none()
    read["policy"] = ends
    read["rows"] = [
        {"path": row.member("path").text(), "row": row.member("row").count()}
        for row in finding.member("rows").items()
    ]
    read["state"] = finding.member("state").text()
    return {name: read[name] for name in finding.mapping() if name in read}


def _subject(subject: Member) -> dict[str, str | None]:
    subject.member("kind").text()
    names = [name for name in subject.mapping() if name != "kind"]
    return {name: subject.member(name).text_or_none() for name in names}


def _place(row: Member) -> Place:
    return Place(row.member("path").text(), row.member("row").count())


def _digest(rules: Member, rule_id: str) -> str:
    for rule in rules.items():
        if rule.member("id").text() == rule_id:
            return rule.member("digest").text()
    raise rules.error(f"has no rule {rule_id!r}, of which there is a finding")


def _settings(settings: Member) -> Settings:
    params = settings.member("params")
    return Settings(
        params={name: params.member(name).text() for name in params.mapping()},
        timezone=settings.member("timezone").text_or_none(),
        operator=settings.member("operator").text(),
        from_=settings.member("from").instant(),
        to=settings.member("to").instant(),
        source=settings.member("source").text(),
        evidence_level=settings.member("evidence_level").text()
        if "evidence_level" in settings.mapping()
        else "single-source",
    )


def _input(one: Member) -> InputFile:
    return InputFile(
        path=one.member("path").text(),
        format=one.member("format").text(),
        bytes=one.member("bytes").count(),
        rows=one.member("rows").count_or_none(),
        sha256=one.member("sha256").text_or_none(),
        table=one.member("table").text() if "table" in one.mapping() else "events",
        etag=one.member("etag").text_or_none() if "etag" in one.mapping() else None,
        delta_version=one.member("delta_version").count_or_none()
        if "delta_version" in one.mapping()
        else None,
    )


def _registry(one: Member) -> RegistryFile:
    return RegistryFile(
        kind=one.member("kind").text(),
        path=one.member("path").text(),
        rows=one.member("rows").count(),
        sha256=one.member("sha256").text_or_none(),
    )
