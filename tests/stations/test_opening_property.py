"""Every schedule at every moment: SQL, Python and a plain reference that paints minute after minute agree."""

from __future__ import annotations

import datetime
import os
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stations.actions import except_hours
from stations.daytypes import Calendar, OnHolidays, OnMakeUpDays
from stations.models import OpeningException, OpeningPeriod, Station
from stations.models.week import HoursState
from stations.schedule import Now, Timetable
from tests.factories import make_county, make_station
from unionportal.workdays import Day, DayKind, Overrides

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXAMPLES = 2000 if os.environ.get("PORTAL_SOAK") == "1" else 60
# The schedules of one example stand around this many days; the reference paints them all.
DAYS = 9
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


# --- The reference: what each minute is, painted ---------------------------------------------------------------


class Painted:
    """The minutes of some days, each open (True), closed (False) or not known (None). Slow and plain."""

    def __init__(self, drawn: dict[str, Any]) -> None:
        self.first = drawn["day"] - 2 * DAY
        known = drawn["state"] == "always" or (drawn["state"] == "listed" and bool(drawn["periods"]))
        self.minutes: list[bool | None] = [False if known else None] * (DAYS * 1440)
        for number in range(DAYS if known else 0):
            if drawn["on_holidays"] == "unknown" and drawn["calendar"].get(self.first + number * DAY) == "holiday":
                self.paint(number * 1440, number * 1440 + 1440, None)
        for number in range(-1, DAYS):
            date = self.first + number * DAY
            weekday = self.counts_as(date, drawn)
            if weekday is None:
                continue
            if drawn["state"] == "always":
                self.paint(number * 1440, number * 1440 + 1440, True)
            if drawn["state"] == "listed":
                for period_weekday, opens, closes, season in drawn["periods"]:
                    if period_weekday == weekday and self.in_season(date, season):
                        self.paint(number * 1440 + opens, number * 1440 + closes, True)
        for kind, begins, ends in drawn["exceptions"]:  # in the order they were entered: the newest wins
            self.paint(2 * 1440 + begins, 2 * 1440 + ends, kind == "open")

    def paint(self, begins: int, ends: int, value: bool | None) -> None:
        for minute in range(max(0, begins), min(len(self.minutes), ends)):
            self.minutes[minute] = value

    @staticmethod
    def counts_as(date: datetime.date, drawn: dict[str, Any]) -> int | None:
        kind = drawn["calendar"].get(date)
        if kind == "holiday":
            return {"sunday": 7, "weekday": date.isoweekday(), "closed": None, "unknown": None}[drawn["on_holidays"]]
        if kind == "make_up":
            return {"workday": 3, "weekday": date.isoweekday(), "closed": None}[drawn["on_makeup_days"]]
        return date.isoweekday()

    @staticmethod
    def in_season(date: datetime.date, season: tuple[int, int] | None) -> bool:
        if season is None:
            return True
        day, (begins, ends) = date.month * 100 + date.day, season
        return begins <= day <= ends if begins <= ends else not ends < day < begins

    def at(self, minute: int) -> bool | None:
        """`minute` is counted from 00:00 of the drawn day."""
        return self.minutes[2 * 1440 + minute]

    def change(self, minute: int) -> int | None:
        """The next minute in which the door is open where it was not, or the other way round."""
        now = self.at(minute)
        painted = range(minute + 1, (DAYS - 2) * 1440)
        return next((later for later in painted if self.at(later) is not now), None)


# --- Random schedules -----------------------------------------------------------------------------------------

EDGES = (101, 228, 229, 301, 630, 701, 831, 1231)
seasons = st.one_of(st.none(), st.tuples(st.sampled_from(EDGES), st.sampled_from(EDGES)))
periods = st.lists(
    st.tuples(st.integers(1, 7), st.integers(0, 1439), st.integers(1, 1440), seasons).map(
        lambda drawn: (drawn[0], drawn[1], drawn[1] + drawn[2], drawn[3])
    ),
    max_size=6,
)
exceptions = st.lists(
    st.tuples(st.sampled_from(["open", "closed"]), st.integers(-1500, 3000), st.integers(1, 4000)).map(
        lambda drawn: (drawn[0], drawn[1], drawn[1] + drawn[2])
    ),
    max_size=4,
)
# Around the edges of seasons, years and days, where the three could differ.
days = st.one_of(
    st.dates(datetime.date(2024, 1, 1), datetime.date(2028, 12, 31)),
    st.sampled_from([(2024, 2, 29), (2024, 3, 1), (2026, 2, 28), (2026, 3, 1), (2026, 12, 31), (2027, 1, 1)]).map(
        lambda day: datetime.date(*day)
    ),
    st.sampled_from([(6, 30), (7, 1), (8, 31), (9, 1)]).map(lambda day: datetime.date(2026, *day)),
)


@st.composite
def schedules(draw: Any) -> dict[str, Any]:
    day = draw(days)
    kinds = draw(st.lists(st.sampled_from([None, None, "holiday", "make_up"]), min_size=5, max_size=5))
    drawn = {
        "day": day,
        "state": draw(st.sampled_from(["listed", "listed", "listed", "always", "host", "unknown"])),
        "periods": draw(periods),
        "exceptions": draw(exceptions),
        "calendar": {day + n * DAY: kind for n, kind in zip(range(-2, 3), kinds, strict=True) if kind},
        "on_holidays": draw(st.sampled_from(OnHolidays.values)),
        "on_makeup_days": draw(st.sampled_from(OnMakeUpDays.values)),
    }
    edges = [0, 1439, *(at for _weekday, *times, _season in drawn["periods"] for at in times)]
    edges += [at for _kind, *times in drawn["exceptions"] for at in times]
    # Half of the moments lie at the very edge of something.
    drawn["minute"] = draw(
        st.one_of(
            st.integers(0, 1439), st.tuples(st.sampled_from(edges), st.integers(-1, 1)).map(lambda p: sum(p) % 1440)
        )
    )
    drawn["second"] = draw(st.sampled_from([0, 1, 59]))
    return drawn


NIGHT_OUT_OF_SEASON = {
    "day": datetime.date(2026, 9, 1), "state": "listed", "periods": [(1, 1320, 1560, (701, 831))], "exceptions": [],
    "calendar": {}, "on_holidays": "sunday", "on_makeup_days": "workday", "minute": 60, "second": 0,
}  # fmt: skip
NIGHT_BEFORE_A_HOLIDAY = {
    "day": datetime.date(2026, 5, 1), "state": "listed", "periods": [(4, 1200, 1560, None)], "exceptions": [],
    "calendar": {datetime.date(2026, 5, 1): "holiday"}, "on_holidays": "closed", "on_makeup_days": "workday",
    "minute": 119, "second": 59,
}  # fmt: skip


AN_OPENING_INSIDE_A_CLOSURE_INSIDE_AN_OPENING = {
    "day": datetime.date(2026, 7, 1), "state": "listed", "periods": [],
    "exceptions": [("open", 0, 1440), ("closed", 480, 1080), ("open", 720, 780)],
    "calendar": {}, "on_holidays": "sunday", "on_makeup_days": "workday", "minute": 779, "second": 59,
}  # fmt: skip
CLOSED_FOR_THE_REST_OF_THE_DAY_THEN_OPEN_IN_THE_EVENING = {
    "day": datetime.date(2026, 7, 1), "state": "always", "periods": [],
    "exceptions": [("closed", 840, 1440), ("open", 1080, 1260)],
    "calendar": {}, "on_holidays": "sunday", "on_makeup_days": "workday", "minute": 1260, "second": 0,
}  # fmt: skip


class AllAgree(TestCase):
    @pytest.mark.soak
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=schedules())
    @example(drawn=NIGHT_OUT_OF_SEASON)
    @example(drawn=NIGHT_BEFORE_A_HOLIDAY)
    @example(drawn=AN_OPENING_INSIDE_A_CLOSURE_INSIDE_AN_OPENING)
    @example(drawn=CLOSED_FOR_THE_REST_OF_THE_DAY_THEN_OPEN_IN_THE_EVENING)
    def test_on_every_schedule_at_every_moment(self, drawn: dict[str, Any]) -> None:
        calendar = Calendar(
            Overrides(
                days={date: Day(DayKind(kind)) for date, kind in drawn["calendar"].items()},
                years=frozenset(range(2020, 2035)),
            )
        )
        station = self.saved(drawn)
        painted = Painted(drawn)
        midnight = datetime.datetime.combine(drawn["day"], datetime.time(), SHANGHAI)
        moment = midnight + drawn["minute"] * MINUTE + datetime.timedelta(seconds=drawn["second"])

        expected = painted.at(drawn["minute"])
        in_sql = Station.objects.open_at(moment, calendar).exists()
        found = Timetable.of(station, calendar).now(moment)

        assert in_sql is (expected is True)
        assert found.state is {True: Now.OPEN, False: Now.CLOSED, None: Now.UNKNOWN}[expected]
        change = painted.change(drawn["minute"])
        if expected is None or found.always:
            return
        if change is not None and (expected or painted.at(change)):
            assert found.changes_at == midnight + change * MINUTE
            assert Station.objects.open_at(found.changes_at, calendar).exists() is not expected
        elif found.changes_at is not None:
            assert found.changes_at >= midnight + (DAYS - 2) * DAY

    @staticmethod
    def saved(drawn: dict[str, Any]) -> Station:
        """The drawn schedule in the database, without what the database refuses; `drawn` keeps what was accepted."""
        station = Station.objects.first() or make_station(make_county())
        OpeningPeriod.objects.all().delete()
        OpeningException.objects.all().delete()
        for name in ("on_holidays", "on_makeup_days"):
            setattr(station, name, drawn[name])
        station.hours_state = HoursState(drawn["state"])
        station.save()
        midnight = datetime.datetime.combine(drawn["day"], datetime.time(), SHANGHAI)
        rows: list[Any] = []
        for weekday, opens, closes, season in drawn["periods"]:
            begins, ends = season or (None, None)
            row = OpeningPeriod(
                station=station, weekday=weekday, opens=opens, closes=closes, season_from=begins, season_to=ends
            )
            if accepted(row):
                rows.append((weekday, opens, closes, season))
        drawn["periods"] = rows
        for kind, begins, ends in drawn["exceptions"]:
            times = {"begins": midnight + begins * MINUTE, "ends": midnight + ends * MINUTE}
            with mock.patch("stations.actions.openings.timezone.now", return_value=midnight - 3 * DAY):
                except_hours(station, kind=kind, reason="盘点", by=None, **times)
        return Station.objects.prefetch_related("periods").get(pk=station.pk)


def accepted(row: Any) -> bool:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as refused:
        assert "do_not_overlap" in str(refused)
        return False
    return True
