"""What a visitor is told of a station: whether he gets in now, until when, and how. Words, not rules."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stations.daytypes import Calendar
from stations.lifecycle import State
from stations.models import OpeningException, OpeningPeriod, Station, StationFacility
from stations.models.week import DAY_MINUTES, HoursState
from stations.notices import month_and_day
from stations.schedule import Now, OpenNow, Timetable, in_season, is_whole_week
from unionportal.coordinates import amap_link, map_links

# The ways in of a station and of its periods, in a visitor's words and with an icon.
_WAYS: dict[str, tuple[Promise, str]] = {
    "open": (gettext_lazy("Walk in"), "door-open"),
    "door-open": (gettext_lazy("Walk in"), "door-open"),
    "staffed": (gettext_lazy("Staff on site"), "user"),
    "qr": (gettext_lazy("Scan the code to enter"), "qr-code"),
    "id_card": (gettext_lazy("ID card opens the door"), "id-card"),
    "id-card": (gettext_lazy("ID card opens the door"), "id-card"),
    "self-service": (gettext_lazy("Self-service"), "user"),
    "by_hours": (gettext_lazy("Way in depends on the hour"), "clock"),
}

FACILITY_GROUPS: dict[str, Promise] = {
    "water": gettext_lazy("Drinks"),
    "food": gettext_lazy("Food"),
    "rest": gettext_lazy("Rest"),
    "climate": gettext_lazy("Cooling and warmth"),
    "power": gettext_lazy("Charging"),
    "health": gettext_lazy("Health"),
    "hygiene": gettext_lazy("Toilet and washing"),
    "information": gettext_lazy("Information"),
    "other": gettext_lazy("Also here"),
}

MOST_CHIPS = 6  # facilities on a card

_NUMBERS = re.compile(r"[、，,;；/\n]|\s{2,}")


_HOURS = ("weekday", "opens", "closes", "access", "season_from", "season_to")


@dataclass(frozen=True)
class WayIn:
    label: str | Promise
    icon: str


@dataclass(frozen=True)
class Standing:
    """One of "open", "closed", "unknown", "rectifying", "suspended", in words; `reason` is the union's own."""

    state: str
    label: str
    detail: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Card:
    """A station in a list, with the first of its facilities; `more` says how many others it has, in words."""

    station: Station
    standing: Standing
    way_in: WayIn | None
    place: str
    distance: str
    map_url: str
    chips: list[str]
    more: str
    map_label: str


@dataclass(frozen=True)
class DayHours:
    name: str | Promise
    today: bool
    spans: list[tuple[str, WayIn | None]]


@dataclass(frozen=True)
class Week:
    """Seven days of one season; `season` is empty where the hours hold all the year."""

    season: str
    days: list[DayHours] = field(default_factory=list)


def cards(
    stations: Iterable[Station], moment: datetime.datetime, calendar: Calendar, chips: Mapping[str, str]
) -> list[Card]:
    """Cards of stations that `for_cards` has fetched. `chips` are the facilities as a card shows them, by
    code and in their order.

    Three queries: what the stations have, their hours, and the exceptions of those that may have some.
    """
    rows = list(stations)
    ids = [station.pk for station in rows]
    held: dict[int, set[str]] = defaultdict(set)
    for pk, code in StationFacility.objects.filter(station__in=ids).order_by().values_list("station_id", "facility_id"):
        held[pk].add(code)
    periods, exceptions = defaultdict(list), defaultdict(list)
    # Rows without a model around them: a page holds hundreds.
    hours = OpeningPeriod.objects.filter(station__in=ids).order_by("season_from", "weekday", "opens")
    for period in hours.values_list("station_id", *_HOURS, named=True):
        periods[period.station_id].append(period)
    if irregular := [station.pk for station in rows if station.irregular_until]:
        for exception in OpeningException.objects.not_over(moment).filter(station__in=irregular):
            exceptions[exception.station_id].append(exception)
    found = []
    for station in rows:
        timetable = Timetable(
            station.hours_state,
            periods[station.pk],
            exceptions[station.pk],
            on_holidays=station.on_holidays,
            on_makeup_days=station.on_makeup_days,
            calendar=calendar,
        )
        has = held[station.pk]
        found.append(_card(station, timetable, moment, [chips[code] for code in chips if code in has]))
    return found


def _card(station: Station, timetable: Timetable, moment: datetime.datetime, chips: list[str]) -> Card:
    now = timetable.now(moment)
    metres = getattr(station, "distance", None)
    here, more = (station.latitude, station.longitude), len(chips) - MOST_CHIPS
    return Card(
        station=station,
        standing=standing(station, now, moment),
        way_in=way_in(station, now),
        place=station.division.with_county if station.division else "",
        distance=distance_text(metres) if metres is not None else "",
        map_url=amap_link(*here, station.name) if None not in here else "",
        chips=chips[:MOST_CHIPS],
        more=ngettext("%(more)s more", "%(more)s more", more) % {"more": more} if more > 0 else "",
        map_label=_("Navigate to %(name)s with Amap") % {"name": station.name},
    )


# --- Open, until when ----------------------------------------------------------------------------------------


def standing(station: Station, now: OpenNow, moment: datetime.datetime) -> Standing:
    """Out of service comes before the hours; unknown hours are called unknown, never closed."""
    if station.status == State.SUSPENDED:
        return Standing("suspended", _("Closed for the time being"), reason=station.status_reason)
    if station.status == State.RECTIFYING:
        # Out of service until it has been accepted anew (`stations.lifecycle`): nobody gets in.
        until = _("not open until it has been accepted again")
        return Standing("rectifying", _("Being put right"), until, reason=station.status_reason)
    reason = now.exception.reason if now.exception else ""
    if now.state == Now.OPEN:
        return Standing("open", _("Open now"), _until(now, moment), reason)
    if now.state == Now.CLOSED:
        return Standing("closed", _("Closed now"), _opens(now, moment), reason)
    if station.hours_state == HoursState.HOST:
        return Standing("unknown", _("Open as its host is"))
    return Standing("unknown", _("Opening hours unknown"))


def _until(now: OpenNow, moment: datetime.datetime) -> str:
    if now.always or now.changes_at is None:
        return _("24 hours a day")
    return _("until %(time)s") % {"time": _when(now.changes_at, moment, ends=True)}


def _opens(now: OpenNow, moment: datetime.datetime) -> str:
    if now.changes_at is None:
        return "" if now.exception else _("not in season")
    return _("opens %(time)s") % {"time": _when(now.changes_at, moment)}


def _when(change: datetime.datetime, moment: datetime.datetime, *, ends: bool = False) -> str:
    """ "17:30", "tomorrow 08:30", "Monday 08:30", "4 May 08:30" from a week on, with the year where it is another; what
    ends at midnight ends at 24:00 of the day before.
    """
    change, today = timezone.localtime(change), timezone.localdate(moment)
    day, clock = change.date(), f"{change:%H:%M}"
    if ends and clock == "00:00":
        day, clock = day - datetime.timedelta(days=1), "24:00"
    if day == today:
        return clock
    if day == today + datetime.timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": clock}
    if day > today + datetime.timedelta(days=6) and day.year != today.year:
        return f"{date_format(day, 'DATE_FORMAT')} {clock}"
    if day > today + datetime.timedelta(days=6):
        return f"{month_and_day(day)} {clock}"
    return f"{WEEKDAYS[day.weekday()]} {clock}"


# --- The way in ----------------------------------------------------------------------------------------------


def _way(code: str) -> WayIn | None:
    return WayIn(*_WAYS[code]) if code in _WAYS else None


def way_in(station: Station, now: OpenNow) -> WayIn | None:
    """How one gets in now where the hours say so, else how one generally does; None where nobody said, and where nobody
    gets in: a station out of service.
    """
    if station.status != State.OPEN:
        return None
    if now.state == Now.OPEN and now.access:
        return _way(now.access)
    return _way(station.access)


def weeks(periods: Iterable[OpeningPeriod], today: datetime.date, weekday: int | None) -> list[Week]:
    """The weekly hours, one table a season; in the season that holds today, the weekday (1 Monday … 7) is marked that
    today counts as, if any: see `Timetable.weekday`.
    """
    rows = sorted(periods, key=lambda row: (row.season_from or 0, row.season_to or 0, row.weekday, row.opens))
    found = []
    for (begins, ends), group in groupby(rows, key=lambda row: (row.season_from, row.season_to)):
        season = list(group)
        current = in_season(season[0], today)
        days = [
            DayHours(
                WEEKDAYS[number - 1],
                current and number == weekday,
                [(_span(row), _way(row.access)) for row in season if row.weekday == number],
            )
            for number in range(1, 8)
        ]
        found.append(Week(_season(begins, ends), days))
    return found


def _span(row: OpeningPeriod) -> str:
    if (row.opens, row.closes) == (0, DAY_MINUTES):
        return _("24 hours")
    return f"{_clock(row.opens)}–{_clock(row.closes)}"


def _clock(minutes: int) -> str:
    if minutes > DAY_MINUTES:
        return _("next day %(time)s") % {"time": _clock(minutes - DAY_MINUTES)}
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _season(begins: int | None, ends: int | None) -> str:
    if begins is None or ends is None:
        return ""
    first, last = (month_and_day(datetime.date(2024, *divmod(end, 100))) for end in (begins, ends))
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def is_always_open(timetable: Timetable) -> bool:
    """Whether one line, "24 hours a day", says it all."""
    rows = timetable.periods
    if timetable.state == HoursState.ALWAYS:
        return not any(row.access for row in rows)
    return timetable.known and not any(row.access or row.season_from for row in rows) and is_whole_week(rows)


# --- Where it is, and the rest -------------------------------------------------------------------------------


def distance_text(metres: float) -> str:
    """About so far, no more exact than a phone's position: to 50 m below a kilometre, then to 100 m."""
    if metres < 975:
        return _("about %(metres)d m") % {"metres": max(50, round(metres / 50) * 50)}
    return _("about %(kilometres)s km") % {"kilometres": f"{metres / 1000:.1f}"}


def navigation(station: Station) -> list[tuple[str, Promise | str, str]]:
    """Links into three map apps; empty where the position is not known."""
    if station.latitude is None or station.longitude is None:
        return []
    return map_links(station.latitude, station.longitude, station.name, station.address)


def phones(text: str) -> list[tuple[str, str]]:
    """(as written, digits to dial); nothing to dial in what holds no whole number."""
    found = []
    for part in filter(None, (piece.strip() for piece in _NUMBERS.split(text))):
        number = re.search(r"\+?\d[\d\s()（）-]{3,}\d", part)
        found.append((part, re.sub(r"[^\d+]", "", number.group()) if number else ""))
    return found


def opened_text(station: Station) -> str:
    """The opening date as exactly as it is known."""
    if station.opened_on is None:
        return ""
    if station.opened_precision == Station.DatePrecision.YEAR:
        return _("in %(year)d") % {"year": station.opened_on.year}
    by_month = station.opened_precision == Station.DatePrecision.MONTH
    return date_format(station.opened_on, "YEAR_MONTH_FORMAT" if by_month else "DATE_FORMAT")


def position_note(station: Station) -> str:
    """How far the position can be trusted, said plainly."""
    if not station.has_position:
        return _("The position is not known yet: please go by the address.")
    return {
        Station.Accuracy.SURVEYED: _("The position was surveyed on site."),
        Station.Accuracy.MAP: _("The position was taken from a map."),
        Station.Accuracy.ADDRESS: _("The position was worked out from the address and may be off."),
    }.get(station.accuracy, _("How exact the position is, is not known: it may be off."))


def facility_groups(rows: Iterable[StationFacility]) -> list[tuple[str | Promise, list[StationFacility]]]:
    """The facilities under their headings, in the order of FACILITY_GROUPS."""
    grouped: dict[str, list[StationFacility]] = {}
    for row in rows:
        group = row.facility.group if row.facility.group in FACILITY_GROUPS else "other"
        grouped.setdefault(group, []).append(row)
    return [(name, grouped[group]) for group, name in FACILITY_GROUPS.items() if group in grouped]
