"""The verbs of a venue's small nouns. `do_all` is the rule's home; `do` calls it with one row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stations.models.staged import Staged
from unionportal.audit.actions import record


def _owner_of(row: Any) -> Any:
    return row.station.organization if hasattr(row, "station_id") else row.organization


@transaction.atomic
def do_all(rows: Iterable[Staged], verb: str, *, by: Any, **filled: Any) -> list[Staged]:
    """Do `verb` of their table to rows of one model, all or none; `filled` are the fields that the verb asks for.

    Raises TransitionRefused, PermissionDenied, and ValidationError where a field is missing or breaks a rule.
    """
    given = list(rows)
    if not given:
        return []
    model = type(given[0])
    ids = sorted(row.pk for row in given)
    locked = list(model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    steps = [model.TABLE.transition(row.state, verb) for row in locked]  # type: ignore[attr-defined]
    asked = model.ASKS.get(verb, ())
    if missing := [name for name in asked if filled.get(name) in (None, "")]:
        names = [str(model._meta.get_field(name).verbose_name) for name in missing]  # type: ignore[union-attr]
        raise ValidationError(_("Fill in: %(fields)s") % {"fields": _(", ").join(names)})
    for row, transition in zip(locked, steps, strict=True):
        if by is not None and not by.has_perm(transition.permission, row):
            raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": row})
        row.state = transition.target  # type: ignore[attr-defined]
        for name in asked:
            setattr(row, name, filled[name])
        row.full_clean()
    model._default_manager.bulk_update(locked, ["state", *asked], batch_size=1000)  # type: ignore[misc]
    for row in locked:
        record(f"{verb}_{model._meta.model_name}", row, by=by, organization=_owner_of(row))
    return locked


def do(row: Staged, verb: str, *, by: Any, **filled: Any) -> Any:
    """Do `verb` to one row. Raises as `do_all`."""
    return do_all([row], verb, by=by, **filled)[0]
