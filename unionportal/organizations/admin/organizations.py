"""The tree of organisations as an indented list, and the divisions they lie in."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from unionportal.organizations.actions import (
    OrganizationDraft,
    change_organizations,
    move_organization,
    save_organizations,
)
from unionportal.organizations.models import Account, Division, Organization
from unionportal.organizations.terms import TERM_WARNING_DAYS, terms_ending
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin
from unionportal.sheets.admin_mixin import SheetActionsMixin


def by_name_or_initials(words: str) -> Q:
    """A condition: each word in the name, the code, the pinyin, or the pinyin initials ("kmz" for 昆明总…)."""
    condition = Q()
    for word in words.split()[:6]:
        found = Q(name__icontains=word) | Q(code__istartswith=word)
        if re.fullmatch(r"[A-Za-z]{2,12}", word):
            letters = word.lower()
            found |= Q(name_key__contains=letters)
            found |= Q(name_key__regex="(^| )" + "[^ ]* ".join(letters))
        condition &= found
    return condition


class TermFilter(admin.SimpleListFilter):
    title = gettext_lazy("term of office")
    parameter_name = "term"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ending", gettext_lazy("Over, or ends within 90 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return terms_ending(queryset) if self.value() == "ending" else queryset


class AccountsFilter(admin.SimpleListFilter):
    title = gettext_lazy("accounts")
    parameter_name = "accounts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", gettext_lazy("Nobody has an account"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "none":
            return queryset
        held = Account.objects.active().values("organization")
        return queryset.filter(status=Organization.Status.ACTIVE).exclude(pk__in=held)


def _superior_field(label: Any, *, required: bool = True) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset=Organization.objects.none(),
        label=label,
        required=required,
        widget=AutocompleteSelect(Organization._meta.get_field("industry_superior"), admin.site),
    )


class OrganizationForm(forms.ModelForm):
    """An organisation; a new one says below which superior it stands."""

    superior = _superior_field(gettext_lazy("Superior"))

    class Meta:
        model = Organization
        fields = [
            "name",
            "kind",
            "code",
            "status",
            "credit_code",
            "division",
            "chair",
            "phone",
            "address",
            "is_catch_all",
            "industry_superior",
            "term_from",
            "term_years",
            "founded_on",
            "remarks",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = _("Leave empty for a new organization: the portal gives one.")

    def clean_code(self) -> str:
        if self.instance.pk and not self.cleaned_data["code"]:
            raise ValidationError(_("A code that was given stays."))
        return self.cleaned_data["code"]


class MoveForm(forms.Form):
    to = _superior_field(gettext_lazy("New superior"))

    def __init__(self, *args: Any, rows: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = rows


@admin.register(Organization)
class OrganizationAdmin(SheetActionsMixin, ScopedModelAdmin):
    sheet_kind = "organizations"
    form = OrganizationForm
    list_display = ["tree_name", "code", "kind_label", "status_badge", "chair", "term", "division"]
    list_display_links = ["tree_name"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        "is_catch_all",
        TermFilter,
        AccountsFilter,
        ("division", ScopedAutocompleteFilter),
    ]
    list_select_related = ["division"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name, code, or initials of the pinyin")
    autocomplete_fields = ["industry_superior", "division"]
    ordering = ["path"]
    sortable_by: list[str] = []
    actions_detail = ["move_page"]
    readonly_fields = ["superior_name", "below"]

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> list[Any]:
        place = ["superior_name", "below"] if obj else ["superior"]
        return [
            (gettext_lazy("Basic"), {"fields": ["name", "kind", "code", "status", *place]}),
            (
                gettext_lazy("Details"),
                {
                    "fields": [
                        ("credit_code", "division"),
                        ("chair", "phone"),
                        "address",
                        "is_catch_all",
                        "industry_superior",
                    ]
                },
            ),
            (gettext_lazy("Term of office"), {"fields": [("term_from", "term_years"), "founded_on"]}),
            (gettext_lazy("Remarks"), {"fields": ["remarks"]}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "superior" in form.base_fields:
            # The declared field is one object for all requests: each form gets a copy with its own choices.
            form.base_fields["superior"] = _superior_field(gettext_lazy("Superior"))
            form.base_fields["superior"].queryset = Organization.objects.editable_by(request.user)
        return form

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(by_name_or_initials(search_term)), False

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if change:
            change_organizations([obj], by=request.user)
        else:
            save_organizations([OrganizationDraft(obj, form.cleaned_data["superior"])], by=request.user)

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("name"))
    def tree_name(self, obj: Organization) -> str:
        return obj.indented_name

    @display(description=gettext_lazy("kind"))
    def kind_label(self, obj: Organization) -> str:
        return f"{obj.get_kind_display()}{_(' (catch-all)') if obj.is_catch_all else ''}"

    @display(
        description=gettext_lazy("status"),
        label={"active": "success", "preparing": "info", "merged": "warning", "dissolved": "danger"},
    )
    def status_badge(self, obj: Organization) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("term ends"), label={"late": "danger", "soon": "warning", "later": "default"})
    def term(self, obj: Organization) -> tuple[str, str] | None:
        if obj.term_ends is None:
            return None
        left = (obj.term_ends - timezone.localdate()).days
        state = "late" if left < 0 else "soon" if left <= TERM_WARNING_DAYS else "later"
        return state, obj.term_ends.isoformat()

    @display(description=gettext_lazy("superior"))
    def superior_name(self, obj: Organization) -> str:
        superior = Organization.objects.get_parent(obj) if obj.depth > 1 else None
        return str(superior) if superior else "—"

    @display(description=gettext_lazy("organizations below"))
    def below(self, obj: Organization) -> int:
        return Organization.objects.branch_of(obj).count() - 1

    # --- Moving ----------------------------------------------------------------------------------------------

    def has_move_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("organizations.move_organization")

    @action(
        description=gettext_lazy("Move below another superior"),
        permissions=["move"],
        url_path="move",
        icon="drive_file_move",
    )
    def move_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose a superior, then confirm with the number of organisations that move."""
        organization = self.subject_or_404(request, object_id)
        if not request.user.has_perm("organizations.move_organization", organization):
            raise PermissionDenied
        targets = (
            Organization.objects.all().reached_by(request.user, "move").exclude(path__startswith=organization.path)
        )
        form = MoveForm(request.POST or None, rows=targets)
        count = Organization.objects.branch_of(organization).count()
        if not form.is_valid():
            return self.ask(
                request,
                organization,
                title=_("Move %(name)s") % {"name": organization},
                question=_(
                    "Below which superior shall it stand? "
                    "Everything below it, its stations and its accounts move along."
                ),
                button=_("Go on"),
                form=form,
            )
        to = form.cleaned_data["to"]
        if "sure" not in request.POST:
            return self.ask(
                request,
                organization,
                title=_("Move %(name)s") % {"name": organization},
                question=_("%(count)d organizations (itself included) move from below “%(from)s” to below “%(to)s”.")
                % {"count": count, "from": Organization.objects.get_parent(organization) or "—", "to": to},
                button=_("Move them"),
                hidden=[("to", to.pk), ("sure", "1")],
            )
        try:
            move_organization(organization, to=to, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Moved. Codes, accounts and stations stayed with the organizations."))
        return redirect("admin:organizations_organization_change", object_id)


@admin.register(Division)
class DivisionAdmin(ScopedModelAdmin):
    list_display = ["code", "name", "level", "parent", "is_official"]
    list_filter = [("level", ChoicesDropdownFilter), "is_official"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    search_help_text = gettext_lazy("Name or code")
    autocomplete_fields = ["parent"]
    fields = ["code", "name", "level", "parent"]

    def has_change_permission(self, request: HttpRequest, obj: Division | None = None) -> bool:
        """The national standard is not edited; a zone with a code of the federation's own is."""
        if obj is not None and obj.is_official:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Division, form: Any, change: bool) -> None:
        obj.is_official = False
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Division | None = None) -> list[str]:
        return ["code"] if obj else []
