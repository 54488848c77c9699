"""The shop's prices, its closed months, and what its community fund paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from stations.actions.shop import close_month, spend_fund
from stations.admin.venue_life import OfStationAdmin
from stations.models import FundSpending, ShopGood, ShopMonth
from unionportal.figures import money
from unionportal.ledger.forms import YuanField


class GoodForm(forms.ModelForm):  # type: ignore[type-arg]
    market_fen = YuanField(label=gettext_lazy("market price in yuan"), widget=UnfoldAdminDecimalFieldWidget)
    union_fen = YuanField(label=gettext_lazy("union price in yuan"), widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = ShopGood
        fields = ["station", "name", "unit", "market_fen", "union_fen", "is_active"]


@admin.register(ShopGood)
class ShopGoodAdmin(OfStationAdmin):
    form = GoodForm
    list_display = ["name", "unit", "market_shown", "union_shown", "station", "is_active"]
    search_fields = ["name", "station__name"]

    @display(description=gettext_lazy("market price"), ordering="market_fen")
    def market_shown(self, obj: ShopGood) -> str:
        return money(obj.market_fen)

    @display(description=gettext_lazy("union price"), ordering="union_fen")
    def union_shown(self, obj: ShopGood) -> str:
        return money(obj.union_fen)


class _BookedAdmin(OfStationAdmin):
    """What is booked in the ledger: added by its verb, never changed."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else []  # type: ignore[attr-defined]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.shown if obj else self.asked  # type: ignore[attr-defined]


class MonthForm(forms.ModelForm):  # type: ignore[type-arg]
    income_fen = YuanField(label=gettext_lazy("operating income in yuan"), widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = ShopMonth
        fields = ["station", "month", "income_fen", "share_percent"]

    def clean_month(self) -> Any:
        """Any day of the month names it."""
        return self.cleaned_data["month"].replace(day=1)


@admin.register(ShopMonth)
class ShopMonthAdmin(_BookedAdmin):
    form = MonthForm
    list_display = ["month", "station", "income_shown", "share_percent", "line"]
    list_select_related = ["station", "line"]
    asked = ["station", "month", "income_fen", "share_percent"]
    shown = ["station", "month", "income_shown", "share_percent", "line"]

    @display(description=gettext_lazy("operating income"), ordering="income_fen")
    def income_shown(self, obj: ShopMonth) -> str:
        return money(obj.income_fen)

    def save_model(self, request: HttpRequest, obj: ShopMonth, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        closed = close_month(
            obj.station, month=obj.month, income_fen=obj.income_fen, percent=obj.share_percent, by=request.user
        )
        obj.pk, obj.line = closed.pk, closed.line


class SpendingForm(forms.ModelForm):  # type: ignore[type-arg]
    amount = YuanField(label=gettext_lazy("amount in yuan"), widget=UnfoldAdminDecimalFieldWidget)
    payee = forms.CharField(label=gettext_lazy("payee"), max_length=120, widget=UnfoldAdminTextInputWidget)
    on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate, widget=UnfoldAdminSingleDateWidget)

    class Meta:
        model = FundSpending
        fields = ["station", "use"]


@admin.register(FundSpending)
class FundSpendingAdmin(_BookedAdmin):
    form = SpendingForm
    list_display = ["__str__", "station", "line"]
    list_select_related = ["station", "line"]
    asked = ["station", "use", "amount", "payee", "on"]
    shown = ["station", "use", "line"]

    def save_model(self, request: HttpRequest, obj: FundSpending, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        data = form.cleaned_data
        spent = spend_fund(
            obj.station, use=obj.use, amount_fen=data["amount"], payee=data["payee"], on=data["on"], by=request.user
        )
        obj.pk, obj.line = spent.pk, spent.line
