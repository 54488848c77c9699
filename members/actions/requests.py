"""Requests of members about what is held of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.actions.people import HIMSELF, account_of, require_reach
from members.models import DataRequest, Member
from unionportal.audit.actions import record
from unionportal.free_text import refuse_personal_numbers
from unionportal.organizations.models.calendar import overrides
from unionportal.workdays import Rule, Unit, due

ANSWER = Rule("answer to a request about personal data", 15, Unit.WORKING_DAYS, "request")
AT_ONCE = 3


@transaction.atomic
def ask_about_data(member: Member, *, kind: str, text: str, by: Any = HIMSELF) -> DataRequest:
    """Ask for a correction, copy, deletion or explanation; due within 15 working days.

    Raises ValidationError for empty words, or where three requests wait already.
    """
    if not text.strip():
        raise ValidationError(_("Say what it is about."))
    if member.data_requests.filter(state=DataRequest.State.WAITING).count() >= AT_ONCE:
        raise ValidationError(_("Three of your requests are waiting. Please wait for an answer first."))
    day = due(ANSWER, timezone.localdate(), overrides()).earliest
    request = DataRequest.objects.create(member=member, kind=kind, text=text.strip()[:500], due_on=day)
    record("ask_about_data", member, by=by, details={"kind": kind})
    return request


@transaction.atomic
def answer_request(request: DataRequest, *, answer: str, by: Any, refused: bool = False) -> DataRequest:
    """Answer a request; a refusal gives its reason (art. 50). Raises PermissionDenied, ValidationError."""
    if not answer.strip():
        raise ValidationError(_("Write the answer: the member is shown it."))
    refuse_personal_numbers(answer, _("answer"))
    request = DataRequest.objects.select_for_update(of=("self",)).select_related("member").get(pk=request.pk)
    require_reach(DataRequest.objects.all(), [request], by, "change")
    if request.state != DataRequest.State.WAITING:
        raise ValidationError(_("This request is answered already."))
    request.state = DataRequest.State.REFUSED if refused else DataRequest.State.DONE
    request.answer, request.settled_at, request.settled_by = answer.strip()[:300], timezone.now(), account_of(by)
    request.save(update_fields=["state", "answer", "settled_at", "settled_by"])
    record("answer_request", request.member, by=by, details={"kind": request.kind, "state": request.state})
    return request
