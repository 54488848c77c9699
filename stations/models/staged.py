"""What passes through states by verbs, each of which may fill some fields: the small nouns of a venue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from unionportal.states import StateTable, Transition


class Staged(models.Model):
    """`TABLE` says what can happen; `ASKS` which fields a verb fills, all of which it needs.

    `actions.staged.do` is the only writer of `state`.
    """

    TABLE: ClassVar[StateTable]
    ASKS: ClassVar[dict[str, tuple[str, ...]]] = {}

    class Meta:
        abstract = True


def table_of(
    model_name: str, states: type[models.TextChoices], *steps: tuple[str, tuple[str, ...], str, str | Promise]
) -> StateTable:
    """A transition table whose verbs need ``stations.change_<model>``: (verb, from, to, label) each."""
    permission = f"stations.change_{model_name}"
    return StateTable(
        states,
        [Transition(verb, set(sources), target, permission, label) for verb, sources, target, label in steps],
        initial=[states.values[0]],
    )


def state_known(name: str, states: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(state__in=states.values), name=name, violation_error_message=_("There is no such state.")
    )


def not_empty(name: str, *fields: str) -> models.CheckConstraint:
    condition = models.Q()
    for field in fields:
        condition &= ~models.Q(**{field: ""})
    return models.CheckConstraint(
        condition=condition, name=name, violation_error_message=_("Fill in what it is called.")
    )


def ends_after(name: str, begins: str, ends: str) -> models.CheckConstraint:
    later = models.Q(**{f"{ends}__gte": models.F(begins)})
    return models.CheckConstraint(
        condition=models.Q(**{f"{begins}__isnull": True}) | models.Q(**{f"{ends}__isnull": True}) | later,
        name=name,
        violation_error_message=_("It ends after it begins."),
    )
