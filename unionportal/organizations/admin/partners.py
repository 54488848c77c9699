"""Partners outside the union, with what they agreed to do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from unionportal.organizations.models import Partner, PartnerAgreement
from unionportal.scoped_admin import ScopedAutocompleteFilter, ScopedModelAdmin, ScopedTabularInline


class AgreementInline(ScopedTabularInline):
    model = PartnerAgreement
    fields = ["role", "subject", "number", "starts_on", "ends_on"]


@admin.register(Partner)
class PartnerAdmin(ScopedModelAdmin):
    list_display = ["name", "kind", "superior", "relation", "organization", "division", "is_shared"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        "is_shared",
        ("organization", ScopedAutocompleteFilter),
        ("division", ScopedAutocompleteFilter),
    ]
    list_select_related = ["superior", "organization", "division"]
    search_fields = ["name", "credit_code", "name_key"]
    search_help_text = gettext_lazy("Name, pinyin or credit code")
    autocomplete_fields = ["organization", "superior", "division"]
    inlines = [AgreementInline]
    fieldsets = [
        (gettext_lazy("Basic"), {"fields": ["name", ("kind", "credit_code"), "organization", "is_shared"]}),
        (gettext_lazy("Platform or parent firm"), {"fields": [("superior", "relation")]}),
        (gettext_lazy("Place and remarks"), {"fields": ["division", ("address", "phone"), "remarks"]}),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.lower())
