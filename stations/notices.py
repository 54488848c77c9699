"""What a visitor is told beside the weekly hours: closures and extra openings, public holidays, make-up days."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stations.daytypes import Calendar, OnHolidays, OnMakeUpDays, unannounced_year
from stations.models import OpeningException, OpeningPeriod, Station
from stations.models.week import HoursState
from stations.schedule import Timetable
from unionportal.workdays import DayKind

# How far ahead a visitor is told of a closure, and how far ahead a year without announced holidays matters to him.
_AHEAD = datetime.timedelta(days=60)
_WEEK = datetime.timedelta(days=7)


def month_and_day(date: datetime.date) -> str:
    return date_format(date, pgettext("date format of a month and a day", "j F"))


def span(begins: datetime.datetime, ends: datetime.datetime) -> str:
    """ "1 May", "1 May to 3 May", "1 May 14:00–17:00", "1 May 14:00 to 3 May 09:00"; moments are aware."""
    first, last = timezone.localtime(begins), timezone.localtime(ends)
    if first.time() == last.time() == datetime.time():
        last -= datetime.timedelta(days=1)
        if first.date() == last.date():
            return month_and_day(first)
        return _("%(first)s to %(last)s") % {"first": month_and_day(first), "last": month_and_day(last)}
    if first.date() == last.date():
        return f"{month_and_day(first)} {first:%H:%M}–{last:%H:%M}"
    return _("%(first)s to %(last)s") % {
        "first": f"{month_and_day(first)} {first:%H:%M}",
        "last": f"{month_and_day(last)} {last:%H:%M}",
    }


def of_today(rows: Iterable[OpeningException], moment: datetime.datetime) -> list[OpeningException]:
    """Those that hold at `moment` or later on its day: what the week says of today is not the whole."""
    midnight = datetime.datetime.combine(timezone.localdate(moment) + datetime.timedelta(days=1), datetime.time())
    return [row for row in rows if row.ends > moment and row.begins < timezone.make_aware(midnight)]


def exceptions(rows: Iterable[OpeningException], moment: datetime.datetime) -> list[str]:
    """Closures and extra openings that hold now or soon, each with its reason."""
    told = {
        "closed": _("Closed %(span)s: %(reason)s"),
        "open": _("Open %(span)s beyond the usual hours: %(reason)s"),
    }
    return [
        told[row.kind] % {"span": span(row.begins, row.ends), "reason": row.reason}
        for row in rows
        if row.ends > moment and row.begins < moment + _AHEAD
    ]


def day_notice(day: datetime.date, calendar: Calendar) -> str:
    """For a list: today is a public holiday or a make-up working day; empty on others."""
    known = calendar.kind(day)
    if known.kind == DayKind.HOLIDAY:
        return _("Today is a public holiday (%(name)s): the hours shown are those of today.") % {"name": known.name}
    if known.kind == DayKind.MAKE_UP:
        told = _("Today is a make-up working day (%(name)s): the hours shown are those of today.")
        return told % {"name": known.name}
    return ""


def today_at(timetable: Timetable, day: datetime.date) -> str:
    """For a station: what holds on this public holiday or make-up day; empty on other days."""
    known = timetable.calendar.kind(day)
    if known.kind not in (DayKind.HOLIDAY, DayKind.MAKE_UP):
        return ""
    if not timetable.known:
        named = {"name": known.name}
        if known.kind == DayKind.HOLIDAY:
            return _("Today is a public holiday (%(name)s).") % named
        return _("Today is a make-up working day (%(name)s).") % named
    weekday = timetable.weekday(day)
    names = {"name": known.name, "weekday": WEEKDAYS[(weekday or 1) - 1]}
    if known.kind == DayKind.HOLIDAY:
        if timetable.is_doubtful(day):
            return _("Today is a public holiday (%(name)s): whether the station is open is not known.") % names
        if weekday is None:
            return _("Today is a public holiday (%(name)s): the station is closed.") % names
        return _("Today is a public holiday (%(name)s): the hours of %(weekday)s hold.") % names
    if weekday is None:
        return _("Today is a make-up working day (%(name)s): the station is closed.") % names
    return _("Today is a make-up working day (%(name)s): the hours of %(weekday)s hold.") % names


def rules(station: Station, timetable: Timetable) -> list[str]:
    """What holds on public holidays and make-up days, where the days of the week differ or the station rests."""
    if not timetable.known:
        return []
    told = []
    uneven = timetable.state == HoursState.LISTED and not _every_day_alike(timetable.periods)
    if uneven or station.on_holidays in (OnHolidays.CLOSED, OnHolidays.UNKNOWN):
        told.append(_("On public holidays: %(rule)s.") % {"rule": OnHolidays(station.on_holidays).label})
    if uneven or station.on_makeup_days == OnMakeUpDays.CLOSED:
        told.append(_("On make-up working days: %(rule)s.") % {"rule": OnMakeUpDays(station.on_makeup_days).label})
    return told


def _every_day_alike(periods: Iterable[OpeningPeriod]) -> bool:
    days: dict[int, set[tuple[int, int, int | None, int | None]]] = {day: set() for day in range(1, 8)}
    for row in periods:
        days[row.weekday].add((row.opens, row.closes, row.season_from, row.season_to))
    return all(day == days[1] for day in days.values())


def unannounced(timetable: Timetable, day: datetime.date) -> str:
    """Told while the week to come holds a day whose holidays are not announced yet."""
    year = unannounced_year(day, day + _WEEK, timetable.calendar) if timetable.known else None
    if year is None:
        return ""
    told = _("The public holidays of %(year)d are not announced yet: the hours of the weekday are used.")
    return told % {"year": year}
