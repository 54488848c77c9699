"""Named rules that judge a criterion from the record, so that a record that changes re-judges itself.

The ground floor knows neither stations nor unions: a domain registers its word for the objects ("station") and the
rules for them. A criterion names its rule; a rule never writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Finding:
    """What a rule found: met or not, the number it counted if any, and one sentence a visitor understands."""

    met: bool
    words: Text
    amount: Decimal | None = None


Rule = Callable[[Any, Mapping[str, Any]], Finding]


@dataclass(frozen=True)
class Deduction:
    """Points taken off for what is reported from outside the checks, with the reason a visitor reads."""

    points: Decimal
    words: Text


DeductionRule = Callable[[Any], Deduction | None]

_kinds: dict[str, Text] = {}
_rules: dict[tuple[str, str], tuple[Text, Rule]] = {}
_deductions: dict[tuple[str, str], tuple[Text, DeductionRule]] = {}


def register_kind(kind: str, label: Text) -> None:
    """Name a kind of object that standards may be made for. Called when an app is ready."""
    _kinds[kind] = label


def kinds() -> list[tuple[str, Text]]:
    return sorted(_kinds.items())


def register_rule(kind: str, name: str, label: Text, rule: Rule) -> None:
    """Register a named rule for objects of `kind`; `label` is what the standard's editor chooses."""
    _rules[kind, name] = (label, rule)


def rules_of(kind: str) -> dict[str, Text]:
    """Name -> label of the rules for objects of `kind`."""
    return {name: label for (of, name), (label, _rule) in sorted(_rules.items()) if of == kind}


def find(kind: str, name: str, subject: Any, parameters: Mapping[str, Any]) -> Finding:
    """Judge `subject` by a named rule. Raises KeyError for a rule that nobody registered."""
    return _rules[kind, name][1](subject, parameters)


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
