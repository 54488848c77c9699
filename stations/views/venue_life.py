"""What a station's page shows of what lives in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from members.cards import qr_svg
from stations.models import GroupCode
from stations.models.stations import Station
from unionportal.public_pages import public_page


@public_page
def group_code(request: HttpRequest, code: str, group: int) -> HttpResponse:
    """A group's code as SVG while it is good; an expired one is not found."""
    station = get_object_or_404(Station.objects.public(), code=code.upper())
    row = get_object_or_404(GroupCode.objects.valid_on(timezone.localdate()), station=station, pk=group)
    return HttpResponse(qr_svg(row.target, scale=4), content_type="image/svg+xml")
