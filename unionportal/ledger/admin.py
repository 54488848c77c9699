"""Money as its clerks see it: lines are added and reversed here, never changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from unionportal.ledger import actions
from unionportal.ledger.forms import YuanField
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of, within
from unionportal.scoped_admin import ScopedModelAdmin


class LedgerLineForm(forms.ModelForm):  # type: ignore[type-arg]
    amount_fen = YuanField(label=gettext_lazy("amount in yuan"), widget=UnfoldAdminDecimalFieldWidget)

    class Meta:
        model = LedgerLine
        fields = [
            "organization",
            "amount_fen",
            "source_level",
            "payer",
            "payer_partner",
            "payee",
            "purpose",
            "occurred_on",
            "evidence",
        ]


class ReversalForm(forms.Form):
    purpose = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=UnfoldAdminTextInputWidget)
    on = forms.DateField(label=gettext_lazy("on"), initial=timezone.localdate, widget=UnfoldAdminSingleDateWidget)


@admin.register(LedgerLine)
class LedgerLineAdmin(ScopedModelAdmin):
    form = LedgerLineForm
    list_display = ["occurred_on", "purpose", "amount_shown", "source_level", "organization", "payee", "reversal_badge"]
    list_display_links = ["purpose"]
    list_filter = [("source_level", ChoicesDropdownFilter)]
    list_select_related = ["organization", "reversed_by"]
    date_hierarchy = "occurred_on"
    search_fields = ["purpose", "payee", "evidence"]
    autocomplete_fields = ["organization", "payer", "payer_partner"]
    actions_detail = ["reverse_line"]

    def get_fields(self, request: HttpRequest, obj: LedgerLine | None = None) -> list[str]:
        if obj is None:
            return list(LedgerLineForm.Meta.fields)
        held = [name for name in LedgerLineForm.Meta.fields if name != "amount_fen"]
        return ["amount_shown", *held, "reverses", "booked_at", "booked_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: LedgerLine | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "organization":
            return Organization.objects.filter(within(reach_of(request.user, "ledger.add_ledgerline"), "path"))
        return super().rows_to_choose(db_field, request)

    def save_model(self, request: HttpRequest, obj: LedgerLine, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        fields = {name: form.cleaned_data[name] for name in LedgerLineForm.Meta.fields}
        obj.pk = actions.book(by=request.user, **fields).pk

    @display(description=gettext_lazy("amount"), ordering="amount_fen")
    def amount_shown(self, obj: LedgerLine) -> str:
        return obj.amount

    @display(description=gettext_lazy("reversal"), label={"reversed": "warning", "reversal": "info"})
    def reversal_badge(self, obj: LedgerLine) -> Any:
        if obj.reverses_id:
            return "reversal", _("Reversal")
        return ("reversed", _("Reversed")) if hasattr(obj, "reversed_by") else None

    # --- Reversing -------------------------------------------------------------------------------------------

    @action(description=gettext_lazy("Reverse"), url_path="reverse", permissions=["add"])
    def reverse_line(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A line that undoes this one, with its reason."""
        line = self.subject_or_404(request, object_id)
        form = ReversalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                actions.reverse(line, by=request.user, **form.cleaned_data)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("The line is reversed."))
            return redirect("admin:ledger_ledgerline_change", object_id)
        return self.ask(
            request,
            line,
            title=_("Reverse"),
            question=_("A line of −%(amount)s is booked; the first one stays.") % {"amount": line.amount},
            button=_("Reverse"),
            form=form,
        )
