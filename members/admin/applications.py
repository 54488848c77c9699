"""The queue of applications to join, as its clerks work it off: oldest and overdue first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, F, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from members import lifecycle
from members.actions import (
    AlreadyMember,
    accept_application,
    accept_applications,
    ask_more,
    refuse_applications,
    reroute,
    submit_application,
)
from members.admin.consequences import consequences
from members.admin.pages import AskingAdmin, BranchFilter, told
from members.models import Application, ConsentText
from members.staff_forms import ClerkApplicationForm, MethodForm, ReasonForm, UnionForm

_COLOURS = {
    "submitted": "info",
    "more_asked": "warning",
    "accepted": "success",
    "refused": "danger",
    "withdrawn": "default",
}


class QueueFilter(DropdownFilter):
    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("overdue", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "waiting":
            return queryset.filter(state__in=lifecycle.WAITING)
        if self.value() == "overdue":
            return queryset.filter(pk__in=Application.objects.overdue().order_by().values("pk"))
        return queryset


def _while_waiting(column: str) -> Any:
    return Case(When(state__in=lifecycle.WAITING, then=F(column))).asc(nulls_last=True)


def _notice_link() -> str:
    return format_html(
        '<a class="underline" href="{}" target="_blank">{}</a>', reverse("members:join"), _("The notice")
    )


@admin.register(Application)
class ApplicationAdmin(AskingAdmin):
    form = ClerkApplicationForm
    list_display = ["name", "id_shown", "occupation_group", "organization", "state_badge", "due_badge", "channel"]
    list_filter = [QueueFilter, ("state", ChoicesDropdownFilter), ("organization", BranchFilter), "occupation_group"]
    list_select_related = ["occupation_group", "organization"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name, or the whole ID number or phone")
    autocomplete_fields = ["organization", "division"]
    ordering = [_while_waiting("due_on"), _while_waiting("submitted_at"), "-submitted_at"]
    actions = ["accept_several", "refuse_several"]

    # --- Reading ---------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the applicant stated is his; staff decide, and correct nothing in it."""
        return obj is None and super().has_change_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Application | None = None) -> list[Any]:
        if obj is None:
            return [
                (gettext_lazy("Union"), {"fields": ["organization", "channel"]}),
                (gettext_lazy("Person"), {"fields": ["name", "id_number", "phone", "occupation_group"]}),
                (gettext_lazy("Work"), {"fields": ["employer_name", "division"]}),
                (gettext_lazy("Consent"), {"fields": ["agreed"], "description": _notice_link()}),
            ]
        return [
            (gettext_lazy("Person"), {"fields": [("name", "occupation_group"), ("id_shown", "phone_shown")]}),
            (gettext_lazy("Work"), {"fields": [("employer_name", "division"), ("employer", "platform")]}),
            (
                gettext_lazy("Application"),
                {
                    "fields": [
                        ("organization", "routed_by"),
                        ("channel", "entered_by"),
                        ("submitted_at", "due_on"),
                        ("consent", "consented_at"),
                    ]
                },
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["id_shown", "phone_shown"] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, form=admin.ModelAdmin.form, **kwargs)
        form = super().get_form(request, obj, change, **kwargs)
        return type("ApplicationFormOfRequest", (form,), {"user": request.user})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.matching(search_term), False

    @display(description=gettext_lazy("ID number"))
    def id_shown(self, obj: Application) -> str:
        return obj.masked_id_number or "—"

    @display(description=gettext_lazy("mobile phone"))
    def phone_shown(self, obj: Application) -> str:
        return obj.masked_phone or "—"

    @display(description=gettext_lazy("state"), label=_COLOURS, ordering="state")
    def state_badge(self, obj: Application) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(
        description=gettext_lazy("to be decided by"),
        label={"late": "danger", "due": "info", "none": "default"},
        ordering="due_on",
    )
    def due_badge(self, obj: Application) -> tuple[str, str]:
        if obj.state != lifecycle.ApplicationState.SUBMITTED:
            return "none", "—"
        day = obj.due_on.isoformat()
        return ("late", _("%(day)s, overdue") % {"day": day}) if obj.is_overdue else ("due", day)

    # --- Entering for somebody -------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        try:
            saved = submit_application(
                form.answers(), consent=ConsentText.objects.latest(), channel=obj.channel, by=request.user
            )
        except AlreadyMember:
            raise ValidationError(_("This person is a member already. Ask for a transfer if it is another union."))
        obj.__dict__.update(saved.__dict__)

    # --- Deciding --------------------------------------------------------------------------------------------

    def facts(self, subject: Application) -> list[str]:
        lines = [str(subject.get_state_display()), subject.message]
        if subject.state in lifecycle.WAITING:
            lines.append(consequences([subject])[0].words)
        return lines

    def buttons(self, request: HttpRequest, subject: Application) -> list[tuple[Any, str]]:
        user, found = request.user, []
        if user.has_perm("members.accept_application", subject):
            allowed = {t.verb: t.label for t in lifecycle.JOINING.allowed(subject.state) if t.permission}
            found += [
                (label, reverse("admin:members_application_do", args=[subject.pk, v])) for v, label in allowed.items()
            ]
            if allowed:
                found.append((_("Hand on"), reverse("admin:members_application_reroute", args=[subject.pk])))
        if user.has_perm("members.look_application", subject):
            for field, label in (("id_number", _("Show the ID number")), ("phone", _("Show the phone"))):
                if getattr(subject, f"{'id' if field == 'id_number' else 'phone'}_hash"):
                    found.append((label, reverse("admin:members_application_look", args=[subject.pk, field])))
        if subject.member_id and user.has_perm("members.view_member", subject.member):
            found.append((_("To the member"), reverse("admin:members_member_change", args=[subject.member_id])))
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/do/<str:verb>/", view(self.decide_page), name="members_application_do"),
            path("<int:object_id>/reroute/", view(self.reroute_page), name="members_application_reroute"),
            path("<int:object_id>/look/<str:field>/", view(self.look_page), name="members_application_look"),
            *super().get_urls(),
        ]

    def _subject(self, request: HttpRequest, object_id: int) -> Application:
        subject = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("members.accept_application", subject):
            raise PermissionDenied
        return subject

    def decide_page(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """Accept, ask for more, refuse."""
        subject, by, data = self._subject(request, object_id), request.user, request.POST or None
        name = {"name": subject}
        if verb == "accept":
            return self.ask_and_do(
                request,
                subject,
                title=_("Accept"),
                question=consequences([subject])[0].words,
                done=_("%(name)s is a member.") % name,
                form=MethodForm(data),
                do=lambda values: accept_application(subject, by=by, method=values["method"]),
            )
        if verb == "ask_more":
            return self.ask_and_do(
                request,
                subject,
                title=_("Ask for more"),
                question=_("What is missing? %(name)s reads this word for word.") % name,
                done=_("%(name)s is asked for more.") % name,
                form=ReasonForm(data),
                do=lambda values: ask_more(subject, message=values["reason"], by=by),
            )
        if verb == "refuse":
            return self.ask_and_do(
                request,
                subject,
                title=_("Refuse"),
                question=_("Why? %(name)s reads this word for word.") % name,
                done=_("The application is refused."),
                form=ReasonForm(data),
                do=lambda values: refuse_applications([subject], reason=values["reason"], by=by),
            )
        raise Http404

    def reroute_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Hand it on to the union it should have reached."""
        subject = self._subject(request, object_id)
        return self.ask_and_do(
            request,
            subject,
            title=_("Hand on"),
            question=_("To which union does the application of %(name)s belong?") % {"name": subject},
            done=_("The application is handed on."),
            form=UnionForm(request.POST or None),
            do=lambda values: reroute(subject, to=values["organization"], by=request.user),
        )

    # --- Several at once -------------------------------------------------------------------------------------

    def has_accept_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("accept", request)

    def _waiting(self, request: HttpRequest, queryset: QuerySet[Application]) -> list[Application]:
        reached = queryset.reached_by(request.user, "accept").filter(state__in=lifecycle.WAITING)  # type: ignore[attr-defined]
        left = queryset.count() - reached.count()
        if left:
            words = _("%(count)d were left as they are: their state or your roles do not allow it.")
            messages.warning(request, words % {"count": left})
        return list(reached)

    @action(description=gettext_lazy("Accept"), permissions=["accept"])
    def accept_several(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        form = MethodForm(request.POST if "_sure" in request.POST else None)
        if form.is_valid():
            waiting, method = self._waiting(request, queryset), form.cleaned_data["method"]
            words = ngettext(
                "%(count)d application is accepted; membership counts from today.",
                "%(count)d applications are accepted; membership counts from today.",
                len(waiting),
            ) % {"count": len(waiting)}
            told(request, lambda: accept_applications(waiting, by=request.user, method=method), words)
            return None
        return self.ask_many(
            request,
            "accept_several",
            title=_("Accept applications"),
            question=self._what_follows(request, queryset),
            button=_("Accept"),
            form=form,
        )

    def _what_follows(self, request: HttpRequest, queryset: QuerySet[Application]) -> str:
        """Each application with what accepting it does, what is out of the ordinary first."""
        waiting = queryset.reached_by(request.user, "accept").filter(state__in=lifecycle.WAITING)  # type: ignore[attr-defined]
        told = sorted(consequences(list(waiting.select_related("organization"))), key=lambda one: one.is_plain)
        head = ngettext(
            "%(count)d application is accepted; membership counts from today:",
            "%(count)d applications are accepted; membership counts from today:",
            len(told),
        ) % {"count": len(told)}
        return "\n".join([head, *(f"· {one.words}" for one in told)])

    @action(description=gettext_lazy("Refuse with a reason"), permissions=["accept"])
    def refuse_several(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "_sure" in request.POST else None)
        if form.is_valid():
            waiting, reason = self._waiting(request, queryset), form.cleaned_data["reason"]
            words = _("%(count)d applications are refused.") % {"count": len(waiting)}
            told(request, lambda: refuse_applications(waiting, reason=reason, by=request.user), words)
            return None
        return self.ask_many(
            request,
            "refuse_several",
            title=_("Refuse applications"),
            question=_("Why? The applicants read this word for word."),
            button=_("Refuse"),
            form=form,
        )
