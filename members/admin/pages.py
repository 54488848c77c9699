"""What the pages share: a question before something happens, and looks at whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from members.actions import show_id_number, show_phone
from members.models import Member
from members.staff_forms import PurposeForm
from unionportal.organizations.models import Organization
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin
from unionportal.states import TransitionRefused


def told(request: HttpRequest, do: Callable[[], Any], done: str) -> bool:
    """Do it and say so, or say why not. Returns whether it was done."""
    try:
        do()
    except TransitionRefused as refusal:
        messages.error(request, refusal.message)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
        return True
    return False


class LookPage:
    """A page that shows a person's number whole."""

    shows: Mapping[str, Callable[..., str]] = {"id_number": show_id_number, "phone": show_phone}
    """The verbs that give the number, by the field of a member: (subject, *, by, purpose)."""

    def look_page(self, request: HttpRequest, object_id: int, field: str) -> HttpResponse:
        """A number whole, for a stated purpose; the look is recorded and shown to the person."""
        subject = self.subject_or_404(request, str(object_id))  # type: ignore[attr-defined]
        if field not in self.shows:
            raise Http404
        label = str(Member._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
        form = PurposeForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            words = {"field": label, "name": subject}
            return self.ask(  # type: ignore[attr-defined]
                request,
                subject,
                title=_("Show the %(field)s") % words,
                question=_("What do you need the %(field)s of %(name)s for? %(name)s sees when and why you looked.")
                % words,
                button=_("Show"),
                form=form,
            )
        try:
            number = self.shows[field](subject, by=request.user, purpose=form.cleaned_data["purpose"])
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", subject.pk)  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": label,
            "opts": self.opts,  # type: ignore[attr-defined]
            "original": subject,
            "number": number,
        }
        response = TemplateResponse(request, "admin/members/number.html", context)
        response["Cache-Control"] = "no-store"
        return response


class AskingAdmin(LookPage, ScopedModelAdmin):
    """A page with a panel of buttons above the form; each button asks before it does."""

    change_form_outer_before_template = "admin/members/panel.html"

    def facts(self, subject: Any) -> Iterable[str]:
        """Lines at the top of the panel."""
        return ()

    def buttons(self, request: HttpRequest, subject: Any) -> Iterable[tuple[Any, str]]:
        """(label, address) of what this user can do now."""
        return ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        subject = context.get("original")
        if subject is not None:
            context["panel"] = {
                "facts": [line for line in self.facts(subject) if line],
                "buttons": list(self.buttons(request, subject)),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def back_to(self, subject: models.Model) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", subject.pk)

    def ask_and_do(
        self,
        request: HttpRequest,
        subject: models.Model,
        *,
        title: str,
        question: str,
        done: str,
        do: Callable[[dict[str, Any]], Any],
        form: Form | None = None,
    ) -> HttpResponse:
        """Ask; on the answer do it, tell what came of it, and go back to the record."""
        if request.method == "POST" and (form is None or form.is_valid()):
            told(request, lambda: do(form.cleaned_data if form else {}), done)
            if not type(subject)._default_manager.visible_to(request.user).filter(pk=subject.pk).exists():  # type: ignore[attr-defined]
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return self.back_to(subject)
        return self.ask(request, subject, title=title, question=question, button=title, form=form)


class BranchFilter(ScopedAutocompleteFilter):
    """The rows of a union and of everything below it."""

    path = "organization__path"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if not str(value).isdecimal():
            raise admin.options.IncorrectLookupParameters(value)
        root = Organization.objects.visible_to(request.user).filter(pk=value).first()
        return queryset.filter(**{f"{self.path}__startswith": root.path}) if root else queryset.none()
