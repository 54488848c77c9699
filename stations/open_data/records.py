"""One public station as a plain record; a stream of them costs the same memory for ten and for 200,000."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Greatest, JSONObject
from django.utils import timezone

from stations.models import OpeningException, OpeningPeriod, Station, StationFacility
from stations.models.stations import StationQuerySet
from stations.models.week import HoursState
from stations.schedule import is_whole_week
from unionportal.audit.history import event_model_of

DATUM = "WGS-84"
CHUNK = 1000
# A mobile number belongs to a person, though a list may publish it on a station's page.
# In groups of 3-4-4, 3-3-5 or 4-3-4 digits, or whole.
_GAP = r"[-\s.—]?"
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1(?=(?:{_GAP}\d){{10}}(?!\d))\d{{2,3}}{_GAP}\d{{3,4}}{_GAP}\d{{4,5}}(?!\d)"
)
_NUMBERS = re.compile(r"[、，,;；/\n]")


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekly opening; `closes` past midnight runs on ("32:00"), a season is two "MM-DD", both included."""

    days: list[int]
    opens: str
    closes: str
    access: str
    season: tuple[str, str] | None

    def as_json(self) -> dict[str, Any]:
        """With `access` and `season` only where they are stated."""
        made: dict[str, Any] = {"days": self.days, "opens": self.opens, "closes": self.closes}
        if self.access:
            made["access"] = self.access
        if self.season:
            made["season"] = {"from": self.season[0], "to": self.season[1]}
        return made


_ALWAYS = [Hours([1, 2, 3, 4, 5, 6, 7], "00:00", "24:00", "", None)]


@dataclass(frozen=True, slots=True)
class Record:
    """The public facts of a station. Texts are empty and numbers None where nothing is known."""

    pk: int
    code: str
    name: str
    local_brand: str
    kind: str
    kind_name: str
    status: str
    status_reason: str
    division: str
    division_name: str
    address: str
    directions: str
    latitude: float | None
    longitude: float | None
    accuracy: str
    access: str
    hours_text: str
    hours_state: str
    on_holidays: str
    on_makeup_days: str
    hours: list[Hours]
    exceptions: list[dict[str, str]]
    facilities: list[str]
    phone: str
    organization: int
    organization_name: str
    host: str
    area: float | None
    seats: int | None
    opened_on: str
    last_confirmed_on: datetime.date | None
    updated_at: datetime.datetime


_FIELDS = (
    "pk", "code", "name", "local_brand", "kind_id", "kind__name", "status", "status_reason", "division_id",
    "division__name", "address", "directions", "latitude", "longitude", "accuracy", "access", "hours_text",
    "hours_state", "on_holidays", "on_makeup_days", "weekly", "to_come",
    "facility_codes", "public_phone", "organization_id", "organization__name", "host__name", "host_name", "area",
    "seats", "opened_on", "opened_precision", "last_confirmed_on", "written_at",
)  # fmt: skip


def records(rows: StationQuerySet) -> Iterator[Record]:
    """The records of `rows` in their order, read through a server-side cursor: one query."""
    mine = {"station": OuterRef("pk")}
    facilities = StationFacility.objects.filter(**mine).order_by("facility").values("facility")
    week = OpeningPeriod.objects.filter(**mine).order_by("season_from", "opens", "closes", "access", "weekday")
    period = JSONObject(
        day=F("weekday"),
        opens=F("opens"),
        closes=F("closes"),
        access=F("access"),
        begins=F("season_from"),
        ends=F("season_to"),
    )
    exception = JSONObject(kind=F("kind"), begins=F("begins"), ends=F("ends"), reason=F("reason"))
    to_come = OpeningException.objects.filter(**mine).not_over(timezone.now()).order_by("begins", "pk")
    found = rows.annotate(
        written_at=Greatest("updated_at", _last_event(Station, "pgh_obj_id"), _last_event(OpeningException, "station")),
        to_come=ArraySubquery(to_come.values(json=exception)),
        facility_codes=ArraySubquery(facilities),
        weekly=ArraySubquery(week.values(json=period)),
    ).values_list(*_FIELDS, named=True)
    for row in found.iterator(chunk_size=CHUNK):
        yield _record(row)


def _last_event(model: type[models.Model], station: str) -> Subquery:
    """When the history of `model` was last written to for a station, which no write can pass by: `Station.updated_at`
    knows nothing of a confirmation in bulk, nor of closures and extra openings.
    """
    events: Any = event_model_of(model)
    mine = events._default_manager.filter(**{station: OuterRef("pk")}).order_by().values(station)
    return Subquery(mine.annotate(at=Max("pgh_created_at")).values("at"))


def _record(row: Any) -> Record:
    return Record(
        pk=row.pk,
        code=row.code,
        name=without_mobiles(row.name),
        local_brand=without_mobiles(row.local_brand),
        kind=row.kind_id,
        kind_name=row.kind__name,
        status=row.status,
        status_reason=without_mobiles(row.status_reason),
        division=row.division_id or "",
        division_name=row.division__name or "",
        address=without_mobiles(row.address),
        directions=without_mobiles(row.directions),
        latitude=row.latitude,
        longitude=row.longitude,
        accuracy=row.accuracy if row.latitude is not None else "",
        access=row.access,
        hours_text=without_mobiles(row.hours_text),
        hours_state=row.hours_state,
        on_holidays=row.on_holidays,
        on_makeup_days=row.on_makeup_days,
        hours=_always(row.weekly) if row.hours_state == HoursState.ALWAYS else _hours(row.weekly),
        exceptions=[
            exception
            | {name: _local(exception[name]) for name in ("begins", "ends")}
            | {"reason": without_mobiles(exception["reason"])}
            for exception in row.to_come
        ],
        facilities=row.facility_codes,
        phone=public_numbers(row.public_phone),
        organization=row.organization_id,
        organization_name=row.organization__name,
        host=row.host__name or row.host_name,
        area=float(row.area) if row.area is not None else None,
        seats=row.seats,
        opened_on=_as_exact_as_known(row.opened_on, row.opened_precision),
        last_confirmed_on=row.last_confirmed_on,
        updated_at=timezone.localtime(row.written_at),
    )


def _always(week: list[dict[str, Any]]) -> list[Hours]:
    """Round the clock: the periods where they say more than that, by day with staff and by night with a card. Periods
    with gaps would deny what the state claims.
    """
    if not any(period["access"] for period in week):
        return _ALWAYS
    all_year = [
        OpeningPeriod(weekday=period["day"], opens=period["opens"], closes=period["closes"])
        for period in week
        if period["begins"] is None
    ]
    return _hours(week) if is_whole_week(all_year) else _ALWAYS


def _hours(week: list[dict[str, Any]]) -> list[Hours]:
    """The periods with the days of equal ones together."""
    same = groupby(week, key=lambda p: (p["begins"], p["ends"], p["opens"], p["closes"], p["access"]))
    return [
        Hours(
            days=[period["day"] for period in group],
            opens=_clock(opens),
            closes=_clock(closes),
            access=access,
            season=(_month_day(begins), _month_day(ends)) if begins and ends else None,
        )
        for (begins, ends, opens, closes, access), group in same
    ]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _local(moment: str) -> str:
    return timezone.localtime(datetime.datetime.fromisoformat(moment)).isoformat(timespec="minutes")


def _month_day(number: int) -> str:
    return f"{number // 100:02}-{number % 100:02}"


def _as_exact_as_known(day: datetime.date | None, precision: str) -> str:
    """ISO 8601, cut to what is known: 2019, 2019-09, 2019-09-20."""
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)] if day else ""


def without_mobiles(text: str) -> str:
    """A text of the register with the mobile numbers in it masked."""
    return _MOBILE.sub(lambda number: number.group()[:3] + "*" * 8, text) if text else text


def public_numbers(text: str) -> str:
    """Telephone numbers as published, without mobile ones."""
    parts = [part.strip() for part in _NUMBERS.split(text)]
    return "、".join(part for part in parts if part and not _MOBILE.search(part))
