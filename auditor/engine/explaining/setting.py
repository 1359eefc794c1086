"""What an explanation of one rule is prepared with, and the rule's own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from auditor.engine.explaining.question import Question
from auditor.engine.log import Log, changed_files
from auditor.engine.prepare import shipped_groups
from auditor.engine.request import Request
from auditor.explanation import RuleWords
from auditor.rules.compile import CompiledRule, compile_rule, resolve_params
from auditor.rules.model import Rule
from auditor.rules.params import param_values, params_of
from auditor.sources.profile import load_profile

UNREADABLE: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""What a scan of a damaged file raises."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What one rule is explained with.

    Attributes:
        request: selects the one rule; names no log.
        params: texts of the rule's own parameters.
    """

    request: Request
    rule: CompiledRule
    params: Mapping[str, str]

    def reading(self, paths: Sequence[str]) -> Request:
        """The request that reads `paths`, as logs of the table that the rule judges."""
        is_events = self.rule.rule.table == "events"
        return replace(
            self.request, paths=paths if is_events else (), orders=() if is_events else paths
        )

    def words(self) -> RuleWords:
        """The rule's own words."""
        rule = self.rule.rule
        references = (
            [one.title, one.publisher, str(one.published or ""), one.url] for one in rule.references
        )
        return RuleWords(
            id=rule.id,
            title=rule.title,
            severity=rule.severity.value,
            why=rule.why,
            remediation=rule.remediation,
            references=[", ".join(filter(None, parts)) for parts in references],
            path=rule.path,
            digest=self.rule.digest,
            params=param_values(rule, self.params),
        )


def setting_of(
    rules: Sequence[Rule], rule: Rule, question: Question, before: Mapping[str, str]
) -> Setting:
    """What `rule` is explained with.

    Args:
        rules: all that are loaded.
        rule: one of them.
        question: its parameters may speak to any rule, and to the profile.
        before: parameters that those of the question replace; an unknown one is of no account.

    Raises:
        RuleError: the rule is wrong.
        ConfigError: a parameter is not known, neither to a rule nor to the profile.
    """
    profile = load_profile(question.request.source)
    given = question.request.params
    resolve_params(rules, [(n, v) for n, v in given if n not in profile.params or _is_of(n, rule)])
    pairs = [*before.items(), *given]
    own = [pair for pair in pairs if _is_of(pair[0], rule)]
    params = resolve_params([rule], own)[rule.id]
    request = replace(
        question.request,
        select=[rule.id],
        ignore=(),
        params=[*own, *((n, v) for n, v in pairs if n in profile.params)],
        outputs=(),
    )
    return Setting(request, compile_rule(rule, params, shipped_groups()), params)


def _is_of(name: str, rule: Rule) -> bool:
    rule_id, _, own_name = name.rpartition(".")
    return own_name in params_of(rule) and rule_id.casefold() in {"", rule.id.casefold()}


def changes_of(log: Log) -> Iterator[str]:
    """What changed while it was read."""
    for file, why in changed_files(log, {}).items():
        yield f"{file.shown}: {why}"
