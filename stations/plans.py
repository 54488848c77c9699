"""What the register counts towards building targets, and where a demonstration site is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from stations.lifecycle import PUBLIC_STATES
from stations.models import BuildingProject, Honour, Station, StationTarget
from stations.models.honours import HonourState
from unionportal.organizations.models import Organization
from unionportal.targets.counters import register_counter
from unionportal.targets.models import Target


def _kind_of(target: Target) -> str | None:
    """The kind of place a target, or the whole it is a share of, is about."""
    link = StationTarget.objects.filter(target__in=[target.pk, target.parent_id or target.pk]).first()
    return link.kind_id if link else None


def stations_opened(target: Target) -> Decimal:
    """Stations of the target's kind opened in its year in the branch of its unit, and still there."""
    rows = Station.objects.filter(
        organization__path__startswith=target.organization.path,
        opened_on__year=target.year,
        status__in=PUBLIC_STATES,
    )
    kind = _kind_of(target)
    return Decimal((rows.filter(kind=kind) if kind else rows).count())


def projects_completed(target: Target) -> Decimal:
    """Building projects of the target's kind completed in its year, new ones, extensions and renovations alike."""
    rows = BuildingProject.objects.done().filter(
        organization__path__startswith=target.organization.path, completed_on__year=target.year
    )
    kind = _kind_of(target)
    return Decimal((rows.filter(kind=kind) if kind else rows).count())


def counties_without_demonstration(user: Any) -> QuerySet[Organization]:
    """County federations the user reaches that have no published demonstration site in service in their branch."""
    sites = Honour.objects.filter(
        kind=Honour.Kind.DEMONSTRATION,
        state=HonourState.PUBLISHED,
        station__status__in=PUBLIC_STATES,
        station__organization__path__startswith=OuterRef("path"),
    )
    counties = Organization.objects.visible_to(user).active().filter(kind=Organization.Kind.COUNTY_FEDERATION)
    return counties.filter(~Exists(sites)).order_by("path")


def register() -> None:
    """Called once when the app is ready."""
    register_counter("stations_opened", _("stations opened in the year"), stations_opened)
    register_counter("projects_completed", _("building projects completed in the year"), projects_completed)
