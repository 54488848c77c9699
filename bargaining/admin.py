"""The staff's desk for bargaining: negotiations as ladders, agreements, rounds of offers, rule sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from bargaining import actions, lifecycle
from bargaining.forms import PurposeForm, StageCheckForm, StepForm, form_for
from bargaining.ladder import choices, ladder
from bargaining.models import (
    Agreement,
    Clause,
    DeadlineRule,
    Negotiation,
    Representative,
    Round,
    RuleSet,
    StageCheck,
    Topic,
)
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role
from unionportal.scope import within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.sheets.admin_mixin import SheetActionsMixin
from unionportal.states import TransitionRefused

State = lifecycle.State


# --- Negotiations --------------------------------------------------------------------------------------------


class _WhileOpen(ScopedTabularInline):
    """Rows that may be changed until the states in `closes_at`."""

    open_in: frozenset[State] = frozenset()

    def _is_open(self, obj: Any) -> bool:
        return obj is None or obj.state in self.open_in

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_delete_permission(request, obj)


class TopicInline(_WhileOpen):
    """Topics are settled before the offer; what comes of them is recorded with the meetings."""

    model = Topic
    hide_title = True
    fields = ["subject", "demand", "outcome", "result", "figure"]
    readonly_fields = ["outcome", "result", "figure"]
    open_in = frozenset({State.PREPARING, State.REFUSED})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.readonly_fields


class RepresentativeInline(_WhileOpen):
    model = Representative
    hide_title = True
    fields = ["side", "name", "post", "is_chief", "is_front_line", "is_outside"]
    open_in = lifecycle.BEFORE_SIGNATURE


class DueFilter(admin.SimpleListFilter):
    title = gettext_lazy("deadline")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", gettext_lazy("Late")),
            ("week", gettext_lazy("Due within 7 days")),
            ("confirm", gettext_lazy("To be confirmed or published")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "late":
            return queryset.late()
        if self.value() == "confirm":
            return queryset.to_confirm()
        return queryset.due_within(7) if self.value() == "week" else queryset


def _offer(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.advance(
        negotiation,
        verb,
        by=by,
        on=form.cleaned_data["on"],
        evidence=form.evidence,
        received_on=form.cleaned_data.get("received_on"),
        papers=form.cleaned_data.get("papers", ()),
    )


def _meet(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.hold_meeting(negotiation, by=by, on=form.cleaned_data["on"], evidence=form.evidence, results=form.results)


def _draft(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.agree_draft(negotiation, by=by, on=form.cleaned_data["on"], evidence=form.evidence, draft=form.draft)


def _vote(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.record_vote(
        negotiation,
        by=by,
        on=form.cleaned_data["on"],
        count=form.count,
        evidence=form.evidence,
        notified_on=form.cleaned_data["notified_on"],
    )


def _sign(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.sign(negotiation, by=by, on=form.cleaned_data["on"], evidence=form.evidence)


def _take_effect(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.take_effect(negotiation, by=by, on=form.cleaned_data["on"], evidence=form.evidence)


def _publish(negotiation: Negotiation, verb: str, form: Any, by: Any) -> None:
    actions.publish(negotiation, by=by, on=form.cleaned_data["on"], evidence=form.evidence)


_PERFORM: dict[str, Callable[[Negotiation, str, Any, Any], None]] = {
    "meet": _meet,
    "draft": _draft,
    "vote": _vote,
    "sign": _sign,
    "take_effect": _take_effect,
    "publish": _publish,
}


_BADGES = {
    **dict.fromkeys(State.values, "info"),
    State.PREPARING.value: "default",
    State.REFUSED.value: "warning",
    State.SUSPENDED.value: "warning",
    State.OBJECTED.value: "warning",
    State.PUBLISHED.value: "success",
    State.ENDED.value: "default",
}


@admin.register(Negotiation)
class NegotiationAdmin(ScopedModelAdmin):
    """A negotiation's page: the ladder on top, the facts below; each next step has a form of its own."""

    list_display = ["title", "organization", "state_badge", "next_step", "rule_set", "level", "adviser"]
    list_filter = [
        DueFilter,
        ("state", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        "rule_set",
        "round",
        "organization",
    ]
    list_select_related = ["organization", "rule_set", "adviser"]
    search_fields = ["title", "employers__name"]
    autocomplete_fields = ["organization", "employers"]
    fields = ["title", "organization", "employers", "rule_set", "level", "is_large", "is_renewal", "round", "adviser"]
    inlines = [TopicInline, RepresentativeInline]
    change_form_before_template = "bargaining/admin/ladder.html"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, held_by: Any = None, **kwargs: Any) -> Any:
        """Advisers are chosen by name, though a clerk does not see accounts; rule sets no longer offered are not."""
        if db_field.name == "adviser":
            kwargs["queryset"] = _advisers(request.user, held_by)
        if db_field.name == "rule_set" and not (held_by and held_by.pk):
            kwargs["queryset"] = RuleSet.objects.filter(is_active=True)
        return super().formfield_for_dbfield(db_field, request, held_by=held_by, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who bargains under which rules stands from the offer on."""
        return ["organization", "employers", "rule_set"] if obj and obj.state != State.PREPARING else []

    @display(description=gettext_lazy("State"), ordering="state", label=_BADGES)
    def state_badge(self, negotiation: Negotiation) -> tuple[str, str]:
        return negotiation.state, negotiation.get_state_display()

    @display(description=gettext_lazy("Next due"), ordering="next_due_latest")
    def next_step(self, negotiation: Negotiation) -> str:
        latest = negotiation.next_due_latest
        if latest is None:
            return "—"
        words = {"step": negotiation.next_due_step, "day": latest.isoformat()}
        if latest < timezone.localdate() and negotiation.state != State.FILED:
            return _("Late: %(step)s, %(day)s") % words
        if negotiation.next_due_earliest != latest:
            words["earliest"] = negotiation.next_due_earliest.isoformat()
            return _("%(step)s, %(earliest)s to %(day)s (holidays not announced)") % words
        return _("%(step)s, %(day)s") % words

    # --- The ladder ------------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id and (negotiation := self.get_object(request, object_id)):
            user: Any = request.user
            rungs = ladder(negotiation, user)
            on_rungs = {choice.verb for rung in rungs for choice in rung.choices}
            context["desk"] = {
                "negotiation": negotiation,
                "rungs": rungs,
                "others": [choice for choice in choices(negotiation, user) if choice.verb not in on_rungs],
                "agreement": getattr(negotiation, "agreement", None),
                "stages": _stages(negotiation),
                "may_check": user.has_perm("bargaining.check_negotiation", negotiation),
            }
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/do/<slug:verb>/", view(self.do_view), name="bargaining_negotiation_do"),
            path("<int:pk>/evidence/<int:step>/", view(self.evidence_view), name="bargaining_negotiation_evidence"),
            path("<int:pk>/check/", view(self.check_view), name="bargaining_negotiation_check"),
            *super().get_urls(),
        ]

    def _back(self, negotiation: Negotiation) -> HttpResponse:
        return redirect("admin:bargaining_negotiation_change", negotiation.pk)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """From a new negotiation straight to its ladder."""
        if any(name in request.POST for name in ("_popup", "_addanother")):
            return super().response_add(request, obj, post_url_continue)
        return self._back(obj)

    def do_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """The form of one step. Missing things are said above it, and again if it is sent all the same."""
        negotiation = self.subject_or_404(request, str(pk))
        choice = next((c for c in choices(negotiation, request.user) if c.verb == verb), None)  # type: ignore[arg-type]
        if choice is None:
            if not self.has_change_permission(request, negotiation) and not request.user.has_perm(
                lifecycle.CONFIRM, negotiation
            ):
                raise PermissionDenied
            messages.warning(request, _("This step is not possible now: the negotiation has moved on."))
            return self._back(negotiation)
        form = form_for(verb)(request.POST or None, request.FILES or None, negotiation=negotiation)
        if request.method == "POST" and form.is_valid() and self._perform(request, negotiation, verb, form):
            return self._back(negotiation)
        return self.ask(
            request,
            negotiation,
            title=f"{choice.label} · {negotiation}",
            question="\n".join(choice.lacking) or _("Record what has happened; the next deadline follows from it."),
            button=str(choice.label),
            form=form,
        )

    def _perform(self, request: HttpRequest, negotiation: Negotiation, verb: str, form: StepForm) -> bool:
        """Do the step; what it lacks is told on the form."""
        try:
            _PERFORM.get(verb, _offer)(negotiation, verb, form, request.user)
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
            return False
        except TransitionRefused as error:
            form.add_error(None, error.message)
            return False
        messages.success(request, _("Recorded."))
        return True

    def evidence_view(self, request: HttpRequest, pk: int, step: int) -> HttpResponse:
        """The file of a step, for who may see the negotiation. Raises Http404."""
        negotiation = self.subject_or_404(request, str(pk))
        found = negotiation.steps.filter(pk=step).exclude(file="").first()
        if found is None or not self.has_view_permission(request, negotiation):
            raise Http404
        return FileResponse(found.file.open(), as_attachment=True, filename=found.file_name or "evidence")

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The adviser's check of a stage."""
        negotiation = self.subject_or_404(request, str(pk))
        form = StageCheckForm(request.POST or None, negotiation=negotiation)
        if request.method == "POST" and form.is_valid():
            actions.check_stage(negotiation, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            return self._back(negotiation)
        return self.ask(
            request,
            negotiation,
            title=_("Check a stage"),
            question=_("Confirm what you have looked at on the spot."),
            button=_("Confirm"),
            form=form,
        )


def _advisers(user: Any, held_by: Negotiation | None) -> QuerySet[Account]:
    """Advisers of the user's branches and of the unions above them, and the one named already."""
    prefixes = user.reach("bargaining.change_negotiation")
    above = {p[:end] for p in prefixes for end in range(Organization.steplen, len(p), Organization.steplen)}
    at = within(prefixes, "role_assignments__organization__path") | Q(role_assignments__organization__path__in=above)
    near = Account.objects.active().filter(at, role_assignments__role=Role.ADVISER)
    held = held_by.adviser_id if held_by else None
    return Account.objects.filter(Q(pk__in=near.values("pk")) | Q(pk=held))


def _stages(negotiation: Negotiation) -> list[tuple[str, StageCheck | None]]:
    held = {check.stage: check for check in negotiation.stage_checks.select_related("checked_by")}
    return [(str(label), held.get(value)) for value, label in StageCheck.Stage.choices]


# --- Agreements ----------------------------------------------------------------------------------------------


def _is_settled(agreement: Agreement | None) -> bool:
    """Whether the words were put to the vote of a negotiation: they change by a new draft there, not in a form."""
    return agreement is not None and agreement.negotiation_id is not None


class ClauseInline(ScopedTabularInline):
    model = Clause

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_settled(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_settled(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_settled(obj) and super().has_delete_permission(request, obj)

    hide_title = True
    fields = ["subject", "label", "text", "value", "high", "unit", "per", "qualifier"]


class RunningOutFilter(admin.SimpleListFilter):
    title = gettext_lazy("term")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("90", gettext_lazy("Ends within 90 days")), ("running", gettext_lazy("In force today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "90":
            return queryset.running_out(90)
        return queryset.in_force_on(timezone.localdate()) if self.value() == "running" else queryset


@admin.register(Agreement)
class AgreementAdmin(SheetActionsMixin, ScopedModelAdmin):
    sheet_kind = "agreements"
    list_display = ["title", "employer_name", "kind", "level", "term_from", "term_to", "workers_covered", "state_badge"]
    list_filter = [
        RunningOutFilter,
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        ("conclusion", ChoicesDropdownFilter),
        "organization",
    ]
    search_fields = ["title", "employer_name", "coverage", "credit_code"]
    date_hierarchy = "term_from"
    autocomplete_fields = ["organization", "employer"]
    fields = [
        "title",
        "organization",
        "employer",
        "employer_name",
        "credit_code",
        "kind",
        "level",
        "conclusion",
        "coverage",
        "firms_covered",
        "workers_covered",
        "signed_on",
        "term_from",
        "term_to",
        "handler",
    ]
    inlines = [ClauseInline]
    list_before_template = "bargaining/admin/totals.html"
    change_form_before_template = "bargaining/admin/agreement.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields if name != "handler"] if _is_settled(obj) else []

    @display(
        description=gettext_lazy("Status"),
        ordering="status",
        label={"published": "success", "in_force": "info", "terminated": "danger", "draft": "default"},
    )
    def state_badge(self, agreement: Agreement) -> tuple[str, str]:
        return agreement.status, agreement.get_status_display()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the figures of a statistical return for the rows shown."""
        response = super().changelist_view(request, extra_context)
        data = getattr(response, "context_data", None) or {}
        if "cl" in data:
            data["totals"] = data["cl"].queryset.exclude(status=Agreement.Status.DRAFT).order_by().totals()
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id and (agreement := self.get_object(request, object_id)):
            context["desk"] = {
                "agreement": agreement,
                "may_publish": agreement.negotiation_id is None
                and agreement.status == Agreement.Status.IN_FORCE
                and request.user.has_perm("bargaining.publish_agreement", agreement),
                "may_look": bool(agreement.handler_phone)
                and request.user.has_perm("bargaining.change_agreement", agreement),
            }
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", view(self.publish_view), name="bargaining_agreement_publish"),
            path("<int:pk>/document/", view(self.document_view), name="bargaining_agreement_document"),
            path("<int:pk>/phone/", view(self.phone_view), name="bargaining_agreement_phone"),
            *super().get_urls(),
        ]

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.subject_or_404(request, str(pk))
        if request.method == "POST":
            try:
                actions.publish_agreement(agreement, by=request.user)  # type: ignore[arg-type]
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            return redirect("admin:bargaining_agreement_change", pk)
        return self.ask(
            request,
            agreement,
            title=_("Publish the agreement"),
            question=_("Everybody will be able to read whom it covers, its term and its clauses."),
            button=_("Publish"),
        )

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The signed document, for staff who may see the agreement. Raises Http404."""
        agreement = self.subject_or_404(request, str(pk))
        if not agreement.document or not self.has_view_permission(request, agreement):
            raise Http404
        return FileResponse(
            agreement.document.open(), as_attachment=True, filename=agreement.document_name or "agreement"
        )

    def phone_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The handler's number whole, for a stated purpose; the look is recorded."""
        agreement = self.subject_or_404(request, str(pk))
        form = PurposeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            number = actions.show_handler_phone(agreement, by=request.user, purpose=form.cleaned_data["purpose"])  # type: ignore[arg-type]
            context = {
                **self.admin_site.each_context(request),
                "title": _("Handler's phone"),
                "opts": self.opts,
                "original": agreement,
                "number": number,
                "back": reverse("admin:bargaining_agreement_change", args=[pk]),
            }
            return TemplateResponse(request, "bargaining/admin/phone.html", context)
        return self.ask(
            request,
            agreement,
            title=_("Handler's phone"),
            question=_("State what you need the number for: the look is recorded."),
            button=_("Show the number"),
            form=form,
        )


# --- Rounds and rule sets ------------------------------------------------------------------------------------


@admin.register(Round)
class RoundAdmin(ScopedModelAdmin):
    """Rounds of offers with how far they have come."""

    list_display = ["name", "organization", "starts_on", "ends_on", "target_firms", "offered", "agreed"]
    list_filter = ["organization"]
    search_fields = ["name"]
    autocomplete_fields = ["organization"]
    fields = ["name", "organization", "starts_on", "ends_on", "target_firms"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        signed = Q(negotiations__state__in=[State.SIGNED, State.FILED, State.IN_FORCE, State.PUBLISHED])
        return (
            super()
            .get_queryset(request)
            .annotate(
                offered_count=Count("negotiations", filter=~Q(negotiations__state=State.PREPARING)),
                agreed_count=Count("negotiations", filter=signed),
            )
        )

    @display(description=gettext_lazy("Offers made"), ordering="offered_count")
    def offered(self, row: Any) -> int:
        return row.offered_count

    @display(description=gettext_lazy("Signed"), ordering="agreed_count")
    def agreed(self, row: Any) -> int:
        return row.agreed_count


class DeadlineRuleInline(ScopedTabularInline):
    model = DeadlineRule
    fields = [
        "step",
        "name",
        "count",
        "unit",
        "event",
        "first_day_counted",
        "moves_on",
        "duty",
        "article",
        "text",
        "certainty",
    ]


@admin.register(RuleSet)
class RuleSetAdmin(ScopedModelAdmin):
    """Rule sets are data: an administrator corrects a limit, and running deadlines are counted anew."""

    list_display = ["name", "slug", "scope", "in_force_from", "certainty", "is_active"]
    list_filter = ["scope", "certainty", "is_active"]
    search_fields = ["name", "slug", "law"]
    inlines = [DeadlineRuleInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        actions.refresh_deadlines(Negotiation.objects.running().filter(rule_set=form.instance))
