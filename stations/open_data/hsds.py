"""Stations in the Human Services Data Specification 3.0 (Open Referral, docs.openreferral.org).

A station is one `service` of the union that owns it, at one physical `location`; both are nested in the service, as
`/services/{id}` of the specification's API has them. Kinds and facilities are taxonomy terms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from stations.lifecycle import State
from stations.models import Facility
from stations.open_data.records import Hours, Record
from unionportal.organizations.models import Division, Organization

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/3.0/"
OPENAPI = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"
_ZONE = "+08:00"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STATUS = {State.OPEN: "active", State.RECTIFYING: "temporarily closed", State.SUSPENDED: "temporarily closed"}


class Ids:
    """Identifiers for one federation's resources: UUIDs of version 8 (RFC 9562), the same on every day.

    48 bits say whose register it is, 12 bits what kind of resource, and the rest its number in the register.
    """

    KINDS = ("service", "location", "service_at_location", "address", "phone", "schedule", "organization", "term")

    def __init__(self, federation: str) -> None:
        self._register = int.from_bytes(hashlib.blake2b(federation.encode(), digest_size=6).digest())

    def of(self, kind: str, number: int) -> str:
        made = self._register << 80 | 8 << 76 | self.KINDS.index(kind) << 64 | 2 << 62 | number
        return str(UUID(int=made))

    def number(self, kind: str, text: str) -> int | None:
        """The register's number of an identifier of this kind; None for any other."""
        try:
            number = UUID(text).int & (1 << 62) - 1
        except ValueError:
            return None
        return number if number < 1 << 48 and self.of(kind, number) == text.lower() else None


class Writer:
    """Makes HSDS objects of records. What all of them share is read once: divisions' names and the facilities'."""

    def __init__(self, found: Iterable[Record], ids: Ids, address: Callable[[str], str]) -> None:
        self.records, self.ids, self.address = list(found), ids, address
        wanted = {code for record in self.records for code in _levels(record.division)}
        self._places = dict(Division.objects.filter(code__in=wanted).values_list("code", "name"))
        self._facilities = {facility.code: facility for facility in Facility.objects.all()}

    def services(self) -> list[dict[str, Any]]:
        return [self.service(record) for record in self.records]

    def service(self, record: Record) -> dict[str, Any]:
        """A full `service`; `assured_date` is the day on which the facts were last confirmed."""
        made = {
            "id": self.ids.of("service", record.pk),
            "name": record.name,
            "alternate_name": record.local_brand or None,
            "description": record.kind_name,
            "url": self.address(record.code),
            "status": _STATUS[State(record.status)],
            "alert": "；".join(filter(None, [record.status_reason, *map(_notice, record.exceptions)])) or None,
            "assured_date": record.last_confirmed_on.isoformat() if record.last_confirmed_on else None,
            "last_modified": record.updated_at.isoformat(timespec="seconds"),
            "organization": organization(record.organization, record.organization_name, self.ids),
            "phones": [{"id": self.ids.of("phone", record.pk), "number": record.phone}] if record.phone else [],
            "schedules": [self._schedule(record, place, hours) for place, hours in enumerate(record.hours)],
            "service_at_locations": [
                {
                    "id": self.ids.of("service_at_location", record.pk),
                    "description": record.directions or None,
                    "location": self._location(record),
                }
            ],
            "attributes": [self._attribute(code) for code in record.facilities],
        }
        return {name: value for name, value in made.items() if value is not None}

    def _location(self, record: Record) -> dict[str, Any]:
        made = {
            "id": self.ids.of("location", record.pk),
            "location_type": "physical",
            "name": record.name,
            "transportation": record.directions or None,
            "latitude": record.latitude,
            "longitude": record.longitude,
            "external_identifier": record.code,
            "external_identifier_type": "station code",
            "addresses": [self._address(record)] if record.address else [],
        }
        return {name: value for name, value in made.items() if value is not None}

    def _address(self, record: Record) -> dict[str, Any]:
        province, city, district = (self._places.get(code, "") for code in _levels(record.division))
        return {
            "id": self.ids.of("address", record.pk),
            "address_1": record.address,
            "region": district,
            "city": city or district,
            "state_province": province,
            "postal_code": "",  # owed by the specification; the register holds none
            "country": "CN",
            "address_type": "physical",
        }

    def _schedule(self, record: Record, place: int, hours: Hours) -> dict[str, Any]:
        opens, closes = hours.opens, hours.closes
        past = int(closes[:2]) - 24
        season = f"every year from {' to '.join(hours.season)} (MM-DD)" if hours.season else ""
        notes = []
        if past >= 0:
            closes = f"{past:02}{closes[2:]}"
            notes.append("closes on the following day")
        if hours.access:
            notes.append(f"way in: {hours.access}")
        made = {
            # A station has far fewer than 1024 lines of hours.
            "id": self.ids.of("schedule", record.pk * 1024 + place),
            "freq": "WEEKLY",
            "wkst": "MO",
            "byday": ",".join(_DAYS[day - 1] for day in hours.days),
            "opens_at": opens + _ZONE,
            "closes_at": closes + _ZONE,
            "timezone": 8,
            "description": season or record.hours_text,
        }
        return made | ({"notes": "; ".join(notes)} if notes else {})

    def _attribute(self, code: str) -> dict[str, Any]:
        number = int.from_bytes(hashlib.blake2b(code.encode(), digest_size=5).digest())
        identifier = self.ids.of("term", number)
        facility = self._facilities[code]
        term = {
            "id": identifier,
            "code": code,
            "name": facility.name,
            "description": facility.name_en or facility.name,
            "taxonomy": "facilities",
        }
        return {"id": identifier, "link_entity": "service", "value": code, "taxonomy_term": term}


def organization(number: int, name: str, ids: Ids) -> dict[str, Any]:
    """An `organization` with what the specification owes: id, name and description."""
    return {"id": ids.of("organization", number), "name": name, "description": name}


def organizations(rows: Iterable[Organization], ids: Ids) -> list[dict[str, Any]]:
    return [organization(row.pk, row.name, ids) for row in rows]


def _notice(exception: dict[str, str]) -> str:
    return f"{exception['kind']} {exception['begins']}/{exception['ends']} {exception['reason']}".strip()


def _levels(division: str) -> tuple[str, str, str]:
    """Codes of the province, city and district that a division lies in (GB/T 2260)."""
    return f"{division[:2]}0000", f"{division[:4]}00", division[:6]


def page(contents: list[dict[str, Any]], *, number: int, pages: int, total: int) -> dict[str, Any]:
    """A `Page` of the specification's API."""
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": contents,
    }
