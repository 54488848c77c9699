"""The register of stations as its clerks, reviewers and keepers work with it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from stations import lifecycle
from stations.actions import (
    StationDraft,
    change_state,
    confirm,
    name_keepers,
    save_stations,
    settle_doubt,
    show_keeper_phone,
)
from stations.admin.filters import BranchFilter, DistrictFilter, ToDoFilter
from stations.admin.loops import LoopsPage
from stations.admin.openings import OpeningExceptionInline, save_exceptions
from stations.forms import AnswerForm, PhotoForm, PurposeForm, ReasonForm, StationForm
from stations.hours import describe, read_hours
from stations.models import OpeningException, PositionDoubt, Station, StationPhoto, StationPurpose
from stations.models.week import HoursState
from stations.todo import has_doubts
from unionportal.coordinates import map_links
from unionportal.organizations.models import Organization
from unionportal.privacy import PhoneError, mask_phone, split_phones
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedRelatedFilter, ScopedTabularInline
from unionportal.sheets.admin_mixin import SheetActionsMixin
from unionportal.states import TransitionRefused

_STATE_COLOURS = {
    "planned": "default",
    "building": "info",
    "acceptance": "info",
    "open": "success",
    "rectifying": "warning",
    "suspended": "warning",
    "closed": "danger",
}


class PhotoInline(ScopedTabularInline):
    model = StationPhoto
    form = PhotoForm
    fields = ["preview", "image", "caption", "position"]
    readonly_fields = ["preview"]

    @display(description=gettext_lazy("photo"))
    def preview(self, obj: StationPhoto) -> str:
        if not obj.thumbnail:
            return "—"
        return format_html('<img src="{}" alt="{}" width="120" loading="lazy">', obj.thumbnail.url, obj.caption)


class PurposeInline(ScopedTabularInline):
    model = StationPurpose
    fields = ["kind", "hours_text"]


@admin.register(Station)
class StationAdmin(SheetActionsMixin, LoopsPage, ScopedModelAdmin):
    sheet_kind = "stations"
    form = StationForm
    list_display = [
        "name",
        "kind",
        "division",
        "organization",
        "status_badge",
        "hours_badge",
        "doubts_badge",
        "last_confirmed_on",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("kind", ScopedRelatedFilter),
        DistrictFilter,
        ("organization", BranchFilter),
        ToDoFilter,
    ]
    list_select_related = ["kind", "division", "organization"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name, code, address, or initials of the pinyin")
    autocomplete_fields = ["organization", "inside", "division", "host", "co_builders"]
    ordering = ["name_key", "id"]
    inlines = [OpeningExceptionInline, PhotoInline, PurposeInline]
    actions = ["confirm_several", "suspend_several"]
    change_form_outer_before_template = "admin/stations/station/panel.html"

    # --- The form --------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Station | None = None) -> list[Any]:
        writes = self.has_change_permission(request, obj) if obj else True
        names_keepers = request.user.has_perm("stations.change_stationkeeper") and writes
        people = ["public_phone", "responsible_cadre", ("keeper_name", "masked_phone")]
        people += ["new_keeper_phone"] if writes else []
        people += ["keeper_accounts"] if names_keepers else ["keepers_named"] if obj else []
        return [
            (gettext_lazy("Basic"), {"fields": ["name", "kind", "organization", ("local_brand", "theme"), "inside"]}),
            (
                gettext_lazy("Place"),
                {
                    "fields": [
                        "division",
                        "address",
                        "directions",
                        ("given_latitude", "given_longitude"),
                        ("given_datum", "accuracy"),
                        "position_shown",
                    ]
                },
            ),
            (
                gettext_lazy("Opening hours"),
                {
                    "fields": [
                        "hours_text",
                        "hours_understood",
                        ("hours_state", "access"),
                        ("on_holidays", "on_makeup_days"),
                    ]
                },
            ),
            (
                gettext_lazy("Facilities"),
                {"fields": ["facility_codes" if writes else "facilities_held", "facilities_text"]},
            ),
            (gettext_lazy("People"), {"fields": people}),
            (
                gettext_lazy("Building"),
                {
                    "fields": [
                        ("build_mode", "host_kind"),
                        "host",
                        "host_name",
                        "co_builders",
                        ("area", "seats"),
                        ("opened_on", "opened_precision"),
                        ("sign_number", "list_id"),
                        "investment",
                    ]
                },
            ),
            (gettext_lazy("Remarks"), {"fields": ["remarks"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Station | None = None) -> list[str]:
        return ["position_shown", "hours_understood", "masked_phone", "keepers_named", "facilities_held"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("StationFormOfRequest", (form,), {"user": request.user})

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "stations.change_station"), "path"))
        return super().rows_to_choose(db_field, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(doubtful=has_doubts)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.matching(search_term), False

    # --- Saving ----------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        changed = frozenset(form.changed_data)
        draft = StationDraft(
            obj,
            form.facilities,
            hours_set=changed & {"hours_state", "on_holidays"},
        )
        save_stations([draft], by=request.user)
        # A keeper, who names none, is not shown the field: what was not asked was not answered.
        if "keeper_accounts" in changed & set(flatten_fieldsets(self.get_fieldsets(request, obj))):
            name_keepers(obj, form.cleaned_data["keeper_accounts"], by=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is OpeningException:
            save_exceptions(formset, by=request.user)
            return
        super().save_formset(request, form, formset, change)
        for row in formset.deleted_objects:
            if isinstance(row, StationPhoto):
                transaction.on_commit(lambda row=row: _delete_files(row))

    # --- Columns and read-only fields ------------------------------------------------------------------------

    @display(description=gettext_lazy("status"), label=_STATE_COLOURS, ordering="status")
    def status_badge(self, obj: Station) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(
        description=gettext_lazy("opening hours"),
        label={"known": "success", "unread": "warning", "none": "danger"},
    )
    def hours_badge(self, obj: Station) -> tuple[str, str]:
        if obj.hours_state == HoursState.HOST:
            return "known", obj.get_hours_state_display()
        if obj.week is not None:
            return "known", _("Understood")
        return ("unread", _("Not understood")) if obj.hours_text else ("none", _("None"))

    @display(
        description=gettext_lazy("place on the map"), label={"doubt": "warning", "none": "danger", "fine": "success"}
    )
    def doubts_badge(self, obj: Station) -> tuple[str, str]:
        if obj.doubtful:  # type: ignore[attr-defined]
            return "doubt", _("Doubtful")
        return ("fine", _("Known")) if obj.has_position else ("none", _("None"))

    @display(description=gettext_lazy("place on the map (WGS-84)"))
    def position_shown(self, obj: Station) -> str:
        if not obj.has_position:
            return _("None yet")
        return f"{obj.latitude:.6f}, {obj.longitude:.6f}"

    @display(description=gettext_lazy("what was understood"))
    def hours_understood(self, obj: Station) -> str:
        if not obj.hours_text:
            return _("Write the hours as on the door, for example: 周一至周五 8:30–17:30")
        reading = read_hours(obj.hours_text)
        parts = [describe(reading.periods)] if reading.understood else [_("Nothing: visitors see the text as it is.")]
        if reading.understood and not reading.certain:
            parts.append(_("Not taken over: these hours differ in a season whose dates are not stated."))
        if reading.unread:
            parts.append(_("Not understood: %(text)s") % {"text": "；".join(reading.unread)})
        return format_html_join(SafeString("<br>"), "{}", ((part,) for part in [*parts, *reading.notes]))

    @display(description=gettext_lazy("keeper's phone on record"))
    def masked_phone(self, obj: Station) -> str:
        try:
            return "、".join(mask_phone(number) for number in split_phones(obj.keeper_phone)) or "—"
        except PhoneError:
            return "***"

    @display(description=gettext_lazy("keepers' accounts"))
    def keepers_named(self, obj: Station) -> str:
        return "、".join(str(account) for account in obj.keepers.all()) or "—"

    @display(description=gettext_lazy("facilities"))
    def facilities_held(self, obj: Station) -> str:
        return "、".join(str(held) for held in obj.station_facilities.select_related("facility")) or "—"

    # --- The panel above the form ----------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        station = context.get("original")
        if station is not None:
            context["panel"] = self._panel(request, station)
        return super().render_change_form(request, context, *args, **kwargs)

    def _panel(self, request: HttpRequest, station: Station) -> dict[str, Any]:
        def may(permission: str) -> bool:
            return request.user.has_perm(permission, station)

        return {
            "station": station,
            "transitions": lifecycle.LIFECYCLE.allowed(station.status, may),
            "may_confirm": station.is_public and may("stations.confirm_station"),
            "may_look": bool(station.keeper_phone) and may("stations.look_station"),
            "may_settle": request.user.has_perm("stations.change_positiondoubt"),
            "doubts": station.position_doubts.all() if request.user.has_perm("stations.view_positiondoubt") else (),
            "links": map_links(station.latitude, station.longitude, station.name, station.address)
            if station.has_position
            else [],
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/do/<str:verb>/", view(self.change_state_page), name="stations_station_do"),
            path("<int:object_id>/confirm/", view(require_POST(self.confirm_page)), name="stations_station_confirm"),
            path("<int:object_id>/phone/", view(self.phone_page), name="stations_station_phone"),
            path("<int:object_id>/doubts/<int:doubt>/", view(self.doubt_page), name="stations_station_doubt"),
            *super().get_urls(),
        ]

    def change_state_page(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """One verb of the transition table, with its reason where one is owed."""
        station = self.subject_or_404(request, str(object_id))
        transition = next((t for t in lifecycle.LIFECYCLE.transitions if t.verb == verb), None)
        if transition is None:
            raise Http404
        if not request.user.has_perm(transition.permission, station):
            raise PermissionDenied
        form = ReasonForm(request.POST or None) if verb in lifecycle.NEED_REASON else None
        if request.method == "POST" and (form is None or form.is_valid()):
            reason = form.cleaned_data["reason"] if form else ""
            try:
                change_state(station, verb, by=request.user, reason=reason)
            except TransitionRefused as refusal:
                messages.error(request, refusal.message)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("Done: %(verb)s.") % {"verb": transition.label})
            return redirect("admin:stations_station_change", object_id)
        return self.ask(
            request,
            station,
            title=str(transition.label),
            question=_("%(verb)s: %(name)s") % {"verb": transition.label, "name": station},
            button=str(transition.label),
            form=form,
        )

    def confirm_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """“What is shown is true”: one press."""
        station = self.subject_or_404(request, str(object_id))
        try:
            confirm(station, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Confirmed: what is shown of the station is true today."))
        if request.POST.get("next") == "home":
            return redirect("admin:index")
        return redirect("admin:stations_station_change", object_id)

    def phone_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The keeper's number whole, for a stated purpose; the look is recorded."""
        station = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("stations.look_station", station):
            raise PermissionDenied
        form = PurposeForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self.ask(
                request,
                station,
                title=_("Keeper's phone"),
                question=_("What do you need the number of %(name)s for? The look is recorded with your name.")
                % {"name": station.keeper_name or station},
                button=_("Show the number"),
                form=form,
            )
        number = show_keeper_phone(station, by=request.user, purpose=form.cleaned_data["purpose"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Keeper's phone"),
            "opts": self.opts,
            "original": station,
            "number": number,
        }
        response = TemplateResponse(request, "admin/stations/station/phone.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def doubt_page(self, request: HttpRequest, object_id: int, doubt: int) -> HttpResponse:
        """Settle a doubt about the position: it is right after all, or was corrected."""
        station = self.subject_or_404(request, str(object_id))
        found = get_object_or_404(PositionDoubt, pk=doubt, station=station)
        if not request.user.has_perm("stations.change_positiondoubt", found):
            raise PermissionDenied
        form = AnswerForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            settle_doubt(found, answer=form.cleaned_data["answer"], by=request.user)
            messages.success(request, _("The doubt is settled."))
            return redirect("admin:stations_station_change", object_id)
        return self.ask(
            request,
            station,
            title=_("Settle a doubt"),
            question=f"{station}: {found.get_code_display()}",
            button=_("Settle"),
            form=form,
        )

    # --- Several at once -------------------------------------------------------------------------------------

    def has_confirm_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("confirm", request)

    def has_suspend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("suspend", request)

    @action(description=gettext_lazy("Confirm: what is shown is true"), permissions=["confirm"])
    def confirm_several(self, request: HttpRequest, queryset: QuerySet[Station]) -> None:
        reached = [station for station in queryset.reached_by(request.user, "confirm") if station.is_public]
        with transaction.atomic():
            for station in reached:
                confirm(station, by=request.user)
        self._tell(request, queryset, reached, _("%(count)d stations are confirmed."))

    @action(description=gettext_lazy("Suspend with a reason"), permissions=["suspend"])
    def suspend_several(self, request: HttpRequest, queryset: QuerySet[Station]) -> HttpResponse | None:
        reached = [
            station
            for station in queryset.reached_by(request.user, "suspend")
            if any(t.verb == "suspend" for t in lifecycle.LIFECYCLE.allowed(station.status))
        ]
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            with transaction.atomic():
                for station in reached:
                    change_state(station, "suspend", by=request.user, reason=form.cleaned_data["reason"])
            self._tell(request, queryset, reached, _("%(count)d stations are suspended."))
            return None
        return self.ask_many(
            request,
            "suspend_several",
            title=_("Suspend stations"),
            question=_("%(count)d stations will be shown as suspended, with this reason.") % {"count": len(reached)},
            button=_("Suspend"),
            form=form,
        )

    def _tell(self, request: HttpRequest, chosen: QuerySet[Station], done: list[Station], message: str) -> None:
        messages.success(request, message % {"count": len(done)})
        left = chosen.count() - len(done)
        if left:
            told = _("%(count)d were left as they are: their state or your roles do not allow it.")
            messages.warning(request, told % {"count": left})


def _delete_files(photo: StationPhoto) -> None:
    for stored in (photo.image, photo.thumbnail):
        if stored:
            stored.storage.delete(stored.name)
