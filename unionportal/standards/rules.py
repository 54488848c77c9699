"""Named rules that judge a criterion from the record, so that a record that changes re-judges itself.

The ground floor knows neither stations nor unions: a domain registers its word for the objects ("station") and the
rules for them. A criterion names its rule; a rule never writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise


@dataclass(frozen=True)
class Finding:
    """What a rule found: met or not, the number it counted if any, and one sentence a visitor understands."""

    met: bool
    words: Text
    amount: Decimal | None = None


Rule = Callable[[Any, Mapping[str, Any]], Finding]
# Raises ValidationError for parameters that the rule cannot use.
ParametersCheck = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Deduction:
    """Points taken off for what is reported from outside the checks, with the reason a visitor reads."""

    points: Decimal
    words: Text


DeductionRule = Callable[[Any], Deduction | None]

_kinds: dict[str, Text] = {}
_rules: dict[tuple[str, str], tuple[Text, Rule]] = {}
_checks: dict[tuple[str, str], ParametersCheck] = {}
_deductions: dict[tuple[str, str], tuple[Text, DeductionRule]] = {}


def register_kind(kind: str, label: Text) -> None:
    """Name a kind of object that standards may be made for. Called when an app is ready."""
    _kinds[kind] = label


def kinds() -> list[tuple[str, Text]]:
    return sorted(_kinds.items())


def takes_none(parameters: Mapping[str, Any]) -> None:
    """For a rule without parameters. Raises ValidationError where some are given."""
    if parameters:
        raise ValidationError(_("This rule takes no parameters: leave {}."))


def register_rule(kind: str, name: str, label: Text, rule: Rule, check: ParametersCheck = takes_none) -> None:
    """Register a named rule for objects of `kind`; `label` is what the standard's editor chooses, and `check` judges
    the parameters he writes.
    """
    _rules[kind, name], _checks[kind, name] = (label, rule), check


def check_parameters(kind: str, name: str, parameters: Any) -> None:
    """Raises ValidationError for parameters that the rule cannot use, and for a rule that nobody registered."""
    if not isinstance(parameters, Mapping):
        raise ValidationError(_("Parameters stand in braces: {}."))
    if (kind, name) not in _checks:
        raise ValidationError(_("There is no rule of this name for this kind of object."))
    _checks[kind, name](parameters)


def rules_of(kind: str) -> dict[str, Text]:
    """Name -> label of the rules for objects of `kind`."""
    return {name: label for (of, name), (label, _rule) in sorted(_rules.items()) if of == kind}


def find(kind: str, name: str, subject: Any, parameters: Mapping[str, Any]) -> Finding:
    """Judge `subject` by a named rule.

    Not met, with words that say so, where the rule cannot be applied: a criterion written before its parameters were
    checked, or of a rule that is no more.
    """
    try:
        return _rules[kind, name][1](subject, parameters)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        try:
            check_parameters(kind, name, parameters)
        except ValidationError:
            return Finding(False, _("The rule of this criterion cannot be applied: its parameters are wrong."))
        raise  # the rule's own mistake


def register_deduction(kind: str, name: str, published: Text, rule: DeductionRule) -> None:
    """Register an input that takes points off the rating of `kind`, such as reports that the door was locked.

    `published` is the sentence of the public formula that says when and how much. The rule returns None where there
    is nothing to take off. Registering the same name again replaces both.
    """
    _deductions[kind, name] = (published, rule)


def withdraw_deduction(kind: str, name: str) -> None:
    """Undo `register_deduction`; nothing happens where there was none."""
    _deductions.pop((kind, name), None)


def deductions_of(kind: str, subject: Any) -> list[Deduction]:
    """What is taken off `subject` now, in the order of the rules' names."""
    found = (rule(subject) for _published, rule in _deductions_by_name(kind))
    return [deduction for deduction in found if deduction is not None]


def deductions_published(kind: str) -> list[str]:
    """When and how much is taken off objects of `kind`, as sentences of the public formula."""
    return [str(published) for published, _rule in _deductions_by_name(kind)]


def _deductions_by_name(kind: str) -> list[tuple[Text, DeductionRule]]:
    return [_deductions[of, name] for of, name in sorted(_deductions) if of == kind]
