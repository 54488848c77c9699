"""A station's week in plain Python: from read hours to periods, and from periods to "open, until when".

The same question is answered in SQL by ``OpeningPeriodQuerySet.covering``; a test holds the two together.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone

from stations.hours import HoursReading, read_hours
from stations.hours.model import Season, minutes_of
from stations.models import OpeningPeriod
from stations.models.details import DAY_MINUTES

# A remark that is nothing but the name of a season: all of the hours hold in it alone.
_SEASON_NAME = re.compile(
    r"(?:[春秋]季|[夏冬][季天令]?|[春夏秋冬]{2}季?)(?:时|作息)?|夏[季天]?高温期?|高温(?:期间?|季节?)|寒暑假|[寒暑]假|暑期"
)


def _month_day(text: str | None) -> int | None:
    return int(text.replace("-", "")) if text else None


def periods_of(reading: HoursReading) -> list[OpeningPeriod]:
    """The unsaved periods of what was read, one row per weekday; empty where nothing was understood.

    Hours that hold only in a season whose dates are not stated ("summer") stay text: dates are never guessed.
    Areas of one place with hours of their own are laid together, for a visitor wants to know when a door is open.
    """
    named = any(_SEASON_NAME.fullmatch(note) for note in reading.notes)
    rows = []
    for period in reading.periods if reading.understood else []:
        season = period.season or reading.season or (Season() if named else None)
        begins, ends = (_month_day(season.start), _month_day(season.end)) if season else (None, None)
        if season and (begins is None or ends is None):
            return []
        rows += [
            OpeningPeriod(
                weekday=day,
                opens=minutes_of(period.opens),
                closes=minutes_of(period.closes),
                access=period.access or "",
                season_from=begins,
                season_to=ends,
            )
            for day in period.days
        ]
    return _laid_apart(rows)


def _laid_apart(rows: list[OpeningPeriod]) -> list[OpeningPeriod]:
    """The same minutes without overlap inside a season: what a later period shares with an earlier is cut off."""
    kept: list[OpeningPeriod] = []
    last: dict[tuple[int | None, int | None], OpeningPeriod] = {}
    for row in sorted(rows, key=lambda row: (row.weekday, row.opens, -row.closes)):
        season = (row.season_from, row.season_to)
        before = last.get(season)
        if before is not None:
            row.opens = max(row.opens, before.closes - (row.weekday - before.weekday) * DAY_MINUTES)
        if row.opens >= row.closes:
            continue
        if before is not None and row.opens >= DAY_MINUTES:  # the rest of a night is no opening of its own
            before.closes = min(row.closes, before.opens + DAY_MINUTES)
            continue
        last[season] = row
        kept.append(row)
    for season, sunday in last.items():
        over = sunday.closes - (8 - sunday.weekday) * DAY_MINUTES  # Sunday night that runs into Monday morning
        for row in kept:
            if over > 0 and row.weekday == 1 and (row.season_from, row.season_to) == season:
                row.opens = max(row.opens, over)
    return [row for row in kept if row.opens < row.closes]


def read_periods(text: str) -> list[OpeningPeriod]:
    """Unsaved periods of hours as people write them; empty where they state none or cannot be read."""
    return periods_of(read_hours(text)) if text.strip() else []


class Now(Enum):
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OpenNow:
    """What a visitor is told: the state, when it changes next (aware; None: not within a week), the way in."""

    state: Now
    changes_at: datetime.datetime | None = None
    access: str = ""
    always: bool = False


def in_season(period: OpeningPeriod, day: datetime.date) -> bool:
    if period.season_from is None or period.season_to is None:
        return True
    today = day.month * 100 + day.day
    if period.season_from <= period.season_to:
        return period.season_from <= today <= period.season_to
    return today >= period.season_from or today <= period.season_to


def _spans(
    periods: Iterable[OpeningPeriod], day: datetime.date, days: range
) -> list[tuple[datetime.datetime, datetime.datetime, str]]:
    """(opens, closes, access) of the days around `day`, touching ones joined, sorted."""
    spans = []
    for offset in days:
        date = day + datetime.timedelta(days=offset)
        start = datetime.datetime.combine(date, datetime.time(), tzinfo=timezone.get_default_timezone())
        for period in periods:
            if period.weekday == date.isoweekday() and in_season(period, date):
                opens = start + datetime.timedelta(minutes=period.opens)
                spans.append((opens, start + datetime.timedelta(minutes=period.closes), period.access))
    joined: list[tuple[datetime.datetime, datetime.datetime, str]] = []
    for opens, closes, access in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]), joined[-1][2])
        else:
            joined.append((opens, closes, access))
    return joined


def open_now(periods: Iterable[OpeningPeriod], moment: datetime.datetime) -> OpenNow:
    """Whether a station with these periods is open at `moment` (aware), and when that changes.

    No periods: unknown, never "closed".
    """
    rows = list(periods)
    if not rows:
        return OpenNow(Now.UNKNOWN)
    local = timezone.localtime(moment)
    # A season's last evening may run past midnight into a day outside it, as the SQL twin has it not:
    # both ask the season of the day in which the period began.
    for opens, closes, access in _spans(rows, local.date(), range(-1, 9)):
        if opens <= local < closes:
            lasting = closes - local > datetime.timedelta(days=7)
            return OpenNow(Now.OPEN, None if lasting else closes, _access_at(rows, local) or access, lasting)
        if opens > local:
            return OpenNow(Now.CLOSED, opens, access)
    return OpenNow(Now.CLOSED)


def _access_at(periods: list[OpeningPeriod], local: datetime.datetime) -> str:
    """The way in of the single period that runs now: joined spans may change it on the way."""
    for opens, closes, access in (
        (start, end, way) for period in periods for start, end, way in _spans([period], local.date(), range(-1, 1))
    ):
        if opens <= local < closes:
            return access
    return ""


def is_whole_week(periods: Iterable[OpeningPeriod]) -> bool:
    """Whether the periods leave no minute of the week: "24 hours". Seasons are left to the caller."""
    covered = sorted(
        ((p.weekday - 1) * DAY_MINUTES + p.opens, (p.weekday - 1) * DAY_MINUTES + p.closes) for p in periods
    )
    week = 7 * DAY_MINUTES
    reached = max((closes - week for _opens, closes in covered), default=0)  # Monday morning belongs to Sunday night
    for opens, closes in covered:
        if opens > max(reached, 0):
            return False
        reached = max(reached, closes)
    return reached >= week
