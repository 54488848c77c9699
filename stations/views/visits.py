"""Counting visits: the reader that staff hold to members' cards, the tap at the door, and the figures for staff."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from members.cards import Verdict, check
from members.models import OccupationGroup
from stations.actions.feedback import network_of
from stations.actions.visits import record_visit
from stations.models import Channel, Station, VisitHour
from stations.models.visits import HOURS_KEPT, TAP_WINDOW, days_counted_for
from stations.views.feedback import device_of, remember_device
from stations.views.keeping import for_keepers, kept
from unionportal.audit.context import address_of
from unionportal.limits import Limit, allow

DOOR_COOKIE = "visit_device"
BY_DOOR = Limit("visit-door", 60, datetime.timedelta(hours=1))
DAYS_SHOWN = 14


# --- The reader -----------------------------------------------------------------------------------------------


@for_keepers
@require_http_methods(["GET", "POST"])
def reader(request: HttpRequest, code: str) -> HttpResponse:
    """A card held to the reader: admitted or refused, and an admitted member counts by his occupation group."""
    station = get_object_or_404(kept(request), code=code.upper())
    found = counted = None
    if request.method == "POST":
        found = check(_token_in(request.POST.get("card", "")))
        if found.admitted and found.member is not None:
            counted = record_visit(
                station,
                channel=Channel.CARD,
                group_code=found.member.occupation_group_id or "",
                person=f"member {found.member.pk}",
            )
    context = {
        "station": station,
        "found": found,
        "counted": counted,
        "today": station.visit_hours.filter(day=timezone.localdate()).total(),
        "stale": found is not None and found.verdict == Verdict.EXPIRED,
    }
    return render(request, "stations/reader.html", context)


def _token_in(scanned: str) -> str:
    """The token of a card from what a scanner types: the token itself, or the address that holds it."""
    try:
        held = parse_qs(urlsplit(scanned.strip()).query).get("card")
    except ValueError:  # http://[ is no address
        held = None
    return held[0] if held else scanned.strip()


# --- The door -------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponse:
    """One tap by whoever comes in: the group he belongs to, if he likes. Nothing else is asked or kept."""
    station = get_object_or_404(Station.objects.public(), code=code.upper())
    groups = OccupationGroup.objects.filter(is_active=True)
    if request.method == "POST":
        chosen = request.POST.get("group", "")
        address, device = network_of(address_of(request) or ""), device_of(request, DOOR_COOKIE)
        counted = False
        if allow(BY_DOOR, f"{station.pk} {address}") and chosen in {"", *(group.code for group in groups)}:
            person = f"door {address} {device}"
            counted = record_visit(station, channel=Channel.DOOR, group_code=chosen, person=person)
        return redirect("stations:door-counted", station.code, "counted" if counted else "again")
    response = render(request, "stations/door.html", {"station": station, "groups": groups})
    remember_device(response, device_of(request, DOOR_COOKIE), request.path, DOOR_COOKIE, TAP_WINDOW)
    return response


@never_cache
@require_GET
def door_counted(request: HttpRequest, code: str, how: str) -> HttpResponse:
    if how not in ("counted", "again"):
        raise Http404
    station = get_object_or_404(Station.objects.public(), code=code.upper())
    return render(request, "stations/door_counted.html", {"station": station, "again": how == "again"})


# --- The figures ----------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Visits of the user's stations: by day, by hour of a chosen day, by occupation group, by station.

    Days are read from the owners' counters; only the chosen day's hours from the stations'.
    """
    if not request.user.has_perm("stations.view_visithour"):
        raise PermissionDenied
    today = timezone.localdate()
    day = min(max(parse_date_or(request.GET.get("day", ""), today), today - HOURS_KEPT), today)
    since = day - datetime.timedelta(days=DAYS_SHOWN - 1)
    kept_hours = VisitHour.objects.visible_to(request.user)
    days = days_counted_for(request.user).filter(day__range=(since, day))
    hours = kept_hours.filter(day=day)
    by_day, by_hour, names = days.by("day"), hours.by("hour"), dict(OccupationGroup.objects.values_list("code", "name"))
    by_station = sorted(hours.by("station", "station__name").items(), key=lambda row: (-row[1], row[0]))[:20]
    context = {
        "day": day,
        "days": [
            (since + datetime.timedelta(days=n), by_day.get(since + datetime.timedelta(days=n), 0))
            for n in range(DAYS_SHOWN)
        ],
        "hours": [(hour, by_hour.get(hour, 0)) for hour in range(24)],
        "groups": [
            (names.get(code, code) or _("not stated"), count) for code, count in _largest(days.by("group_code"))
        ],
        "stations": [(name, count) for (_pk, name), count in by_station],
        "total": sum(by_day.values()),
    }
    return render(request, "stations/visits.html", context)


def _largest(counts: dict[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))


def parse_date_or(text: str, otherwise: datetime.date) -> datetime.date:
    try:
        return parse_date(text) or otherwise
    except ValueError:
        return otherwise
