"""Rows that a union gives to those below it, such as plans and subsidy standards: read there, changed only above."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from unionportal.organizations.models import Organization
from unionportal.scope import ScopedQuerySet, reach_of, within

_Row = TypeVar("_Row", bound=models.Model)


class GivenDownQuerySet(ScopedQuerySet[_Row]):
    """Who may see the rows of a branch also sees those of the unions above it; all other verbs stay in the branch."""

    def reached_by(self, user: Any, verb: str) -> Self:
        if verb != "view":
            return super().reached_by(user, verb)
        prefixes = reach_of(user, f"{self.model._meta.app_label}.view_{self.model._meta.model_name}")
        step = Organization.steplen
        above = {prefix[:end] for prefix in prefixes for end in range(step, len(prefix), step)}
        return self.filter(within(prefixes, self.scope_path) | models.Q(**{f"{self.scope_path}__in": above}))
