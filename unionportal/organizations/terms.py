"""Terms of office (Trade Union Law art. 16): which are over or end soon."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from unionportal.organizations.models import Organization

if TYPE_CHECKING:
    from unionportal.organizations.models.organizations import OrganizationQuerySet

TERM_WARNING_DAYS = 90


def terms_ending(rows: OrganizationQuerySet, days: int = TERM_WARNING_DAYS) -> OrganizationQuerySet:
    """Active organisations of `rows` whose term is over or ends within `days`; unknown terms are left out."""
    condition = Q(pk__in=[])
    for years in range(1, 6):
        condition |= Q(term_years=years, term_from__lte=_begun_by(years, days))
    return rows.filter(condition, status=Organization.Status.ACTIVE)


def _begun_by(years: int, days: int) -> datetime.date:
    """The latest day on which a term that ends within `days` can have begun."""
    day = timezone.localdate() + datetime.timedelta(days=days)
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
