"""Points that a person should look at again: outside the territory, far from all others, shared by many."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import TypeVar

from django.conf import settings

from stations.actions import FAR_FROM, FAR_METRES, SHARED_BY
from unionportal.coordinates import distance

Key = TypeVar("Key", bound=Hashable)
Points = dict[Key, tuple[float, float]]  # latitude, longitude in WGS-84 degrees


def outside_box(points: Points[Key]) -> list[Key]:
    """Points outside ``FEDERATION_BOX``."""
    south, west, north, east = settings.FEDERATION_BOX
    return [key for key, (lat, lng) in points.items() if not (south <= lat <= north and west <= lng <= east)]


def shared_points(points: Points[Key]) -> list[list[Key]]:
    """Groups of at least three on exactly the same point."""
    groups: defaultdict[tuple[float, float], list[Key]] = defaultdict(list)
    for key, point in points.items():
        groups[point].append(key)
    return [keys for keys in groups.values() if len(keys) >= SHARED_BY]


def far_points(points: Points[Key]) -> dict[Key, int]:
    """Points further than 40 km from their nearest neighbour among at least three others: key -> km.

    A grid of half-degree cells finds the neighbours, so that thousands of points stay quick.
    """
    if len(points) <= FAR_FROM:
        return {}
    cells: defaultdict[tuple[int, int], list[Key]] = defaultdict(list)
    for key, (lat, lng) in points.items():
        cells[math.floor(lat * 2), math.floor(lng * 2)].append(key)
    far: dict[Key, int] = {}
    for key, point in points.items():
        row, column = math.floor(point[0] * 2), math.floor(point[1] * 2)
        around = (
            other
            for r in (row, row - 1, row + 1)
            for c in (column, column - 1, column + 1, column - 2, column + 2)
            for other in cells.get((r, c), ())
        )
        # The first one near enough settles it: in a city all points lie in a handful of cells.
        if any(other != key and distance(point, points[other]) <= FAR_METRES for other in around):
            continue
        nearest = min(distance(point, there) for other, there in points.items() if other != key)
        far[key] = round(nearest / 1000)
    return far
