"""What every verb here asks first, and how a refusal of the database is put into words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member
from unionportal.scope import covers

# Names that the triggers raise; the constraints of the models bring their own words.
_TRIGGER_WORDS = {
    "activity_not_oversold": gettext_lazy("Every place is taken already."),
    "activity_capacity_covers_taken": gettext_lazy("More places are taken than would be left."),
    "coupon_within_pool": gettext_lazy("The giveaway has no more coupons than were announced."),
    "pool_stands_as_announced": gettext_lazy(
        "What was announced stands: number, value, who it is for and how long coupons are valid are not changed."
    ),
    "coupon_member_limit": gettext_lazy("You have claimed as many as one member may."),
}


class ByMember:
    """A member as the doer in the audit record, which knows accounts by number and everybody else by name."""

    pk = None

    def __init__(self, member: Member) -> None:
        self.member = member

    def __str__(self) -> str:
        return f"member {self.member.pk}"


def require(by: Any, permission: str, subject: models.Model) -> None:
    """Raises PermissionDenied unless `by` holds `permission` on `subject`; None is the portal itself."""
    if by is not None and not by.has_perm(permission, subject):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": subject})


def require_reach(by: Any, permission: str, organization: Any) -> None:
    """Raises PermissionDenied unless `by` holds `permission` at the organisation."""
    if not covers(by, permission, organization):
        raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": organization})


def words_for(constraint: str) -> str:
    """What a person is told when the database refuses by the constraint of this name; "" if it is not ours."""
    if constraint in _TRIGGER_WORDS:
        return str(_TRIGGER_WORDS[constraint])
    for model in apps.get_app_config("campaigns").get_models():
        for known in model._meta.constraints:
            if known.name == constraint:
                return str(known.violation_error_message)
    return ""


@contextmanager
def said_plainly() -> Iterator[None]:
    """An IntegrityError of a rule of ours leaves as a ValidationError with its words; `code` is the rule's name."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if words := words_for(name):
            raise ValidationError(words, code=name) from error
        raise
