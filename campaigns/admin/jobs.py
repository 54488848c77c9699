"""Job posts with their sheet, and members' interest in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from campaigns import actions, lifecycle
from campaigns.forms import OptionalReasonForm, ReasonForm
from campaigns.models import Campaign, JobInterest, JobPost
from members.admin.pages import LookPage
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin
from unionportal.sheets.admin_mixin import SheetActionsMixin
from unionportal.verb_pages import VerbPages


@admin.register(JobPost)
class JobPostAdmin(SheetActionsMixin, VerbPages, ScopedModelAdmin):
    sheet_kind = "jobs"
    table = lifecycle.POST
    staff_verbs = ("fill", "close", "reopen")
    list_display = [
        "title",
        "employer_column",
        "headcount_text",
        "pay_text",
        "place",
        "interest_shown",
        "organization",
        "state_badge",
    ]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["organization", "employer"]
    search_fields = ["title", "employer_name", "employer__name", "place"]
    autocomplete_fields = ["organization", "campaign", "employer"]
    fields = [
        ("organization", "campaign"),
        "title",
        ("employer", "employer_name"),
        ("headcount_text", "pay_text"),
        "place",
        "requirements",
        ("sign_up_text", "source"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = Q(interests__state__in=lifecycle.LIVE_INTEREST)
        return super().get_queryset(request).annotate(live_interests=Count("interests", filter=live))

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "campaigns.add_jobpost"), "path"))
        if db_field.name == "campaign":
            return Campaign.objects.editable_by(request.user)
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: JobPost, form: Any, change: bool) -> None:
        actions.save_posts([obj], by=request.user)

    def do(self, request: HttpRequest, obj: JobPost, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_post_state(obj, verb, by=request.user)

    def links(self, request: HttpRequest, obj: JobPost) -> list[tuple[str, str]]:
        interests = reverse("admin:campaigns_jobinterest_changelist")
        return [
            (_("Interest"), f"{interests}?post__id__exact={obj.pk}"),
            (_("Page for members"), obj.get_absolute_url()),
        ]

    @display(description=gettext_lazy("employer"))
    def employer_column(self, obj: JobPost) -> str:
        return obj.employer_shown

    @display(description=gettext_lazy("interested"))
    def interest_shown(self, obj: JobPost) -> int:
        return obj.live_interests  # type: ignore[attr-defined, no-any-return]

    @display(
        description=gettext_lazy("state"),
        label={"open": "success", "filled": "info", "closed": "default"},
        ordering="state",
    )
    def state_badge(self, obj: JobPost) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(JobInterest)
class JobInterestAdmin(VerbPages, LookPage, ScopedModelAdmin):
    shows = {"phone": actions.show_interested_phone}
    table = lifecycle.INTEREST
    staff_verbs = ("refer", "hire", "pass_over")
    verbs_only = True
    verb_forms = {"hire": OptionalReasonForm, "pass_over": ReasonForm}
    list_display = ["member_shown", "phone_shown", "post", "state_badge", "consented_at"]
    list_filter = [("post", ScopedAutocompleteFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["member", "post__organization", "post__employer"]
    search_fields = ["post__title", "post__employer_name"]
    fields = [
        "post",
        "member_shown",
        "phone_shown",
        "consent_version",
        "consent_text",
        "consented_at",
        "withdrawn_at",
        "outcome_reason",
        "settled_by",
    ]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.look_page)
        look = path("<int:object_id>/look/<str:field>/", view, name="campaigns_jobinterest_look")
        return [look, *super().get_urls()]

    def links(self, request: HttpRequest, obj: JobInterest) -> list[tuple[str, str]]:
        if obj.withdrawn_at or not obj.member.phone or not self.has_change_permission(request, obj):
            return []
        return [(_("Show the phone"), reverse("admin:campaigns_jobinterest_look", args=[obj.pk, "phone"]))]

    def do(self, request: HttpRequest, obj: JobInterest, verb: str, answers: dict[str, Any]) -> Any:
        return actions.settle_interest(obj, verb, by=request.user, **answers)

    @display(description=gettext_lazy("member"))
    def member_shown(self, obj: JobInterest) -> str:
        """Consent withdrawn: the post shows the member to nobody any more."""
        return "—" if obj.withdrawn_at else obj.member.name

    @display(description=gettext_lazy("mobile phone"))
    def phone_shown(self, obj: JobInterest) -> str:
        return "—" if obj.withdrawn_at else obj.member.masked_phone or "—"

    @display(
        description=gettext_lazy("state"),
        label={
            "interested": "warning",
            "referred": "info",
            "hired": "success",
            "not_hired": "default",
            "withdrawn": "default",
        },
        ordering="state",
    )
    def state_badge(self, obj: JobInterest) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
