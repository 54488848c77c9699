"""Opening hours as a scan of the register reads them, and the condition "open at this moment".

`Station.week` and `Station.irregular_until` are kept by triggers (migration 0006) on stations, periods and exceptions,
so that no writer passes them by, COPY included. A week is a multirange of minutes in which weekday d (0 Monday … 6)
takes [2880 d, 2880 d + 2880): what a night leaves for the next morning stays with the day it began on, and a date that
counts as another weekday, or as none, takes its night along.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.daytypes import Calendar, weekdays_of

DAY_MINUTES = 24 * 60
DAY_ROOM = 2 * DAY_MINUTES
# The last day a season can be asked about: seasons come again every year.
FOR_EVER = datetime.date(9999, 12, 31)


class HoursState(models.TextChoices):
    """What is known of a station's hours."""

    LISTED = "listed", _("As listed")
    ALWAYS = "always", _("24 hours")
    HOST = "host", _("As its host is open")
    UNKNOWN = "unknown", _("Not known")


class WeekField(models.Field):  # type: ignore[type-arg]
    """Minutes of a week as text of a multirange; written by the database alone."""

    description = "Minutes of a week"

    def db_type(self, connection: Any) -> str:
        return "int4multirange"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"{sql}::text", params


@WeekField.register_lookup
class Covers(models.Lookup):  # type: ignore[type-arg]
    """``week__covers=minute``."""

    lookup_name = "covers"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, values = self.process_lhs(compiler, connection)
        return f"{left} @> %s::int4", [*values, int(self.rhs)]


def slot(weekday: int, minute: int) -> int:
    """The place in a week of a minute (0 … 2879) counted from 00:00 of a weekday (1 Monday … 7)."""
    return (weekday - 1) * DAY_ROOM + minute


def on_date(date: datetime.date, calendar: Calendar, holds: Callable[[int], Q], prefix: str = "") -> Q:
    """`holds` of the weekday that the date counts as, by the settings of each station."""
    setting, weekdays = weekdays_of(date, calendar)
    if not setting:
        return holds(weekdays[""])
    condition = Q(pk__in=[])
    for value, weekday in weekdays.items():
        condition |= Q(**{f"{prefix}{setting}": value}) & holds(weekday)
    return condition


def in_season(date: datetime.date) -> Q:
    """The period holds all the year, or `date` lies in its season (which may run over New Year)."""
    day, begins, ends = date.month * 100 + date.day, F("season_from"), F("season_to")
    return (
        Q(season_from__isnull=True)
        | Q(season_from__lte=ends) & Q(season_from__lte=day, season_to__gte=day)
        | Q(season_to__lt=begins) & (Q(season_from__lte=day) | Q(season_to__gte=day))
    )


def open_by_week(moment: datetime.datetime, calendar: Calendar, prefix: str = "") -> Q:
    """Open at `moment` (aware) by the ordinary week. Exact for rows that are regular then (see `regular_at`).

    `prefix` leads to the columns of a station from another table ("station__"), which may also hold copies of them.
    """
    condition = Q(pk__in=[])
    for date, minute in _dates_of(moment):

        def covered(weekday: int, minute: int = minute) -> Q:
            return Q(**{f"{prefix}week__covers": slot(weekday, minute)})

        condition |= on_date(date, calendar, covered, prefix)
    return condition


def regular_at(moment: datetime.datetime, prefix: str = "") -> Q:
    """Neither a season nor an exception can change what the ordinary week says at `moment`."""
    today = timezone.localdate(moment)
    return Q(**{f"{prefix}irregular_until__isnull": True}) | Q(**{f"{prefix}irregular_until__lt": today})


def open_at(moment: datetime.datetime, calendar: Calendar, prefix: str = "") -> Q:
    """Open at `moment` (aware), exact for every row: exceptions win over seasons, seasons over the ordinary week.

    Two EXISTS for the stations that are irregular; the others are decided from their row.
    """
    exceptions = apps.get_model("stations", "OpeningException").objects.filter(
        station=OuterRef(f"{prefix}pk"), begins__lte=moment, ends__gt=moment
    )
    periods = apps.get_model("stations", "OpeningPeriod").objects.filter(
        station=OuterRef(f"{prefix}pk"), season_from__isnull=False
    )
    weekly = open_by_week(moment, calendar, prefix)
    seasonal = Q(pk__in=[])
    for date, minute in _dates_of(moment):
        in_force = periods.filter(in_season(date), opens__lte=minute, closes__gt=minute)

        def held(weekday: int, rows: models.QuerySet[Any] = in_force) -> Q:
            return Q(Exists(rows.filter(weekday=weekday)))

        seasonal |= on_date(date, calendar, held, prefix)
    seasonal &= Q(**{f"{prefix}hours_state": HoursState.LISTED})
    excepted = Exists(exceptions.filter(kind="open")) | ~Exists(exceptions) & (weekly | seasonal)
    regular = regular_at(moment, prefix)
    return regular & weekly | ~regular & excepted


def _dates_of(moment: datetime.datetime) -> list[tuple[datetime.date, int]]:
    """The days whose openings may hold at a moment, with the minute counted from their midnight."""
    local = timezone.localtime(moment)
    minute = local.hour * 60 + local.minute
    return [(local.date(), minute), (local.date() - datetime.timedelta(days=1), minute + DAY_MINUTES)]
