"""What must be put right at a station: opened, carried on or settled by checks; mended, verified, dropped."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import Rectification, Station, StationAssessment
from stations.models.assessments import RECTIFICATIONS, RectificationState
from stations.reach import require_covers, require_reaches
from unionportal.audit.actions import record
from unionportal.standards.models import Answer, Assessment

RECTIFY_DAYS = 30  # days to put right what was not met, where the confirming union names no other
_WAITING = (RectificationState.OPEN, RectificationState.MENDED)


def follow_findings(check: StationAssessment, *, by: Any, due_on: datetime.date | None = None) -> None:
    """Carry what a confirmed check found into what must be put right; called inside its transaction.

    A criterion not met opens a rectification due on `due_on` (default in RECTIFY_DAYS days). One that waits since an
    earlier check goes on with its own day and belongs to the newer check from now on; where the criterion is met it
    is settled. A check older than one confirmed under the same standard changes nothing, and a station's own word
    settles nothing that a union found. Raises ValidationError for a day that is past.
    """
    day = due_on or timezone.localdate() + datetime.timedelta(days=RECTIFY_DAYS)
    if day < timezone.localdate():
        raise ValidationError(_("The day by which it is to be put right is past."))
    Station.objects.select_for_update(of=("self",), no_key=True).get(pk=check.station_id)
    if is_outdated(check):
        return
    answers = {row.criterion_id: row for row in check.assessment.answers.select_related("criterion")}
    waiting = list(_waiting(check.station).filter(answer__criterion__in=answers))
    for row in waiting:
        if check.assessment.level != Assessment.Level.SELF or row.answer.assessment.level == Assessment.Level.SELF:
            _follow(row, answers[row.answer.criterion_id], check.assessment, by=by)
    held = {row.answer.criterion_id for row in waiting}
    Rectification.objects.bulk_create(
        Rectification(station=check.station, answer=row, due_on=day)
        for pk, row in answers.items()
        if row.met is False and pk not in held
    )


def is_outdated(check: StationAssessment) -> bool:
    """Whether a check under the same standard was confirmed that is newer."""
    day = check.assessment.assessed_on
    same = check.station.assessments.counting().filter(assessment__standard=check.assessment.standard_id)
    return same.filter(Q(assessment__assessed_on__gt=day) | Q(assessment__assessed_on=day, pk__gt=check.pk)).exists()


def _waiting(station: Station) -> Any:
    rows = Rectification.objects.select_for_update(of=("self",)).filter(station=station, state__in=_WAITING)
    return rows.select_related("answer__criterion", "answer__assessment").order_by("pk")


def _follow(row: Rectification, answer: Answer, assessment: Assessment, *, by: Any) -> None:
    """A newer check answers the criterion that waits: settled where it is met, else carried on under that check."""
    if answer.met:
        if row.state == RectificationState.OPEN:
            row.state = RECTIFICATIONS.target(row.state, "mend")
            row.mended_on, row.mended_note = assessment.assessed_on, _("Found met: %(check)s") % {"check": assessment}
            row.mended_by = None
        verb, row.verified_on, row.verified_by = "verify_mended", timezone.localdate(), by
        row.settled_by = assessment
        row.state, row.state_reason = RECTIFICATIONS.target(row.state, verb), ""
    else:
        row.answer, verb = answer, ""
        if row.mended_on is not None and row.state == RectificationState.MENDED:
            verb = "not_mended" if row.mended_on <= assessment.assessed_on else ""
        if verb:
            row.state = RECTIFICATIONS.target(row.state, verb)
            row.state_reason = _("Still not met: %(check)s") % {"check": assessment}
    row.save()
    if verb:
        record(verb, row.station, by=by, details={"criterion": str(answer.criterion), "check": str(assessment)})


@transaction.atomic
def change_rectification(
    row: Rectification, verb: str, *, by: Any, note: str = "", reason: str = "", on: datetime.date | None = None
) -> Rectification:
    """Report as mended (with what was done), verify, say that it is not mended, or drop (with the reason).

    Nobody verifies what he reported himself, and what the county's or the city's check found only that union, or one
    above it, verifies or drops. Raises TransitionRefused, PermissionDenied, ValidationError.
    """
    row = (
        Rectification.objects.select_for_update(of=("self",))
        .select_related("station__organization", "answer__assessment__organization")
        .get(pk=row.pk)
    )
    transition = RECTIFICATIONS.transition(row.state, verb)
    if verb == "mend" or row.answer.assessment.level == Assessment.Level.SELF:
        require_reaches(by, transition.permission, row.station)
    else:
        require_covers(by, transition.permission, row.answer.assessment.organization)
    today = timezone.localdate()
    row.state, row.state_reason = transition.target, reason.strip()[:200]
    if verb == "mend":
        if not note.strip():
            raise ValidationError(_("Say what was done."))
        if (on or today) > today:
            raise ValidationError(_("It cannot have been mended on a day to come."))
        if (on or today) < row.answer.assessment.assessed_on:
            raise ValidationError(_("It cannot have been mended before it was found."))
        row.mended_on, row.mended_by, row.mended_note = on or today, by, note.strip()[:300]
    elif verb == "verify_mended":
        if by is not None and row.mended_by_id == by.pk:
            raise ValidationError(_("Somebody else verifies what you reported as mended."))
        row.verified_on, row.verified_by = today, by
    elif not row.state_reason:
        raise ValidationError(_("Give the reason."))
    row.save()
    record(verb, row.station, by=by, details={"criterion": str(row.answer.criterion), "reason": row.state_reason})
    return row


def release_rectifications(check: StationAssessment, *, by: Any, reason: str) -> None:
    """A check was set aside: what it asked for is owed no longer, unless the check before it found the same, and what
    it found put right is owed again, unless a newer check has decided since.
    """
    settled = Rectification.objects.select_for_update(of=("self",)).filter(settled_by=check.assessment)
    for row in () if is_outdated(check) else settled:
        _owe_again(row, by=by, reason=reason)
    for row in _waiting(check.station).filter(answer__assessment=check.assessment):
        before = _finding_before(row)
        if before is None:
            change_rectification(row, "drop_rectification", by=by, reason=reason)
        else:
            row.answer = before
            row.save()


def _owe_again(row: Rectification, *, by: Any, reason: str) -> None:
    row.state = RECTIFICATIONS.target(row.state, "owed_again")
    row.settled_by = row.verified_on = row.verified_by = None
    if row.mended_by_id is not None:
        row.state = RECTIFICATIONS.target(row.state, "mend")
    else:
        row.mended_on, row.mended_note = None, ""
    row.state_reason = reason.strip()[:200]
    row.save()
    record("owed_again", row.station, by=by, details={"criterion": str(row.answer.criterion), "reason": reason})


def _finding_before(row: Rectification) -> Answer | None:
    """The newest answer of a union's check that still counts, where it was not met and nothing came of it."""
    checks = row.station.assessments.counting().values("assessment")
    answers = Answer.objects.filter(criterion=row.answer.criterion_id, assessment__in=checks)
    newest = answers.order_by("-assessment__assessed_on", "-assessment__of_station__pk").first()
    return newest if newest and newest.met is False and not hasattr(newest, "rectification") else None
