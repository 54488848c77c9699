"""Looks at whole numbers: for a stated purpose, written down, and shown to the person."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from members.models import Application, Member
from unionportal.audit.actions import record_look
from unionportal.organizations.models import Account


def look(subject: Member | Application, field: str, *, by: Account, purpose: str) -> str:
    """A number whole; whether `by` may see it is for the caller to say. Raises ValidationError without a purpose."""
    if len(purpose.strip()) < 2:
        raise ValidationError(_("State what you need the number for: the look is recorded."))
    record_look(subject, field, by=by, purpose=purpose)
    return str(getattr(subject, field))


@transaction.atomic
def _show(subject: Member | Application, field: str, by: Account, purpose: str) -> str:
    if not by.has_perm(f"members.look_{subject._meta.model_name}", subject):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": subject})
    return look(subject, field, by=by, purpose=purpose)


def show_id_number(subject: Member | Application, *, by: Account, purpose: str) -> str:
    """The ID number whole. Raises PermissionDenied, and ValidationError where no purpose is stated.

    Personal Information Protection Law arts 6, 51: only what is needed, under control, and recorded.
    """
    return _show(subject, "id_number", by, purpose)


def show_phone(subject: Member | Application, *, by: Account, purpose: str) -> str:
    """The phone number whole. Raises as `show_id_number`."""
    return _show(subject, "phone", by, purpose)
