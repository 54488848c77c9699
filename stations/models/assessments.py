"""What was found at a station: assessments under a standard, evidence, and what must be put right."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.details import OfStationQuerySet
from stations.models.stations import Station
from unionportal.organizations.models import Account
from unionportal.standards.models import Answer, Assessment
from unionportal.states import StateTable, Transition

_State = Assessment.State

ASSESSMENTS = StateTable(
    _State,
    [
        Transition(
            "submit", {_State.DRAFT}, _State.SUBMITTED, "stations.change_stationassessment", _("Hand in the check")
        ),
        Transition("send_back", {_State.SUBMITTED}, _State.DRAFT, "stations.confirm_stationassessment", _("Send back")),
        Transition(
            "confirm_check",
            {_State.SUBMITTED},
            _State.CONFIRMED,
            "stations.confirm_stationassessment",
            _("Confirm the check"),
        ),
        Transition(
            "cancel_check",
            {_State.DRAFT, _State.SUBMITTED},
            _State.CANCELLED,
            "stations.change_stationassessment",
            _("Cancel the check"),
        ),
        # After an appeal that was upheld: the check no longer counts.
        Transition(
            "set_aside", {_State.CONFIRMED}, _State.SET_ASIDE, "stations.decide_appeal", _("Set the check aside")
        ),
    ],
    initial=[_State.DRAFT],
)


class StationAssessmentQuerySet(OfStationQuerySet):
    def counting(self) -> StationAssessmentQuerySet:
        """Confirmed checks by a union: a station's own word about itself gives no stars."""
        return self.filter(assessment__state=_State.CONFIRMED).exclude(assessment__level=Assessment.Level.SELF)


class StationAssessment(models.Model):
    """The link between an assessment and the station that was assessed."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="assessments", verbose_name=_("station"))
    assessment = models.OneToOneField(
        Assessment, models.CASCADE, related_name="of_station", verbose_name=_("assessment")
    )

    objects = StationAssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessment__assessed_on", "-id"]
        verbose_name = _("check of a station")
        verbose_name_plural = _("checks of stations")

    def __str__(self) -> str:
        return f"{self.station} · {self.assessment}"

    @property
    def state(self) -> str:
        return self.assessment.state

    def get_state_display(self) -> str:
        return self.assessment.get_state_display()


class AnswerPhoto(models.Model):
    """A photo that shows what was found for one criterion. For staff only, unlike photos of the station."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="evidence", verbose_name=_("station"))
    answer = models.ForeignKey(
        Answer, models.CASCADE, related_name="photos", verbose_name=pgettext_lazy("assessment", "answer")
    )
    image = models.ImageField(_("photo"), upload_to="evidence/%Y/%m")
    thumbnail = models.ImageField(upload_to="evidence/%Y/%m", editable=False)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("added by"))

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("photo as evidence")
        verbose_name_plural = _("photos as evidence")

    def __str__(self) -> str:
        return f"{self.answer} #{self.pk}"


class RectificationState(models.TextChoices):
    OPEN = "open", _("To be put right")
    MENDED = "mended", _("Mended, to be verified")
    VERIFIED = "verified", pgettext_lazy("state", "Verified")
    DROPPED = "dropped", _("Dropped")


RECTIFICATIONS = StateTable(
    RectificationState,
    [
        Transition(
            "mend",
            {RectificationState.OPEN},
            RectificationState.MENDED,
            "stations.change_rectification",
            _("Report as mended"),
        ),
        Transition(
            "verify_mended",
            {RectificationState.MENDED},
            RectificationState.VERIFIED,
            "stations.verify_rectification",
            pgettext_lazy("rectification", "Verify"),
        ),
        Transition(
            "not_mended",
            {RectificationState.MENDED},
            RectificationState.OPEN,
            "stations.verify_rectification",
            _("Not mended"),
        ),
        Transition(
            "drop_rectification",
            {RectificationState.OPEN, RectificationState.MENDED},
            RectificationState.DROPPED,
            "stations.verify_rectification",
            _("Drop"),
        ),
        # The check that had found it put right was set aside.
        Transition(
            "owed_again",
            {RectificationState.VERIFIED},
            RectificationState.OPEN,
            "stations.decide_appeal",
            _("Owed again"),
        ),
    ],
    initial=[RectificationState.OPEN],
)


class RectificationQuerySet(OfStationQuerySet):
    def owed(self) -> RectificationQuerySet:
        return self.filter(state=RectificationState.OPEN)

    def overdue(self) -> RectificationQuerySet:
        """Still to be put right after the day it was due."""
        return self.owed().filter(due_on__lt=timezone.localdate())


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Rectification(models.Model):
    """A criterion that was not met, with the day by which it must be: open → mended → verified."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="rectifications", verbose_name=_("station"))
    answer = models.OneToOneField(
        Answer, models.CASCADE, related_name="rectification", verbose_name=_("criterion not met")
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=8, choices=RectificationState, default=RectificationState.OPEN)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    mended_on = models.DateField(_("mended on"), null=True, blank=True)
    mended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reported by")
    )
    mended_note = models.CharField(_("what was done"), max_length=300, blank=True)
    verified_on = models.DateField(pgettext_lazy("rectification", "verified on"), null=True, blank=True)
    verified_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("rectification", "verified by"),
    )
    settled_by = models.ForeignKey(
        Assessment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("check that found it met"),
    )

    objects = RectificationQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("rectification")
        verbose_name_plural = _("rectifications")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="mended") | models.Q(mended_on__isnull=False),
                name="rectification_mended_has_day",
                violation_error_message=_("Say when it was mended."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="verified") | models.Q(mended_on__isnull=False, verified_on__isnull=False),
                name="rectification_verified_has_days",
                violation_error_message=_("What is verified was mended before."),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="rectification_due")]

    def __str__(self) -> str:
        return f"{self.station} · {self.answer}"

    @property
    def is_overdue(self) -> bool:
        return self.state == RectificationState.OPEN and self.due_on < timezone.localdate()
