"""The audit record for those who read it. Nobody adds, changes or deletes anything here."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from unionportal.audit.models import AuditEvent
from unionportal.audit.words import actor_of, details_of, verb_of
from unionportal.scoped_admin import ReadOnlyAdmin, ScopedAutocompleteFilter


class LooksFilter(admin.SimpleListFilter):
    title = gettext_lazy("looks at personal data")
    parameter_name = "looks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("only", gettext_lazy("Looks only")), ("without", gettext_lazy("Without looks"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "only":
            return queryset.filter(verb=AuditEvent.LOOK)
        return queryset.exclude(verb=AuditEvent.LOOK) if self.value() == "without" else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "who", "verb_label", "kind_label", "subject", "organization", "told", "ip"]
    list_display_links = ["at"]
    list_filter = [LooksFilter, ("at", RangeDateTimeFilter), ("organization", ScopedAutocompleteFilter)]
    list_select_related = ["organization"]
    search_fields = ["actor", "subject"]
    search_help_text = gettext_lazy("Who, or which record")
    fields = ["at", "who", "ip", "verb_label", "kind_label", "subject", "organization", "told"]
    readonly_fields = fields
    actions = None

    @display(description=gettext_lazy("who"), ordering="actor")
    def who(self, obj: AuditEvent) -> str:
        return actor_of(obj)

    @display(description=gettext_lazy("what"), ordering="verb")
    def verb_label(self, obj: AuditEvent) -> str:
        return verb_of(obj)

    @display(description=gettext_lazy("kind of record"))
    def kind_label(self, obj: AuditEvent) -> str:
        try:
            return str(apps.get_model(obj.subject_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return obj.subject_type

    @display(description=gettext_lazy("details"))
    def told(self, obj: AuditEvent) -> str:
        return details_of(obj)
