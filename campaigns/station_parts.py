"""What a station's public page shows of campaigns: the activities held there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Activity
from stations.models import Station
from stations.page_parts import register_part

MOST = 5


def activities_here(request: HttpRequest, station: Station) -> tuple[str, dict[str, Any]] | None:
    """The next activities at the station whose campaign visitors may see; None where there are none."""
    coming = Activity.objects.public().coming(timezone.now()).filter(station=station)
    activities = list(coming.select_related("campaign")[:MOST])
    return ("campaigns/_at_station.html", {"activities": activities}) if activities else None


def register() -> None:
    register_part("activities", activities_here)
