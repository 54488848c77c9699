"""The nearest stations that have what one needs and are open: one ordered walk of one index.

A scan in the order of nearness that tests each station in other tables slows down with every facility asked for. So
each facility of each public station has a row of its own here, with all that a search asks of the station copied
beside it. The index on (facility, point) is walked from the visitor outwards along the rarest facility asked for; the
others, and whether the station is open, are read from the row.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Cast

from stations.daytypes import Calendar
from stations.models.catalogues import Facility
from stations.models.stations import Chord, SpherePoint, Station
from stations.models.week import WeekField, open_by_week, regular_at

ANY = 0  # the row that every public station with a position has, whatever its facilities


class CubeField(models.Field):  # type: ignore[type-arg]
    """A point on the unit sphere (see `SpherePoint`); written by the database alone."""

    description = "Point on the sphere"

    def db_type(self, connection: Any) -> str:
        return "cube"


class FinderRowQuerySet(models.QuerySet["FinderRow"]):
    def having(self, numbers: Sequence[int]) -> FinderRowQuerySet:
        """Stations that have every one of the facilities, given by number, the rarest first; each station once."""
        first, *others = [*numbers] or [ANY]
        rows = self.filter(facility=Cast(first, models.SmallIntegerField()))  # the index knows no wider integer
        return rows.filter(facilities__contains=others) if others else rows

    def perhaps_open_at(self, moment: datetime.datetime, calendar: Calendar) -> FinderRowQuerySet:
        """Stations in service that are open by their ordinary week; those with a season or an exception that may
        matter at `moment` are left in, and `unsure` marks them.
        """
        regular = regular_at(moment)
        return self.filter(Q(in_service=True) & (~regular | open_by_week(moment, calendar))).annotate(
            unsure=models.ExpressionWrapper(~regular, output_field=models.BooleanField())
        )

    def near(self, latitude: float, longitude: float) -> FinderRowQuerySet:
        """Nearest first; WGS-84 degrees."""
        here = SpherePoint(models.Value(latitude), models.Value(longitude))
        return self.order_by(Chord(models.F("point"), here), "station_id")


class FinderRow(models.Model):
    """A facility of a public station that has a position; `facility` is `Facility.number`, or ANY.

    Kept by triggers (migration 0009) from stations and their facilities. Nobody writes here.
    """

    pk = models.CompositePrimaryKey("facility", "station_id")
    facility = models.SmallIntegerField()
    station = models.ForeignKey(Station, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    point = CubeField()
    facilities = ArrayField(models.SmallIntegerField())
    in_service = models.BooleanField()
    week = WeekField(null=True)
    irregular_until = models.DateField(null=True)
    on_holidays = models.CharField(max_length=8)
    on_makeup_days = models.CharField(max_length=8)

    objects = FinderRowQuerySet.as_manager()

    class Meta:
        indexes = [
            GistIndex(fields=["facility", "point"], name="finder_facility_point"),
            models.Index(fields=["station"], name="finder_station"),
        ]

    def __str__(self) -> str:
        return f"{self.facility} · {self.station_id}"


def by_rarity(codes: Sequence[str]) -> list[int]:
    """The numbers of the facilities, that of the fewest stations first, as far as the planner's statistics know."""
    numbers = list(Facility.objects.filter(pk__in=codes).values_list("number", flat=True))
    if len(numbers) < 2:
        return numbers
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(most_common_vals::text::int[]), unnest(most_common_freqs) FROM pg_stats"
            " WHERE schemaname = current_schema() AND tablename = %s AND attname = 'facility'",
            [FinderRow._meta.db_table],
        )
        shares = dict(cursor.fetchall())
    return sorted(numbers, key=lambda number: shares.get(number, 0.0))


def nearest(
    latitude: float,
    longitude: float,
    *,
    facilities: Sequence[str] = (),
    open_at: datetime.datetime | None = None,
    calendar: Calendar | None = None,
    among: models.QuerySet[Station] | None = None,
    stop: int = 20,
) -> list[int]:
    """Ids of the first `stop` public stations, nearest first (WGS-84 degrees), that have all `facilities` (codes)
    and are open at the moment `open_at` (aware), where they are given; `among` narrows them further.

    Exact: those that the ordinary week cannot decide are judged by `StationQuerySet.open_at` a batch at a time.
    Stations without a position are never among them.
    """
    rows = FinderRow.objects.having(by_rarity(facilities)).near(latitude, longitude)
    if among is not None:
        rows = rows.filter(station__in=among.order_by().values("pk"))
    if open_at is None:
        return list(rows.values_list("station_id", flat=True)[:stop])
    calendar = calendar or Calendar.now()
    rows = rows.perhaps_open_at(open_at, calendar)
    found: list[int] = []
    seen, batch = 0, stop
    while True:
        candidates = list(rows.values_list("station_id", "unsure")[seen : seen + batch])
        unsure = [pk for pk, is_unsure in candidates if is_unsure]
        settled = Station.objects.open_at(open_at, calendar).filter(pk__in=unsure) if unsure else Station.objects.none()
        really = set(settled.values_list("pk", flat=True))
        found += [pk for pk, is_unsure in candidates if not is_unsure or pk in really]
        if len(found) >= stop or len(candidates) < batch:
            return found[:stop]
        seen, batch = seen + batch, batch * 2
