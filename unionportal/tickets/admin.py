"""The desk of tickets: what is overdue first, answered, referred or closed, one by one or several at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from unionportal.audit.actions import record_look
from unionportal.coordinates import amap_link
from unionportal.organizations.models import Organization, Partner
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.states import TransitionRefused
from unionportal.tickets import actions
from unionportal.tickets.categories import choices, label_of
from unionportal.tickets.lifecycle import TICKET, State
from unionportal.tickets.models import MOST_URGENT_FIRST, Referral, Ticket, TicketEvent
from unionportal.verb_pages import VerbPages, dressed

_STATE_COLOURS = {
    State.OPEN: "warning",
    State.TAKEN: "info",
    State.REFERRED: "info",
    State.ANSWERED: "success",
    State.CLOSED: "default",
}


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("public answer"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget,
        help_text=gettext_lazy("Name no person: everybody reads it."),
    )
    public = forms.BooleanField(label=gettext_lazy("the answer is public"), required=False, initial=True)


class ResultForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("result"), max_length=300, widget=UnfoldAdminTextareaWidget)


class ReasonForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("reason"), max_length=300, required=False)


class UntrueForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("what showed it"),
        max_length=300,
        help_text=gettext_lazy("A report that was found untrue does not count in the rating."),
    )


class ReferForm(forms.Form):
    partner = forms.ModelChoiceField(Partner.objects.none(), label=gettext_lazy("partner"))
    text = forms.CharField(label=gettext_lazy("need"), max_length=300, widget=UnfoldAdminTextareaWidget)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.visible_to(user)


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]
    """A ticket as staff write it down for somebody who called or came."""

    category = forms.ChoiceField(label=gettext_lazy("category"), choices=choices, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Ticket
        fields = ["organization", "category", "about", "text", "contact"]


class ToDoFilter(DropdownFilter):
    title = gettext_lazy("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("owed", _("Waiting")), ("late", _("Overdue")), ("escalated", _("Escalated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = {"owed": queryset.owed, "late": queryset.late, "escalated": queryset.escalated}.get(self.value() or "")
        return chosen() if chosen else queryset


class CategoryFilter(DropdownFilter):
    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category=self.value()) if self.value() else queryset


class _WrittenByVerbs(ScopedTabularInline):
    """Rows that the verbs write: shown, never edited."""

    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(_WrittenByVerbs):
    model = TicketEvent
    fields = ["at", "verb_shown", "state", "by", "text"]
    readonly_fields = fields
    verbose_name_plural = gettext_lazy("What has happened")

    @display(description=gettext_lazy("what happened"))
    def verb_shown(self, obj: TicketEvent) -> str:
        return obj.label


class ReferralInline(_WrittenByVerbs):
    model = Referral
    fields = ["partner", "need", "referred_at", "result", "result_at"]
    readonly_fields = fields


@admin.register(Ticket)
class TicketAdmin(VerbPages, ScopedModelAdmin):
    form = TicketForm
    table = TICKET
    staff_verbs = ("answer", "take", "refer", "solve", "close", "dismiss", "reopen")
    verbs_only = True
    verb_forms = {
        "answer": AnswerForm,
        "refer": ReferForm,
        "solve": ResultForm,
        "close": ReasonForm,
        "dismiss": UntrueForm,
        "reopen": ReasonForm,
    }
    list_display = ["title_shown", "state_badge", "due_badge", "organization", "reported_at"]
    list_filter = [ToDoFilter, ("state", ChoicesDropdownFilter), CategoryFilter]
    list_select_related = ["organization"]
    search_fields = ["about", "text", "answer"]
    autocomplete_fields = ["organization"]
    inlines = [ReferralInline, EventInline]
    actions = ["answer_several", "close_several"]
    date_hierarchy = "reported_at"

    # --- What is shown ---------------------------------------------------------------------------------------

    def get_ordering(self, request: HttpRequest) -> Any:
        return MOST_URGENT_FIRST

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj else []

    def get_fields(self, request: HttpRequest, obj: Ticket | None = None) -> list[str]:
        if obj is None:
            return list(TicketForm.Meta.fields)
        private = ["contact_shown", "position_shown", "photo_shown"] if self._may("look", request, obj) else []
        shown = ["organization", "category_shown", "about", "text", *private, "reported_at", "due_at", "escalated_at"]
        return [*shown, "answer", "answer_is_public", "answered_at", "answered_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: Ticket | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "tickets.add_ticket"), "path"))
        return super().rows_to_choose(db_field, request)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Whoever opens a ticket with a reporter's contact or position is written down."""
        ticket = context.get("original")
        if ticket is not None and self._may("look", request, ticket):
            for field in ("contact", "position"):
                if getattr(ticket, field):
                    record_look(ticket, field, by=request.user, purpose=_("Work on the ticket"))
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=gettext_lazy("ticket"), ordering="category")
    def title_shown(self, obj: Ticket) -> str:
        return str(obj)

    @display(description=gettext_lazy("category"))
    def category_shown(self, obj: Ticket) -> str:
        return label_of(obj.category)

    @display(description=gettext_lazy("state"), label=_STATE_COLOURS, ordering="state")
    def state_badge(self, obj: Ticket) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("answer due"), label={"late": "danger", "due": "info"}, ordering="due_at")
    def due_badge(self, obj: Ticket) -> Any:
        if not obj.is_owed:
            return None
        days = (obj.due_at - timezone.now()).days + 1 if obj.due_at else 0
        told = _("overdue") if obj.is_late else _("within %(days)d days") % {"days": days}
        return ("late" if obj.is_late else "due"), (_("escalated, overdue") if obj.escalated_at else told)

    @display(description=gettext_lazy("reporter's contact"))
    def contact_shown(self, obj: Ticket) -> str:
        return str(obj.contact) or "—"

    @display(description=gettext_lazy("reporter's position (WGS-84)"))
    def position_shown(self, obj: Ticket) -> SafeString | str:
        """With the way to a map, for who shall mend what is wrong there."""
        if not obj.position:
            return "—"
        latitude, longitude = map(float, str(obj.position).split(","))
        address = amap_link(latitude, longitude, obj.about)
        return format_html(
            '{} <a href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            obj.position,
            address,
            _("Show on a map"),
        )

    @display(description=gettext_lazy("photo"))
    def photo_shown(self, obj: Ticket) -> str:
        if not obj.photo:
            return "—"
        address = reverse("admin:tickets_ticket_photo", args=[obj.pk])
        return format_html('<img src="{}" alt="{}" width="320" loading="lazy">', address, _("photo"))

    # --- Saving and verbs ------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Ticket, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        fields = dict(form.cleaned_data)
        key = fields.pop("category")
        obj.pk = actions.report(category_key=key, by=request.user, **fields).pk

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        return {"user": request.user} if verb == "refer" else {}

    def do(self, request: HttpRequest, obj: Ticket, verb: str, answers: dict[str, Any]) -> Any:
        actions.move(
            [obj],
            verb,
            by=request.user,
            text=answers.get("text", ""),
            partner=answers.get("partner"),
            answer_is_public=answers.get("public", True),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.photo_page)
        return [path("<int:object_id>/photo/", view, name="tickets_ticket_photo"), *super().get_urls()]

    def photo_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The reporter's photo, for who works on the ticket: it is not among the public files."""
        ticket = self.subject_or_404(request, str(object_id))
        if not ticket.photo or not self._may("look", request, ticket):
            raise Http404
        response = FileResponse(ticket.photo.open("rb"), content_type="image/webp")
        response["Cache-Control"] = "private, no-store"
        return response  # type: ignore[return-value]

    # --- Several at once -------------------------------------------------------------------------------------

    def has_answer_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("answer", request)

    def has_close_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("close", request)

    @action(description=gettext_lazy("Answer with the same words"), permissions=["answer"])
    def answer_several(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        return self._several(request, queryset, "answer", AnswerForm)

    @action(description=gettext_lazy("Close with a reason"), permissions=["close"])
    def close_several(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        return self._several(request, queryset, "close", ReasonForm)

    def _several(
        self, request: HttpRequest, queryset: QuerySet[Ticket], verb: str, form_class: type[forms.Form]
    ) -> HttpResponse | None:
        reached = [row for row in queryset.reached_by(request.user, verb) if _possible(row, verb)]
        form = dressed(form_class(request.POST if "_sure" in request.POST else None))
        if form.is_valid():
            try:
                actions.move(
                    reached,
                    verb,
                    by=request.user,
                    text=form.cleaned_data["text"],
                    answer_is_public=form.cleaned_data.get("public", True),
                )
            except (TransitionRefused, ValidationError) as refusal:
                messages.error(request, getattr(refusal, "message", str(refusal)))
            else:
                messages.success(request, _("%(count)d tickets are done.") % {"count": len(reached)})
            return None
        label = next(transition.label for transition in TICKET.transitions if transition.verb == verb)
        return self.ask_many(
            request,
            f"{verb}_several",
            title=str(label),
            question=_("%(count)d tickets are answered or closed with these words.") % {"count": len(reached)},
            button=str(label),
            form=form,
        )


def _possible(ticket: Ticket, verb: str) -> bool:
    return any(transition.verb == verb for transition in TICKET.allowed(ticket.state))
