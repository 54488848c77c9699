"""Staff accounts: opened with a first password, given roles, closed; and a page of what each role may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from unionportal.organizations.actions import (
    close_account,
    grant_role,
    open_account,
    reopen_account,
    reset_password,
    withdraw_role,
)
from unionportal.organizations.models import Account, Organization, RoleAssignment
from unionportal.organizations.role_words import role_rows
from unionportal.organizations.roles import Role
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin, ScopedTabularInline


def own_branch(user: Any) -> QuerySet[Organization]:
    """Where `user` may open accounts and grant roles."""
    return Organization.objects.filter(within(reach_of(user, "organizations.add_account"), "path"))


class RoleInline(ScopedTabularInline):
    model = RoleAssignment
    fields = ["role", "organization", "granted_at"]
    readonly_fields = ["granted_at"]
    autocomplete_fields = ["organization"]
    verbose_name_plural = gettext_lazy("Roles held")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("organization", "account")

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return own_branch(request.user)
        return super().rows_to_choose(db_field, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is granted or withdrawn, never turned into another."""
        return False


class AccountForm(forms.ModelForm):
    """A new account with the role it shall hold at its organisation."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role at this organization"),
        choices=[("", gettext_lazy("None yet")), *Role.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Account
        fields = ["username", "display_name", "organization"]


class RoleFilter(admin.SimpleListFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(role.value, role.label) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By roles held where the user may see roles, so that a filter tells nothing of other branches."""
        if self.value() is None:
            return queryset
        held = RoleAssignment.objects.visible_to(request.user).filter(role=self.value())
        return queryset.filter(pk__in=held.values("account"))


@admin.register(Account)
class AccountAdmin(ScopedModelAdmin):
    form = AccountForm
    list_display = [
        "username",
        "display_name",
        "organization",
        "roles_held",
        "active_badge",
        "last_login",
        "created_at",
    ]
    list_filter = ["is_active", RoleFilter, ("organization", ScopedAutocompleteFilter)]
    list_select_related = ["organization"]
    search_fields = ["username", "display_name"]
    search_help_text = gettext_lazy("User name or name")
    autocomplete_fields = ["organization"]
    inlines = [RoleInline]
    actions_list = ["roles_page"]
    actions_detail = ["reset_password_page", "close_page", "reopen_page"]
    ordering = ["username"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("role_assignments__organization")

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> list[Any]:
        fields = ["username", "display_name", "organization"]
        return [(None, {"fields": [*fields, "is_active", "last_login", "created_at"] if obj else [*fields, "role"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        return ["username", "is_active", "last_login", "created_at"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Account | None) -> list[Any]:
        return self.inlines if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return own_branch(request.user)
        return super().rows_to_choose(db_field, request)

    # --- Writing ---------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        roles = [(Role(role), obj.organization)] if (role := form.cleaned_data.get("role")) else []
        opened, password = open_account(
            username=obj.username,
            display_name=obj.display_name,
            organization=obj.organization,
            roles=roles,
            by=request.user,
        )
        obj.pk, obj._state.adding = opened.pk, False
        obj.first_password = password  # type: ignore[attr-defined]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not RoleAssignment:
            super().save_formset(request, form, formset, change)
            return
        granted = formset.save(commit=False)
        for held in formset.deleted_objects:
            withdraw_role(held, by=request.user)
        for held in granted:
            grant_role(form.instance, role=Role(held.role), at=held.organization, by=request.user)

    def response_add(self, request: HttpRequest, obj: Account, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_password(request, obj, obj.first_password)  # type: ignore[attr-defined]

    def _show_password(self, request: HttpRequest, account: Account, password: str) -> HttpResponse:
        """The password stands in this one response: no message, no session and no cookie carries it."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("First password"),
            "opts": self.opts,
            "original": account,
            "account": account,
            "password": password,
            "back": reverse("admin:organizations_account_change", args=[account.pk]),
        }
        response = TemplateResponse(request, "admin/first_password.html", context)
        response["Cache-Control"] = "no-store"
        return response

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("roles held"))
    def roles_held(self, obj: Account) -> str:
        return _("; ").join(f"{held.get_role_display()} · {held.organization}" for held in obj.role_assignments.all())

    @display(description=gettext_lazy("state"), label={"active": "success", "closed": "danger"})
    def active_badge(self, obj: Account) -> tuple[str, str]:
        return ("active", _("Active")) if obj.is_active else ("closed", _("Closed"))

    # --- Password and closing ----------------------------------------------------------------------------------

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("organizations.change_account")

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Closing and a new password for an open account, reopening for a closed one."""
        account = self.get_object(request, str(object_id))
        closed = account is not None and not account.is_active
        found = super().get_actions_detail(request, object_id)
        return [entry for entry in found if (entry.path == "reopen") == closed]

    def _managed(self, request: HttpRequest, object_id: str) -> Account:
        account = self.subject_or_404(request, object_id)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        return account

    @action(
        description=gettext_lazy("New first password"),
        permissions=["manage"],
        url_path="reset-password",
        icon="key",
    )
    def reset_password_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = self._managed(request, object_id)
        if request.method == "POST":
            return self._show_password(request, account, reset_password(account, by=request.user))
        return self.ask(
            request,
            account,
            title=_("New first password"),
            question=_("%(name)s (%(username)s) gets a new first password; the old one stops working.")
            % {"name": account, "username": account.username},
            button=_("Make a new password"),
        )

    @action(
        description=gettext_lazy("Close the account"),
        permissions=["manage"],
        url_path="close",
        icon="block",
    )
    def close_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = self._managed(request, object_id)
        if request.method == "POST":
            close_account(account, by=request.user)
            messages.success(request, _("The account is closed. What it did stays on record."))
            return redirect("admin:organizations_account_change", account.pk)
        return self.ask(
            request,
            account,
            title=_("Close the account"),
            question=_("%(name)s (%(username)s) will no longer be able to log in.")
            % {"name": account, "username": account.username},
            button=_("Close the account"),
        )

    @action(
        description=gettext_lazy("Reopen the account"),
        permissions=["manage"],
        url_path="reopen",
        icon="lock_open",
    )
    def reopen_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = self._managed(request, object_id)
        if request.method == "POST":
            try:
                return self._show_password(request, account, reopen_account(account, by=request.user))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return redirect("admin:organizations_account_change", account.pk)
        return self.ask(
            request,
            account,
            title=_("Reopen the account"),
            question=_("%(name)s (%(username)s) may log in again with a new first password and holds: %(roles)s.")
            % {"name": account, "username": account.username, "roles": self.roles_held(account) or "—"},
            button=_("Reopen the account"),
        )

    # --- Roles -------------------------------------------------------------------------------------------------

    @action(
        description=gettext_lazy("What each role may do"),
        permissions=["organizations.view_account"],
        url_path="roles",
        icon="badge",
    )
    def roles_page(self, request: HttpRequest) -> HttpResponse:
        """Read-only: roles are defined by the portal, not by clicking."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("What each role may do"),
            "opts": self.opts,
            "roles": [(role.label, role_rows(role)) for role in Role],
        }
        return TemplateResponse(request, "admin/roles.html", context)
