"""Stations on a map: what one window of it shows, small however many lie inside, and a sketch to lay beneath."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log, pi, radians, tan
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Floor, Ln, Pi, Radians, Substr, Tan
from django.utils.translation import gettext as _

from stations.models import PositionDoubt, Station
from stations.models.stations import StationQuerySet
from unionportal.organizations.models import Division

MOST_CELLS = 400  # in a window, whatever it asks
MOST_SINGLE = 60  # as many stations are shown one by one, wherever they lie
CELL_PIXELS = 64
DEEPEST = 19
_TILE = 256
_EDGE = 85.05  # degrees of latitude at which the projection ends


def mercator_x(longitude: float) -> float:
    """0 at 180° W to 1 at 180° E."""
    return longitude / 360 + 0.5


def mercator_y(latitude: float) -> float:
    """0 at the northern edge to 1 at the southern one (Web Mercator, EPSG:3857)."""
    return 0.5 - log(tan(pi / 4 + radians(latitude) / 2)) / (2 * pi)


@dataclass(frozen=True)
class Window:
    """A window of the map in WGS-84 degrees, and its zoom level (0: the world in one tile of 256 pixels)."""

    west: float
    south: float
    east: float
    north: float
    zoom: int

    @classmethod
    def read(cls, box: str, zoom: str) -> Window:
        """From "WEST,SOUTH,EAST,NORTH" and a number. Raises ValidationError for what is no window."""
        try:
            west, south, east, north = map(float, box.split(","))
            level = round(float(zoom or 0))
        except (ValueError, OverflowError):
            raise ValidationError(_("A window is bbox=WEST,SOUTH,EAST,NORTH in degrees, with zoom=0…19."))
        if not all(map(isfinite, (west, south, east, north))) or west >= east or south >= north:
            raise ValidationError(_("A window is bbox=WEST,SOUTH,EAST,NORTH in degrees, with zoom=0…19."))
        return cls(
            max(west, -180.0), max(south, -_EDGE), min(east, 180.0), min(north, _EDGE), min(max(level, 0), DEEPEST)
        )

    @property
    def cells(self) -> int:
        """Cells around the world, a power of two: about 64 pixels each, coarser where the window would hold more
        than MOST_CELLS of them. The same cells hold wherever the window moves, so that clusters stand still.
        """
        count = 2**self.zoom * _TILE // CELL_PIXELS
        width = mercator_x(self.east) - mercator_x(self.west)
        height = mercator_y(self.south) - mercator_y(self.north)
        while count > 4 and (width * count + 1) * (height * count + 1) > MOST_CELLS:
            count //= 2
        return count


def inside(rows: StationQuerySet, window: Window) -> StationQuerySet:
    """Those of `rows` in the window, without an order."""
    return rows.filter(
        latitude__range=(window.south, window.north), longitude__range=(window.west, window.east)
    ).order_by()


def undoubted(rows: StationQuerySet) -> StationQuerySet:
    """Without those whose position somebody has still to settle."""
    return rows.exclude(pk__in=PositionDoubt.objects.filter(settled_at=None).values("station"))


class Quartiles(models.Aggregate):
    """The lower and the upper quartile of a column, as a list."""

    template = "percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(models.FloatField())


_FAR_OUT = 3.0  # times the middle half's extent beyond it (J. W. Tukey, Exploratory Data Analysis, 1977)
_A_TOWN = 0.1  # degrees: what lies so close to the middle half is never far out
_FEW = 5  # one in so many may be far out; where more are, they are a second place and no strays

Box = tuple[float, float, float, float]  # west, south, east, north


def first_views(rows: StationQuerySet) -> tuple[Box, Box] | None:
    """(what a map shows first, what holds them all) of the undoubted positions of `rows`; None where there are none.

    What lies far from most others is left out at first, or one station would make the whole country visible and the
    many a single mark.
    """
    placed = undoubted(rows).filter(latitude__isnull=False, longitude__isnull=False).order_by()
    whole = placed.aggregate(count=models.Count("pk"), x=Quartiles("longitude"), y=Quartiles("latitude"), **_EDGES)
    if not whole["count"]:
        return None
    near = placed.filter(longitude__range=_fences(*whole["x"]), latitude__range=_fences(*whole["y"]))
    most = near.aggregate(count=models.Count("pk"), **_EDGES)
    if whole["count"] - most["count"] > max(1, whole["count"] // _FEW):
        most = whole
    return _box(most), _box(whole)


_EDGES = {
    "west": models.Min("longitude"),
    "south": models.Min("latitude"),
    "east": models.Max("longitude"),
    "north": models.Max("latitude"),
}


def _box(edges: dict[str, Any]) -> Box:
    return edges["west"], edges["south"], edges["east"], edges["north"]


def _fences(lower: float, upper: float) -> tuple[float, float]:
    reach = max(_FAR_OUT * (upper - lower), _A_TOWN)
    return lower - reach, upper + reach


@dataclass(frozen=True)
class Cluster:
    """Stations of one cell: how many, their middle, and the box that holds them (west, south, east, north)."""

    count: int
    latitude: float
    longitude: float
    box: tuple[float, float, float, float]


def shown(rows: StationQuerySet, window: Window) -> tuple[int, list[Cluster], StationQuerySet]:
    """(how many lie in the window, clusters, stations shown one by one). One grouping query; the last is lazy."""
    here = inside(rows, window)
    y = models.Value(0.5) - Ln(Tan(Pi() / 4 + Radians("latitude") / 2)) / (2 * Pi())
    cells = list(
        here.annotate(column=Floor((models.F("longitude") / 360.0 + 0.5) * window.cells), row=Floor(y * window.cells))
        .values("column", "row")
        .annotate(
            count=models.Count("pk"),
            station=models.Min("pk"),
            lat=models.Avg("latitude"),
            lng=models.Avg("longitude"),
            south=models.Min("latitude"),
            west=models.Min("longitude"),
            north=models.Max("latitude"),
            east=models.Max("longitude"),
        )
        .order_by("row", "column")
    )
    total = sum(cell["count"] for cell in cells)
    if total <= MOST_SINGLE:
        return total, [], here
    clusters = [
        Cluster(cell["count"], cell["lat"], cell["lng"], (cell["west"], cell["south"], cell["east"], cell["north"]))
        for cell in cells
        if cell["count"] > 1
    ]
    alone = [cell["station"] for cell in cells if cell["count"] == 1]
    return total, clusters, Station.objects.filter(pk__in=alone)


# --- The sketch ----------------------------------------------------------------------------------------------

MOST_OUTLINES = 60
_SLICES = 24  # of a degree, to thin out the stations before their hull is drawn

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Outline:
    """Around the stations of one division: a sketch of where they lie, no boundary of anything."""

    code: str
    name: str
    ring: Ring  # longitude, latitude


def outlines() -> list[Outline]:
    """The convex hull of each district's public stations; of each city's or province's where districts are many.

    Computed from the register alone. A map with boundaries needs a review before it is shown to the public (Map
    Management Regulations, State Council Decree 664, art. 15), so none is claimed. Doubtful positions are left out.
    """
    for digits in (6, 4, 2):
        points = _outermost(digits)
        if len(points) <= MOST_OUTLINES or digits == 2:
            break
    names = dict(Division.objects.filter(code__in=[code.ljust(6, "0") for code in points]).values_list("code", "name"))
    found = []
    for code, places in sorted(points.items()):
        ring = hull(places)
        if len(ring) > 2:
            found.append(Outline(code.ljust(6, "0"), names.get(code.ljust(6, "0"), ""), ring))
    return found


def _outermost(digits: int) -> dict[str, Ring]:
    """By the first digits of the division: the southernmost and northernmost places of every slice of a degree."""
    rows = (
        undoubted(Station.objects.public())
        .filter(latitude__isnull=False, division__isnull=False)
        .annotate(prefix=Substr("division_id", 1, digits), slice=Floor(models.F("longitude") * _SLICES))
        .values("prefix", "slice")
        .annotate(
            south=models.Min("latitude"),
            north=models.Max("latitude"),
            west=models.Min("longitude"),
            east=models.Max("longitude"),
        )
        .order_by("prefix", "slice")
    )
    points: dict[str, Ring] = {}
    for row in rows:
        corners = [(row["west"], row["south"]), (row["east"], row["south"])]
        corners += [(row["west"], row["north"]), (row["east"], row["north"])]
        points.setdefault(row["prefix"], []).extend(corners)
    return points


def hull(points: Ring) -> Ring:
    """The convex hull, counter-clockwise and not closed (Andrew's monotone chain); below three corners: the points."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered

    def half(places: Any) -> Ring:
        chain: Ring = []
        for place in places:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], place) <= 0:
                chain.pop()
            chain.append(place)
        return chain[:-1]

    return half(ordered) + half(reversed(ordered))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
