"""The end of retention, as the notice promises it (Personal Information Protection Law arts 19, 47)."""

from __future__ import annotations

import datetime
from typing import Any

import pgtrigger
from django.db import models, transaction
from django.utils import timezone

from members import lifecycle
from members.models import Application, Member
from unionportal.audit.actions import record

APPLICATION_DAYS = 365  # a refused or withdrawn application
MEMBER_DAYS = 3 * 365  # somebody who left
_NUMBERS: dict[str, Any] = {"id_number": "", "id_hash": None, "phone": "", "phone_hash": None}


@transaction.atomic
def forget_people(*, now: datetime.datetime | None = None) -> tuple[int, int]:
    """Delete ID and phone numbers that have outlived their term; figures go on counting the rows.

    Refused and withdrawn applications lose them a year after the decision, members three years after leaving,
    and with them the history of both. Returns (applications, members).
    """
    now = now or timezone.now()
    closed = (lifecycle.ApplicationState.REFUSED, lifecycle.ApplicationState.WITHDRAWN)
    applications = (
        Application.objects.filter(state__in=closed, decided_at__lt=now - datetime.timedelta(days=APPLICATION_DAYS))
        .exclude(id_hash=None, phone_hash=None)
        .update(**_NUMBERS)
    )
    before = timezone.localdate(now) - datetime.timedelta(days=MEMBER_DAYS)
    gone = (
        Member.objects.filter(state__in=lifecycle.ENDED)
        .exclude(id_hash=None, phone_hash=None)
        .annotate(ended=models.Max("spells__until_day"))
        .filter(ended__lt=before)
    )
    members = list(Member.objects.filter(pk__in=[member.pk for member in gone]))
    ids = [member.pk for member in members]
    if ids:
        Member.objects.filter(pk__in=ids).update(**_NUMBERS, birth_date=None)
        Application.objects.filter(member__in=ids).update(**_NUMBERS)
        events: Any = Member._meta.apps.get_model("members", "MemberEvent")
        # The history is append-only; this is the one lawful exception.
        with pgtrigger.ignore(f"{events._meta.label}:append_only"):
            events.objects.filter(pgh_obj_id__in=ids).update(**_NUMBERS, birth_date=None)
    for member in members:
        record("forget", member, by=None)
    return applications, len(members)
