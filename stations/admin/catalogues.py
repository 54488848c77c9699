"""Kinds of station, kinds of host, facilities: lists that the system administrator extends."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from stations.models import Facility, HostKind, StationKind
from unionportal.scoped_admin import ScopedModelAdmin


class CatalogueAdmin(ScopedModelAdmin):
    list_display = ["name", "code", "name_en", "other_words", "position", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "code", "name_en"]
    search_help_text = gettext_lazy("Name or code")
    ordering = ["position", "code"]
    fields = ["code", "name", "name_en", "synonyms", "position", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    @display(description=gettext_lazy("other words for it"))
    def other_words(self, obj: Any) -> str:
        return "、".join(obj.synonyms)


@admin.register(StationKind)
class StationKindAdmin(CatalogueAdmin):
    """What a service place is."""


@admin.register(HostKind)
class HostKindAdmin(CatalogueAdmin):
    """What sort of place gives a station its room."""


@admin.register(Facility)
class FacilityAdmin(CatalogueAdmin):
    """What a visitor can use at a station."""

    list_display = ["name", "code", "group", "other_words", "position", "is_active"]
    fields = ["code", "name", "name_en", "group", "icon", "synonyms", "position", "is_active"]
