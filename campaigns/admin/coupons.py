"""Giveaways with their progress, and the coupons claimed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from campaigns import actions, lifecycle
from campaigns.models import Campaign, Coupon, Pool
from unionportal.ledger.forms import YuanField
from unionportal.scoped_admin import ReadOnlyAdmin, ScopedAutocompleteFilter, ScopedModelAdmin
from unionportal.verb_pages import VerbPages


class PoolForm(forms.ModelForm):  # type: ignore[type-arg]
    value_fen = YuanField(label=gettext_lazy("value in yuan"), required=False, widget=UnfoldAdminDecimalFieldWidget)
    value_up_to_fen = YuanField(
        label=gettext_lazy("value up to, in yuan"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )

    class Meta:
        model = Pool
        fields = [
            "campaign",
            "title",
            "merchant",
            "size",
            "per_member",
            "value_fen",
            "value_up_to_fen",
            "audience",
            "opens_at",
            "closes_at",
            "valid_until",
            "terms",
        ]


@admin.register(Pool)
class PoolAdmin(VerbPages, ScopedModelAdmin):
    form = PoolForm
    table = lifecycle.POOL
    staff_verbs = ("announce", "close")
    list_display = ["title", "campaign", "phase_badge", "progress_shown", "redeemed_shown", "opens_at", "closes_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["campaign__organization"]
    search_fields = ["title", "campaign__title"]
    autocomplete_fields = ["campaign", "merchant"]
    fields = [
        "campaign",
        "title",
        "merchant",
        ("size", "per_member"),
        ("value_fen", "value_up_to_fen"),
        "audience",
        "opens_at",
        "closes_at",
        "valid_until",
        "terms",
    ]
    actions_detail = ["renew_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_counts()

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "campaign":
            return Campaign.objects.editable_by(request.user)
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: Pool, form: Any, change: bool) -> None:
        actions.save_pool(obj, by=request.user)

    def do(self, request: HttpRequest, obj: Pool, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_pool_state(obj, verb, by=request.user)

    def links(self, request: HttpRequest, obj: Pool) -> list[tuple[str, str]]:
        links = [(_("Coupons"), f"{reverse('admin:campaigns_coupon_changelist')}?pool__id__exact={obj.pk}")]
        if request.user.has_perm("campaigns.change_pool", obj):
            links.append((_("Merchant's link"), reverse("campaigns:merchant", args=[obj.merchant_key])))
        return links

    @action(description=gettext_lazy("New merchant's link"), url_path="renew-link", permissions=["change"])
    def renew_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        pool = self.subject_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                pool,
                title=_("New merchant's link"),
                question=_("The link given out so far opens nothing any more."),
                button=_("New merchant's link"),
            )
        actions.renew_merchant_link(pool, by=request.user)
        messages.success(request, _("The merchant's link is new."))
        return redirect("admin:campaigns_pool_change", object_id)

    @display(
        description=gettext_lazy("state"),
        label={
            "draft": "default",
            "announced": "info",
            "open": "success",
            "exhausted": "warning",
            "closed": "default",
        },
    )
    def phase_badge(self, obj: Pool) -> tuple[str, str]:
        phase = obj.phase(timezone.now())
        return phase.value, str(phase.label)

    @display(description=gettext_lazy("claimed"))
    def progress_shown(self, obj: Pool) -> str:
        return f"{obj.claimed} / {obj.size}"  # type: ignore[attr-defined]

    @display(description=gettext_lazy("redeemed"))
    def redeemed_shown(self, obj: Pool) -> int:
        return obj.redeemed  # type: ignore[attr-defined, no-any-return]


@admin.register(Coupon)
class CouponAdmin(ReadOnlyAdmin):
    """Who claimed which coupon. The code is whole on the member's phone alone."""

    list_display = ["serial", "pool", "state", "member_shown", "claimed_at", "redeemed_at", "redeemed_with"]
    list_filter = [("pool", ScopedAutocompleteFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["pool__campaign", "member", "redeemed_with"]
    search_fields = ["member__name", "pool__title"]
    fields = [
        "pool",
        "serial",
        "state",
        "member_shown",
        "turn",
        "claimed_at",
        "redeemed_at",
        "redeemed_by",
        "redeemed_with",
    ]
    readonly_fields = ["member_shown"]

    @display(description=gettext_lazy("member"), ordering="member__name_key")
    def member_shown(self, obj: Coupon) -> str:
        return obj.member.name if obj.member else "—"
