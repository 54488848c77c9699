"""A station's hours in plain Python: from the text to periods, and from periods to "open, until when".

The same question is answered in SQL by ``stations.models.week.open_at``; a test holds the two together.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone

from stations.daytypes import Calendar, OnHolidays, OnMakeUpDays, weekdays_of
from stations.hours import HoursReading, follows_host, read_hours, stated_holidays
from stations.hours.lexer import normalise
from stations.hours.model import minutes_of
from stations.models import OpeningException, OpeningPeriod, Station
from stations.models.week import DAY_MINUTES, HoursState


def _month_day(text: str | None) -> int | None:
    return int(text.replace("-", "")) if text else None


# Hours that were left over beside those that were read: what was read is not the whole of it.
_MORE_HOURS = re.compile(
    r"\d:\d{2}|[\d一二三四五六七八九十][点时](?!间)|全天|24\s*小时|[朝早晚][一二三四五六七八九十\d]"
)
_THE_REST = re.compile(r"其[他它余]")


def _is_part_of_more(reading: HoursReading) -> bool:
    """Whether hours stand in what was not read, or in a note on the rest of the week or the year."""
    left = [*reading.unread, *(note for note in reading.notes if _THE_REST.search(note))]
    return any(_MORE_HOURS.search(normalise(text)) for text in left)


def periods_of(reading: HoursReading) -> list[OpeningPeriod]:
    """The unsaved periods of what was read, one row per weekday; empty where nothing was understood.

    Hours that differ in a season whose dates are not stated ("summer") stay text: dates are never guessed.
    Areas of one place with hours of their own are laid together, for a visitor wants to know when a door is open.
    A season until 28 February takes the 29th along.
    """
    rows = []
    whole = reading.understood and reading.certain and not _is_part_of_more(reading)
    for period in reading.periods if whole else []:
        season = period.season or reading.season
        begins, ends = (_month_day(season.start), _month_day(season.end)) if season else (None, None)
        ends = 229 if ends == 228 else ends
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


@dataclass(frozen=True)
class Stated:
    """What a text says of a station's hours; `on_holidays` is None where it says nothing of them."""

    state: HoursState
    periods: list[OpeningPeriod]
    on_holidays: OnHolidays | None = None


def stated(text: str) -> Stated:
    """What hours as people write them become in the register: unsaved periods, and what is known of them."""
    if not text.strip():
        return Stated(HoursState.UNKNOWN, [])
    reading = read_hours(text)
    periods = periods_of(reading)
    if not periods:
        return Stated(HoursState.HOST if follows_host(reading) else HoursState.UNKNOWN, [])
    always = not any(row.season_from for row in periods) and is_whole_week(periods)
    return Stated(HoursState.ALWAYS if always else HoursState.LISTED, periods, _on_holidays(text))


def _on_holidays(text: str) -> OnHolidays | None:
    found = stated_holidays(text)
    return OnHolidays(found) if found else None


def read_periods(text: str) -> list[OpeningPeriod]:
    """Unsaved periods of hours as people write them; empty where they state none or cannot be read."""
    return periods_of(read_hours(text)) if text.strip() else []


class Now(Enum):
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OpenNow:
    """What a visitor is told: the state, when it changes next (aware; None: not known, or not for long), the way in.

    `exception` is the closure or extra opening that decides now. `always`: open for more than a week to come.
    """

    state: Now
    changes_at: datetime.datetime | None = None
    access: str = ""
    always: bool = False
    exception: OpeningException | None = None

    @property
    def closes_at(self) -> datetime.datetime | None:
        return self.changes_at if self.state is Now.OPEN else None

    @property
    def opens_at(self) -> datetime.datetime | None:
        return self.changes_at if self.state is Now.CLOSED else None


def in_season(period: OpeningPeriod, day: datetime.date) -> bool:
    if period.season_from is None or period.season_to is None:
        return True
    today = day.month * 100 + day.day
    if period.season_from <= period.season_to:
        return period.season_from <= today <= period.season_to
    return today >= period.season_from or today <= period.season_to


_DAY = datetime.timedelta(days=1)
# An opening that ends later is told as one without an end; a closed door may wait for its season.
_DAYS_OPEN, _DAYS_CLOSED = 8, 370


class Timetable:
    """When one station is open. Times inside are those of the wall clock in China, which knows no summer time."""

    def __init__(
        self,
        state: str,
        periods: Iterable[OpeningPeriod],
        exceptions: Iterable[OpeningException] = (),
        *,
        on_holidays: str = OnHolidays.SUNDAY,
        on_makeup_days: str = OnMakeUpDays.WORKDAY,
        calendar: Calendar,
    ) -> None:
        self.state, self.calendar = state, calendar
        self.periods = list(periods)
        self._settings = {"": "", "on_holidays": on_holidays, "on_makeup_days": on_makeup_days}
        self._by_weekday: dict[int, list[OpeningPeriod]] = defaultdict(list)
        for period in self.periods:
            self._by_weekday[period.weekday].append(period)
        self.exceptions = sorted(exceptions, key=lambda row: row.begins)
        self._excepted = [(_wall(row.begins), _wall(row.ends), row) for row in self.exceptions]

    @classmethod
    def of(cls, station: Station, calendar: Calendar) -> Timetable:
        """Of a station as the database gave it: its exceptions are asked for only where it may have some."""
        return cls(
            station.hours_state,
            station.periods.all(),
            station.exceptions.all() if station.irregular_until else (),
            on_holidays=station.on_holidays,
            on_makeup_days=station.on_makeup_days,
            calendar=calendar,
        )

    @property
    def known(self) -> bool:
        return self.state == HoursState.ALWAYS or (self.state == HoursState.LISTED and bool(self.periods))

    def weekday(self, date: datetime.date) -> int | None:
        """The weekday (1 Monday … 7) that a date counts as here; None where it is a day of rest."""
        setting, weekdays = weekdays_of(date, self.calendar)
        return weekdays.get(self._settings[setting])

    def now(self, moment: datetime.datetime) -> OpenNow:
        """Whether the station is open at `moment` (aware), and when that changes. Not known is never "closed"."""
        local = _wall(moment)
        state, access, exception = self._at(local)
        if state is Now.UNKNOWN:
            return OpenNow(state)
        change = self._change(local, state)
        if change is None:
            return OpenNow(state, None, access, state is Now.OPEN, exception)
        if state is Now.CLOSED and self._at(change)[0] is not Now.OPEN:
            return OpenNow(state, None, access, exception=exception)
        changes_at = change.replace(tzinfo=timezone.get_default_timezone())
        way = access if state is Now.OPEN else self._at(change)[1]
        return OpenNow(state, changes_at, way, exception=exception)

    def _at(self, local: datetime.datetime) -> tuple[Now, str, OpeningException | None]:
        for begins, ends, row in self._excepted:
            if begins <= local < ends:
                return (Now.OPEN if row.kind == "open" else Now.CLOSED), row.access, row
        if not self.known:
            return Now.UNKNOWN, "", None
        period = self._period_at(local)
        if (period is None or self.state == HoursState.ALWAYS) and self.is_doubtful(local.date()):
            return Now.UNKNOWN, "", None
        if self.state == HoursState.ALWAYS:
            is_open = self.weekday(local.date()) is not None
        else:
            is_open = period is not None
        access = period.access if period is not None and is_open else ""
        return (Now.OPEN if is_open else Now.CLOSED), access, None

    def is_doubtful(self, date: datetime.date) -> bool:
        """Whether nobody knows what the hours mean on this date: a public holiday of which the station says nothing."""
        setting, _weekdays = weekdays_of(date, self.calendar)
        return self._settings[setting] == OnHolidays.UNKNOWN

    def _period_at(self, local: datetime.datetime) -> OpeningPeriod | None:
        date, minute = local.date(), local.hour * 60 + local.minute
        # The season and the kind of day are asked of the day on which a period begins: a night takes them along.
        for day, at in ((date, minute), (date - _DAY, minute + DAY_MINUTES)):
            weekday = self.weekday(day)
            for period in self._by_weekday.get(weekday, ()) if weekday else ():
                if period.opens <= at < period.closes and in_season(period, day):
                    return period
        return None

    def _change(self, local: datetime.datetime, state: Now) -> datetime.datetime | None:
        days = _DAYS_OPEN if state is Now.OPEN else _DAYS_CLOSED
        return next((edge for edge in self._edges(local, days) if self._at(edge)[0] is not state), None)

    def _edges(self, local: datetime.datetime, days: int) -> Iterator[datetime.datetime]:
        """Every moment after `local` at which something may open or close, day by day."""
        midnight = datetime.datetime.combine(local.date(), datetime.time())
        for _ in range(days):
            edges = {midnight}
            for day, shift in ((midnight.date(), 0), (midnight.date() - _DAY, DAY_MINUTES)):
                weekday = self.weekday(day)
                for period in self._by_weekday.get(weekday, ()) if weekday else ():
                    times = (period.opens - shift, period.closes - shift)
                    edges |= {midnight + datetime.timedelta(minutes=at) for at in times if 0 <= at < DAY_MINUTES}
            tomorrow = midnight + _DAY
            edges |= {edge for row in self._excepted for edge in row[:2] if midnight <= edge < tomorrow}
            yield from sorted(edge for edge in edges if edge > local)
            midnight = tomorrow


def open_now(station: Station, moment: datetime.datetime, calendar: Calendar | None = None) -> OpenNow:
    """`Timetable.now` of a single station; without `calendar` the entered holidays are read (two queries)."""
    return Timetable.of(station, calendar or Calendar.now()).now(moment)


def _wall(moment: datetime.datetime) -> datetime.datetime:
    return timezone.localtime(moment).replace(tzinfo=None)


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
