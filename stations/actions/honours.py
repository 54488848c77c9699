"""Stars and honours: nominated, selected, confirmed, published; lowered, withdrawn; appeals."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.actions.rectifications import is_outdated, release_rectifications
from stations.lifecycle import PUBLIC_STATES
from stations.models import Appeal, Honour, HonourDecision, Station, StationAssessment
from stations.models.assessments import ASSESSMENTS
from stations.models.honours import APPEALS, HONOUR_NEEDS_REASON, HONOURS, RESTORING, AppealState, HonourState
from stations.reach import reaches, require_covers, require_reaches, unions_above
from unionportal.audit.actions import record
from unionportal.organizations.models import Organization
from unionportal.scope import covers
from unionportal.standards.models import Assessment


def deciding_organization(station: Station, level: str) -> Organization:
    """The union that decides on an honour here: the county for its own, the city federation for all above.

    What the province or the All-China Federation decided is entered by the city.
    """
    county, city = unions_above(station.organization)
    return county if level == Honour.Level.COUNTY else city


@transaction.atomic
def nominate(
    station: Station,
    *,
    kind: str,
    level: str,
    year: int,
    by: Any,
    stars: int | None = None,
    check: StationAssessment | None = None,
    evidence: str = "",
) -> Honour:
    """Nominate a station. Stars rest on a confirmed check of a union and are no more than it reached.

    Raises PermissionDenied, ValidationError (a closed station, a year to come, stars beyond the check, a second
    nomination in the year).
    """
    require_reaches(by, "stations.add_honour", station)
    if station.status not in PUBLIC_STATES:
        raise ValidationError({"station": _("Only a station in service can be honoured.")})
    if year > timezone.localdate().year:
        raise ValidationError({"year": _("The year is still to come.")})
    if kind == Honour.Kind.STARS:
        _require_carried(station, stars, check)
    honour = Honour(
        station=station,
        kind=kind,
        level=level,
        year=year,
        stars=stars,
        check_made=check,
        evidence=evidence.strip(),
        nominated_by=by,
    )
    honour.full_clean()
    honour.save()
    record("nominate", station, by=by, details={"honour": honour.title, "year": year})
    return honour


def _require_carried(station: Station, stars: int | None, check: StationAssessment | None) -> None:
    if check is None or check.station_id != station.pk:
        raise ValidationError({"check_made": _("Stars rest on a check of this station.")})
    assessment = check.assessment
    if assessment.state != Assessment.State.CONFIRMED or assessment.level == Assessment.Level.SELF:
        told = _("Stars rest on a confirmed check by a union; a station's own word gives none.")
        raise ValidationError({"check_made": told})
    if is_outdated(check):
        told = _("A newer check of this station is confirmed: stars rest on the newest.")
        raise ValidationError({"check_made": told})
    if stars is None or assessment.grade is None or stars > assessment.grade.rank:
        raise ValidationError({"stars": _("The check does not reach these stars.")})


@transaction.atomic
def change_honour(
    honour: Honour,
    verb: str,
    *,
    by: Any,
    reason: str = "",
    stars: int | None = None,
    document: str = "",
    on: datetime.date | None = None,
) -> Honour:
    """Select, confirm, publish, pass over, downgrade or withdraw.

    Nobody confirms what he nominated; a downgrade gives fewer `stars`. Raises TransitionRefused, PermissionDenied,
    ValidationError.
    """
    honour = Honour.objects.select_for_update(of=("self",)).select_related("station__organization").get(pk=honour.pk)
    transition = HONOURS.transition(honour.state, verb)
    if verb in RESTORING:
        raise ValidationError(_("An honour is restored by an appeal that is upheld."))
    require_covers(by, transition.permission, deciding_organization(honour.station, honour.level))
    if verb in HONOUR_NEEDS_REASON and not reason.strip():
        raise ValidationError(_("Give the reason."))
    if verb == "confirm_honour" and by is not None and honour.nominated_by_id == by.pk:
        raise ValidationError(_("You nominated the station: somebody else confirms the honour."))
    before, honour.state_reason = honour.stars, reason.strip()[:300]
    if verb == "downgrade":
        if honour.stars is None or not stars or stars >= honour.stars:
            raise ValidationError(_("A downgrade gives fewer stars."))
        honour.stars = stars
    elif verb == "publish_honour":
        if on is not None and on > timezone.localdate():
            raise ValidationError({"on": _("The day is still to come.")})
        honour.published_on = on or timezone.localdate()
        honour.document = document.strip() or honour.document
    honour.state = transition.target
    honour.save()
    if verb in ("downgrade", "withdraw_honour"):
        _decide(honour, verb, before=before, reason=honour.state_reason, by=by)
    record(verb, honour.station, by=by, details={"honour": honour.title, "reason": honour.state_reason})
    return honour


def _decide(honour: Honour, verb: str, *, before: int | None, reason: str, by: Any) -> HonourDecision:
    after = None if verb == "withdraw_honour" else honour.stars
    return HonourDecision.objects.create(
        honour=honour,
        station=honour.station,
        verb=verb,
        stars_before=before,
        stars_after=after,
        reason=reason,
        decided_by=by,
    )


@transaction.atomic
def file_appeal(against: StationAssessment | HonourDecision, *, grounds: str, by: Any) -> Appeal:
    """Object to a confirmed check or to a downgrade or withdrawal. One appeal at a time, and one answer is final.

    Raises PermissionDenied, ValidationError.
    """
    station = against.station
    require_reaches(by, "stations.add_appeal", station)
    if not grounds.strip():
        raise ValidationError(_("Say why the station objects."))
    if isinstance(against, StationAssessment):
        if against.assessment.state != Assessment.State.CONFIRMED:
            raise ValidationError(_("Only a confirmed check can be appealed against."))
        appeal = Appeal(check_made=against)
    else:
        if against.verb == "restore":
            raise ValidationError(_("Only a downgrade or a withdrawal can be appealed against."))
        appeal = Appeal(decision=against)
    same = Appeal.objects.filter(check_made=appeal.check_made, decision=appeal.decision)
    if same.filter(state__in=[AppealState.UPHELD, AppealState.REFUSED]).exists():
        raise ValidationError(_("An appeal against this was answered already."))
    appeal.station, appeal.grounds, appeal.filed_by = station, grounds.strip(), by
    appeal.full_clean()
    appeal.save()
    record("file_appeal", station, by=by, details={"against": str(against)})
    return appeal


@transaction.atomic
def answer_appeal(appeal: Appeal, verb: str, *, by: Any, answer: str = "") -> Appeal:
    """Uphold or refuse with the reason, or take it back. Upheld: the check is set aside, the honour restored.

    It is answered by the union that decided, but never by the person who did, nor by the one who filed it; and it is
    not taken back by the person against whose decision it is, nor by one who may answer it. Raises TransitionRefused,
    PermissionDenied, ValidationError.
    """
    appeal = Appeal.objects.select_for_update(of=("self",)).select_related("station__organization").get(pk=appeal.pk)
    transition = APPEALS.transition(appeal.state, verb)
    if verb == "take_back":
        _require_filing_side(appeal, by=by)
    else:
        _require_judge(appeal, by=by)
        if not answer.strip():
            raise ValidationError(_("Give the reason of the answer."))
    appeal.state, appeal.answer = transition.target, answer.strip()[:300]
    appeal.answered_by, appeal.answered_at = by, timezone.now()
    appeal.save()
    if verb == "uphold":
        _undo(appeal, by=by)
    record(verb, appeal.station, by=by, details={"against": str(appeal.against), "answer": appeal.answer})
    return appeal


def _decided(appeal: Appeal) -> tuple[Organization, int | None]:
    """The union that decided what the appeal is against, and the account that did."""
    if appeal.decision is not None:
        organization = deciding_organization(appeal.station, appeal.decision.honour.level)
        return organization, appeal.decision.decided_by_id
    assessment = appeal.check_made.assessment  # type: ignore[union-attr]
    return assessment.organization, assessment.confirmed_by_id


def _require_filing_side(appeal: Appeal, *, by: Any) -> None:
    require_reaches(by, "stations.change_appeal", appeal.station)
    organization, decided_by = _decided(appeal)
    if by is None or by.pk == appeal.filed_by_id:
        return
    if by.pk == decided_by or covers(by, "stations.decide_appeal", organization):
        raise PermissionDenied(_("Whoever decided, or may answer the appeal, does not take it back for the station."))


def _require_judge(appeal: Appeal, *, by: Any) -> None:
    organization, decided_by = _decided(appeal)
    require_covers(by, "stations.decide_appeal", organization)
    if by is not None and by.pk in (decided_by, appeal.filed_by_id):
        raise PermissionDenied(_("An appeal is answered by somebody who neither decided nor filed it."))


def _undo(appeal: Appeal, *, by: Any) -> None:
    if appeal.check_made is not None:
        assessment = Assessment.objects.select_for_update(of=("self",)).get(pk=appeal.check_made.assessment_id)
        assessment.state = ASSESSMENTS.target(assessment.state, "set_aside")
        assessment.reason = appeal.answer
        assessment.save()
        release_rectifications(appeal.check_made, by=None, reason=appeal.answer)
        return
    if appeal.decision is not None:
        _overturn(appeal.decision, by=by, reason=appeal.answer)


def _overturn(decision: HonourDecision, *, by: Any, reason: str) -> None:
    """Take back this decision only: a withdrawal leads back to where the honour was, stars follow the downgrades that
    still stand.
    """
    honour = Honour.objects.select_for_update(of=("self",)).get(pk=decision.honour_id)
    before = honour.stars
    if decision.verb == "withdraw_honour":
        honour.state = HONOURS.target(honour.state, "restore" if honour.published_on else "restore_unpublished")
        honour.state_reason = ""
    else:
        downgrades = honour.decisions.filter(verb="downgrade").order_by("pk")
        standing = downgrades.exclude(appeals__state=AppealState.UPHELD).last()
        honour.stars = standing.stars_after if standing else downgrades[0].stars_before
        if honour.state == HonourState.PUBLISHED:
            honour.state_reason = standing.reason if standing else ""
    honour.save()
    _decide(honour, "restore", before=before, reason=reason, by=by)


def may_answer(appeal: Appeal, user: Any, verb: str) -> bool:
    """Whether the user may uphold, refuse or take back the appeal: for the buttons."""
    try:
        (_require_filing_side if verb == "take_back" else _require_judge)(appeal, by=user)
    except PermissionDenied:
        return False
    return True


def may_appeal(user: Any, station: Station) -> bool:
    """Whether the user may file an appeal for the station: for the buttons."""
    return reaches(user, "stations.add_appeal", station)


def may_decide(user: Any, honour: Honour, permission: str) -> bool:
    """Whether the user holds the permission at the union that decides on this honour: for the buttons."""
    return covers(user, permission, deciding_organization(honour.station, honour.level))
