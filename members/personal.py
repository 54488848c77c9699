"""What other apps hold of a person, so that a look at it stands on the person's page too.

The apps above register it; members knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Member


class Held(NamedTuple):
    """Records of one kind: which of them are a member's, and the words for the fields whose looks are kept."""

    label: str
    ids_of: Callable[[Member], Iterable[int]]
    field_names: dict[str, object]


_HELD: list[Held] = []
# The person's own fields, as he calls them.
_OWN_FIELDS = {"id_number": _("ID number"), "phone": _("mobile phone")}


def register_held(
    model: type[models.Model], ids_of: Callable[[Member], Iterable[int]], field_names: dict[str, object]
) -> None:
    """Called once when an app is ready: `ids_of(member)` gives the keys of his records, `field_names` the words for
    the fields whose looks are kept.
    """
    _HELD.append(Held(model._meta.label, ids_of, field_names))


def looks_about(member: Member) -> Q:
    """Audit events whose subject is the member, or a record that another app holds of him."""
    about = Q(subject_type=Member._meta.label, subject_id=str(member.pk))
    for held in _HELD:
        about |= Q(subject_type=held.label, subject_id__in=[str(pk) for pk in held.ids_of(member)])
    return about


def field_name(subject_type: str, field: str) -> str:
    """What the person calls a field of one of his records; the field's own name where nobody has said."""
    names = next((held.field_names for held in _HELD if held.label == subject_type), _OWN_FIELDS)
    return str(names.get(field, field))
