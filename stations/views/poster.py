"""What hangs at a station's door: a poster and a plate to print, each with the QR code of the station's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from members.cards import qr_svg
from stations import visitor
from stations.models import Station
from unionportal.public_pages import public_page


@public_page
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """Two sheets of A4: the poster with what a passer-by asks, and the plate."""
    rows = Station.objects.public().select_related("kind", "organization", "division__parent")
    station = get_object_or_404(rows.prefetch_related("station_facilities__facility"), code=code.upper())
    context = {
        "station": station,
        "facility_groups": visitor.facility_groups(station.station_facilities.all()),
        "address": request.build_absolute_uri(station.get_absolute_url()),
    }
    return render(request, "stations/poster.html", context)


@public_page
def station_qr(request: HttpRequest, code: str, to: str) -> HttpResponse:
    """A QR code alone, SVG: of the station's page, or of the page where a visitor taps once that he came."""
    station = get_object_or_404(Station.objects.public(), code=code.upper())
    address = request.build_absolute_uri(reverse(to, args=[station.code]))
    return HttpResponse(qr_svg(address, scale=10), content_type="image/svg+xml")
