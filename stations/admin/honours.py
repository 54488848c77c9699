"""Stars and honours by year, appeals, and the counties that have no demonstration site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from stations import actions
from stations.admin.check_forms import ReasonForm
from stations.models import Appeal, Honour, HonourDecision, StationAssessment
from stations.models.honours import ANSWERED, APPEALS, HONOUR_NEEDS_REASON, HONOURS
from stations.plans import counties_without_demonstration
from unionportal.organizations.models import Organization
from unionportal.refusals import told_beside
from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.standards.models import Assessment
from unionportal.states import Transition
from unionportal.verb_pages import VerbPages, change_page


class DowngradeForm(ReasonForm):
    """Fewer stars than the honour has."""

    stars = forms.TypedChoiceField(label=gettext_lazy("stars from now on"), coerce=int)

    def __init__(self, *args: Any, honour: Honour, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stars"].choices = [(n, "★" * n) for n in range((honour.stars or 1) - 1, 0, -1)]  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    document = forms.CharField(label=pgettext_lazy("honour", "document"), max_length=120, required=False)
    on = forms.DateField(label=gettext_lazy("published on"), initial=timezone.localdate)


class DecisionInline(ScopedTabularInline):
    model = HonourDecision
    fields = ["verb_shown", "stars_before", "stars_after", "reason", "decided_by", "decided_at"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("decision"))
    def verb_shown(self, obj: HonourDecision) -> str:
        return obj.label


@admin.register(Honour)
class HonourAdmin(VerbPages, ScopedModelAdmin):
    table = HONOURS
    staff_verbs = ("select", "confirm_honour", "publish_honour", "downgrade", "withdraw_honour", "pass_over")
    verb_forms = {
        **dict.fromkeys(HONOUR_NEEDS_REASON, ReasonForm),
        "downgrade": DowngradeForm,
        "publish_honour": PublishForm,
    }
    verbs_only = True
    list_display = ["station", "year", "kind", "level", "stars_shown", "state_badge", "published_on"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        "year",
    ]
    list_select_related = ["station__organization"]
    search_fields = ["station__name"]
    autocomplete_fields = ["station", "check_made"]
    ordering = ["-year", "kind", "level", "id"]
    inlines = [DecisionInline]
    list_before_template = "admin/stations/honour/list.html"

    def get_fields(self, request: HttpRequest, obj: Honour | None = None) -> list[Any]:
        fields: list[Any] = ["station", ("kind", "level"), ("year", "stars"), "check_made", "evidence"]
        if obj is None:
            return fields
        return [*fields, "state_reason", "nominated_by", "published_on", "document"]

    def get_readonly_fields(self, request: HttpRequest, obj: Honour | None = None) -> list[str]:
        if obj is None:
            return []
        return [
            name
            for field in self.get_fields(request, obj)
            for name in (field if isinstance(field, tuple) else (field,))
        ]

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        rows = super().rows_to_choose(db_field, request)
        return rows.counting() if db_field.name == "check_made" else rows  # type: ignore[attr-defined, no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"year": timezone.localdate().year, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Honour, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        with told_beside("station"):
            obj.pk = actions.nominate(
                obj.station,
                kind=obj.kind,
                level=obj.level,
                year=obj.year,
                stars=obj.stars,
                check=obj.check_made,
                evidence=obj.evidence,
                by=request.user,
            ).pk

    def get_inlines(self, request: HttpRequest, obj: Honour | None) -> list[Any]:
        return self.inlines if obj else []

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        if verb != "downgrade":
            return {}
        return {"honour": self.get_object(request, request.resolver_match.kwargs["object_id"])}  # type: ignore[union-attr]

    def do(self, request: HttpRequest, obj: Honour, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_honour(obj, verb, by=request.user, **answers)

    def links(self, request: HttpRequest, obj: Honour) -> list[tuple[str, str]]:
        last = obj.decisions.exclude(verb="restore").exclude(appeals__state__in=ANSWERED).first()
        if last is None or not actions.may_appeal(request.user, obj.station):
            return []
        return [(_("Appeal"), f"{reverse('admin:stations_appeal_add')}?decision={last.pk}")]

    def may(self, request: HttpRequest, obj: Honour, transition: Transition) -> bool:
        """Only what the user may do at the union that decides on this level; a single star is not lowered."""
        if transition.verb == "downgrade" and (obj.stars or 0) < 2:
            return False
        return super().may(request, obj, transition) and actions.may_decide(request.user, obj, transition.permission)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.gaps_page)
        return [path("gaps/", view, name="stations_honour_gaps"), *super().get_urls()]

    def gaps_page(self, request: HttpRequest) -> HttpResponse:
        """County federations of the user's branches without a demonstration site."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        counties = Organization.objects.visible_to(request.user).active()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Counties without a demonstration site"),
            "opts": self.opts,
            "gaps": list(counties_without_demonstration(request.user)),
            "total": counties.filter(kind=Organization.Kind.COUNTY_FEDERATION).count(),
        }
        return TemplateResponse(request, "admin/stations/honour/gaps.html", context)

    @display(description=gettext_lazy("stars"), ordering="stars")
    def stars_shown(self, obj: Honour) -> str:
        return "★" * obj.stars if obj.stars else "—"

    @display(
        description=gettext_lazy("state"),
        label={
            "nominated": "info",
            "selected": "info",
            "confirmed": "warning",
            "published": "success",
            "passed_over": "default",
            "withdrawn": "danger",
        },
        ordering="state",
    )
    def state_badge(self, obj: Honour) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


class AnswerForm(forms.Form):
    answer = forms.CharField(label=gettext_lazy("Reason of the answer"), max_length=300)


class AppealForm(forms.ModelForm):  # type: ignore[type-arg]
    """Against a check or against a decision about an honour, never both."""

    class Meta:
        model = Appeal
        fields = ["check_made", "decision", "grounds"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("check_made")) == bool(cleaned.get("decision")):
            raise forms.ValidationError(_("An appeal is against a check or against a decision."))
        return cleaned

    def _post_clean(self) -> None:
        """The action checks the rest: station, state and who files are not in the form."""
        self.instance.check_made = self.cleaned_data.get("check_made")
        self.instance.decision = self.cleaned_data.get("decision")
        self.instance.grounds = self.cleaned_data.get("grounds", "")


@admin.register(Appeal)
class AppealAdmin(VerbPages, ScopedModelAdmin):
    form = AppealForm
    table = APPEALS
    staff_verbs = ("uphold", "refuse", "take_back")
    verb_forms = {"uphold": AnswerForm, "refuse": AnswerForm}
    verbs_only = True
    list_display = ["station", "against_shown", "filed_at", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["station", "check_made__assessment", "decision__honour"]
    search_fields = ["station__name"]
    autocomplete_fields = ["check_made"]
    ordering = ["-filed_at", "-id"]

    def get_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        if obj is None:
            return ["check_made", "decision", "grounds"]
        return ["station", "against_shown", "grounds", "filed_by", "filed_at", "answer", "answered_by", "answered_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        rows = super().rows_to_choose(db_field, request)
        if db_field.name == "check_made":
            return rows.filter(assessment__state=Assessment.State.CONFIRMED)
        return rows.exclude(verb="restore") if db_field.name == "decision" else rows

    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        against: StationAssessment | HonourDecision = obj.check_made or obj.decision  # type: ignore[assignment]
        obj.pk = actions.file_appeal(against, grounds=obj.grounds, by=request.user).pk

    def response_add(self, request: HttpRequest, obj: Appeal, post_url_continue: Any = None) -> Any:
        saved = Appeal.objects.get(pk=obj.pk)
        return super().response_add(request, saved, reverse("admin:stations_appeal_changelist"))

    def links(self, request: HttpRequest, obj: Appeal) -> list[tuple[str, str]]:
        """To what the appeal is against."""
        against = obj.check_made or (obj.decision.honour if obj.decision else None)
        seen = against and type(against)._default_manager.visible_to(request.user).filter(pk=against.pk).exists()
        return [(_("What it is against"), change_page(against))] if against and seen else []

    def do(self, request: HttpRequest, obj: Appeal, verb: str, answers: dict[str, Any]) -> Any:
        return actions.answer_appeal(obj, verb, by=request.user, **answers)

    def may(self, request: HttpRequest, obj: Appeal, transition: Transition) -> bool:
        # As it is kept: a form that was refused has already written its answers into `obj`.
        kept = Appeal.objects.get(pk=obj.pk)
        return super().may(request, obj, transition) and actions.may_answer(kept, request.user, transition.verb)

    @display(description=pgettext_lazy("appeal", "against"))
    def against_shown(self, obj: Appeal) -> str:
        return str(obj.against)

    @display(
        description=gettext_lazy("state"),
        label={"filed": "warning", "upheld": "success", "refused": "danger", "dropped": "default"},
        ordering="state",
    )
    def state_badge(self, obj: Appeal) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
