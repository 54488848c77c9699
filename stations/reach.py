"""Whether a user may do something about a station or for a union: asked by the verbs before they write."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stations.models.stations import Station, kept_stations
from unionportal.organizations.models import Organization
from unionportal.scope import covers


def reaches(user: Any, permission: str, station: Station) -> bool:
    """Whether `user` holds the permission where the station lies, or as its keeper."""
    if covers(user, permission, station.organization):
        return True
    return kept_stations(user, permission).filter(station=station.pk).exists()


def unions_above(organization: Organization) -> tuple[Organization, Organization]:
    """(county federation, city federation) of an organisation; the city's twice where there is no county."""
    above = [*Organization.objects.get_ancestors(organization), organization]
    county = (union for union in above if union.kind == Organization.Kind.COUNTY_FEDERATION)
    return next(county, above[0]), above[0]


def require_covers(user: Any, permission: str, organization: Organization) -> None:
    """Raises PermissionDenied."""
    if not covers(user, permission, organization):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": organization})


def require_reaches(user: Any, permission: str, station: Station) -> None:
    """Raises PermissionDenied."""
    if not reaches(user, permission, station):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": station})
