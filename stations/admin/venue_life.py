"""The staff's pages of what lives in a station: services, bases, exhibits, guides, visits, assets, supplies, duty."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from stations.actions.duty import change_duty
from stations.actions.staged import do
from stations.models import (
    Asset,
    Base,
    DutyShift,
    Exhibit,
    Exhibition,
    GroupCode,
    GroupVisit,
    Guide,
    Station,
    StationPost,
    Supply,
    SupplyMove,
    TemporaryService,
    TenantService,
    VolunteerHours,
)
from stations.models.duty import DUTY
from stations.models.services import CodeState
from stations.models.staged import Staged
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, visible, within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.verb_pages import VerbPages


def asking(model: type[models.Model], names: tuple[str, ...]) -> type[forms.Form]:
    """The form in which a verb asks for fields of the model; related rows are those that the user sees."""
    fields = {name: model._meta.get_field(name).formfield(required=True) for name in names}  # type: ignore[union-attr]

    def __init__(self: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        forms.Form.__init__(self, *args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = visible(field.queryset.model, user)

    return type(f"{model.__name__}Asks", (forms.Form,), {**fields, "__init__": __init__})


class OfStationAdmin(ScopedModelAdmin):
    """Rows of a station, entered for the stations that the user may change."""

    autocomplete_fields = ["station"]
    search_fields = ["station__name"]
    list_select_related = ["station"]

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> models.QuerySet[Any]:
        if db_field.name == "station":
            return Station.objects.editable_by(request.user)
        if db_field.name == "organization":
            permission = f"{self.opts.app_label}.change_{self.opts.model_name}"
            return Organization.objects.filter(within(reach_of(request.user, permission), "path"))
        return super().rows_to_choose(db_field, request)


class StagedAdmin(VerbPages, OfStationAdmin):
    """A noun with its table of verbs: each verb is a button, and asks for the fields that it fills."""

    def __init__(self, model: type[Staged], admin_site: Any) -> None:
        self.table = model.TABLE  # type: ignore[misc]
        self.staff_verbs = tuple(dict.fromkeys(step.verb for step in model.TABLE.transitions))  # type: ignore[misc]
        self.verb_forms = {verb: asking(model, names) for verb, names in model.ASKS.items()}  # type: ignore[misc]
        super().__init__(model, admin_site)

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        return {"user": request.user} if verb in self.verb_forms else {}

    def do(self, request: HttpRequest, obj: Staged, verb: str, answers: dict[str, Any]) -> Any:
        return do(obj, verb, by=request.user, **answers)

    @display(description=gettext_lazy("state"), label=True, ordering="state")
    def state_badge(self, obj: Any) -> str:
        return obj.get_state_display()


class _OneQuestion(admin.SimpleListFilter):
    """All, or those that a query set's own method names."""

    named: Any
    rows: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", self.named)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.rows(queryset) if self.value() == "yes" else queryset


class ExpiredFilter(_OneQuestion):
    title, parameter_name, named = gettext_lazy("expired"), "expired", gettext_lazy("Expired, still posted")

    def rows(self, queryset: Any) -> QuerySet[Any]:
        return queryset.expired(timezone.localdate())


class LowFilter(_OneQuestion):
    title, parameter_name, named = gettext_lazy("stock"), "low", gettext_lazy("Running low")

    def rows(self, queryset: Any) -> QuerySet[Any]:
        return queryset.low()


@admin.register(GroupCode)
class GroupCodeAdmin(StagedAdmin):
    list_display = ["name", "station", "state_badge", "expires_on", "expired_badge"]
    list_filter = [ExpiredFilter, ("state", ChoicesDropdownFilter)]
    search_fields = ["name", "station__name"]

    @display(description=gettext_lazy("expired"), label={"expired": "danger"})
    def expired_badge(self, obj: GroupCode) -> tuple[str, Any] | None:
        is_over = obj.state == CodeState.POSTED and obj.expires_on < timezone.localdate()
        return ("expired", gettext_lazy("expired")) if is_over else None


@admin.register(TemporaryService)
class TemporaryServiceAdmin(StagedAdmin):
    list_display = ["name", "station", "for_whom", "state_badge", "from_on", "until_on"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["name", "station__name"]
    autocomplete_fields = ["station", "partner"]


@admin.register(TenantService)
class TenantServiceAdmin(StagedAdmin):
    list_display = ["name", "partner", "station", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["station", "partner"]
    search_fields = ["name", "station__name"]
    autocomplete_fields = ["station", "partner"]


@admin.register(Base)
class BaseAdmin(StagedAdmin):
    list_display = ["station", "matrix", "main", "theme", "responsible_cadre", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["station", "main__station"]
    search_fields = ["matrix", "theme", "station__name"]
    autocomplete_fields = ["station", "main"]


@admin.register(Exhibition)
class ExhibitionAdmin(StagedAdmin):
    list_display = ["title", "station", "state_badge", "from_on", "until_on"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["title", "station__name"]


@admin.register(Exhibit)
class ExhibitAdmin(StagedAdmin):
    list_display = ["name", "kind", "quantity", "donor", "state_badge", "exhibition"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    list_select_related = ["exhibition"]
    search_fields = ["name", "donor"]
    autocomplete_fields = ["organization", "exhibition"]


@admin.register(Guide)
class GuideAdmin(StagedAdmin):
    list_display = ["name", "tier", "state_badge", "trained_on", "organization"]
    list_filter = [("tier", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["organization"]
    search_fields = ["name"]
    autocomplete_fields = ["organization"]


@admin.register(GroupVisit)
class GroupVisitAdmin(StagedAdmin):
    list_display = ["group", "station", "at", "size", "guide", "state_badge", "came"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["station", "guide"]
    date_hierarchy = "at"
    search_fields = ["group", "station__name"]
    autocomplete_fields = ["station", "guide"]


@admin.register(Asset)
class AssetAdmin(StagedAdmin):
    list_display = ["name", "quantity", "station", "state_badge", "changed_on", "note"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["name", "station__name"]
    autocomplete_fields = ["station", "replaces"]


@admin.register(StationPost)
class StationPostAdmin(OfStationAdmin):
    list_display = ["person", "post", "station", "from_on", "until_on"]
    search_fields = ["person", "station__name"]


@admin.register(VolunteerHours)
class VolunteerHoursAdmin(OfStationAdmin):
    list_display = ["person", "hours", "work", "station", "on"]
    date_hierarchy = "on"
    search_fields = ["person", "work", "station__name"]
    autocomplete_fields = ["station", "asset"]


class MoveInline(ScopedTabularInline):
    model = SupplyMove
    fields = ["at", "verb", "quantity", "note", "by"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Supply)
class SupplyAdmin(OfStationAdmin):
    """Quantities move on the keeper's page."""

    list_display = ["item", "station", "on_shelf", "in_stock", "unit", "season", "low_badge"]
    list_filter = [LowFilter, ("season", ChoicesDropdownFilter)]
    search_fields = ["item", "station__name"]
    readonly_fields = ["in_stock", "on_shelf"]
    inlines = [MoveInline]

    @display(description=gettext_lazy("stock"), label={"low": "danger", "fine": "success"})
    def low_badge(self, obj: Supply) -> tuple[str, Any]:
        return ("low", gettext_lazy("running low")) if obj.is_low else ("fine", gettext_lazy("enough"))


@admin.register(DutyShift)
class DutyShiftAdmin(VerbPages, OfStationAdmin):
    table = DUTY
    staff_verbs = ("come_on", "hand_over", "miss")
    verb_forms = {"hand_over": asking(DutyShift, ("handover",))}
    list_display = ["person", "station", "room", "begins", "ends", "state"]
    date_hierarchy = "begins"
    search_fields = ["person", "station__name"]
    readonly_fields = ["state", "handover"]

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        return {"user": request.user} if verb in self.verb_forms else {}

    def do(self, request: HttpRequest, obj: DutyShift, verb: str, answers: dict[str, Any]) -> Any:
        return change_duty(obj, verb, by=request.user, **answers)
