"""How many people come: counters by hour, occupation group and station. No row tells of a person.

A visit adds one to two counters: that of its station and hour, and that of its owner and day. So the figures of a
day are read from some rows for each owner, and no list of visits is ever scanned.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from stations.models.details import OfStationQuerySet
from stations.models.stations import Station
from unionportal.organizations.models import Organization
from unionportal.scope import ScopedQuerySet, reach_of

# Whoever taps again at the same station within this time is not counted again.
TAP_WINDOW = datetime.timedelta(minutes=30)
# Counters by hour are kept so long; those by day stay.
HOURS_KEPT = datetime.timedelta(days=400)


class Channel(models.TextChoices):
    CARD = "card", _("Member's card at the reader")
    DOOR = "door", _("Tap on the code at the door")
    STAFF = "staff", _("Counted by staff")


class _Counted(models.QuerySet[Any]):
    def total(self) -> int:
        return self.aggregate(total=Sum("count"))["total"] or 0

    def by(self, *fields: str) -> dict[Any, int]:
        """Sums by one field, or by several as a tuple."""
        rows = self.order_by().values_list(*fields).annotate(total=Sum("count"))
        return {row[0] if len(fields) == 1 else tuple(row[:-1]): row[-1] for row in rows}


class VisitHourQuerySet(_Counted, OfStationQuerySet):
    """Counters of stations."""


class VisitDayQuerySet(_Counted, ScopedQuerySet["VisitDay"]):
    """Counters of organisations."""


class VisitHour(models.Model):
    """Visits of one station in one hour, by occupation group and channel. Written by `actions.visits` alone.

    `day` and `hour` (0–23) by the clock of Asia/Shanghai; `group_code` is that of an occupation group, "" where
    nobody said. Four people of a group in an hour are four, and who they were is nowhere.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="visit_hours", verbose_name=_("station"))
    day = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"))
    group_code = models.CharField(_("occupation group"), max_length=20, blank=True)
    channel = models.CharField(_("counted by"), max_length=5, choices=Channel)
    count = models.PositiveIntegerField(_("visits"))

    objects = VisitHourQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "hour", "station", "group_code", "channel"]
        verbose_name = _("visits of an hour")
        verbose_name_plural = _("visits by hour")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "day", "hour", "group_code", "channel"],
                name="visit_hour_once",
                violation_error_message=_("This hour has its counter already."),
            ),
            models.CheckConstraint(
                condition=models.Q(hour__range=(0, 23)),
                name="visit_hour_of_day",
                violation_error_message=_("An hour is 0 to 23."),
            ),
        ]
        indexes = [BrinIndex(fields=["day"], name="visit_hour_day")]

    def __str__(self) -> str:
        return f"{self.station} {self.day} {self.hour:02}: {self.count}"


class VisitDay(models.Model):
    """Visits of one day at all stations of one owner, by occupation group and channel.

    They stay with who owned the station on that day.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="visit_days", verbose_name=_("owning organization")
    )
    day = models.DateField(_("day"))
    group_code = models.CharField(_("occupation group"), max_length=20, blank=True)
    channel = models.CharField(_("counted by"), max_length=5, choices=Channel)
    count = models.PositiveIntegerField(_("visits"))

    objects = VisitDayQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "organization", "group_code", "channel"]
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visits by day")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "organization", "group_code", "channel"],
                name="visit_day_once",
                violation_error_message=_("This day has its counter already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.day}: {self.count}"


def days_counted_for(user: Any) -> _Counted:
    """The counters from which `user` reads his days: the owners' of his branches; for a keeper, who has stations but
    no branch, the hours of his few stations.
    """
    has_branch = bool(reach_of(user, "stations.view_visitday"))
    return VisitDay.objects.visible_to(user) if has_branch else VisitHour.objects.visible_to(user)


class VisitTap(models.Model):
    """That somebody was just counted, so that a second tap is not: a keyed hash under the day's random salt.

    It holds the station, so two taps of one person at two stations have nothing in common; it is deleted when its
    time is over, and nobody can make it again once the salt is gone.
    """

    token = models.CharField(max_length=32, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("tap just counted")
        verbose_name_plural = _("taps just counted")

    def __str__(self) -> str:
        return self.token


class VisitSalt(models.Model):
    """The random salt of one day's tokens; deleted when the day is over."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("salt of a day")
        verbose_name_plural = _("salts of days")

    def __str__(self) -> str:
        return str(self.day)
