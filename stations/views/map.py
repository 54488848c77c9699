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
from stations.daytypes import Calendar
from stations.filters import StationFilter
from stations.models import Station
from stations.views.directory import listing
from unionportal.public_pages import public_page, versioned_page

_EXACT = 5  # decimals of a degree: one metre


@public_page
def station_map(request: HttpRequest) -> HttpResponse:
    """The directory with a map above the list; without JavaScript the list is the page."""
    context = listing(request, reverse("stations:map"))
    context["tiles"] = {"url": settings.MAP_TILE_URL, "credit": settings.MAP_TILE_CREDIT}
    context["start"] = _first_view(context)
    return render(request, "stations/map.html", context)


def _first_view(context: dict[str, Any]) -> str:
    """What the map shows first (w,s,e,n): the visitor's surroundings, what was asked for, or the whole territory."""
    if near := context["chosen"].get("near"):
        latitude, longitude = near
        return f"{longitude - 0.02:.4f},{latitude - 0.02:.4f},{longitude + 0.02:.4f},{latitude + 0.02:.4f}"
    south, west, north, east = settings.FEDERATION_BOX
    if context["is_filtered"]:
        found = mapping.bounds(context["page"].paginator.object_list.rows)
        west, south, east, north = found or (west, south, east, north)
    return f"{west},{south},{east},{north}"


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
    calendar = Calendar.now()
    rows = StationFilter(asked, Station.objects.public(), moment=moment, calendar=calendar).qs
    total, clusters, stations = mapping.shown(rows, window)
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
            "stations": [
                _feature(card)
                for card in visitor.cards(stations.for_cards().order_by("name_key", "pk"), moment, calendar)
            ],
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
