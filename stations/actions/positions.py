"""What is odd about the positions of stations, and how a person settles it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import PositionDoubt, Station
from unionportal.audit.actions import record
from unionportal.coordinates import EARTH_RADIUS
from unionportal.organizations.models import Account

FAR_METRES = 40_000
FAR_FROM = 3  # fewer others say nothing about where a station should be
SHARED_BY = 3  # as many stations on one point is a copied point, not a shared house

# The chord through the sphere that spans FAR_METRES of ground.
_FAR_CHORD = 2 * math.sin(FAR_METRES / 2 / EARTH_RADIUS)

_DOUBTS_SQL = """
WITH located AS MATERIALIZED (
    SELECT id, organization_id, latitude, longitude,
           cube(ARRAY[cos(radians(latitude)) * cos(radians(longitude)),
                      cos(radians(latitude)) * sin(radians(longitude)), sin(radians(latitude))]) AS point
      FROM stations_station
     WHERE latitude IS NOT NULL AND status <> 'closed'
),
points AS (SELECT latitude, longitude, count(*) AS stations FROM located GROUP BY latitude, longitude),
owners AS (SELECT organization_id, count(*) AS stations FROM located GROUP BY organization_id)
SELECT s.id,
       NOT (s.latitude BETWEEN %(south)s AND %(north)s AND s.longitude BETWEEN %(west)s AND %(east)s) AS outside,
       points.stations >= %(shared)s AS shared,
       owners.stations > %(others)s AND NOT EXISTS (
           SELECT 1 FROM located o
            WHERE o.organization_id = s.organization_id AND o.id <> s.id AND o.point <-> s.point <= %(chord)s) AS far
  FROM located s
  JOIN points USING (latitude, longitude)
  JOIN owners USING (organization_id)
 WHERE s.id = ANY(%(ids)s)
"""


def position_doubts(station_ids: Sequence[int]) -> dict[int, set[str]]:
    """What is odd about the positions of saved stations: station id -> codes of `PositionDoubt`."""
    south, west, north, east = settings.FEDERATION_BOX
    params = {
        "south": south,
        "west": west,
        "north": north,
        "east": east,
        "shared": SHARED_BY,
        "chord": _FAR_CHORD,
        "others": FAR_FROM,
        "ids": list(station_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTS_SQL, params)
        rows = cursor.fetchall()
    code = PositionDoubt.Code
    return {
        pk: {c for c, odd in ((code.OUTSIDE, outside), (code.SHARED, shared), (code.FAR, far)) if odd}
        for pk, outside, shared, far in rows
    }


def _concerned(stations: Sequence[Station]) -> list[int]:
    """Ids of the stations whose doubts may change with the positions of `stations`."""
    points = {(station.latitude, station.longitude) for station in stations if station.has_position}
    shared = Station.objects.filter(
        latitude__in={point[0] for point in points}, longitude__in={point[1] for point in points}
    )
    doubted = PositionDoubt.objects.filter(
        Q(code=PositionDoubt.Code.SHARED) | Q(station__organization__in={s.organization_id for s in stations}),
        settled_at=None,
    )
    ids = {station.pk for station in stations}
    ids.update(shared.values_list("pk", flat=True), doubted.values_list("station", flat=True))
    return sorted(ids)


def review_positions(stations: Sequence[Station], *, moved: Collection[int] = ()) -> None:
    """Open a doubt for each odd position and drop unsettled ones that no longer hold.

    What was settled stays settled, but for the stations in `moved` (ids): the answer was about another place.
    Stations that share a point with these, or have an open doubt that these may have caused, are looked at too.
    """
    ids = _concerned(stations)
    odd = position_doubts(ids)
    held: dict[int, set[str]] = {}
    for pk, code in PositionDoubt.objects.filter(station__in=ids).values_list("station_id", "code"):
        held.setdefault(pk, set()).add(code)
    _open_again({pk: odd[pk] for pk in moved if odd.get(pk)})
    for pk in ids:
        gone = held.get(pk, set()) - odd.get(pk, set())
        if gone:
            PositionDoubt.objects.filter(station=pk, code__in=gone, settled_at=None).delete()
    PositionDoubt.objects.bulk_create(
        [
            PositionDoubt(station_id=pk, code=code)
            for pk, codes in odd.items()
            for code in sorted(codes - held.get(pk, set()))
        ],
        ignore_conflicts=True,
    )


def _open_again(odd: dict[int, set[str]]) -> None:
    """Ask anew about stations that moved to another odd place; the audit record keeps the answer given before."""
    for pk, codes in odd.items():
        PositionDoubt.objects.filter(station=pk, code__in=codes).exclude(settled_at=None).update(
            settled_at=None, settled_by=None, answer="", noticed_at=timezone.now()
        )


@transaction.atomic
def settle_doubt(doubt: PositionDoubt, *, answer: str, by: Account) -> PositionDoubt:
    """Write how a doubt about a position was settled. Raises PermissionDenied, ValidationError without an answer."""
    if not PositionDoubt.objects.editable_by(by).filter(pk=doubt.pk).exists():
        raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": doubt.station})
    if not answer.strip():
        raise ValidationError(_("Say how the doubt was settled."))
    doubt.settled_at, doubt.settled_by, doubt.answer = timezone.now(), by, answer.strip()[:200]
    doubt.save(update_fields=["settled_at", "settled_by", "answer"])
    record("settle_doubt", doubt.station, by=by, details={"code": doubt.code, "answer": doubt.answer})
    return doubt
