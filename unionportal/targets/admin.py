"""Plans and targets as the desk works with them: one page shows how far a plan has come."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.states import Transition, TransitionRefused
from unionportal.targets import actions
from unionportal.targets.counters import counters
from unionportal.targets.lifecycle import NEED_REASON, TARGETS
from unionportal.targets.models import Check, Plan, Target
from unionportal.targets.progress import progress_of
from unionportal.verb_pages import VerbPages


class _OwnBranch:
    """A plan or target may be given to the unions in whose branches the user may add one."""

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            permission = f"targets.add_{self.opts.model_name}"  # type: ignore[attr-defined]
            return Organization.objects.filter(within(reach_of(request.user, permission), "path"))
        return super().rows_to_choose(db_field, request)  # type: ignore[misc, no-any-return]


@admin.register(Plan)
class PlanAdmin(_OwnBranch, ScopedModelAdmin):
    list_display = ["title", "organization", "from_year", "to_year", "document"]
    list_select_related = ["organization"]
    search_fields = ["title", "document"]
    autocomplete_fields = ["organization"]
    ordering = ["-from_year", "title", "id"]
    fields = ["organization", "title", ("from_year", "to_year"), "document", "remarks"]
    change_form_outer_before_template = "admin/verbs.html"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        plan = context.get("original")
        if plan is not None:
            address = reverse("admin:targets_plan_progress", args=[plan.pk])
            context["verbs"] = {"state": "", "buttons": [(_("How far the plan has come"), address)], "links": []}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress_page)
        return [path("<int:object_id>/progress/", view, name="targets_plan_progress"), *super().get_urls()]

    def progress_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Each target with its shares, quarter by quarter, as far as the user may see them."""
        plan = self.subject_or_404(request, str(object_id))
        targets = Target.objects.visible_to(request.user).filter(plan=plan)
        context = {
            **self.admin_site.each_context(request),
            "title": plan.title,
            "opts": self.opts,
            "original": plan,
            "years": progress_of(targets),
        }
        return TemplateResponse(request, "admin/targets/progress.html", context)


class DueFilter(admin.SimpleListFilter):
    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Overdue")), ("owed", _("Owed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: dict[str | None, Any] = {"overdue": queryset.overdue, "owed": queryset.owed}  # type: ignore[attr-defined]
        return rows[self.value()]() if self.value() in rows else queryset


class CheckInline(ScopedTabularInline):
    model = Check
    fields = ["year", "quarter", "figure", "note", "reported_by", "reported_at"]
    readonly_fields = fields
    can_delete = False
    verbose_name_plural = gettext_lazy("quarterly checks")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Target
        fields = ["plan", "organization", "title", "year", "due_on", "figure", "counted_by"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "counted_by" in self.fields:
            self.fields["counted_by"].widget = UnfoldAdminSelectWidget(
                choices=[("", _("nobody: only the figure handed in")), *counters()]
            )


class ReportForm(forms.Form):
    """The quarter's figure, as a clerk types it."""

    year = forms.IntegerField(label=gettext_lazy("year"), min_value=1949, max_value=2100)
    quarter = forms.ChoiceField(label=gettext_lazy("quarter"), choices=[(n, n) for n in (1, 2, 3, 4)])
    figure = forms.CharField(
        label=gettext_lazy("done since the beginning"),
        max_length=40,
        help_text=gettext_lazy("With its unit, as in the report: 120个"),
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class SharesForm(forms.Form):
    """One number for each unit below."""

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = list(
            Organization.objects.active().filter(
                path__startswith=target.organization.path, depth=target.organization.depth + 1
            )
        )
        held = {share.organization_id: share.value.normalize() for share in target.shares.all()}
        for unit in self.units:
            self.fields[f"unit-{unit.pk}"] = forms.DecimalField(
                label=unit.name,
                min_value=0,
                max_digits=14,
                decimal_places=2,
                required=False,
                initial=held.get(unit.pk),
                widget=UnfoldAdminDecimalFieldWidget,
            )

    def shares(self) -> dict[Organization, Any]:
        return {unit: share for unit in self.units if (share := self.cleaned_data[f"unit-{unit.pk}"])}


@admin.register(Target)
class TargetAdmin(VerbPages, _OwnBranch, ScopedModelAdmin):
    form = TargetForm
    table = TARGETS
    staff_verbs = ("verify", "reopen", "drop")
    verb_forms = dict.fromkeys(NEED_REASON, ReasonForm)
    list_display = ["title", "organization", "year", "figure", "done_shown", "counted_shown", "due_on", "state_badge"]
    list_filter = [("state", ChoicesDropdownFilter), DueFilter]
    list_select_related = ["organization", "plan__organization", "parent__organization"]
    search_fields = ["title", "organization__name"]
    autocomplete_fields = ["plan", "organization"]
    ordering = ["-year", "title", "organization__path", "id"]
    inlines = [CheckInline]
    fields = ["plan", "organization", "title", ("year", "due_on"), "figure", "counted_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("checks")

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """A plan from above can be read here, but a target is added to it there."""
        if db_field.name == "plan":
            return Plan.objects.editable_by(request.user)
        return super().rows_to_choose(db_field, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> list[str]:
        """A target that was split or checked keeps its figure."""
        fixed = obj is not None and (obj.shares.exists() or obj.checks.exists() or obj.parent_id is not None)
        return ["plan", "organization", "year", "figure"] if fixed else []

    def may(self, request: HttpRequest, obj: Target, transition: Transition) -> bool:
        return super().may(request, obj, transition) and actions.may_settle(request.user, transition.permission, obj)

    def do(self, request: HttpRequest, obj: Target, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_target_state(obj, verb, by=request.user, **answers)

    def links(self, request: HttpRequest, obj: Target) -> list[tuple[str, str]]:
        found = []
        if request.user.has_perm("targets.report_target", obj):
            found.append((_("Hand in the quarter"), reverse("admin:targets_target_report", args=[obj.pk])))
        if any(t.verb == "allocate" for t in TARGETS.allowed(obj.state)) and request.user.has_perm(
            "targets.change_target", obj
        ):
            found.append((_("Split among units"), reverse("admin:targets_target_split", args=[obj.pk])))
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/report/", view(self.report_page), name="targets_target_report"),
            path("<int:object_id>/split/", view(self.split_page), name="targets_target_split"),
            *super().get_urls(),
        ]

    def report_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        target = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("targets.report_target", target):
            raise PermissionDenied
        today = timezone.localdate()
        initial = {"year": today.year, "quarter": (today.month + 2) // 3}
        form = ReportForm(request.POST or None, initial=initial)
        form.fields["quarter"].widget = UnfoldAdminSelectWidget(choices=form.fields["quarter"].choices)
        for name in ("year", "figure", "note"):
            form.fields[name].widget = UnfoldAdminTextInputWidget()
        if request.method == "POST" and form.is_valid():
            given = {**form.cleaned_data, "quarter": int(form.cleaned_data["quarter"])}
            if self._tried(request, lambda: actions.report(target, by=request.user, **given)):
                return redirect("admin:targets_target_change", object_id)
        return self.ask(
            request,
            target,
            title=_("Hand in the quarter"),
            question=_("%(target)s: what is done since the beginning of the target?") % {"target": target},
            button=_("Hand in the quarter"),
            form=form,
        )

    def split_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        target = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("targets.change_target", target):
            raise PermissionDenied
        form = SharesForm(request.POST or None, target=target)
        if (
            request.method == "POST"
            and form.is_valid()
            and self._tried(request, lambda: actions.allocate(target, form.shares(), by=request.user))
        ):
            return redirect("admin:targets_target_change", object_id)
        return self.ask(
            request,
            target,
            title=_("Split among units"),
            question=_("%(target)s: the shares add up to the figure.") % {"target": target},
            button=_("Split among units"),
            form=form,
        )

    def _tried(self, request: HttpRequest, verb: Any) -> bool:
        try:
            verb()
        except (ValidationError, TransitionRefused) as error:
            messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
            return False
        messages.success(request, _("Saved."))
        return True

    @display(description=gettext_lazy("done"))
    def done_shown(self, obj: Target) -> str:
        check = obj.last_check
        return f"{check.figure}（{obj.share_done} %）" if check else "—"

    @display(description=gettext_lazy("counted from the record"))
    def counted_shown(self, obj: Target) -> str:
        counted = obj.counted
        return "—" if counted is None else f"{counted.normalize():f}{obj.unit}"

    @display(
        description=gettext_lazy("state"),
        label={
            "set": "default",
            "allocated": "info",
            "reached": "warning",
            "verified": "success",
            "dropped": "default",
        },
        ordering="state",
    )
    def state_badge(self, obj: Target) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
