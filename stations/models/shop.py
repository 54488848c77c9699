"""The shop in a station: goods at the union's price, and the share of its income that goes to the community fund."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from stations.models.details import OfStationQuerySet
from stations.models.staged import not_empty
from stations.models.stations import Station
from unionportal.figures import money
from unionportal.ledger.models import LedgerLine

SHARE_PERCENT = 10  # of the operating income, as 小坝社区 agreed with its shop


class ShopGood(models.Model):
    """Something sold in the station's shop; prices in whole fen."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="shop_goods", verbose_name=_("station"))
    name = models.CharField(_("goods"), max_length=80)
    unit = models.CharField(_("sold by"), max_length=12)
    market_fen = models.PositiveIntegerField(_("market price (fen)"))
    union_fen = models.PositiveIntegerField(_("union price (fen)"))
    is_active = models.BooleanField(_("on sale"), default=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["station", "name"]
        verbose_name = _("shop goods")
        verbose_name_plural = _("shop goods")
        constraints = [
            not_empty("shop_good_has_name_and_unit", "name", "unit"),
            models.UniqueConstraint(
                fields=["station", "name"],
                name="shop_good_once",
                violation_error_message=_("The shop lists these goods already."),
            ),
            models.CheckConstraint(
                condition=Q(union_fen__lte=F("market_fen")),
                name="shop_union_price_not_above_market",
                violation_error_message=_("The union's price is not above the market's."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {money(self.union_fen)}"


class ShopMonth(models.Model):
    """A closed month: income, and the share booked to the community fund. Written by `actions.shop.close_month`."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="shop_months", verbose_name=_("station"))
    month = models.DateField(_("month"), help_text=_("Its first day."))
    income_fen = models.BigIntegerField(_("operating income (fen)"))
    share_percent = models.PositiveSmallIntegerField(
        _("share in percent"), default=SHARE_PERCENT, validators=[MaxValueValidator(100)]
    )
    line = models.OneToOneField(
        LedgerLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ledger line")
    )

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "station"]
        verbose_name = _("closed month of a shop")
        verbose_name_plural = _("closed months of shops")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "month"],
                name="shop_month_closed_once",
                violation_error_message=_("This month is closed already."),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="shop_month_is_its_first_day",
                violation_error_message=_("A month is named by its first day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.month:%Y-%m}"


class FundSpending(models.Model):
    """Money that a station's community fund paid out: upkeep, help for workers in hardship."""

    class Use(models.TextChoices):
        UPKEEP = "upkeep", _("Upkeep of the station")
        HARDSHIP = "hardship", _("Help for workers in hardship")

    station = models.ForeignKey(Station, models.PROTECT, related_name="fund_spendings", verbose_name=_("station"))
    use = models.CharField(_("use"), max_length=8, choices=Use)
    line = models.OneToOneField(LedgerLine, models.PROTECT, related_name="+", verbose_name=_("ledger line"))

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["-line"]
        verbose_name = _("spending of a community fund")
        verbose_name_plural = _("spendings of community funds")

    def __str__(self) -> str:
        return f"{self.get_use_display()} {self.line.amount}"


def fund_balance(station: Station) -> int:
    """Fen in the station's community fund: shares booked less what was spent; reversals count on both sides."""
    shares = _sum(ShopMonth.objects.filter(station=station))
    return shares - _sum(FundSpending.objects.filter(station=station))


def _sum(rows: models.QuerySet) -> int:  # type: ignore[type-arg]
    lines = rows.exclude(line=None).values("line")
    booked = LedgerLine.objects.filter(Q(pk__in=lines) | Q(reverses__in=lines))
    return booked.aggregate(total=Sum("amount_fen"))["total"] or 0
