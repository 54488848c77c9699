"""Filters of the list of stations: where, of whom, and what is still to do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from stations.models import Station
from stations.todo import INCOMPLETE, incomplete, unconfirmed
from unionportal.organizations.models import Division, Organization
from unionportal.scope import visible
from unionportal.scoped_admin import ScopedAutocompleteFilter


class ToDoFilter(DropdownFilter):
    title = _("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            *((key, label) for key, (label, _condition) in INCOMPLETE.items()),
            ("unconfirmed", _("Not confirmed for 90 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "unconfirmed":
            return unconfirmed(queryset)
        return incomplete(queryset, self.value()) if self.value() in INCOMPLETE else queryset


class DistrictFilter(DropdownFilter):
    """Divisions in which the user has stations."""

    title = _("district")
    parameter_name = "district"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        used = visible(Station, request.user).order_by().values("division")
        return [(division.pk, str(division)) for division in Division.objects.filter(pk__in=used)]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(division=self.value()) if self.value() else queryset


class BranchFilter(ScopedAutocompleteFilter):
    """The stations of an organisation and of everything below it."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if not str(value).isdecimal():
            raise admin.options.IncorrectLookupParameters(value)
        root = Organization.objects.visible_to(request.user).filter(pk=value).first()
        return queryset.filter(organization__path__startswith=root.path) if root else queryset.none()
