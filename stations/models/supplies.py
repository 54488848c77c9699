"""Free supplies of a station (masks, ginger tea): in stock, on the shelf, taken, refilled; each move is kept."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.models.details import OfStationQuerySet
from stations.models.stations import Station
from unionportal.organizations.models import Account


class SupplyQuerySet(OfStationQuerySet):
    def low(self) -> SupplyQuerySet:
        """Those of which no more is left than the keeper said to warn at."""
        return self.filter(is_active=True, in_stock__lte=F("low_at") - F("on_shelf"))


class Supply(models.Model):
    """One kind of free goods at a station. The numbers change by `actions.supplies.move_supply` alone."""

    class Season(models.TextChoices):
        ALL_YEAR = "all_year", _("All the year")
        SUMMER = "summer", _("Summer")
        WINTER = "winter", _("Winter")

    station = models.ForeignKey(Station, models.CASCADE, related_name="supplies", verbose_name=_("station"))
    item = models.CharField(_("item"), max_length=60)
    unit = models.CharField(_("counted in"), max_length=12)
    season = models.CharField(_("season"), max_length=8, choices=Season, default=Season.ALL_YEAR)
    in_stock = models.PositiveIntegerField(_("in stock"), default=0, editable=False)
    on_shelf = models.PositiveIntegerField(_("on the shelf"), default=0, editable=False)
    low_at = models.PositiveIntegerField(_("warn at"), default=10, validators=[MinValueValidator(0)])
    is_active = models.BooleanField(_("in use"), default=True)

    objects = SupplyQuerySet.as_manager()

    class Meta:
        ordering = ["station", "item"]
        verbose_name = _("supply")
        verbose_name_plural = _("supplies")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "item"],
                name="supply_item_once",
                violation_error_message=_("The station has this item already."),
            ),
            models.CheckConstraint(
                condition=~Q(item="") & ~Q(unit=""),
                name="supply_has_item_and_unit",
                violation_error_message=_("Name the item and what it is counted in."),
            ),
        ]

    def __str__(self) -> str:
        return self.item

    @property
    def left(self) -> int:
        return self.in_stock + self.on_shelf

    @property
    def is_low(self) -> bool:
        return self.left <= self.low_at


class OfSupplyQuerySet(OfStationQuerySet):
    """Moves are seen by who sees the supply."""

    scope_path = "supply__station__organization__path"

    def reached_by(self, user: Any, verb: str) -> OfSupplyQuerySet:
        return self.filter(supply__in=Supply.objects.reached_by(user, verb))


class SupplyMove(models.Model):
    """What came in, was put out, was taken or thrown away: the log of a supply."""

    class Verb(models.TextChoices):
        STOCK_IN = "stock_in", _("Stocked in")
        PUT_OUT = "put_out", _("Put on the shelf")
        TAKEN = "taken", _("Taken by visitors")
        WRITE_OFF = "write_off", _("Written off")

    supply = models.ForeignKey(Supply, models.CASCADE, related_name="moves", verbose_name=_("supply"))
    verb = models.CharField(_("what happened"), max_length=10, choices=Verb)
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    note = models.CharField(_("note (donor, reason)"), max_length=120, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who"))

    objects = OfSupplyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("move of a supply")
        verbose_name_plural = _("moves of supplies")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="supply_move_of_something",
                violation_error_message=_("A move is of at least one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.quantity}"
