"""What else waits at the members' desk: transfers to take over, requests to answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from members.actions import accept_transfers, answer_request, refuse_transfer
from members.admin.pages import AskingAdmin, told
from members.models import DataRequest, Transfer
from members.staff_forms import DataAnswerForm, ReasonForm

_STATES = {"asked": "info", "accepted": "success", "refused": "danger", "withdrawn": "default"}


class _Decided(AskingAdmin):
    """Rows that come about elsewhere and are only decided here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)


@admin.register(Transfer)
class TransferAdmin(_Decided):
    list_display = ["member", "from_organization", "to_organization", "state_badge", "asked_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["member", "from_organization", "to_organization"]
    fields = ["member", ("from_organization", "to_organization"), "reason", ("asked_at", "settled_at"), "settled_by"]
    ordering = ["-asked_at"]
    actions = ["accept_several"]

    @display(description=gettext_lazy("state"), label=_STATES, ordering="state")
    def state_badge(self, obj: Transfer) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def facts(self, subject: Transfer) -> list[str]:
        return [str(subject.get_state_display()), subject.reason]

    def buttons(self, request: HttpRequest, subject: Transfer) -> list[tuple[Any, str]]:
        if subject.state != Transfer.State.ASKED or not request.user.has_perm("members.change_transfer", subject):
            return []
        verbs = (("accept", _("Take over")), ("refuse", _("Refuse")))
        return [(label, reverse("admin:members_transfer_do", args=[subject.pk, verb])) for verb, label in verbs]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/do/<str:verb>/", view(self.decide_page), name="members_transfer_do"),
            *super().get_urls(),
        ]

    def decide_page(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """Take over, or refuse."""
        subject = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("members.change_transfer", subject):
            raise PermissionDenied
        name = {"name": subject.member}
        if verb == "accept":
            return self.ask_and_do(
                request,
                subject,
                title=_("Take over"),
                question=_("%(name)s becomes a member of your union from today.") % name,
                done=_("%(name)s is taken over.") % name,
                do=lambda values: accept_transfers([subject], by=request.user),
            )
        if verb == "refuse":
            return self.ask_and_do(
                request,
                subject,
                title=_("Refuse"),
                question=_("Why? %(name)s reads this word for word.") % name,
                done=_("The transfer is refused."),
                form=ReasonForm(request.POST or None),
                do=lambda values: refuse_transfer(subject, by=request.user, reason=values["reason"]),
            )
        raise Http404

    def has_accept_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("change", request)

    @action(description=gettext_lazy("Take over"), permissions=["accept"])
    def accept_several(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> None:
        asked = list(queryset.editable_by(request.user).filter(state=Transfer.State.ASKED))  # type: ignore[attr-defined]
        words = _("%(count)d members are taken over.") % {"count": len(asked)}
        told(request, lambda: accept_transfers(asked, by=request.user), words)


@admin.register(DataRequest)
class DataRequestAdmin(_Decided):
    list_display = ["member", "kind", "state_badge", "asked_at", "due_on"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    list_select_related = ["member"]
    fields = ["member", "kind", "text", ("asked_at", "due_on"), "answer", ("settled_at", "settled_by")]
    ordering = ["due_on", "asked_at"]

    @display(
        description=gettext_lazy("state"),
        label={"waiting": "warning", "done": "success", "refused": "danger"},
        ordering="state",
    )
    def state_badge(self, obj: DataRequest) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def buttons(self, request: HttpRequest, subject: DataRequest) -> list[tuple[Any, str]]:
        found = []
        if subject.state == DataRequest.State.WAITING and request.user.has_perm("members.change_datarequest", subject):
            found.append((_("Answer"), reverse("admin:members_datarequest_answer", args=[subject.pk])))
        if request.user.has_perm("members.view_member", subject.member):
            found.append((_("To the member"), reverse("admin:members_member_change", args=[subject.member_id])))
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/answer/", view(self.answer_page), name="members_datarequest_answer"),
            *super().get_urls(),
        ]

    def answer_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer; the member reads it on his page."""
        subject = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("members.change_datarequest", subject):
            raise PermissionDenied
        return self.ask_and_do(
            request,
            subject,
            title=_("Answer"),
            question=f"{subject.get_kind_display()}: {subject.text}",
            done=_("The answer has been given."),
            form=DataAnswerForm(request.POST or None),
            do=lambda values: answer_request(
                subject, answer=values["answer"], refused=values["refused"], by=request.user
            ),
        )
