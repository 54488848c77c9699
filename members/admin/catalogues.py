"""Occupation groups, and the versions of the notice."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from members.models import ConsentText, OccupationGroup
from unionportal.scoped_admin import ScopedModelAdmin


@admin.register(OccupationGroup)
class OccupationGroupAdmin(ScopedModelAdmin):
    list_display = ["name", "code", "is_eight_group", "is_key_group", "position", "is_active"]
    list_filter = ["is_eight_group", "is_key_group", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["position", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(ConsentText)
class ConsentTextAdmin(ScopedModelAdmin):
    """A version that somebody may have agreed to never changes; a new one is added."""

    list_display = ["version", "in_force_from"]
    ordering = ["-in_force_from"]
