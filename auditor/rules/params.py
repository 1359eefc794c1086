"""Values given on the command line → the parameters of the rules they are meant for."""

from collections.abc import Mapping, Sequence
from typing import Final

from auditor.errors import ConfigError, did_you_mean
from auditor.rules.literals import day_of, is_zone, number_of
from auditor.rules.model import TIMEZONE, Param, ParamType, ParamValue, Rule
from auditor.schema import FALSE_WORDS, TRUE_WORDS

_BOOLEANS: Final = {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}
_EXPECTED: Final = {
    ParamType.BOOLEAN: "true or false",
    ParamType.NUMBER: "a number",
    ParamType.DATE: "a date such as 2020-05-01",
}


def params_of(rule: Rule) -> dict[str, Param]:
    """All parameters of a rule: those it declares and, where it has a zone, `timezone`."""
    params = dict(rule.params)
    if rule.effective.timezone is not None:
        meaning = "the zone in which the rule's dates are taken"
        params[TIMEZONE] = Param(TIMEZONE, ParamType.TEXT, rule.effective.timezone, meaning)
    return params


def resolve_params(
    rules: Sequence[Rule], given: Sequence[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """The texts given for each rule's parameters, by rule id; every rule has an entry.

    Args:
        rules: the selected rules.
        given: (name, text) pairs; `RULE-ID.name` speaks to one rule and wins over `name`. Of
            equal names the last counts.

    Raises:
        ConfigError: no selected rule has such a parameter.
    """
    resolved: dict[str, dict[str, str]] = {rule.id: {} for rule in rules}
    for name, text in sorted(given, key=lambda pair: "." in pair[0]):
        rule_id, _, own_name = name.rpartition(".")
        asked = [r for r in rules if not rule_id or r.id.casefold() == rule_id.casefold()]
        meant = [rule for rule in asked if own_name in params_of(rule)]
        if not meant:
            raise _unknown(name, rules)
        for rule in meant:
            resolved[rule.id][own_name] = text
    return resolved


def _unknown(name: str, rules: Sequence[Rule]) -> ConfigError:
    known = {param for rule in rules for param in params_of(rule)}
    if "." in name:
        known |= {f"{rule.id}.{param}" for rule in rules for param in params_of(rule)}
    message = f"no selected rule has a parameter {name!r}"
    return ConfigError(message, location="--param", hint=did_you_mean(name, known))


def param_values(rule: Rule, given: Mapping[str, str]) -> dict[str, ParamValue]:
    """Every parameter's value: as given, else the default.

    Raises:
        ConfigError: a name is not known or a text is not a value of its type.
    """
    params = params_of(rule)
    for name in given:
        if name not in params:
            raise _unknown(name, [rule])
    return {
        name: _value(rule, param, given[name]) if name in given else param.default
        for name, param in params.items()
    }


def _value(rule: Rule, param: Param, text: str) -> ParamValue:
    text = text.strip()
    value: ParamValue | None = text
    if param.name == TIMEZONE and param.name not in rule.params and not is_zone(text):
        raise _not_a(param, text, "a time zone such as Asia/Shanghai")
    if param.type is ParamType.BOOLEAN:
        value = _BOOLEANS.get(text.casefold())
    elif param.type is ParamType.NUMBER:
        value = number_of(text)
    elif param.type is ParamType.DATE:
        value = day_of(text)
    elif param.type is ParamType.TEXTS:
        value = tuple(part.strip() for part in text.split(";") if part.strip())
    if value is None:
        raise _not_a(param, text, _EXPECTED[param.type])
    return value


def _not_a(param: Param, text: str, expected: str) -> ConfigError:
    return ConfigError(f"{text!r} is not {expected}", location=f"--param {param.name}={text}")
