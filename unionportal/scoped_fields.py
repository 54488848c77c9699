"""The fields of staff's forms that refer to other records: what may be chosen there, and how it is searched for."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import Field
from django.http import HttpRequest

from unionportal.scope import is_scoped, visible


def with_held(
    field: models.Field[Any, Any], rows: models.QuerySet[Any], held_by: models.Model | None = None
) -> models.QuerySet[Any]:
    """`rows`, and what the object `held_by` refers to in `field` already.

    Else saving a form would drop, without a word, a reference that its user cannot choose himself.
    """
    target: type[models.Model] = field.remote_field.model  # type: ignore[union-attr]
    if held_by is None or held_by.pk is None or not is_scoped(target):
        return rows
    held = (
        [getattr(held_by, field.attname)]
        if isinstance(field, models.ForeignKey)
        else getattr(held_by, field.name).values("pk")
    )
    seen = target._default_manager.filter(pk__in=rows.order_by().values("pk"))
    return seen | target._default_manager.filter(pk__in=held)


class _PossibleKeys:
    """For Django's search fields: what cannot be a key was chosen by no browser, and is no choice instead of a fault of
    the database.
    """

    def optgroups(self, name: str, value: list[Any], attr: Any = None) -> Any:
        key = self.field.remote_field.model._meta.pk  # type: ignore[attr-defined]
        return super().optgroups(name, [one for one in value if not one or _can_be(key, one)], attr)  # type: ignore[misc]


def _can_be(key: models.Field[Any, Any], value: Any) -> bool:
    try:
        key.run_validators(key.to_python(value))
    except ValidationError:
        return False
    return True


class _SearchField(_PossibleKeys, AutocompleteSelect):  # type: ignore[misc]
    pass


class _SearchSeveralField(_PossibleKeys, AutocompleteSelectMultiple):  # type: ignore[misc]
    pass


class ScopedFormFields:
    """Choices of related fields from what the user may see."""

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> models.QuerySet[Any]:
        """What the user may choose in a foreign key or many-to-many field."""
        return visible(db_field.remote_field.model, request.user)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, held_by: models.Model | None = None, **kwargs: Any
    ) -> Field | None:
        if isinstance(db_field, models.ForeignKey | models.ManyToManyField) and "queryset" not in kwargs:
            kwargs["queryset"] = with_held(db_field, self.rows_to_choose(db_field, request), held_by)
            if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
                several = isinstance(db_field, models.ManyToManyField)
                maker = _SearchSeveralField if several else _SearchField
                kwargs["widget"] = maker(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
