"""The map of stations: the list with a map above it, the map's answers, and the sketch beneath."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from stations import mapping, visitor
from stations.choices import choices
from stations.filters import StationFilter
from stations.models import Station
from stations.views.directory import listing
from unionportal.coordinates import METRES_A_DEGREE
from unionportal.public_pages import versioned_page

_EXACT = 5  # decimals of a degree: one metre


@versioned_page
def station_map(request: HttpRequest) -> HttpResponse:
    """The directory with a map above the list; without JavaScript the list is the page."""
    context = listing(request, reverse("stations:map"))
    context["tiles"] = {"url": settings.MAP_TILE_URL, "credit": settings.MAP_TILE_CREDIT}
    first, whole = _first_views(context)
    context |= {"start": ",".join(map(str, first)), "whole": ",".join(map(str, whole))}
    return render(request, "stations/map.html", context)


def _first_views(context: dict[str, Any]) -> tuple[mapping.Box, mapping.Box]:
    """What the map shows first, and as a whole: the visitor's surroundings, or where most of what was asked for lies;
    all of it, or the whole territory where nothing was asked for or found.
    """
    south, west, north, east = settings.FEDERATION_BOX
    territory = (west, south, east, north)
    first, whole = mapping.first_views(context["page"].paginator.object_list.rows) or (territory, territory)
    if near := context["chosen"].get("near"):
        latitude, longitude = near
        reach = _reach([card.station.distance for card in context["cards"][:_NEAREST]])
        west, south, east, north = longitude - reach, latitude - reach, longitude + reach, latitude + reach
        first = round(west, 4), round(south, 4), round(east, 4), round(north, 4)
    return first, whole if context["is_filtered"] else territory


_NEAREST = 8
_LEAST_REACH, _MOST_REACH = 0.004, 0.02  # degrees: about 400 m and 2 km


def _reach(metres: list[float | None]) -> float:
    """Degrees around a visitor in which the nearest stations lie: few enough for the map to list each of them, or the
    list would begin where the crowd around him ends.
    """
    known = [distance for distance in metres if distance is not None]
    return min(max(max(known, default=0) / METRES_A_DEGREE, _LEAST_REACH), _MOST_REACH) if known else _MOST_REACH


@versioned_page
def map_data(request: HttpRequest) -> JsonResponse:
    """Clusters and stations of a window: `bbox=WEST,SOUTH,EAST,NORTH` in WGS-84 degrees, `zoom=0…19`, and the
    filters of the list. At most a few hundred of both, whatever the window holds.
    """
    moment = timezone.now()
    try:
        window = mapping.Window.read(request.GET.get("bbox", ""), request.GET.get("zoom", ""))
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=400)
    asked = request.GET.copy()
    asked.pop("near", None)
    offered = choices(request.stamp)  # type: ignore[attr-defined]
    rows = StationFilter(asked, Station.objects.public(), moment=moment, calendar=offered.calendar).qs
    total, clusters, stations = mapping.shown(rows, window)
    named = stations.for_cards().order_by("name_key", "pk")
    return JsonResponse(
        {
            "datum": "WGS-84",
            "total": total,
            "clusters": [
                {
                    "count": cluster.count,
                    "lat": round(cluster.latitude, _EXACT),
                    "lng": round(cluster.longitude, _EXACT),
                    "box": [round(edge, _EXACT) for edge in cluster.box],
                }
                for cluster in clusters
            ],
            "stations": [_feature(card) for card in visitor.cards(named, moment, offered.calendar, offered.chips)],
        },
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


def _feature(card: visitor.Card) -> dict[str, Any]:
    station, standing = card.station, card.standing
    return {
        "url": station.get_absolute_url(),
        "name": station.name,
        "kind": str(station.kind),
        "lat": round(station.latitude or 0, _EXACT),
        "lng": round(station.longitude or 0, _EXACT),
        "state": standing.state,
        "said": " · ".join(part for part in (str(standing.label), standing.detail) if part),
    }


@versioned_page
def map_sketch(request: HttpRequest) -> JsonResponse:
    """Outlines around the stations of each district. A sketch, and said to be one: no boundary is claimed."""
    return JsonResponse(
        {
            "datum": "WGS-84",
            "note": "Convex hulls of station positions; not administrative boundaries.",
            "outlines": [
                {"name": outline.name, "ring": [[round(x, 4), round(y, 4)] for x, y in outline.ring]}
                for outline in mapping.outlines()
            ],
        },
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )
