"""Coming on duty and handing over."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models.duty import DUTY, DutyShift
from unionportal.audit.actions import record


@transaction.atomic
def change_duty(shift: DutyShift, verb: str, *, by: Any, handover: str = "") -> DutyShift:
    """Do `verb` of the duty's table. Raises TransitionRefused, PermissionDenied, ValidationError without words."""
    shift = DutyShift.objects.select_for_update(of=("self",)).select_related("station").get(pk=shift.pk)
    transition = DUTY.transition(shift.state, verb)
    if by is not None and not by.has_perm(transition.permission, shift):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": shift.station})
    if verb == "hand_over" and not handover.strip():
        raise ValidationError(_("Say what you hand over."))
    shift.state = transition.target
    if verb == "come_on":
        shift.came_at = timezone.now()
    if verb == "hand_over":
        shift.left_at, shift.handover, shift.handed_by = timezone.now(), handover.strip()[:300], by
    shift.save()
    record(f"{verb}_duty", shift, by=by, organization=shift.station.organization)
    return shift
