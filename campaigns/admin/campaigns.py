"""Campaigns with their activities."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from campaigns import actions, lifecycle
from campaigns.models import Activity, Campaign
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedStackedInline
from unionportal.verb_pages import VerbPages


class ActivityInline(ScopedStackedInline):
    model = Activity
    fields = [
        "title",
        ("starts_at", "ends_at"),
        ("place", "station"),
        ("capacity", "audience"),
        ("sign_up_from", "sign_up_until"),
        "led_by",
        "details",
    ]
    autocomplete_fields = ["station"]
    show_change_link = True
    tab = True


@admin.register(Campaign)
class CampaignAdmin(VerbPages, ScopedModelAdmin):
    table = lifecycle.CAMPAIGN
    staff_verbs = ("publish", "unpublish", "finish", "resume")
    list_display = ["title", "kind", "organization", "starts_on", "ends_on", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), ("season", ChoicesDropdownFilter)]
    list_select_related = ["organization"]
    search_fields = ["title"]
    autocomplete_fields = ["organization"]
    fields = ["organization", "title", ("kind", "season"), ("starts_on", "ends_on"), "summary"]
    inlines = [ActivityInline]

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "campaigns.add_campaign"), "path"))
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        actions.save_campaign(obj, by=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for activity in formset.save(commit=False):
            actions.save_activity(activity, by=request.user)
        formset.save_m2m()

    def do(self, request: HttpRequest, obj: Campaign, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_campaign_state(obj, verb, by=request.user)

    def links(self, request: HttpRequest, obj: Campaign) -> list[tuple[str, str]]:
        return [(_("Page for members"), obj.get_absolute_url())] if obj.is_public else []

    @display(
        description=gettext_lazy("state"),
        label={"draft": "default", "published": "success", "finished": "info"},
        ordering="state",
    )
    def state_badge(self, obj: Campaign) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
