"""The register of members as clerks and reviewers work with it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from members import lifecycle
from members.actions import MemberDraft, ask_transfer, change_membership, save_members, transfer_members, verify
from members.actions.register import NEED_REASON
from members.admin.pages import AskingAdmin, BranchFilter, told
from members.models import Member, MembershipSpell
from members.staff_forms import MemberForm, MethodForm, OptionalReasonForm, ReasonForm, UnionForm
from unionportal.organizations.models import Organization
from unionportal.scope import covers, reach_of, within
from unionportal.scoped_admin import ScopedTabularInline
from unionportal.sheets.admin_mixin import SheetActionsMixin

_COLOURS = {
    "active": "success",
    "transferring": "info",
    "retained": "warning",
    "left": "default",
    "lapsed": "default",
    "expelled": "danger",
}


class KeyGroupFilter(DropdownFilter):
    title = gettext_lazy("groups that statistics count")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("eight", _("The eight groups")), ("key", _("The four key groups"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        flags = {"eight": "is_eight_group", "key": "is_key_group"}
        flag = flags.get(self.value() or "")
        return queryset.filter(**{f"occupation_group__{flag}": True}) if flag else queryset


class SpellInline(ScopedTabularInline):
    model = MembershipSpell
    fields = ["organization", "from_day", "until_day", "reason"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(SheetActionsMixin, AskingAdmin):
    sheet_kind = "members"
    form = MemberForm
    list_display = [
        "name",
        "id_shown",
        "occupation_group",
        "organization",
        "state_badge",
        "verification_badge",
        "joined_on",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("organization", BranchFilter),
        "occupation_group",
        KeyGroupFilter,
        ("verification", ChoicesDropdownFilter),
    ]
    list_select_related = ["occupation_group", "organization"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name, pinyin initials, card number, or the whole ID number or phone")
    autocomplete_fields = ["organization", "platform", "employer"]
    ordering = ["name_key", "id"]
    inlines = [SpellInline]
    actions = ["verify_several"]

    # --- The form --------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> list[Any]:
        writes = self.has_change_permission(request, obj) if obj else True
        numbers: list[Any] = [("id_shown", "phone_shown")] if obj else []
        numbers += [("new_id_number", "new_phone")] if writes else []
        return [
            (
                gettext_lazy("Person"),
                {"fields": ["name", *numbers, ("gender", "birth_date"), ("ethnic_group", "household")]},
            ),
            (
                gettext_lazy("Work"),
                {"fields": ["occupation_group", ("platform", "employer"), "employer_name"]},
            ),
            (gettext_lazy("Membership"), {"fields": ["organization", ("joined_on", "card_number"), "remarks"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        return ["id_shown", "phone_shown", *(["organization"] if obj else [])]

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.active().filter(within(reach_of(request.user, "members.add_member"), "path"))
        return super().rows_to_choose(db_field, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.matching(search_term), False

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        save_members([MemberDraft(obj, reason="" if change else "entered")], by=request.user)

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("ID number"))
    def id_shown(self, obj: Member) -> str:
        return obj.masked_id_number or "—"

    @display(description=gettext_lazy("mobile phone"))
    def phone_shown(self, obj: Member) -> str:
        return obj.masked_phone or "—"

    @display(description=gettext_lazy("membership"), label=_COLOURS, ordering="state")
    def state_badge(self, obj: Member) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(
        description=gettext_lazy("real-name verification"),
        label={"verified": "success", "unverified": "default", "failed": "danger"},
        ordering="verification",
    )
    def verification_badge(self, obj: Member) -> tuple[str, str]:
        return obj.verification, obj.get_verification_display()

    # --- Buttons ---------------------------------------------------------------------------------------------

    def facts(self, subject: Member) -> list[str]:
        lines = [str(subject.get_state_display()), subject.state_reason, str(subject.get_verification_display())]
        if subject.verified_on:
            lines.append(f"{subject.get_verification_method_display()} {subject.verified_on:%Y-%m-%d}")
        return lines

    def buttons(self, request: HttpRequest, subject: Member) -> list[tuple[Any, str]]:
        def may(verb: str) -> bool:
            return request.user.has_perm(f"members.{verb}_member", subject)

        pk, found = subject.pk, []
        transitions = lifecycle.MEMBERSHIP.allowed(
            subject.state, lambda permission: request.user.has_perm(permission, subject)
        )
        for transition in transitions:
            if transition.verb == "ask_transfer":
                found.append((transition.label, reverse("admin:members_member_transfer", args=[pk])))
            elif transition.verb != "settle_transfer":
                found.append((transition.label, reverse("admin:members_member_do", args=[pk, transition.verb])))
        if may("change") and subject.verification != Member.Verification.VERIFIED:
            found.append((_("Verify"), reverse("admin:members_member_verify", args=[pk])))
        if may("look"):
            for field, held, label in (
                ("id_number", subject.id_hash, _("Show the ID number")),
                ("phone", subject.phone_hash, _("Show the phone")),
            ):
                if held:
                    found.append((label, reverse("admin:members_member_look", args=[pk, field])))
        return found

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/do/<str:verb>/", view(self.change_page), name="members_member_do"),
            path("<int:object_id>/transfer/", view(self.transfer_page), name="members_member_transfer"),
            path("<int:object_id>/verify/", view(self.verify_page), name="members_member_verify"),
            path("<int:object_id>/look/<str:field>/", view(self.look_page), name="members_member_look"),
            *super().get_urls(),
        ]

    def change_page(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """One verb of the table of memberships."""
        subject = self.subject_or_404(request, str(object_id))
        transition = next((t for t in lifecycle.MEMBERSHIP.transitions if t.verb == verb), None)
        if transition is None or "transfer" in verb:
            raise Http404
        if not request.user.has_perm(transition.permission, subject):
            raise PermissionDenied
        form = ReasonForm if verb in NEED_REASON else OptionalReasonForm
        return self.ask_and_do(
            request,
            subject,
            title=str(transition.label),
            question=f"{transition.label}: {subject}",
            done=_("Done: %(verb)s.") % {"verb": transition.label},
            form=form(request.POST or None),
            do=lambda values: change_membership(subject, verb, by=request.user, reason=values["reason"]),
        )

    def transfer_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """At once where both unions lie in the branch, else asked of the other union."""
        subject = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("members.transfer_member", subject):
            raise PermissionDenied

        def move(values: dict[str, Any]) -> None:
            to = values["organization"]
            if covers(request.user, "members.transfer_member", to):
                transfer_members([subject], to=to, by=request.user)
            else:
                ask_transfer(subject, to=to, by=request.user)

        return self.ask_and_do(
            request,
            subject,
            title=_("Transfer"),
            question=_("To which union does %(name)s go? One outside your branch is asked and decides.")
            % {"name": subject},
            done=_("The transfer is under way or done."),
            form=UnionForm(request.POST or None),
            do=move,
        )

    def verify_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """How the identity was checked."""
        subject = self.subject_or_404(request, str(object_id))
        if not request.user.has_perm("members.change_member", subject):
            raise PermissionDenied
        return self.ask_and_do(
            request,
            subject,
            title=_("Verify"),
            question=_("The identity of %(name)s was checked against a document or a register.") % {"name": subject},
            done=_("%(name)s is verified.") % {"name": subject},
            form=MethodForm(request.POST or None, must=True),
            do=lambda values: verify([subject], method=values["method"], by=request.user),
        )

    # --- Several at once -------------------------------------------------------------------------------------

    def has_verify_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("change", request)

    @action(description=gettext_lazy("Verify"), permissions=["verify"])
    def verify_several(self, request: HttpRequest, queryset: QuerySet[Member]) -> HttpResponse | None:
        form = MethodForm(request.POST if "_sure" in request.POST else None, must=True)
        if form.is_valid():
            members, method = list(queryset.editable_by(request.user)), form.cleaned_data["method"]  # type: ignore[attr-defined]
            words = _("%(count)d members are verified.") % {"count": len(members)}
            told(request, lambda: verify(members, method=method, by=request.user), words)
            return None
        return self.ask_many(
            request,
            "verify_several",
            title=_("Verify members"),
            question=_("The identity of %(count)d members was checked.") % {"count": queryset.count()},
            button=_("Verify"),
            form=form,
        )
