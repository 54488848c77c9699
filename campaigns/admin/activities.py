"""Activities with their places, and who has signed up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from campaigns import actions, lifecycle
from campaigns.admin.fields import MemberField
from campaigns.forms import ActivityPhotoForm, ReasonForm, RepeatForm, ReportForm
from campaigns.models import Activity, ActivityPhoto, Campaign, Registration
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin, ScopedTabularInline
from unionportal.states import TransitionRefused
from unionportal.verb_pages import VerbPages, dressed


class ActivityPhotoInline(ScopedTabularInline):
    model = ActivityPhoto
    form = ActivityPhotoForm
    fields = ["preview", "image", "caption"]
    readonly_fields = ["preview"]

    @display(description=gettext_lazy("photo"))
    def preview(self, obj: ActivityPhoto) -> str:
        if not obj.thumbnail:
            return "—"
        return format_html('<img src="{}" alt="{}" width="120" loading="lazy">', obj.thumbnail.url, obj.caption)


@admin.register(Activity)
class ActivityAdmin(VerbPages, ScopedModelAdmin):
    table = lifecycle.ACTIVITY
    staff_verbs = ("hold", "report", "call_off")
    verb_forms = {"call_off": ReasonForm, "report": ReportForm}
    inlines = [ActivityPhotoInline]
    list_display = ["title", "starts_at", "where_shown", "places_shown", "waiting_shown", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter), ("campaign", ScopedAutocompleteFilter)]
    list_select_related = ["campaign__organization", "station"]
    date_hierarchy = "starts_at"
    search_fields = ["title", "place"]
    autocomplete_fields = ["campaign", "station"]
    ordering = ["-starts_at", "-id"]
    fields = [
        "campaign",
        "title",
        # A moment has two inputs: two moments in a row are wider than the page of a small screen.
        "starts_at",
        "ends_at",
        ("place", "station"),
        ("capacity", "audience"),
        "sign_up_from",
        "sign_up_until",
        "led_by",
        "details",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_counts()

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "campaign":
            return Campaign.objects.editable_by(request.user)
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: Activity, form: Any, change: bool) -> None:
        actions.save_activity(obj, by=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for photo in formset.deleted_objects:
            transaction.on_commit(lambda photo=photo: _delete_files(photo))

    def do(self, request: HttpRequest, obj: Activity, verb: str, answers: dict[str, Any]) -> Any:
        if verb == "report":
            return actions.report_activity(obj, by=request.user, **answers)
        return actions.change_activity_state(obj, verb, by=request.user, **answers)

    def links(self, request: HttpRequest, obj: Activity) -> list[tuple[str, str]]:
        signed_up = reverse("admin:campaigns_registration_changelist")
        found = [
            (_("Sign-ups"), f"{signed_up}?activity__id__exact={obj.pk}"),
            (_("At the door"), reverse("campaigns:door", args=[obj.pk])),
        ]
        if request.user.has_perm("campaigns.change_campaign", obj.campaign):
            found.append((_("Hold it again regularly"), reverse("admin:campaigns_activity_repeat", args=[obj.pk])))
        return found

    def get_fields(self, request: HttpRequest, obj: Activity | None = None) -> list[Any]:
        told = ["report", "guests"] if obj and obj.report else []
        return [*self.fields, *(["series", "every"] if obj and obj.every else []), *told]

    def get_readonly_fields(self, request: HttpRequest, obj: Activity | None = None) -> list[str]:
        return ["series", "every", "report", "guests"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.repeat_page)
        return [path("<int:object_id>/repeat/", view, name="campaigns_activity_repeat"), *super().get_urls()]

    def repeat_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The rhythm, then the further dates."""
        obj = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("campaigns.change_campaign", obj.campaign):
            raise PermissionDenied
        form = dressed(RepeatForm(request.POST or None))
        if request.method == "POST" and form.is_valid():
            try:
                added = len(actions.repeat_activity(obj, by=request.user, **form.cleaned_data))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                text = ngettext("%(count)d date added.", "%(count)d dates added.", added)
                messages.success(request, text % {"count": added})
            return redirect("admin:campaigns_activity_change", object_id)
        title = _("Hold it again regularly")
        return self.ask(request, obj, title=title, question=str(obj), button=_("Add the dates"), form=form)

    @display(description=gettext_lazy("place"))
    def where_shown(self, obj: Activity) -> str:
        return obj.where

    @display(description=gettext_lazy("places taken"))
    def places_shown(self, obj: Activity) -> str:
        return f"{obj.taken} / {obj.capacity or '∞'}"  # type: ignore[attr-defined]

    @display(description=gettext_lazy("waiting"))
    def waiting_shown(self, obj: Activity) -> int:
        return obj.waiting  # type: ignore[attr-defined, no-any-return]

    @display(
        description=gettext_lazy("state"),
        label={"planned": "info", "held": "success", "reported": "success", "called_off": "warning"},
        ordering="state",
    )
    def state_badge(self, obj: Activity) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


def _delete_files(photo: ActivityPhoto) -> None:
    for stored in (photo.image, photo.thumbnail):
        if stored:
            stored.storage.delete(stored.name)


class SignUpForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member without a phone is signed up at the desk."""

    member = MemberField()

    class Meta:
        model = Registration
        fields = ["activity", "member"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "member" in self.fields:
            self.fields["member"].user = self.user  # type: ignore[attr-defined]


@admin.register(Registration)
class RegistrationAdmin(VerbPages, ScopedModelAdmin):
    form = SignUpForm
    table = lifecycle.REGISTRATION
    staff_verbs = ("attend", "miss", "cancel")
    verbs_only = True
    list_display = ["member_shown", "phone_shown", "activity", "state_badge", "signed_up_at", "proof"]
    list_filter = [("activity", ScopedAutocompleteFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["member", "activity__campaign__organization"]
    search_fields = ["member__name", "activity__title"]
    autocomplete_fields = ["activity"]
    actions = ["mark_present", "mark_absent"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("SignUpFormOfRequest", (form,), {"user": request.user})

    def get_fields(self, request: HttpRequest, obj: Registration | None = None) -> list[str]:
        if obj is None:
            return ["activity", "member"]
        return [
            "activity",
            "member_shown",
            "phone_shown",
            "signed_up_at",
            "channel",
            "entered_by",
            "attended_at",
            "attended_by",
            "proof",
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Registration | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: Registration, form: Any, change: bool) -> None:
        if not change:
            obj.pk = actions.sign_up(obj.activity, member=form.cleaned_data["member"], by=request.user).pk

    def do(self, request: HttpRequest, obj: Registration, verb: str, answers: dict[str, Any]) -> Any:
        if verb == "cancel":
            return actions.cancel(obj, by=request.user)
        return actions.mark_presence(obj, verb, by=request.user)

    # --- Marking several -------------------------------------------------------------------------------------

    @action(description=gettext_lazy("Mark as present"), permissions=["attend"])
    def mark_present(self, request: HttpRequest, queryset: QuerySet[Registration]) -> None:
        self._mark(request, queryset, "attend")

    @action(description=gettext_lazy("Mark as absent"), permissions=["attend"])
    def mark_absent(self, request: HttpRequest, queryset: QuerySet[Registration]) -> None:
        self._mark(request, queryset, "miss")

    def has_attend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("attend", request, obj)

    def _mark(self, request: HttpRequest, queryset: QuerySet[Registration], verb: str) -> None:
        """Each by itself: one that is refused is named and does not keep the others back."""
        done = 0
        for row in queryset.select_related("activity", "member"):
            try:
                actions.mark_presence(row, verb, by=request.user)
            except (TransitionRefused, PermissionDenied, ValidationError) as refusal:
                words = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
                messages.error(request, f"{row.member}: {words}")
            else:
                done += 1
        if done:
            text = ngettext("%(count)d sign-up marked.", "%(count)d sign-ups marked.", done)
            messages.success(request, text % {"count": done})

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("member"), ordering="member__name_key")
    def member_shown(self, obj: Registration) -> str:
        return obj.member.name

    @display(description=gettext_lazy("mobile phone"))
    def phone_shown(self, obj: Registration) -> str:
        return obj.member.masked_phone or "—"

    @display(
        description=gettext_lazy("state"),
        label={
            "confirmed": "info",
            "waiting": "warning",
            "cancelled": "default",
            "attended": "success",
            "no_show": "danger",
        },
        ordering="state",
    )
    def state_badge(self, obj: Registration) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
