"""The courier's pages: the directory and a station's page. Public, read-only, whole without JavaScript."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stations import notices, visitor
from stations.choices import Choices, choices
from stations.filters import MOST_FACILITIES, MOST_LETTERS, StationFilter
from stations.lifecycle import State
from stations.loops import public_answers
from stations.models import Station, StationFacility, StationPurpose
from stations.models.finder import nearest
from stations.page_parts import rendered_parts
from stations.rating import honours_of
from stations.schedule import Now, Timetable
from unionportal.organizations.models import Partner
from unionportal.public_pages import versioned_page
from unionportal.public_version import Kept, Stamp

PAGE_SIZE = 20
NEARBY = 3
A_RIDE = 3000  # metres that a closed door sends one on to


@versioned_page
def directory(request: HttpRequest) -> HttpResponse:
    """Stations as cards, 20 a page. What cannot be understood is said above the list, never a dead end."""
    return render(request, "stations/directory.html", listing(request, reverse("stations:directory")))


def listing(request: HttpRequest, here: str) -> dict[str, Any]:
    """What the list shows for the parameters of the address; `here` is the page that its links lead back to."""
    now: Stamp = request.stamp  # type: ignore[attr-defined]
    moment = timezone.now()  # after the stamp, so that nothing of an earlier minute is kept under a later one
    offered = choices(now)
    asked = StationFilter(request.GET, Station.objects.public(), moment=moment, calendar=offered.calendar)
    told = asked.notices
    paginator = Paginator(asked.listed(now), PAGE_SIZE)
    number = request.GET.get("page", "1")
    try:
        page = paginator.page(number)
    except (EmptyPage, PageNotAnInteger):
        page = paginator.get_page(number)
        told.append(
            _("There is no page %(number)s; this is page %(shown)d.") % {"number": number[:10], "shown": page.number}
        )
    chosen = asked.form.cleaned_data
    query = asked.address.urlencode(safe=",")
    return {
        "cards": visitor.cards(page, moment, offered.calendar, offered.chips),
        "page": page,
        "notices": told,
        "asked": asked.address,
        "list_url": here,
        "query": query,
        "here": f"{here}?{query}" if query else here,
        "chosen": chosen,
        "chosen_facilities": bool(chosen.get("facility")),
        "is_filtered": any(chosen.get(name) for name in ("q", "district", "kind", "facility", "open")),
        "chooser": _part("stations/_chooser.html", now, offered, chosen),
        "district_links": _part("stations/_districts.html", now, offered, chosen, list_url=here),
        "most_letters": MOST_LETTERS,
        "holiday_notice": notices.day_notice(timezone.localdate(moment), offered.calendar),
    }


_PARTS = Kept[SafeString](64)


def _part(template: str, stamp: Stamp, offered: Choices, chosen: dict[str, Any], **more: str) -> SafeString:
    """What there is to choose from, with what was chosen marked; rendered once under a stamp."""
    district, kind, facilities = chosen.get("district"), chosen.get("kind"), chosen.get("facility") or ()
    context = {
        "district": district,
        "kind": kind,
        "facilities": {facility.code for facility in facilities},
        "offered": offered,
        "most_facilities": MOST_FACILITIES,
        # A township's stations may be asked for by address; the list of choices holds districts only.
        "other_district": district and district not in offered.districts and district,
        **more,
    }
    key = (template, stamp, get_language(), district, kind, frozenset(context["facilities"]), *more.values())
    return _PARTS.get_or_make(key, lambda: render_to_string(template, context))


@versioned_page
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Everything a visitor needs of one station. Planned and closed ones are not found."""
    station = get_object_or_404(_for_page(), code=code.upper())
    moment = timezone.now()
    today = timezone.localdate(moment)
    offered = choices(request.stamp)  # type: ignore[attr-defined]
    timetable = Timetable.of(station, offered.calendar)
    now = timetable.now(moment)
    in_service = station.status == State.OPEN
    weekday = timetable.weekday(today) if in_service else None
    context = {
        "station": station,
        "standing": visitor.standing(station, now, moment),
        "way_in": visitor.way_in(station, now),
        "always_open": visitor.is_always_open(timetable),
        "weeks": visitor.weeks(timetable.periods, today, weekday) if timetable.known else [],
        "in_service": in_service,
        "otherwise_today": in_service and bool(notices.of_today(timetable.exceptions, moment)),
        "exceptions": notices.exceptions(timetable.exceptions, moment),
        # The reason of what holds now stands in the list of exceptions; that of a station out of service does not.
        "told_below": now.exception is not None and in_service,
        "holiday_notice": "" if now.exception or not in_service else notices.today_at(timetable, today),
        "holiday_rules": notices.rules(station, timetable),
        "unannounced": notices.unannounced(timetable, today),
        "facility_groups": visitor.facility_groups(station.station_facilities.all()),
        "navigation": visitor.navigation(station),
        "position_note": visitor.position_note(station),
        "phones": visitor.phones(station.public_phone),
        "opened": visitor.opened_text(station),
        "lies_inside": station.inside if station.inside and station.inside.is_public else None,
        "nearby": _nearby(station, now.state == Now.OPEN and in_service, moment, offered),
        "parts": rendered_parts(request, station),
        "address": request.build_absolute_uri(station.get_absolute_url()),
        "honours": honours_of(station),
        "answers": public_answers(station),
    }
    return render(request, "stations/detail.html", context)


def _for_page() -> Any:
    """Public stations with all that their page shows, in a fixed number of queries."""
    return (
        Station.objects.public()
        .select_related("kind", "division__parent", "host", "host_kind", "organization", "inside")
        .prefetch_related(
            "periods",
            "photos",
            Prefetch("co_builders", queryset=Partner.objects.order_by("pk")),
            Prefetch("station_facilities", queryset=StationFacility.objects.select_related("facility")),
            Prefetch("purposes", queryset=StationPurpose.objects.select_related("kind")),
            Prefetch("rooms", queryset=Station.objects.public().select_related("kind")),
        )
    )


def _nearby(station: Station, is_open: bool, moment: datetime.datetime, offered: Choices) -> list[visitor.Card]:
    """Three others: the nearest, or some of the same division where the station has no position. Who stands before a
    closed door first reads of those that are open now and within a ride of a few minutes.
    """
    others = Station.objects.public().exclude(pk=station.pk)
    if station.latitude is None or station.longitude is None:
        rows = others.filter(division=station.division_id).open_first(moment, offered.calendar).for_cards()[:NEARBY]
        return visitor.cards(rows, moment, offered.calendar, offered.chips)
    here = (station.latitude, station.longitude)
    rows = others.near(*here).filter(latitude__isnull=False).for_cards()
    first: list[Station] = []
    if not is_open:
        found = nearest(*here, open_at=moment, calendar=offered.calendar, stop=NEARBY)
        first = [row for row in rows.filter(pk__in=found) if row.distance <= A_RIDE]  # type: ignore[attr-defined]
    more = rows.exclude(pk__in=[row.pk for row in first])[: NEARBY - len(first)]
    return visitor.cards([*first, *more], moment, offered.calendar, offered.chips)
