"""Public holidays and make-up working days: what the State Council announced and the package does not know yet."""

from __future__ import annotations

from django.contrib import admin

from unionportal.organizations.models import CalendarDay, CalendarYear
from unionportal.scoped_admin import ScopedModelAdmin


@admin.register(CalendarDay)
class CalendarDayAdmin(ScopedModelAdmin):
    list_display = ["day", "kind", "name"]
    list_filter = ["kind"]
    search_fields = ["name"]
    date_hierarchy = "day"


@admin.register(CalendarYear)
class CalendarYearAdmin(ScopedModelAdmin):
    """A year stands here only once all its holidays and make-up days do: then no date in it is uncertain."""

    list_display = ["year", "source"]
