"""Building projects with their money, subsidies and their standards."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from stations import actions
from stations.admin.check_forms import Chosen, ReasonForm
from stations.models import BuildingProject, InvestmentLine, StationTarget, Subsidy, SubsidyStandard
from stations.models.building import APPROVED_AS, PROJECTS, SUBSIDIES, Phase, SubsidyState
from unionportal.figures import money
from unionportal.ledger.forms import YuanField
from unionportal.ledger.models import LedgerLine
from unionportal.once import remember_sent, was_sent
from unionportal.organizations.models import Organization
from unionportal.scope import covers, reach_of, within
from unionportal.scoped_admin import SENT_ALREADY, ScopedModelAdmin, ScopedTabularInline
from unionportal.states import Transition
from unionportal.targets.admin import TargetAdmin
from unionportal.verb_pages import VerbPages, change_page, dressed


class DayForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate)


class MoneyForm(forms.Form):
    """An amount that went into the project."""

    amount_fen = YuanField(label=gettext_lazy("amount in yuan"))
    source_level = forms.ChoiceField(
        label=pgettext_lazy("money", "source"), choices=[("", gettext_lazy("Choose")), *LedgerLine.Source.choices]
    )
    purpose = forms.CharField(label=gettext_lazy("purpose"), max_length=200)
    payee = forms.CharField(label=gettext_lazy("payee"), max_length=120, required=False)
    occurred_on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate)
    evidence = forms.CharField(label=gettext_lazy("evidence (document number)"), max_length=120, required=False)


class ApplyForm(forms.Form):
    amount_fen = YuanField(label=gettext_lazy("amount in yuan, if less than the standard"), required=False)


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    budget_fen = YuanField(label=gettext_lazy("budget in yuan"), required=False, widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = BuildingProject
        fields = [
            "organization",
            "title",
            "kind",
            "work",
            "build_mode",
            "plan",
            "year",
            "floor_area",
            "rooms",
            "rooms_printed",
            "budget_fen",
            "station",
        ]
        widgets = {"rooms": UnfoldAdminTextInputWidget}


class InvestmentInline(ScopedTabularInline):
    model = InvestmentLine
    fk_name = "project"
    fields = ["line", "amount_shown", "source_shown"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("amount"))
    def amount_shown(self, obj: InvestmentLine) -> str:
        return obj.line.amount

    @display(description=pgettext_lazy("money", "source"))
    def source_shown(self, obj: InvestmentLine) -> str:
        return obj.line.get_source_level_display()


class _OwnBranch:
    """An owner is chosen from the branches in which the user may add a row of this model."""

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            permission = f"stations.add_{self.opts.model_name}"  # type: ignore[attr-defined]
            return Organization.objects.filter(within(reach_of(request.user, permission), "path"))
        return super().rows_to_choose(db_field, request)  # type: ignore[misc, no-any-return]


@admin.register(BuildingProject)
class BuildingProjectAdmin(VerbPages, _OwnBranch, ScopedModelAdmin):
    form = ProjectForm
    table = PROJECTS
    staff_verbs = ("approve_project", "begin_building", "complete", "take_into_use", "stop")
    verb_forms = {
        **dict.fromkeys(("approve_project", "begin_building", "complete", "take_into_use"), DayForm),
        "stop": ReasonForm,
    }
    list_display = ["title", "organization", "kind", "work", "year", "state_badge", "budget", "invested_shown"]
    list_filter = [("state", ChoicesDropdownFilter), ("work", ChoicesDropdownFilter), "year"]
    list_select_related = ["organization", "kind"]
    search_fields = ["title"]
    autocomplete_fields = ["organization", "plan", "station"]
    ordering = ["-year", "title", "id"]
    inlines = [InvestmentInline]
    dates = ("approved_on", "begun_on", "completed_on", "in_use_on")
    fields = [
        "organization",
        "title",
        ("kind", "work"),
        "plan",
        ("build_mode", "year"),
        ("floor_area", "rooms_printed"),
        "rooms",
        "budget_fen",
        "station",
        ("approved_on", "begun_on"),
        ("completed_on", "in_use_on"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: BuildingProject | None = None) -> tuple[str, ...]:
        """What was approved, and decides which subsidy standard holds, stays as it was approved."""
        return self.dates if obj is None or obj.state == Phase.PROPOSED else (*self.dates, *APPROVED_AS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_invested()  # type: ignore[attr-defined, no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"year": timezone.localdate().year, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: BuildingProject, form: Any, change: bool) -> None:
        if not change:
            obj.proposed_by = request.user
        super().save_model(request, obj, form, change)

    def do(self, request: HttpRequest, obj: BuildingProject, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_phase(obj, verb, by=request.user, **answers)

    def links(self, request: HttpRequest, obj: BuildingProject) -> list[tuple[str, str]]:
        found = []
        if covers(request.user, "stations.add_investmentline", obj.organization):
            found.append((_("Book an investment"), reverse("admin:stations_buildingproject_invest", args=[obj.pk])))
        subsidies = Subsidy.objects.visible_to(request.user).filter(project=obj.pk)
        found += [(_("Subsidy: %(state)s") % {"state": row.get_state_display()}, change_page(row)) for row in subsidies]
        asked = obj.subsidies.exclude(state=SubsidyState.REFUSED).exists()
        may_apply = (
            not asked and obj.may_be_subsidised and covers(request.user, "stations.add_subsidy", obj.organization)
        )
        if may_apply and actions.subsidy_standard_for(obj):
            found.append((_("Apply for a subsidy"), reverse("admin:stations_buildingproject_apply", args=[obj.pk])))
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/invest/", view(self.invest_page), name="stations_buildingproject_invest"),
            path("<int:object_id>/apply/", view(self.apply_page), name="stations_buildingproject_apply"),
            *super().get_urls(),
        ]

    def invest_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        project = self.subject_or_404(request, str(object_id))
        if not covers(request.user, "stations.add_investmentline", project.organization):
            raise PermissionDenied
        form = dressed(MoneyForm(request.POST or None))
        return self._asked(
            request,
            project,
            form,
            _("Book an investment"),
            _("Money that went into %(project)s; it stands in the ledger.") % {"project": project},
            lambda: actions.invest(project=project, by=request.user, **form.cleaned_data),
        )

    def apply_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        project = self.subject_or_404(request, str(object_id))
        if not covers(request.user, "stations.add_subsidy", project.organization):
            raise PermissionDenied
        standard = actions.subsidy_standard_for(project)
        form = dressed(ApplyForm(request.POST or None))
        given = standard.amount if standard else "—"
        return self._asked(
            request,
            project,
            form,
            _("Apply for a subsidy"),
            _("The standard gives %(amount)s for this kind, work and year.") % {"amount": given},
            lambda: actions.apply_for_subsidy(project, by=request.user, amount_fen=form.cleaned_data["amount_fen"]),
        )

    def _asked(
        self, request: HttpRequest, project: BuildingProject, form: forms.Form, title: str, question: str, verb: Any
    ) -> HttpResponse:
        if request.method == "POST" and was_sent(request):
            messages.info(request, SENT_ALREADY)
            return redirect("admin:stations_buildingproject_change", project.pk)
        if request.method == "POST" and form.is_valid():
            try:
                verb()
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                remember_sent(request)
                messages.success(request, _("Saved."))
                return redirect("admin:stations_buildingproject_change", project.pk)
        return self.ask(request, project, title=title, question=question, button=title, form=form)

    @display(description=gettext_lazy("invested"))
    def invested_shown(self, obj: BuildingProject) -> str:
        return money(obj.invested) if obj.invested else "—"  # type: ignore[attr-defined]

    @display(description=gettext_lazy("budget"), ordering="budget_fen")
    def budget(self, obj: BuildingProject) -> str:
        return obj.budget

    @display(
        description=gettext_lazy("phase"),
        label={
            "proposed": "default",
            "approved": "info",
            "building": "warning",
            "completed": "success",
            "in_use": "success",
            "stopped": "danger",
        },
        ordering="state",
    )
    def state_badge(self, obj: BuildingProject) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


class InvestmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Money that went into a station or a project, with what the ledger asks for."""

    amount_fen = YuanField(label=gettext_lazy("amount in yuan"))
    source_level = forms.ChoiceField(label=pgettext_lazy("money", "source"), choices=LedgerLine.Source)
    purpose = forms.CharField(label=gettext_lazy("purpose"), max_length=200)
    payee = forms.CharField(label=gettext_lazy("payee"), max_length=120, required=False)
    occurred_on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate)
    evidence = forms.CharField(label=gettext_lazy("evidence (document number)"), max_length=120, required=False)

    class Meta:
        model = InvestmentLine
        fields = ["station", "project"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "amount_fen" in self.fields:
            dressed(Chosen(self, *MoneyForm.base_fields))  # type: ignore[arg-type]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("station")) == bool(cleaned.get("project")):
            raise forms.ValidationError(_("Money went into a project or into a station."))
        return cleaned


@admin.register(InvestmentLine)
class InvestmentLineAdmin(ScopedModelAdmin):
    form = InvestmentForm
    list_display = ["into", "amount_shown", "source_shown", "day_shown", "purpose_shown"]
    list_select_related = ["station", "project", "line"]
    search_fields = ["station__name", "project__title", "line__purpose"]
    autocomplete_fields = ["station", "project"]
    ordering = ["-line__occurred_on", "-id"]

    def get_fields(self, request: HttpRequest, obj: InvestmentLine | None = None) -> list[str]:
        return ["station", "project", "line"] if obj else ["station", "project", *MoneyForm.base_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: InvestmentLine | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: InvestmentLine, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        money_given = {name: form.cleaned_data[name] for name in MoneyForm.base_fields}
        made = actions.invest(station=obj.station, project=obj.project, by=request.user, **money_given)
        obj.pk, obj.line = made.pk, made.line

    @display(description=gettext_lazy("into"))
    def into(self, obj: InvestmentLine) -> str:
        return str(obj.station or obj.project)

    @display(description=gettext_lazy("amount"), ordering="line__amount_fen")
    def amount_shown(self, obj: InvestmentLine) -> str:
        return obj.line.amount

    @display(description=pgettext_lazy("money", "source"), ordering="line__source_level")
    def source_shown(self, obj: InvestmentLine) -> str:
        return obj.line.get_source_level_display()

    @display(description=gettext_lazy("on"), ordering="line__occurred_on")
    def day_shown(self, obj: InvestmentLine) -> datetime.date:
        return obj.line.occurred_on

    @display(description=gettext_lazy("purpose"))
    def purpose_shown(self, obj: InvestmentLine) -> str:
        return obj.line.purpose


class StationTargetInline(ScopedTabularInline):
    """Which kind of place a target is about, on the target's own page."""

    model = StationTarget
    fields = ["kind"]
    max_num = 1


TargetAdmin.inlines = [StationTargetInline, *TargetAdmin.inlines]


class SubsidyStandardForm(forms.ModelForm):  # type: ignore[type-arg]
    amount_fen = YuanField(label=gettext_lazy("amount in yuan"), widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = SubsidyStandard
        fields = ["organization", "kind", "work", "from_year", "amount_fen", "source"]


@admin.register(SubsidyStandard)
class SubsidyStandardAdmin(_OwnBranch, ScopedModelAdmin):
    form = SubsidyStandardForm
    list_display = ["kind", "work", "from_year", "amount_shown", "organization", "source"]
    list_filter = [("work", ChoicesDropdownFilter)]
    list_select_related = ["kind", "organization"]
    autocomplete_fields = ["organization"]
    search_fields = ["source"]
    ordering = ["kind", "work", "-from_year", "id"]
    fields = ["organization", ("kind", "work"), ("from_year", "amount_fen"), "source"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was used never changes: the next year gets a line of its own."""
        used = isinstance(obj, SubsidyStandard) and obj.subsidies.exists()
        return super().has_change_permission(request, obj) and not used

    @display(description=gettext_lazy("amount"), ordering="amount_fen")
    def amount_shown(self, obj: SubsidyStandard) -> str:
        return obj.amount


class PayForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate)
    source_level = forms.ChoiceField(label=pgettext_lazy("money", "source"), choices=LedgerLine.Source, initial="city")
    evidence = forms.CharField(label=gettext_lazy("evidence (document number)"), max_length=120, required=False)


@admin.register(Subsidy)
class SubsidyAdmin(VerbPages, ScopedModelAdmin):
    table = SUBSIDIES
    staff_verbs = ("grant", "pay", "refuse_subsidy")
    verb_forms = {"refuse_subsidy": ReasonForm, "pay": PayForm}
    verbs_only = True
    list_display = ["project", "amount_shown", "applied_on", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["project__organization", "standard__organization"]
    search_fields = ["project__title"]
    ordering = ["-applied_on", "-id"]
    fields = ["project", "standard", "amount_shown", "applied_on", "applied_by", "reviewed_by", "state_reason", "line"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Applied for from the project's page."""
        return False

    def do(self, request: HttpRequest, obj: Subsidy, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_subsidy(obj, verb, by=request.user, **answers)

    def may(self, request: HttpRequest, obj: Subsidy, transition: Transition) -> bool:
        """Only for those who work for the union that pays."""
        return super().may(request, obj, transition) and covers(
            request.user, transition.permission, obj.standard.organization
        )

    @display(description=gettext_lazy("amount"), ordering="amount_fen")
    def amount_shown(self, obj: Subsidy) -> str:
        return obj.amount

    @display(
        description=gettext_lazy("state"),
        label={"applied": "info", "granted": "warning", "refused": "danger", "paid": "success"},
        ordering="state",
    )
    def state_badge(self, obj: Subsidy) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
