"""What hangs on a station: facilities, opening periods, purposes, photos, keepers, doubts about its position."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.models.catalogues import Facility, StationKind
from stations.models.stations import Station, kept_stations
from stations.models.week import DAY_MINUTES
from unionportal.organizations.models import Account
from unionportal.scope import ScopedQuerySet, reach_of, within


class OfStationQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
    """Rows that belong to a station: who holds the verb on them, in his branch or at the stations he keeps."""

    scope_path = "station__organization__path"

    def reached_by(self, user: Any, verb: str) -> OfStationQuerySet:
        permission = f"{self.model._meta.app_label}.{verb}_{self.model._meta.model_name}"
        in_branch = within(reach_of(user, permission), self.scope_path)
        return self.filter(in_branch | models.Q(station__in=kept_stations(user, permission)))


class StationFacility(models.Model):
    """A facility that a station has, with what the list says about it in brackets."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="station_facilities", verbose_name=_("station"))
    facility = models.ForeignKey(Facility, models.PROTECT, verbose_name=_("facility"))
    note = models.CharField(_("note"), max_length=120, blank=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["facility__position", "facility"]
        verbose_name = _("facility of a station")
        verbose_name_plural = _("facilities of a station")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "facility"],
                name="station_facility_once",
                violation_error_message=_("The station lists this facility twice."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}（{self.note}）" if self.note else str(self.facility)


class WeekRange(models.Func):
    """Minutes of the week [start, end) of a period, counted from Monday 00:00 (as migration 0001 wants it)."""

    function = "int4range"
    output_field = models.TextField()

    def __init__(self) -> None:
        start = (models.F("weekday") - 1) * DAY_MINUTES
        super().__init__(start + models.F("opens"), start + models.F("closes"))


class WeekMinutes(models.Func):
    """Minutes of the week that a period covers, from Monday 00:00; Sunday night goes on as Monday morning."""

    function = "int4multirange"
    output_field = models.TextField()

    def __init__(self) -> None:
        midnight, week = (models.F("weekday") - 1) * DAY_MINUTES, 7 * DAY_MINUTES
        begins, ends = midnight + models.F("opens"), midnight + models.F("closes")
        super().__init__(
            # A form may ask about hours that close before they open: no minutes, and another constraint says why.
            models.Func(begins, Greatest(begins, Least(ends, week)), function="int4range"),
            models.Func(0, Greatest(ends - week, 0), function="int4range"),
            output_field=models.TextField(),
        )


def _is_day(name: str) -> models.Q:
    """Whether a number is a month and day that some year has: 101 … 1231, 229 among them, 231 not."""
    day = models.F(name) % 100
    some = models.Q(GreaterThanOrEqual(day, 1)) & models.Q(LessThanOrEqual(day, 31))
    none = models.Q(**{f"{name}__in": (230, 231, 431, 631, 931, 1131)})
    return models.Q(**{f"{name}__range": (101, 1231)}) & some & ~none


class OpeningPeriod(models.Model):
    """One opening of a week, repeated every week, in a season or all the year.

    `opens` and `closes` are minutes after 00:00 of `weekday` (1 = Monday); past midnight `closes` exceeds 1440.
    A season is two month-days (MMDD), both included; one that ends before it begins runs over New Year.
    """

    class Access(models.TextChoices):
        STAFFED = "staffed", _("Staffed")
        SELF_SERVICE = "self-service", _("Unattended")
        QR = "qr", _("By QR code")
        ID_CARD = "id-card", _("By ID card")
        DOOR_OPEN = "door-open", _("Open door")
        UNKNOWN = "", _("Not stated")

    station = models.ForeignKey(Station, models.CASCADE, related_name="periods", verbose_name=_("station"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MinValueValidator(1), MaxValueValidator(7)])
    opens = models.PositiveSmallIntegerField(_("opens (minutes)"))
    closes = models.PositiveSmallIntegerField(_("closes (minutes)"))
    access = models.CharField(_("way in"), max_length=12, choices=Access, blank=True)
    season_from = models.PositiveSmallIntegerField(_("season from (MMDD)"), null=True, blank=True)
    season_to = models.PositiveSmallIntegerField(_("season to (MMDD)"), null=True, blank=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["station", "season_from", "weekday", "opens"]
        verbose_name = _("opening period")
        verbose_name_plural = _("opening periods")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__range=(1, 7)),
                name="period_weekday",
                violation_error_message=_("A weekday is 1 (Monday) to 7 (Sunday)."),
            ),
            models.CheckConstraint(
                condition=models.Q(opens__lt=DAY_MINUTES)
                & models.Q(closes__gt=models.F("opens"))
                & models.Q(closes__lte=models.F("opens") + DAY_MINUTES),
                name="period_opens_before_closes",
                violation_error_message=_("A period opens before it closes and lasts 24 hours at most."),
            ),
            models.CheckConstraint(
                condition=models.Q(season_from__isnull=True, season_to__isnull=True)
                # Said in full: a condition that compares NULL is not refused.
                | models.Q(season_from__isnull=False, season_to__isnull=False)
                & _is_day("season_from")
                & _is_day("season_to"),
                name="period_season",
                violation_error_message=_("A season has a first and a last day."),
            ),
            # Two seasons of one station may overlap in hours; the same season may not.
            ExclusionConstraint(
                name="periods_do_not_overlap",
                expressions=[
                    ("station", RangeOperators.EQUAL),
                    (Coalesce("season_from", 0), RangeOperators.EQUAL),
                    (Coalesce("season_to", 0), RangeOperators.EQUAL),
                    (WeekMinutes(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Two opening periods of the station overlap."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


class StationPurpose(models.Model):
    """Another purpose that the same room serves, and when: a rest station by day, a class in the evening."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="purposes", verbose_name=_("station"))
    kind = models.ForeignKey(StationKind, models.PROTECT, verbose_name=_("kind"))
    hours_text = models.CharField(_("hours"), max_length=120, blank=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["kind"]
        verbose_name = _("further purpose")
        verbose_name_plural = _("further purposes")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "kind"],
                name="station_purpose_once",
                violation_error_message=_("The station lists this purpose twice."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hours_text}".strip()


class StationPhoto(models.Model):
    """A photo, re-encoded without its EXIF data in two sizes (see `photos.py`)."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="photos", verbose_name=_("station"))
    image = models.ImageField(_("photo"), upload_to="stations/%Y/%m")
    thumbnail = models.ImageField(upload_to="stations/%Y/%m", editable=False)
    caption = models.CharField(_("caption"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return self.caption or self.image.name


class StationKeeper(models.Model):
    """An account that keeps a station: the only way in which a station keeper reaches anything."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="station_keepers", verbose_name=_("station"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="station_keepers", verbose_name=_("account"))

    objects = OfStationQuerySet.as_manager()

    class Meta:
        verbose_name = _("keeper of a station")
        verbose_name_plural = _("keepers of stations")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "account"],
                name="station_keeper_once",
                violation_error_message=_("The account keeps this station already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.station}"


class PositionDoubt(models.Model):
    """Something odd about a position that a person has to settle: right after all, or corrected."""

    class Code(models.TextChoices):
        OUTSIDE = "outside", _("Outside the federation's territory")
        FAR = "far", _("More than 40 km from the other stations of its organization")
        SHARED = "shared", _("The same point as several other stations")

    station = models.ForeignKey(Station, models.CASCADE, related_name="position_doubts", verbose_name=_("station"))
    code = models.CharField(_("doubt"), max_length=8, choices=Code)
    noticed_at = models.DateTimeField(_("noticed at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["settled_at", "-noticed_at"]
        verbose_name = _("doubt about a position")
        verbose_name_plural = _("doubts about positions")
        constraints = [
            models.UniqueConstraint(fields=["station", "code"], name="position_doubt_once"),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True) | ~models.Q(answer=""),
                name="position_doubt_settled_with_answer",
                violation_error_message=_("Say how the doubt was settled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} · {self.get_code_display()}"
