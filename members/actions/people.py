"""Who acts where no account does: the member or applicant himself, and the checks that verbs share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Himself:
    """The person whom the record is about, as the audit record names him: by no name."""

    pk = None

    def __str__(self) -> str:
        return str(gettext_lazy("the person himself"))


HIMSELF = Himself()


def account_of(by: Any) -> Any:
    """The account for a foreign key; None for the command line and for the person himself."""
    return None if isinstance(by, Himself) else by


def require_reach(rows: Any, subjects: Iterable[models.Model], by: Any, verb: str) -> None:
    """Raises PermissionDenied unless `by` holds `verb` at the owner of every subject. None: the command line."""
    if by is None:
        return
    wanted = {subject.pk for subject in subjects}
    reached = set(rows.reached_by(by, verb).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - reached:
        raise PermissionDenied(
            _("Your roles do not allow this for %(count)d of the records.") % {"count": len(wanted - reached)}
        )
