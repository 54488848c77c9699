"""What must be put right at stations, from the check that found it to its verification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from stations import actions
from stations.admin.check_forms import ReasonForm
from stations.models import Rectification, StationAssessment
from stations.models.assessments import RECTIFICATIONS, RectificationState
from unionportal.scoped_admin import ScopedModelAdmin
from unionportal.verb_pages import VerbPages, change_page


class RectificationFilter(admin.SimpleListFilter):
    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Overdue")), ("owed", _("To be put right")), ("mended", _("Mended, to be verified"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "mended":
            return queryset.filter(state=RectificationState.MENDED)
        rows: dict[str | None, Any] = {"overdue": queryset.overdue, "owed": queryset.owed}  # type: ignore[attr-defined]
        return rows[self.value()]() if self.value() in rows else queryset


class MendForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("What was done"), max_length=300)
    on = forms.DateField(label=gettext_lazy("mended on"), initial=timezone.localdate)


@admin.register(Rectification)
class RectificationAdmin(VerbPages, ScopedModelAdmin):
    table = RECTIFICATIONS
    staff_verbs = ("mend", "verify_mended", "not_mended", "drop_rectification")
    verb_forms = {"mend": MendForm, "not_mended": ReasonForm, "drop_rectification": ReasonForm}
    verbs_only = True
    list_display = ["station", "criterion_shown", "due_on", "late_badge", "state_badge"]
    list_filter = [RectificationFilter, ("state", ChoicesDropdownFilter)]
    list_select_related = ["station", "answer__criterion"]
    search_fields = ["station__name"]
    ordering = ["due_on", "id"]
    fields = [
        "station",
        "criterion_shown",
        "found_shown",
        "due_on",
        "state_reason",
        "mended_on",
        "mended_by",
        "mended_note",
        "verified_on",
        "verified_by",
    ]
    readonly_fields = fields

    def do(self, request: HttpRequest, obj: Rectification, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_rectification(obj, verb, by=request.user, **answers)

    def links(self, request: HttpRequest, obj: Rectification) -> list[tuple[str, str]]:
        """To the check that found it, with its notes and photos."""
        check = StationAssessment.objects.visible_to(request.user).filter(assessment=obj.answer.assessment_id).first()
        found = [(_("The check that found it"), change_page(check))] if check else []
        return [*found, (_("The station"), change_page(obj.station))]

    @display(description=gettext_lazy("criterion"))
    def criterion_shown(self, obj: Rectification) -> str:
        return str(obj.answer.criterion)

    @display(description=gettext_lazy("what was found"))
    def found_shown(self, obj: Rectification) -> str:
        return f"{obj.answer.assessment} {obj.answer.note}"

    @display(description=gettext_lazy("overdue"), label={"late": "danger"})
    def late_badge(self, obj: Rectification) -> Any:
        return ("late", _("overdue")) if obj.is_overdue else None

    @display(
        description=gettext_lazy("state"),
        label={"open": "warning", "mended": "info", "verified": "success", "dropped": "default"},
        ordering="state",
    )
    def state_badge(self, obj: Rectification) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
