"""Who is on duty at a station, and what he hands over to the next."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.details import OfStationQuerySet
from stations.models.stations import Station
from unionportal.organizations.models import Account
from unionportal.states import StateTable, Transition


class DutyState(models.TextChoices):
    ROSTERED = "rostered", pgettext_lazy("duty", "On the roster")
    ON_DUTY = "on_duty", _("On duty")
    HANDED_OVER = "handed_over", _("Handed over")
    MISSED = "missed", pgettext_lazy("duty", "Did not come")


DUTY = StateTable(
    DutyState,
    [
        Transition("come_on", {DutyState.ROSTERED}, DutyState.ON_DUTY, "stations.change_dutyshift", _("Come on duty")),
        Transition(
            "hand_over", {DutyState.ON_DUTY}, DutyState.HANDED_OVER, "stations.change_dutyshift", _("Hand over")
        ),
        Transition("miss", {DutyState.ROSTERED}, DutyState.MISSED, "stations.change_dutyshift", _("Mark as not come")),
    ],
    initial=[DutyState.ROSTERED],
)


class DutyShiftQuerySet(OfStationQuerySet):
    def of_day(self, day: datetime.date) -> DutyShiftQuerySet:
        """Shifts that touch the day, by the clock of Asia/Shanghai."""
        start = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        return self.filter(begins__lt=start + datetime.timedelta(days=1), ends__gt=start)


class DutyShift(models.Model):
    """One person's duty at a station, in one of its rooms if it has several."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="duty_shifts", verbose_name=_("station"))
    room = models.CharField(_("room"), max_length=60, blank=True)
    person = models.CharField(_("person on duty"), max_length=60)
    begins = models.DateTimeField(_("begins"))
    ends = models.DateTimeField(_("ends"))
    state = models.CharField(_("state"), max_length=12, choices=DutyState, default=DutyState.ROSTERED)
    came_at = models.DateTimeField(pgettext_lazy("duty", "came at"), null=True, blank=True, editable=False)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True, editable=False)
    handover = models.CharField(_("handed over"), max_length=300, blank=True)
    handed_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("written by")
    )

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        ordering = ["begins", "id"]
        verbose_name = _("duty shift")
        verbose_name_plural = _("duty roster")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")),
                name="duty_begins_before_ends",
                violation_error_message=_("It ends after it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(person=""),
                name="duty_has_person",
                violation_error_message=_("Name the person on duty."),
            ),
            models.CheckConstraint(
                condition=~Q(state="handed_over") | ~Q(handover=""),
                name="duty_handover_in_words",
                violation_error_message=_("Say what you hand over."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {timezone.localtime(self.begins):%m-%d %H:%M}–{timezone.localtime(self.ends):%H:%M}"
