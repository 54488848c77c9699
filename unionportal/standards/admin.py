"""Standards as the system administrator keeps them; everybody else reads them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from unionportal.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from unionportal.standards import rules
from unionportal.standards.actions import new_version
from unionportal.standards.models import Criterion, Grade, Standard


class _UntilUsed(ScopedTabularInline):
    """Rows of a standard that may change until something was assessed under it."""

    def has_add_permission(self, request: HttpRequest, obj: Standard | None = None) -> bool:
        return super().has_add_permission(request, obj) and not (obj and obj.is_used)

    def has_change_permission(self, request: HttpRequest, obj: Standard | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_used)

    def has_delete_permission(self, request: HttpRequest, obj: Standard | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_used)


class CriterionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Criterion
        fields = ["position", "text", "points", "judged", "minimum", "rule", "parameters", "required_from"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rule" in self.fields:
            known = {name: label for kind, _label in rules.kinds() for name, label in rules.rules_of(kind).items()}
            self.fields["rule"].widget = UnfoldAdminSelectWidget(choices=[("", "—"), *known.items()])


class CriterionInline(_UntilUsed):
    model = Criterion
    form = CriterionForm


class GradeInline(_UntilUsed):
    model = Grade
    fields = ["rank", "name", "minimum_points"]


class VersionForm(forms.Form):
    version = forms.CharField(label=gettext_lazy("new version"), max_length=20, widget=UnfoldAdminTextInputWidget)


@admin.register(Standard)
class StandardAdmin(ScopedModelAdmin):
    list_display = ["name", "version", "issuer", "kind_shown", "criteria_count", "in_force_from", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "issuer", "slug"]
    ordering = ["slug", "version"]
    inlines = [CriterionInline, GradeInline]
    actions_detail = ["copy_standard"]
    fields = [
        "name",
        ("slug", "version"),
        ("issuer", "object_kind"),
        ("in_force_from", "is_active"),
        "source",
        "remarks",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Standard | None = None) -> list[str]:
        return ["slug", "version", "object_kind", "issuer", "source", "name"] if obj and obj.is_used else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "object_kind":
            return forms.ChoiceField(label=db_field.verbose_name, choices=rules.kinds(), widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=gettext_lazy("made for"))
    def kind_shown(self, obj: Standard) -> str:
        return str(dict(rules.kinds()).get(obj.object_kind, obj.object_kind))

    @display(description=gettext_lazy("criteria"))
    def criteria_count(self, obj: Standard) -> int:
        return obj.criteria.count()

    @action(description=gettext_lazy("New version"), url_path="new-version", permissions=["add"])
    def copy_standard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same criteria as a new version, which may be changed until it is used."""
        standard = self.subject_or_404(request, object_id)
        form = VersionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                copy = new_version(standard, version=form.cleaned_data["version"], by=request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                return redirect("admin:standards_standard_change", copy.pk)
        return self.ask(
            request,
            standard,
            title=_("New version"),
            question=_("The criteria of %(name)s are copied; the old version stays for what was assessed under it.")
            % {"name": standard},
            button=_("New version"),
            form=form,
        )
