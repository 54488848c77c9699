"""What can happen to standards."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.standards.models import Criterion, Grade, Standard


@transaction.atomic
def new_version(standard: Standard, *, version: str, by: Any) -> Standard:
    """Copy a standard with its criteria and grades as a new version that may be changed until it is used.

    Raises PermissionDenied, ValidationError for a version that exists.
    """
    if by is not None and not by.has_perm("standards.add_standard"):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": standard})
    criteria, grades = list(standard.criteria.all()), list(standard.grades.all())
    copy = Standard.objects.get(pk=standard.pk)
    copy.pk, copy.version, copy.in_force_from, copy._state.adding = None, version.strip(), None, True
    copy.full_clean()
    copy.save()
    for row in (*criteria, *grades):
        row.pk, row.standard, row._state.adding = None, copy, True  # type: ignore[attr-defined]
    Criterion.objects.bulk_create(criteria)
    Grade.objects.bulk_create(grades)
    record("new_version", copy, by=by, details={"from": standard.version})
    return copy


def require_unused(standard: Standard) -> None:
    """Raises ValidationError where something was assessed under the standard."""
    if standard.is_used:
        raise ValidationError(_("The standard was used: make a new version to change its criteria."))
