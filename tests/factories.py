"""Small makers of what tests need: a federation with two counties, accounts with roles, stations.

Everything goes through the verbs in `actions`, as the portal does.
"""

from __future__ import annotations

from typing import Any

from stations.actions import StationDraft, save_stations
from stations.lifecycle import State
from stations.models import Station, StationKind
from unionportal.organizations.actions import add_organization, open_account
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role

PASSWORD = "a-long-Passphrase-2026"


def make_federation(**fields: Any) -> Organization:
    """The federation at the root: 昆明市总工会（演示）."""
    found = Organization.objects.filter(depth=1).first()
    if found is not None:
        return found
    defaults = {"code": "530100", "name": "昆明市总工会（演示）", "kind": "city_federation", "division_id": "530100"}
    return add_organization(parent=None, by=None, **{**defaults, **fields})


def make_county(name: str = "五华区总工会（演示）", division: str = "530102", **fields: Any) -> Organization:
    """A county federation below the root."""
    defaults = {"name": name, "kind": "county_federation", "division_id": division}
    return add_organization(parent=make_federation(), by=None, **{**defaults, **fields})


def make_union(parent: Organization, name: str = "示例科技公司工会委员会（演示）", **fields: Any) -> Organization:
    """A grass-roots union below `parent`."""
    defaults = {"name": name, "kind": "grassroots_independent"}
    return add_organization(parent=parent, by=None, **{**defaults, **fields})


_accounts = 0


def make_account(role: Role | str, organization: Organization, username: str = "", **fields: Any) -> Account:
    """An account that holds one role at an organisation; its password is PASSWORD."""
    global _accounts
    _accounts += 1
    account, _password = open_account(
        username=username or f"{role}-{_accounts}".replace("_", "-"),
        display_name=fields.pop("display_name", f"演示·{role}"),
        organization=organization,
        roles=[(Role(role), organization)],
        password=PASSWORD,
        by=None,
    )
    return account


def make_station(organization: Organization, name: str = "示例路工会驿站", **fields: Any) -> Station:
    """An open station of the ordinary kind."""
    facilities = fields.pop("facilities", None)
    kind = fields.pop("kind", None) or StationKind.objects.get(code="HW")
    defaults = {"status": State.OPEN, "division_id": organization.division_id}
    station = Station(organization=organization, name=name, kind=kind, **{**defaults, **fields})
    held = dict.fromkeys(facilities, "") if facilities else None
    return save_stations([StationDraft(station, held)], by=None)[0]
