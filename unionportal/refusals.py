"""What an action refuses, told on the form that asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _


@contextmanager
def told_beside(forbidden: str, refused: str = "") -> Iterator[None]:
    """What an action forbids is told on the form beside the field `forbidden`, and what it refuses without naming a
    field beside `refused`, where one is given.
    """
    try:
        yield
    except PermissionDenied as refusal:
        raise ValidationError({forbidden: str(refusal)}) from refusal
    except ValidationError as refusal:
        if not refused or hasattr(refusal, "error_dict"):
            raise
        raise ValidationError({refused: refusal.error_list}) from refusal


class Refused:
    """A form that its action refused: it says why, beside the field that the refusal names."""

    refusal: ValidationError

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        if not self.is_bound:  # type: ignore[attr-defined]
            return
        told = getattr(self.refusal, "error_dict", None) or {"": self.refusal.error_list}
        for name, errors in told.items():
            self.add_error(name if name in self.fields else None, errors)  # type: ignore[attr-defined]


def constraint_told(model: type[models.Model], error: IntegrityError) -> str:
    """The message of the named constraint that the database says was broken."""
    for constraint in model._meta.constraints:
        if constraint.name in str(error):
            return str(constraint.get_violation_error_message())
    return _("The database refused this: another record has the same number or name.")
