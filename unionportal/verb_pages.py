"""The verbs of a transition table as buttons above a record, each with the question it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from unionportal.states import StateTable, Transition, TransitionRefused

_WIDGETS: dict[type[forms.Field], Any] = {
    forms.CharField: UnfoldAdminTextInputWidget,
    forms.BooleanField: UnfoldBooleanWidget,
    forms.DateField: UnfoldAdminSingleDateWidget,
    forms.DecimalField: UnfoldAdminDecimalFieldWidget,
}


def change_page(obj: Any) -> str:
    """The address of a record's page, for links beside the buttons of another."""
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def dressed(form: forms.Form) -> forms.Form:
    """The form with the widgets of the staff's pages."""
    for field in form.fields.values():
        widget = next((w for kind, w in _WIDGETS.items() if isinstance(field, kind)), None)
        if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
            field.widget = UnfoldAdminSelectWidget(choices=field.choices)
        elif isinstance(field.widget, forms.Textarea):
            field.widget = UnfoldAdminTextareaWidget(attrs=field.widget.attrs)
        elif widget is not None:
            field.widget = widget()
    return form


class VerbPages:
    """For a ModelAdmin, before its base. `table` is the transition table; `staff_verbs` those with a button.

    `verb_forms` names the form of a verb that asks for more than "are you sure". `do` carries it out.
    """

    table: ClassVar[StateTable]
    staff_verbs: ClassVar[tuple[str, ...]]
    verb_forms: ClassVar[dict[str, Callable[..., forms.Form]]] = {}
    # The record changes by its verbs alone: no button that saves.
    verbs_only: ClassVar[bool] = False
    change_form_outer_before_template = "admin/verbs.html"

    def do(self, request: HttpRequest, obj: Any, verb: str, answers: dict[str, Any]) -> Any:
        raise NotImplementedError

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Further addresses beside the buttons: (label, address)."""
        return []

    def _permission(self, transition: Transition) -> str:
        meta = self.opts  # type: ignore[attr-defined]
        return transition.permission or f"{meta.app_label}.change_{meta.model_name}"

    def may(self, request: HttpRequest, obj: Any, transition: Transition) -> bool:
        """Whether the user is offered this verb of this record, as a button and as a page."""
        return bool(request.user.has_perm(self._permission(transition), obj))

    def _possible(self, request: HttpRequest, obj: Any) -> list[Transition]:
        """In the order of `staff_verbs`, so that what usually comes next is the first button."""
        found = [
            transition
            for transition in self.table.allowed(obj.state)
            if transition.verb in self.staff_verbs and self.may(request, obj, transition)
        ]
        return sorted(found, key=lambda transition: self.staff_verbs.index(transition.verb))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = context.get("original")
        if obj is not None:
            name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_do"
            context["verbs"] = {
                "state": obj.get_state_display(),
                "buttons": [
                    (transition.label, reverse(name, args=[obj.pk, transition.verb]))
                    for transition in self._possible(request, obj)
                ],
                "links": self.links(request, obj),
            }
            if self.verbs_only:
                context |= dict.fromkeys(("show_save", "show_save_and_continue", "show_save_and_add_another"), False)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def get_urls(self) -> list[URLPattern]:
        meta = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.verb_page)  # type: ignore[attr-defined]
        own = path("<int:object_id>/do/<str:verb>/", view, name=f"{meta.app_label}_{meta.model_name}_do")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def verb_page(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """One verb of the table: its question, then the verb."""
        obj = self.subject_or_404(request, str(object_id))  # type: ignore[attr-defined]
        transition = next((t for t in self.table.transitions if t.verb == verb and verb in self.staff_verbs), None)
        if transition is None:
            raise Http404
        if not self.may(request, obj, transition):
            raise PermissionDenied
        maker = self.verb_forms.get(verb)
        form = dressed(maker(request.POST or None, **self.form_arguments(request, verb))) if maker else None
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                self.do(request, obj, verb, form.cleaned_data if form else {})
            except TransitionRefused as refusal:
                messages.error(request, refusal.message)
            except (ValidationError, PermissionDenied) as error:
                told = error.messages if isinstance(error, ValidationError) else [str(error) or _("Not allowed.")]
                if form is None:
                    messages.error(request, " ".join(told))
                else:
                    form.add_error(None, told)
            else:
                messages.success(request, _("Done: %(verb)s.") % {"verb": transition.label})
            # What was refused is asked again, with what was entered.
            if form is None or form.is_valid():
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)  # type: ignore[attr-defined]
        return self.ask(  # type: ignore[attr-defined]
            request,
            obj,
            title=str(transition.label),
            question=_("%(verb)s: %(name)s") % {"verb": transition.label, "name": obj},
            button=str(transition.label),
            form=form,
        )

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        return {}
