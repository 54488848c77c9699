"""Who heads a station, what stands in it, who lends a hand."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.details import OfStationQuerySet
from stations.models.staged import Staged, ends_after, not_empty, state_known, table_of
from stations.models.stations import Station


class StationPostQuerySet(OfStationQuerySet):
    def held_on(self, day: datetime.date) -> StationPostQuerySet:
        return self.filter(models.Q(until_on=None) | models.Q(until_on__gte=day), from_on__lte=day)


class StationPost(models.Model):
    """A post at a station, held by somebody for a time."""

    class Post(models.TextChoices):
        HEAD = "head", _("Station head")
        DEPUTY = "deputy", _("Deputy head")

    station = models.ForeignKey(Station, models.CASCADE, related_name="posts", verbose_name=_("station"))
    post = models.CharField(_("post"), max_length=6, choices=Post)
    person = models.CharField(_("holder"), max_length=60)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = StationPostQuerySet.as_manager()

    class Meta:
        ordering = ["station", "-post", "-from_on"]
        verbose_name = _("post at a station")
        verbose_name_plural = _("posts at stations")
        constraints = [
            not_empty("station_post_has_holder", "person"),
            ends_after("station_post_ends_after_it_begins", "from_on", "until_on"),
            models.UniqueConstraint(
                fields=["station"],
                condition=models.Q(post="head", until_on=None),
                name="station_has_one_head",
                violation_error_message=_("The station has a head: enter first until when."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()} {self.person}"


class AssetState(models.TextChoices):
    IN_USE = "in_use", pgettext_lazy("asset", "In use")
    REPLACED = "replaced", _("Replaced")
    REMOVED = "removed", _("Removed")


class Asset(Staged):
    """Something that stands in a station. What replaces another points to it, so that a change can be followed."""

    TABLE = table_of(
        "asset",
        AssetState,
        ("replace", (AssetState.IN_USE,), AssetState.REPLACED, _("Replace")),
        ("remove", (AssetState.IN_USE,), AssetState.REMOVED, _("Remove")),
    )
    ASKS = {"replace": ("changed_on", "note"), "remove": ("changed_on", "note")}

    station = models.ForeignKey(Station, models.CASCADE, related_name="assets", verbose_name=_("station"))
    name = models.CharField(_("asset"), max_length=80)
    quantity = models.PositiveIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    acquired_on = models.DateField(_("acquired on"))
    replaces = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    changed_on = models.DateField(_("changed on"), null=True, blank=True)
    note = models.CharField(_("reason"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=AssetState, default=AssetState.IN_USE, editable=False)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["station", "name", "id"]
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        constraints = [state_known("asset_state_known", AssetState), not_empty("asset_has_name", "name")]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"


class VolunteerHoursQuerySet(OfStationQuerySet):
    def hours(self) -> Decimal:
        return self.aggregate(hours=Sum("hours"))["hours"] or Decimal(0)


class VolunteerHours(models.Model):
    """Hours that a volunteer gave to a station, and for what."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="volunteer_hours", verbose_name=_("station"))
    person = models.CharField(_("volunteer"), max_length=60)
    on = models.DateField(_("on"))
    hours = models.DecimalField(
        pgettext_lazy("volunteer", "hours"),
        max_digits=5,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5"))],
    )
    work = models.CharField(pgettext_lazy("volunteer", "work"), max_length=120)
    asset = models.ForeignKey(
        Asset, models.SET_NULL, null=True, blank=True, related_name="volunteer_hours", verbose_name=_("asset")
    )

    objects = VolunteerHoursQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("volunteer's hours")
        verbose_name_plural = _("volunteers' hours")
        constraints = [
            not_empty("volunteer_hours_say_what", "person", "work"),
            models.CheckConstraint(
                condition=models.Q(hours__gt=0),
                name="volunteer_hours_positive",
                violation_error_message=_("Hours are more than none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.hours}"
