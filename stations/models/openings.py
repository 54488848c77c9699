"""Closures and extra openings by date: what holds instead of the weekly hours, and why."""

from __future__ import annotations

import datetime

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.models.details import OfStationQuerySet, OpeningPeriod
from stations.models.stations import Station
from unionportal.organizations.models import Account


class ExceptionRange(Func):
    """From `begins` until just before `ends`; empty where a form asks about times in the wrong order, of which another
    constraint speaks.
    """

    function = "tstzrange"
    output_field = DateTimeRangeField()

    def __init__(self) -> None:
        super().__init__(F("begins"), Greatest(F("begins"), F("ends")))


class OpeningExceptionQuerySet(OfStationQuerySet):
    def not_over(self, moment: datetime.datetime) -> OpeningExceptionQuerySet:
        """Those that hold at `moment` (aware) or later."""
        return self.filter(ends__gt=moment)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class OpeningException(models.Model):
    """A station closed, or open, from `begins` to just before `ends`, whatever its weekly hours say.

    At every moment at most one exception holds, so that there is never a question which of two counts.
    """

    class Kind(models.TextChoices):
        CLOSED = "closed", _("Closure")
        OPEN = "open", _("Extra opening")

    station = models.ForeignKey(Station, models.CASCADE, related_name="exceptions", verbose_name=_("station"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.CLOSED)
    begins = models.DateTimeField(_("begins"))
    ends = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=120, help_text=_("Shown to visitors."))
    access = models.CharField(_("way in"), max_length=12, choices=OpeningPeriod.Access, blank=True)
    created_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("recorded by")
    )
    created_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)

    objects = OpeningExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["begins", "id"]
        verbose_name = _("closure or extra opening")
        verbose_name_plural = _("closures and extra openings")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")),
                name="exception_begins_before_ends",
                violation_error_message=_("It ends after it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="exception_has_reason",
                violation_error_message=_("Give the reason: it is shown to visitors and kept in the record."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["closed", "open"]),
                name="exception_kind_known",
                violation_error_message=_("It is either a closure or an opening."),
            ),
            ExclusionConstraint(
                name="exceptions_do_not_overlap",
                expressions=[
                    ("station", RangeOperators.EQUAL),
                    (ExceptionRange(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another closure or extra opening of the station holds at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.begins):%Y-%m-%d %H:%M} {self.reason}"
