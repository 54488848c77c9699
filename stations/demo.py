"""The demonstration's stations: the named ones of stations.csv and those composed from generate.json.

``fixtures/README.md`` describes the files and how a place is drawn. The same seed draws the same city.
"""

from __future__ import annotations

import datetime
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

from stations.actions import StationDraft, change_state, confirm, name_keepers, save_stations
from stations.facilities import CatalogueEntry, FacilityIndex
from stations.lifecycle import NEED_REASON, State
from stations.models import Facility, Station
from unionportal.organizations.demo import read_accounts, rows_of
from unionportal.organizations.models import Account, Organization, Partner, PartnerAgreement
from unionportal.sheets.actions import hand_in

_KM_PER_DEGREE = 111.2
_VERBS = {State.RECTIFYING: "require_rectification", State.SUSPENDED: "suspend", State.CLOSED: "close"}
_PARTNER_KINDS = {
    "police": Partner.Kind.POLICE,
    "bank": Partner.Kind.BANK,
    "hospital": Partner.Kind.HOSPITAL,
    "school": Partner.Kind.SCHOOL,
    "enterprise": Partner.Kind.EMPLOYER,
    "community": Partner.Kind.GOVERNMENT,
    "center": Partner.Kind.GOVERNMENT,
    "government": Partner.Kind.GOVERNMENT,
    "sanitation": Partner.Kind.GOVERNMENT,
    "shop": Partner.Kind.MERCHANT,
    "market": Partner.Kind.MERCHANT,
    "restaurant": Partner.Kind.MERCHANT,
    "gas_station": Partner.Kind.MERCHANT,
}
# A number that no network gives out (settings.DEMO_PHONE_NUMBERS).
_KEEPER_PHONE = "1000000{serial:04d}"


def load_stations(folder: Path) -> None:
    """Save all stations of the demonstration, then let happen to them what their rows say."""
    parts = json.loads((folder / "generate.json").read_text(encoding="utf-8"))
    draw = random.Random(parts["seed"])
    organizations = Organization.objects.in_bulk(field_name="code")
    rows = [*_named(folder), *_drawn(parts, organizations, draw)]
    saving = _Saving(organizations, _co_builders(folder, organizations))
    stations = save_stations([saving.draft(row) for row in rows], by=None)
    for station, row in zip(stations, rows, strict=True):
        verb = _VERBS.get(row["status"])
        if verb in NEED_REASON:
            change_state(station, verb, by=None, reason=row["status_reason"])
    _name_keepers(folder)
    _confirm(parts, draw)


def hand_in_lists(folder: Path) -> None:
    """Hand in the lists under ``sheets/`` as the clerk of 五华区, and leave them waiting to be applied."""
    clerk = Account.objects.get(username="wuhua-clerk")
    for path in sorted((folder / "sheets").iterdir()):
        hand_in(
            path.read_bytes(),
            filename=path.name,
            kind="stations",
            organization=clerk.organization,
            by=clerk,
        )


# --- Rows ----------------------------------------------------------------------------------------------------


def _named(folder: Path) -> Iterator[dict[str, Any]]:
    for row in rows_of(folder / "stations.csv"):
        yield {key: value or None if key in _NUMBERS else value for key, value in row.items()}


_NUMBERS = {"area", "seats", "opened_on", "investment", "latitude", "longitude"}


def _drawn(
    parts: dict[str, Any], organizations: dict[str, Organization], draw: random.Random
) -> Iterator[dict[str, Any]]:
    """One row for each place that generate.json asks for, in the columns of stations.csv."""
    names: set[str] = set()
    serial = 0
    doubts = parts["position_doubts"]
    shared: tuple[float, float] | None = None
    for district in parts["districts"]:
        for _ in range(district["stations"]):
            row = _place(parts, district, serial, names, draw)
            if row["organization_code"] not in organizations:
                row["organization_code"] = district["division_code"]
            if serial == doubts["outside"]["station"]:
                row |= {key: doubts["outside"][key] for key in ("latitude", "longitude")}
            if serial in doubts["shared"]:
                shared = shared or (row["latitude"], row["longitude"])
                row["latitude"], row["longitude"] = shared
            yield row
            serial += 1


def _place(
    parts: dict[str, Any], district: dict[str, Any], serial: int, names: set[str], draw: random.Random
) -> dict[str, Any]:
    while True:
        street = draw.choice(district["streets"])
        host = draw.choices(parts["hosts"], [host["weight"] for host in parts["hosts"]])[0]
        road, road2 = draw.sample(street["roads"], 2)
        words: dict[str, Any] = {
            "city": parts["city"],
            "district": district["name"],
            "street": street["name"],
            "road": road,
            "road2": road2,
            "brand": draw.choice(host["brands"]),
            "compass": draw.choice(parts["compass"]),
            "metres": draw.choice(parts["metres"]),
            "minutes": draw.choice(parts["minutes"]),
            "number": draw.randint(*parts["numbers"]),
            "unit": draw.randint(*parts["units"]),
        }
        words["host"] = draw.choice(host["names"]).format(community=draw.choice(street["communities"]))
        name = draw.choice(parts["name_templates"]).format(**words)
        if name not in names:
            names.add(name)
            break
    weights = parts["status_weights"]
    status = draw.choices(list(weights), list(weights.values()))[0]
    sometimes = host["facilities"]["sometimes"]
    more = draw.sample(sometimes, draw.randint(1, min(len(sometimes), host["facilities"]["at_most"])))
    latitude, longitude = _around(street, draw)
    area = draw.randint(*host["area_m2"])
    phone = parts["phone"]
    return {
        "name": name,
        "local_brand": words["brand"],
        "kind": parts["kind"],
        "organization_code": street["division_code"],
        "division_code": street["division_code"],
        "address": host["address"].format(**words),
        "directions": draw.choice(parts["directions_templates"]).format(**words),
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": Station.Accuracy.ADDRESS,
        "build_mode": host["build_mode"],
        "host_kind": host["host_kind"],
        "host_name": words["host"] + parts["marker"],
        "area": area,
        "seats": round(area * parts["seats_per_m2"]),
        "investment": round(area * draw.randint(*parts["investment_yuan_per_m2"]), -2),
        "public_phone": f"{phone['prefix']}{phone['first'] + serial:0{phone['digits']}d}",
        "keeper_name": parts["person"].format(surname=draw.choice(parts["surnames"])),
        "keeper_phone": _KEEPER_PHONE.format(serial=serial),
        "access": host["access"],
        "hours": draw.choice(host["hours"]),
        "facilities": "、".join([*host["facilities"]["always"], *more]),
        "status": status,
        "status_reason": draw.choice(parts["status_reasons"].get(status, [""])),
        **_opening(parts, status, serial, draw),
    }


def _opening(parts: dict[str, Any], status: str, serial: int, draw: random.Random) -> dict[str, Any]:
    """Date and sign number of a place that has opened, in the past; a place still to open has neither."""
    first, last = (datetime.date.fromisoformat(day) for day in parts["opened_between"])
    day = first + datetime.timedelta(days=draw.randint(0, (last - first).days))
    if status in (State.PLANNED, State.BUILDING, State.ACCEPTANCE):
        return {"opened_on": None, "sign_number": ""}
    return {
        "opened_on": min(day, timezone.localdate() - datetime.timedelta(days=1)),
        "sign_number": parts["sign"].format(serial=parts["first_sign_serial"] + serial),
    }


def _around(street: dict[str, Any], draw: random.Random) -> tuple[float, float]:
    """A point near the street's, normally distributed in km and cut at twice the standard deviation."""
    spread = street["spread_km"]
    north, east = (max(-2 * spread, min(2 * spread, draw.gauss(0, spread))) for _ in range(2))
    latitude = street["latitude"] + north / _KM_PER_DEGREE
    longitude = street["longitude"] + east / (_KM_PER_DEGREE * math.cos(math.radians(latitude)))
    return round(latitude, 5), round(longitude, 5)


# --- Saving --------------------------------------------------------------------------------------------------


class _Saving:
    """Makes drafts of rows. A named host becomes a partner of the owner, a drawn one stays text."""

    def __init__(self, organizations: dict[str, Organization], co_builders: dict[str, list[Partner]]) -> None:
        self.organizations = organizations
        self.co_builders = co_builders
        self.facilities = FacilityIndex(
            CatalogueEntry(facility.code, facility.name, tuple(facility.synonyms))
            for facility in Facility.objects.all()
        )
        self.hosts: dict[tuple[str, str], Partner] = {}

    def draft(self, row: dict[str, Any]) -> StationDraft:
        status = State(row["status"])
        station = Station(
            organization=self.organizations[row["organization_code"]],
            kind_id=row["kind"],
            host_kind_id=row["host_kind"] or None,
            host=self._host(row),
            division_id=row["division_code"] or None,
            hours_text=row["hours"],
            facilities_text=row["facilities"],
            # Reasons are owed for these states, so `change_state` leads there.
            status=State.OPEN if status in _VERBS else status,
            **{name: row[name] for name in _COPIED if row.get(name) is not None},
        )
        found = self.facilities.read(row["facilities"]).found
        return StationDraft(
            station,
            facilities={facility.code: facility.note for facility in found},
            co_builders=self.co_builders.get(row["host_kind"]) if row.get("host") else None,
        )

    def _host(self, row: dict[str, Any]) -> Partner | None:
        if not row.get("host"):
            return None
        key = (row["organization_code"], row["host"])
        if key not in self.hosts:
            partner = Partner(
                organization=self.organizations[row["organization_code"]],
                name=row["host"],
                kind=_PARTNER_KINDS.get(row["host_kind"], Partner.Kind.OTHER),
            )
            partner.full_clean()
            partner.save()
            PartnerAgreement.objects.create(
                partner=partner,
                role=PartnerAgreement.Role.HOST,
                starts_on=row["opened_on"] or timezone.localdate(),
            )
            self.hosts[key] = partner
        return self.hosts[key]


_COPIED = (
    "name",
    "local_brand",
    "address",
    "directions",
    "latitude",
    "longitude",
    "accuracy",
    "build_mode",
    "host_name",
    "area",
    "seats",
    "opened_on",
    "sign_number",
    "investment",
    "public_phone",
    "keeper_name",
    "keeper_phone",
    "access",
    "responsible_cadre",
    "theme",
)


def _co_builders(folder: Path, organizations: dict[str, Organization]) -> dict[str, list[Partner]]:
    """Kind of host -> partners that build all named stations with such a host together with the union."""
    found: dict[str, list[Partner]] = {}
    for row in rows_of(folder / "partners.csv"):
        if row["co_builds"]:
            owner = organizations[row["organization_code"]]
            partner = Partner.objects.get(organization=owner, name=row["name"])
            found.setdefault(row["co_builds"], []).append(partner)
    return found


# --- What happens afterwards ---------------------------------------------------------------------------------


def _name_keepers(folder: Path) -> None:
    accounts = Account.objects.in_bulk(field_name="username")
    for row in read_accounts(folder)["accounts"]:
        for name in row.get("keeps", ()):
            name_keepers(Station.objects.get(name=name), [accounts[row["username"]]], by=None)


def _confirm(parts: dict[str, Any], draw: random.Random) -> None:
    """Some pages were confirmed lately, some long ago, some never; a district's own clerk does it where it has one."""
    today = timezone.localdate()
    spans = parts["confirmed_days_ago"]
    clerks = list(Account.objects.filter(username__in=["wuhua-clerk", "panlong-clerk"]).select_related("organization"))
    city_clerk = Account.objects.get(username="clerk")
    for station in Station.objects.filter(status=State.OPEN).select_related("organization").order_by("code"):
        span = draw.choices(spans, [span["weight"] for span in spans])[0]["between"]
        if span is None:
            continue
        day = today - datetime.timedelta(days=draw.randint(*span))
        if station.opened_on and station.opened_on > day:
            continue
        own = (clerk for clerk in clerks if station.organization.path.startswith(clerk.organization.path))
        confirm(station, by=next(own, city_clerk), on=day)
