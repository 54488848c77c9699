"""The staff's pages, each of which starts from what the user may see.

`ScopedModelAdmin` is the base of every ModelAdmin here: its list, counts, choices, filters, autocompletes and
actions start from ``visible_to(request.user)``; a stranger's object is 404, a visible one that the user may not
change is shown read-only and refuses a POST with 403; after a save, what was saved must still be in reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.checks import CheckMessage, Error
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, models
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import StackedInline as UnfoldStackedInline
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.checks import UnfoldModelAdminChecks
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter

from unionportal.audit.history import changes_of
from unionportal.merging import Merging
from unionportal.once import ONCE, new_token, remember_sent, was_sent
from unionportal.organizations.roles import holders
from unionportal.refusals import Refused, constraint_told
from unionportal.scope import is_scoped, require_editable, visible
from unionportal.scoped_fields import ScopedFormFields

SENT_ALREADY = gettext_lazy("This page was sent before: nothing was written a second time.")

_COMPARISONS = frozenset(
    {"exact", "in", "isnull", "gt", "gte", "lt", "lte", "date", "year", "month", "day"},
)


class ScopedRelatedFilter(RelatedDropdownFilter):
    """A drop-down of related rows, of which the user sees only his own."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(row.pk, str(row)) for row in visible(field.remote_field.model, request.user)]


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """A search field for related rows too many for a drop-down; an unseen row has no name here."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = visible(self.field.remote_field.model, self.request.user)
            yield choice


class RolePermissionChecks(UnfoldModelAdminChecks):
    """Unfold looks an action's permission up in Django's tables, which a fresh database does not have; ours are
    declared in code, and a misspelt one is held by nobody.
    """

    def _check_unfold_action_permission_methods(self, obj: Any) -> list[CheckMessage]:
        actions = [*obj._get_base_actions_list(), *obj._get_base_actions_detail(), *obj._get_base_actions_row()]
        return [
            Error(f"No role holds {permission}, which an action asks for.", obj=type(obj), id="unionportal.E003")
            for action in [*actions, *obj._get_base_actions_submit_line()]
            for permission in getattr(action.method, "allowed_permissions", ())
            if not (holders(permission) if "." in permission else hasattr(obj, f"has_{permission}_permission"))
        ]


class ScopedModelAdmin(ScopedFormFields, UnfoldModelAdmin):
    """Base of the staff's pages. Unscoped models (catalogues) show every row to who may view them."""

    checks_class = RolePermissionChecks
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    save_on_top = False
    actions_selection_counter = True
    change_form_show_cancel_button = True
    object_history_template = "admin/object_history.html"
    # Further look-ups in the query string, for links from the home page.
    linked_lookups: tuple[str, ...] = ()

    # --- Rows ------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        # Said here even where it is the model's own order, which a subclass's counts would lose.
        ordering = self.get_ordering(request) or self.opts.ordering or ["pk"]
        return visible(self.model, request.user).order_by(*ordering)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Locked before it is read where it shall be written: what another verb wrote a moment ago is not written over
        with what was read before it.
        """
        if request.method == "POST" and connection.in_atomic_block:
            try:
                key = self.opts.pk.to_python(object_id)  # type: ignore[union-attr]
            except ValidationError:
                return None
            locked = self.model._base_manager.select_for_update(of=("self",), no_key=True)
            list(locked.filter(pk=key).values_list("pk"))
        return super().get_object(request, object_id, from_field)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Django sends to the home page; a stranger's object shall look like one that does not exist."""
        raise Http404(_("There is no such record, or it is outside the organizations you work for."))

    # --- Permissions -----------------------------------------------------------------------------------------

    def _may(self, verb: str, request: HttpRequest, obj: Any = None) -> bool:
        # django-unfold asks for a page's buttons with the object's number only: the page itself asks again.
        subject = obj if isinstance(obj, models.Model) else None
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}", subject)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may("view", request, obj) or self._may("change", request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("add", request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may("delete", request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may("view", request)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The button to the public page, for what the public can see: `is_public` of the row, or of its campaign."""
        held_by = obj if hasattr(obj, "is_public") else getattr(obj, "campaign", None)
        return super().get_view_on_site_url(obj) if getattr(held_by, "is_public", True) else None

    # --- Choices, filters, look-ups --------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        kwargs.setdefault("formfield_callback", partial(self.formfield_for_dbfield, request=request, held_by=obj))
        form = super().get_form(request, obj, change, **kwargs)
        form = type(form.__name__, (Merging, form), {})
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (Refused, form), {"refusal": refusal}) if refusal else form

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """The declared filters; a related field named without a filter class gets the scoped drop-down."""
        return [self._scoped(entry) for entry in super().get_list_filter(request)]

    def _scoped(self, entry: Any) -> Any:
        if not isinstance(entry, str) or "__" in entry:
            return entry
        field = self.opts.get_field(entry)
        return (entry, ScopedRelatedFilter) if field.is_relation else entry

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter, the date hierarchy or a link of the portal asks for.

        Django also allows every field of the model itself, and so a password hash guessed letter by letter.
        """
        known = {self.date_hierarchy or "", *self.linked_lookups}
        for entry in self.get_list_filter(request) if request else ():
            first = entry[0] if isinstance(entry, tuple | list) else entry
            known.add(first if isinstance(first, str) else getattr(first, "parameter_name", ""))
        parts = lookup.split("__")
        while len(parts) > 1 and parts[-1] in _COMPARISONS:
            parts.pop()
        path = "__".join(parts)
        return path in known - {""} or (parts[-1] in ("id", "pk", "code") and "__".join(parts[:-1]) in known)

    # --- Pages with a question -------------------------------------------------------------------------------

    def ask(
        self,
        request: HttpRequest,
        subject: models.Model | None,
        *,
        title: str,
        question: str,
        button: str,
        form: Form | None = None,
        hidden: Iterable[tuple[str, Any]] = (),
    ) -> HttpResponse:
        """A page that asks before something happens to `subject`: a question, a form if any, one button.

        The page posts to its own address; `hidden` names and values come back with the answer.
        """
        model = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": subject,
            "question": question,
            "button": button,
            "form": form,
            "hidden": [*hidden, (ONCE, new_token())],
            "media": self.media + form.media if form else self.media,
            "back": reverse(f"{model}_change", args=[subject.pk]) if subject else reverse(f"{model}_changelist"),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def ask_many(self, request: HttpRequest, action: str, **page: Any) -> HttpResponse:
        """`ask` in the middle of an action on several rows: the choice of rows comes back with the answer."""
        kept = [(ACTION_CHECKBOX_NAME, pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        across = request.POST.get("select_across", "0")
        return self.ask(request, None, hidden=[("action", action), ("select_across", across), *kept], **page)

    def subject_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The object as the user sees it. Raises Http404."""
        subject = self.get_object(request, object_id)
        if subject is None:
            self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return subject

    # --- Saving ----------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.require_reach(request, [obj])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        # Rows below that only stand there, such as money that another desk booked, were not written.
        self.require_reach(request, [*formset.new_objects, *(row for row, _fields in formset.changed_objects)])

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            if not self.has_delete_permission(request, row):
                raise PermissionDenied
        super().delete_queryset(request, queryset)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A rule that only the action knows is told on the form, beside the field that it names; nothing is saved, and
        nothing that was entered is lost.
        """
        if request.method == "POST" and was_sent(request):
            messages.info(request, SENT_ALREADY)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            response = super().changeform_view(request, *args, **kwargs)
            if request.method == "POST" and response.status_code == 302:
                remember_sent(request)
            return response
        except ValidationError as error:
            refusal = error
        except IntegrityError as error:
            # Somebody else was faster with the same name or number; the form's own check had passed.
            refusal = ValidationError(constraint_told(self.model, error))
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, *args, **kwargs)

    def require_reach(self, request: HttpRequest, rows: list[models.Model]) -> None:
        """What was written must lie in the writer's reach; else PermissionDenied undoes it.

        Django's change view stands inside a transaction.
        """
        if rows and is_scoped(type(rows[0])):
            require_editable(type(rows[0])._default_manager.all(), [row.pk for row in rows], request.user)

    # --- History ---------------------------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what, when and from which address, before and after; personal data is masked."""
        subject = self.subject_or_404(request, object_id)
        if not (self.has_view_permission(request, subject) and request.user.has_perm("audit.view_history")):
            raise PermissionDenied
        page = Paginator(changes_of(subject, reader=request.user), 30).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": subject},
            "opts": self.opts,
            "object": subject,
            "original": subject,
            "page": page,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, self.object_history_template, context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["once"] = new_token()
        context["show_history"] = request.user.has_perm("audit.view_history")
        return super().render_change_form(request, context, *args, **kwargs)

    # The record is kept by triggers and audit events, which no caller can skip; Django's own log would be a third.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None


class _ScopedInline(ScopedFormFields):
    """Rows below an object: those the user may see, changed only where the object itself may be changed."""

    extra = 0
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return visible(self.model, request.user)  # type: ignore[attr-defined]


class ScopedTabularInline(_ScopedInline, UnfoldTabularInline):
    """Rows of a table below an object."""


class ScopedStackedInline(_ScopedInline, UnfoldStackedInline):
    """Forms below an object."""


class ReadOnlyAdmin(ScopedModelAdmin):
    """For records that only the portal writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
