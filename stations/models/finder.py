"""The nearest stations that have what one needs and are open: one ordered walk of one index.

A scan in the order of nearness that tests each station in other tables slows down with every facility asked for. So
each facility of each public station has a row of its own here, with all that a search asks of the station copied
beside it. The index on (facility, point) is walked from the visitor outwards along the rarest facility asked for; the
others, and whether the station is open, are read from the row.

The points lie on Mercator's map, not on the sphere: GiST keeps points of the plane in tight pages, and boxes around
points of the sphere in overlapping ones, five times as many to read among 200,000 stations. The map is conformal, so
near a place its order is that of the ground but for thousandths; `nearest` walks on until these cannot matter and sorts
by the true distance.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Cast

from stations.daytypes import Calendar
from stations.models.catalogues import Facility
from stations.models.stations import Chord, Station
from stations.models.week import WeekField, open_by_week, regular_at
from unionportal.coordinates import METRES_A_DEGREE, distance

ANY = 0  # the row that every public station with a position has, whatever its facilities


# Rows read beyond those asked for: nearly always enough to know their true order.
SPARE = 4
FAR = 500_000  # metres: further away the map's order is good enough


class PlaneField(models.Field):  # type: ignore[type-arg]
    """A point of Mercator's map in degrees, (x, y) with x the longitude; written by the database alone."""

    description = "Point of Mercator's map"

    def db_type(self, connection: Any) -> str:
        return "point"

    def from_db_value(self, value: str, expression: Any, connection: Any) -> tuple[float, float]:
        x, y = value.strip("()").split(",")
        return float(x), float(y)


class PlanePoint(models.Func):
    function = "point"
    arity = 2
    output_field = PlaneField()


@dataclass(frozen=True)
class Here:
    """Where somebody asks, in WGS-84 degrees, and how far from there the finder's points are."""

    latitude: float
    longitude: float

    @property
    def on_the_map(self) -> tuple[float, float]:
        """(x, y) of Mercator's map in degrees; beyond 85° the map has no end."""
        latitude = math.radians(min(max(self.latitude, -85.0), 85.0))
        return self.longitude, math.degrees(math.log(math.tan(math.pi / 4 + latitude / 2)))

    def on_the_ground(self, point: tuple[float, float]) -> float:
        """Metres to a point of the map."""
        latitude = math.degrees(2 * math.atan(math.exp(math.radians(point[1]))) - math.pi / 2)
        return distance((self.latitude, self.longitude), (latitude, point[0]))

    def reach(self, metres: float) -> float:
        """A radius on the map, in its degrees, that holds every point so far away on the ground.

        The way there keeps below the latitude |φ| + d, where the map is at most sec(|φ| + d) times as large.
        """
        degrees = metres / METRES_A_DEGREE
        return degrees / math.cos(math.radians(min(abs(self.latitude) + degrees, 85.0)))


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
        """Nearest on the map first; WGS-84 degrees."""
        here = PlanePoint(*map(models.Value, Here(latitude, longitude).on_the_map))
        return self.order_by(Chord(models.F("point"), here), "station_id")


class FinderRow(models.Model):
    """A facility of a public station that has a position; `facility` is `Facility.number`, or ANY.

    Kept by triggers (migrations 0009 and 0022) from stations and their facilities. Nobody writes here.
    """

    pk = models.CompositePrimaryKey("facility", "station_id")
    facility = models.SmallIntegerField()
    station = models.ForeignKey(Station, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    point = PlaneField()
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

    Exact up to FAR: those that the ordinary week cannot decide are judged by `StationQuerySet.open_at` a batch at a
    time, and the walk goes on until no station further out on the map can be nearer on the ground. Stations without a
    position are never among them.
    """
    here = Here(latitude, longitude)
    rows = FinderRow.objects.having(by_rarity(facilities)).near(latitude, longitude)
    if among is not None:
        rows = rows.filter(station__in=among.order_by().values("pk"))
    if open_at is None:
        rows = rows.annotate(unsure=models.Value(False))
    else:
        calendar = calendar or Calendar.now()
        rows = rows.perhaps_open_at(open_at, calendar)
    found: list[tuple[float, int]] = []
    seen, batch = 0, stop + SPARE
    while True:
        candidates = list(rows.values_list("station_id", "unsure", "point")[seen : seen + batch])
        unsure = [pk for pk, is_unsure, _point in candidates if is_unsure]
        really = set(_settled(unsure, open_at, calendar)) if unsure else set()
        found += [
            (here.on_the_ground(point), pk) for pk, is_unsure, point in candidates if not is_unsure or pk in really
        ]
        found.sort()
        if len(candidates) < batch or _is_settled(found[:stop], stop, here, candidates[-1][2]):
            return [pk for _distance, pk in found[:stop]]
        seen, batch = seen + batch, batch * 2


def _settled(ids: Sequence[int], moment: datetime.datetime | None, calendar: Calendar | None) -> Sequence[int]:
    assert moment is not None, "nobody is unsure who was not asked for a moment"
    return list(Station.objects.open_at(moment, calendar).filter(pk__in=ids).values_list("pk", flat=True))


def _is_settled(found: Sequence[tuple[float, int]], stop: int, here: Here, last: tuple[float, float]) -> bool:
    """Whether no point beyond the `last` one walked to can be among the first `stop`."""
    if len(found) < stop:
        return False
    furthest = found[-1][0]
    return furthest > FAR or math.dist(here.on_the_map, last) > here.reach(furthest)
