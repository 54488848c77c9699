"""Rooms offered by partners, entered one line a point."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from stations import actions
from stations.admin.check_forms import ReasonForm
from stations.models import HostOffer, Station, StationKind
from stations.models.offers import OFFERS
from unionportal.organizations.models import Organization
from unionportal.refusals import told_beside
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin
from unionportal.verb_pages import VerbPages


class PledgeForm(forms.ModelForm):  # type: ignore[type-arg]
    """What one partner offers; each line is a point, with its address after a comma."""

    points = forms.CharField(
        label=pgettext_lazy("offers", "points"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text=gettext_lazy("One point a line; the address after a comma or a tab, as copied from a table."),
    )

    class Meta:
        model = HostOffer
        fields = ["organization", "partner", "offered_on"]

    def lines(self) -> list[dict[str, str]]:
        """{"name": …, "address": …} of each line that is not empty."""
        rows = []
        for line in self.cleaned_data["points"].splitlines():
            name, _comma, address = line.replace("，", ",").replace("\t", ",").partition(",")
            if name.strip():
                rows.append({"name": name.strip()[:120], "address": address.strip()[:200]})
        return rows

    def _post_clean(self) -> None:
        """The action checks each point."""
        for name in ("organization", "partner", "offered_on"):
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])


class SurveyForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("What the survey found"), max_length=300)


class ConvertForm(forms.Form):
    kind = forms.ModelChoiceField(
        queryset=StationKind.objects.filter(is_active=True),
        label=gettext_lazy("kind of the new station"),
        required=False,
    )
    code = forms.CharField(
        label=gettext_lazy("or the code of a station on the register"), max_length=20, required=False
    )


@admin.register(HostOffer)
class HostOfferAdmin(VerbPages, ScopedModelAdmin):
    table = OFFERS
    staff_verbs = ("survey", "convert", "open_offer", "withdraw_offer")
    verb_forms = {"survey": SurveyForm, "convert": ConvertForm, "withdraw_offer": ReasonForm}
    verbs_only = True
    list_display = ["name", "partner", "address", "offered_on", "state_badge", "station"]
    list_filter = [("state", ChoicesDropdownFilter), ("partner", ScopedAutocompleteFilter)]
    list_select_related = ["partner", "station"]
    search_fields = ["name", "partner__name"]
    autocomplete_fields = ["organization", "partner"]
    ordering = ["-offered_on", "id"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = PledgeForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: HostOffer | None = None) -> list[str]:
        if obj is None:
            return ["organization", "partner", "offered_on", "points"]
        return [
            "organization",
            "partner",
            "name",
            "address",
            "area",
            "offered_on",
            "surveyed_on",
            "survey_note",
            "station",
            "state_reason",
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: HostOffer | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "stations.add_hostoffer"), "path"))
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: HostOffer, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        with told_beside("organization", "points"):
            offers = actions.pledge_offers(
                obj.partner, form.lines(), organization=obj.organization, by=request.user, on=obj.offered_on
            )
        obj.pk, obj.name = offers[0].pk, offers[0].name

    def do(self, request: HttpRequest, obj: HostOffer, verb: str, answers: dict[str, Any]) -> Any:
        if verb == "convert" and (code := answers.pop("code", "").strip().upper()):
            answers["station"] = Station.objects.editable_by(request.user).filter(code=code).first()
        return actions.change_offer(obj, verb, by=request.user, **answers)

    @display(
        description=gettext_lazy("state"),
        label={
            "pledged": "info",
            "surveyed": "info",
            "converted": "warning",
            "opened": "success",
            "withdrawn": "default",
        },
        ordering="state",
    )
    def state_badge(self, obj: HostOffer) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
