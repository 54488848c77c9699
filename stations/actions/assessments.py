"""Checks of stations: begun, filled in, handed in, confirmed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.actions.rectifications import follow_findings
from stations.models import AnswerPhoto, Station, StationAssessment
from stations.models.assessments import ASSESSMENTS
from stations.photos import two_sizes
from stations.rating import KIND
from stations.reach import require_covers, require_reaches, unions_above
from unionportal.audit.actions import record
from unionportal.organizations.models import Organization
from unionportal.scope import covers
from unionportal.standards import rules
from unionportal.standards.judging import Line, Result, judge, tally
from unionportal.standards.models import Answer, Assessment, Criterion, Grade, Standard

PHOTOS_PER_CRITERION = 6
_Level = Assessment.Level


def assessing_organization(station: Station, level: str, *, by: Any) -> Organization:
    """The union in whose name a check is made: the station's own, the county's or the city's.

    A spot check is made by the highest union at which `by` may. Raises PermissionDenied where he may not there.
    """
    permission = "stations.add_stationassessment"
    if level == _Level.SELF:
        require_reaches(by, permission, station)
        return station.organization
    county, city = unions_above(station.organization)
    for organization in {_Level.COUNTY: [county], _Level.CITY: [city], _Level.SPOT: [city, county]}[_Level(level)]:
        if covers(by, permission, organization):
            return organization
    raise PermissionDenied(_("Your roles do not allow a check at this level."))


@transaction.atomic
def begin_check(
    station: Station, standard: Standard, *, level: str, by: Any, on: datetime.date | None = None
) -> StationAssessment:
    """Begin a check of a station under a standard; every criterion waits for its answer.

    Raises PermissionDenied, ValidationError for a standard made for something else, a day to come, or a check by
    the same union under the same standard that is still being filled in.
    """
    organization = assessing_organization(station, level, by=by)
    day = on or timezone.localdate()
    if standard.object_kind != KIND:
        raise ValidationError({"standard": _("This standard is not made for stations.")})
    if day > timezone.localdate():
        raise ValidationError({"assessed_on": _("A check cannot be made on a day to come.")})
    Station.objects.select_for_update(of=("self",)).get(pk=station.pk)
    if StationAssessment.objects.filter(
        station=station,
        assessment__standard=standard,
        assessment__organization=organization,
        assessment__level=level,
        assessment__state=Assessment.State.DRAFT,
    ).exists():
        raise ValidationError({"station": _("Such a check of this station is being filled in already.")})
    assessment = Assessment.objects.create(
        standard=standard, organization=organization, level=level, assessed_on=day, created_by=by
    )
    Answer.objects.bulk_create([Answer(assessment=assessment, criterion=row) for row in standard.criteria.all()])
    check = StationAssessment.objects.create(station=station, assessment=assessment)
    record("begin_check", station, by=by, details={"standard": str(standard), "level": level})
    return check


def _locked(check: StationAssessment) -> StationAssessment:
    Assessment.objects.select_for_update(of=("self",)).get(pk=check.assessment_id)
    return StationAssessment.objects.select_related(
        "station__organization", "assessment__standard", "assessment__organization"
    ).get(pk=check.pk)


def _require(check: StationAssessment, permission: str, by: Any) -> None:
    """A self-check lies with whoever reaches the station; a union's check with that union's own people."""
    if check.assessment.level == _Level.SELF:
        require_reaches(by, permission, check.station)
    else:
        require_covers(by, permission, check.assessment.organization)


@transaction.atomic
def fill_in(check: StationAssessment, answers: Mapping[int, Mapping[str, Any]], *, by: Any) -> StationAssessment:
    """Write answers: criterion id -> {"met": bool | None, "amount": Decimal | None, "note": str}.

    Criteria judged from the record are left out. Raises PermissionDenied, ValidationError for amounts out of range
    or a check that was handed in already.
    """
    check = _locked(check)
    _require(check, "stations.change_stationassessment", by)
    if check.state != Assessment.State.DRAFT:
        raise ValidationError(_("The check was handed in: nothing is changed any more."))
    rows = {row.criterion_id: row for row in check.assessment.answers.select_related("criterion")}
    for pk, given in answers.items():
        row = rows[pk]
        if row.criterion.judged == Criterion.Judged.COMPUTED:
            row.note = given.get("note", "")[:300]
        else:
            line = judge(row.criterion, met=given.get("met"), amount=given.get("amount"))
            row.put(line.met, given.get("amount"), line.points)
            row.note = given.get("note", "")[:300]
        row.save()
    return check


def add_evidence(check: StationAssessment, criterion: Criterion, upload: Any, *, by: Any) -> AnswerPhoto:
    """Keep a photo that shows what was found, without its EXIF data.

    Raises PermissionDenied, ValidationError for what is no picture, or more than there is room for.
    """
    _require(check, "stations.change_stationassessment", by)
    if check.assessment.state != Assessment.State.DRAFT:
        raise ValidationError(_("The check was handed in: nothing is changed any more."))
    answer = check.assessment.answers.get(criterion=criterion)
    if answer.photos.count() >= PHOTOS_PER_CRITERION:
        raise ValidationError(_("%(count)d photos of one criterion are enough.") % {"count": PHOTOS_PER_CRITERION})
    image, thumbnail = two_sizes(upload)
    return AnswerPhoto.objects.create(
        station=check.station, answer=answer, image=image, thumbnail=thumbnail, added_by=by
    )


def _judge_record(check: StationAssessment) -> None:
    """Answer what is judged from the record, as the record is now."""
    for row in check.assessment.answers.filter(criterion__judged=Criterion.Judged.COMPUTED).select_related("criterion"):
        found = rules.find(KIND, row.criterion.rule, check.station, row.criterion.parameters)
        line = judge(row.criterion, met=found.met)
        row.put(found.met, found.amount, line.points)
        row.save()


@transaction.atomic
def change_check(
    check: StationAssessment,
    verb: str,
    *,
    by: Any,
    reason: str = "",
    due_on: datetime.date | None = None,
    grade: Grade | None = None,
) -> StationAssessment:
    """Hand in, send back, confirm or cancel a check.

    Confirming fixes points and grade and carries what was found into the rectifications (`follow_findings`, which
    takes `due_on`); nobody confirms what he handed in. `grade` may give less than was reached, with a reason, never
    more. Raises TransitionRefused, PermissionDenied, ValidationError.
    """
    check = _locked(check)
    assessment = check.assessment
    transition = ASSESSMENTS.transition(assessment.state, verb)
    if verb == "set_aside":
        raise ValidationError(_("A check is set aside by an appeal that is upheld."))
    _require(check, transition.permission, by)
    if verb in ("send_back", "cancel_check") and not reason.strip():
        raise ValidationError(_("Give the reason."))
    if verb == "confirm_check" and by is not None and assessment.submitted_by_id == by.pk:
        raise ValidationError(_("You handed in the check: somebody else confirms it."))
    _judge_record(check)
    assessment.state, assessment.reason = transition.target, reason.strip()[:300]
    if verb == "submit":
        _require_complete(check)
        assessment.submitted_by = by
    elif verb == "confirm_check":
        _fix_result(check, by=by, grade=grade)
        follow_findings(check, by=by, due_on=due_on)
    assessment.save()
    record(verb, check.station, by=by, details={"check": str(assessment), "reason": assessment.reason})
    return check


def may_change(check: StationAssessment, user: Any, permission: str) -> bool:
    """Whether the user holds the permission at the union that makes the check: for the buttons."""
    try:
        _require(check, permission, user)
    except PermissionDenied:
        return False
    return True


def _require_complete(check: StationAssessment) -> None:
    missing = [str(row.criterion) for row in check.assessment.answers.filter(met=None).select_related("criterion")]
    if missing:
        raise ValidationError(_("Not answered yet: %(criteria)s") % {"criteria": "；".join(missing)})


def reached(check: StationAssessment) -> Result:
    """Points and grade that the answers reach as they stand."""
    rows = check.assessment.answers.select_related("criterion").order_by("criterion__position")
    return tally(check.assessment.standard, [Line(row.criterion, row.met, row.points) for row in rows])


def _fix_result(check: StationAssessment, *, by: Any, grade: Grade | None) -> None:
    assessment = check.assessment
    result = reached(check)
    given = result.grade
    if grade is not None and grade != result.grade:
        if grade.standard_id != assessment.standard_id or result.grade is None or grade.rank > result.grade.rank:
            raise ValidationError(_("The check does not reach this grade."))
        if not assessment.reason:
            raise ValidationError(_("Give the reason for less than was reached."))
        given = grade
    assessment.points, assessment.out_of, assessment.grade = result.points, result.out_of, given
    assessment.confirmed_by, assessment.confirmed_at = by, timezone.now()
