"""Which union an application reaches by itself: the QR code's, the employer's, the street's, the federation.

A worker whose firm has no union applies to the union above it at the place of work; catch-all unions (兜底建, 2022)
take in those who have none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models import Application, OccupationGroup
from unionportal.names import identity_key
from unionportal.organizations.models import Division, Organization, Partner

_UNION_ENDS = re.compile(r"(基层|联合|集团)?工会(联合会|委员会)?$")
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
_AT_WORK = (
    Organization.Kind.GRASSROOTS_INDEPENDENT,
    Organization.Kind.GRASSROOTS_JOINT,
    Organization.Kind.ENTERPRISE_GROUP,
)
# Bodies that take in no members themselves.
NO_MEMBERS = (Organization.Kind.DEPARTMENT, Organization.Kind.TASK_GROUP)


def takes_members(organization: Organization) -> bool:
    """Whether somebody can belong to it: an active union, no department and no task group."""
    return organization.status == Organization.Status.ACTIVE and organization.kind not in NO_MEMBERS


def require_members_there(organization: Organization) -> None:
    """Raises ValidationError (code no_members_there) where nobody can belong to `organization`."""
    if not takes_members(organization):
        raise ValidationError(
            _("%(name)s takes in no members: choose an active union, not a department or task group.")
            % {"name": organization},
            code="no_members_there",
        )


@dataclass(frozen=True)
class Route:
    """Where an application goes, why, and which partners its employer's name turned out to be."""

    organization: Organization
    routed_by: str
    employer: Partner | None = None
    platform: Partner | None = None


def route(
    *,
    scanned: Organization | None,
    employer_name: str = "",
    division: Division | None = None,
    occupation_group: OccupationGroup | None = None,
) -> Route:
    """The union for an applicant. Raises LookupError where the federation itself does not exist."""
    by = Application.RoutedBy
    employer, platform = partners_named(employer_name)
    if scanned is not None:
        return Route(scanned, by.QR, employer, platform)
    union = union_of_employer(employer_name) or _keeper(employer)
    if union is not None:
        return Route(union, by.EMPLOYER, employer, platform)
    union = union_of_place(division, occupation_group)
    if union is not None:
        return Route(union, by.STREET, employer, platform)
    root = Organization.objects.filter(depth=1).first()
    if root is None:
        raise LookupError("there is no federation yet")
    return Route(root, by.FEDERATION, employer, platform)


def _bare(name: str) -> str:
    """A firm's or its union's name without brackets and without “工会委员会”, as one key."""
    return identity_key(_UNION_ENDS.sub("", _BRACKETS.sub("", name).strip()))


def union_of_employer(employer_name: str) -> Organization | None:
    """The active grass-roots union named for the employer, where exactly one is."""
    key = _bare(employer_name)
    if len(key) < 2:
        return None
    candidates = Organization.objects.active().filter(kind__in=_AT_WORK, name__contains=employer_name.strip()[:4])
    found = [union for union in candidates if _bare(union.name) == key]
    return found[0] if len(found) == 1 else None


def find_partner(employer_name: str) -> Partner | None:
    """The employer or platform of this name on record; the one kept nearest to the ground, where several keep it."""
    key = identity_key(_BRACKETS.sub("", employer_name))
    if len(key) < 2:
        return None
    kinds = (Partner.Kind.EMPLOYER, Partner.Kind.PLATFORM, Partner.Kind.MERCHANT)
    candidates = Partner.objects.filter(kind__in=kinds, name__contains=employer_name.strip()[:4])
    same = [p for p in candidates.select_related("organization") if identity_key(_BRACKETS.sub("", p.name)) == key]
    return max(same, key=lambda partner: partner.organization.depth, default=None)


def partners_named(employer_name: str) -> tuple[Partner | None, Partner | None]:
    """(employer, platform) on record under the name that was stated; at most one of the two."""
    partner = find_partner(employer_name)
    if partner is not None and partner.kind == Partner.Kind.PLATFORM:
        return None, partner
    return partner, None


def _keeper(employer: Partner | None) -> Organization | None:
    """The grass-roots union that keeps the employer's record; a federation keeps many and is nobody's own."""
    if employer is None or employer.organization.kind not in _AT_WORK:
        return None
    return employer.organization


def union_of_place(division: Division | None, occupation_group: OccupationGroup | None) -> Organization | None:
    """The catch-all union of the street, else the street's own union; then the same for the county above it."""
    while division is not None:
        unions = list(
            Organization.objects.active().filter(division=division).exclude(kind__in=NO_MEMBERS).order_by("path")
        )
        catch_all = [union for union in unions if union.is_catch_all]
        if catch_all:
            return _of_trade(catch_all, occupation_group) or catch_all[0]
        territorial = {Organization.Kind.TOWNSHIP, Organization.Kind.COUNTY_FEDERATION}
        own = [union for union in unions if union.kind in territorial]
        if own:
            return own[0]
        division = division.parent
    return None


def _of_trade(unions: list[Organization], occupation_group: OccupationGroup | None) -> Organization | None:
    """Among several, the one whose name says the applicant's trade: couriers to 快递网点联合工会."""
    if occupation_group is None:
        return None
    words = [occupation_group.name, *occupation_group.synonyms]
    return next((union for union in unions if any(word in union.name for word in words)), None)
