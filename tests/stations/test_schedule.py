"""Opening hours as rows: what is read becomes periods that the database accepts, and Python and SQL agree on them."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stations.hours import read_hours
from stations.models import OpeningPeriod, Station
from stations.schedule import Now, _laid_apart, is_whole_week, open_now, periods_of, read_periods
from tests.factories import make_county, make_station
from tests.stations.hours_phrases import PUBLISHED, WRITTEN

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = range(1, 8)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def period(weekday: int, opens: int, closes: int, season: tuple[int, int] | None = None, **fields) -> OpeningPeriod:
    """Hours, not minutes, for a reader's sake."""
    begins, ends = season or (None, None)
    return OpeningPeriod(
        weekday=weekday, opens=opens * 60, closes=closes * 60, season_from=begins, season_to=ends, **fields
    )


def lines(text: str) -> list[str]:
    return [f"{p} {p.season_from}-{p.season_to}" if p.season_from is not None else str(p) for p in read_periods(text)]


# --- From text to rows -------------------------------------------------------------------------------------


def test_office_hours_become_one_row_per_day_and_range():
    assert lines("周一至周二 8:30-11:30，13:00-17:00") == [
        "1 08:30-11:30",
        "1 13:00-17:00",
        "2 08:30-11:30",
        "2 13:00-17:00",
    ]


def test_each_season_keeps_its_own_hours():
    assert set(lines("夏季 5-9月 8:00-18:00,冬季 10-4月 8:30-17:30")) == {
        line for day in WEEK for line in (f"{day} 08:00-18:00 501-930", f"{day} 08:30-17:30 1001-430")
    }


def test_one_season_holds_for_all_the_hours():
    assert lines("7月1日至8月31日 24小时自助") == [f"{day} 00:00-24:00 701-831" for day in WEEK]


@pytest.mark.parametrize(
    "text",
    [
        "夏季 8:30—17:30",
        "8:30-17:30（夏季）",
        "暑期 9:00-17:00",
        "高温期间 9:00-17:00",
        "夏季 8:30—20:30；冬季 9:00—19:30",
        "从今天起至9月22日 8:00-18:00",
    ],
)
def test_hours_of_a_season_without_dates_are_never_spread_over_the_year(text):
    assert read_hours(text).understood
    assert read_periods(text) == []


def test_a_remark_on_summer_leaves_the_ordinary_hours():
    assert lines("8:00～12:00、14:30～18:00（夏季15:00～18:30）")[:2] == ["1 08:00-12:00", "1 14:30-18:00"]


def test_areas_of_one_place_are_laid_together():
    assert lines("大厅8:30-17:20;自助服务区24小时") == [f"{day} 00:00-24:00" for day in WEEK]
    assert is_whole_week(read_periods("大厅8:30-17:20;自助服务区24小时"))


def test_a_night_that_ends_after_another_loses_no_minute():
    rows = read_periods("大厅周一22:00-次日8:00；自助区周一23:00-次日10:00")
    assert [(row.weekday, row.opens, row.closes) for row in rows] == [(1, 22 * 60, 34 * 60)]


def test_sunday_night_is_not_counted_again_on_monday_morning():
    rows = read_periods("大厅22:00-次日8:00；自助区周一6:00-20:00")
    monday = [(row.opens, row.closes) for row in rows if row.weekday == 1]
    assert monday == [(8 * 60, 20 * 60), (22 * 60, 32 * 60)]


@pytest.mark.django_db
def test_every_phrase_that_is_understood_gives_rows_that_the_database_accepts():
    station = make_station(make_county())
    for phrase in [*PUBLISHED, *WRITTEN]:
        rows = read_periods(phrase)
        for row in rows:
            row.station = station
        with transaction.atomic():
            OpeningPeriod.objects.bulk_create(rows)
            for row in rows:
                row.full_clean()
            station.periods.all().delete()


def minutes_of(rows: list[OpeningPeriod]) -> set[tuple[int, int | None, int | None]]:
    """Quarters of the week that the rows cover, by season."""
    return {
        (((row.weekday - 1) * 1440 + minute) % 10080, row.season_from, row.season_to)
        for row in rows
        for minute in range(row.opens, row.closes, 15)
    }


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 7), st.integers(0, 95), st.integers(1, 96), st.sampled_from([None, (501, 930)])),
        max_size=12,
    )
)
def test_laying_apart_never_opens_a_minute_that_was_closed_nor_twice(drawn):
    def fresh() -> list[OpeningPeriod]:
        rows = []
        for day, opens, lasts, season in drawn:
            begins, ends = season or (None, None)
            rows.append(
                OpeningPeriod(
                    weekday=day, opens=opens * 15, closes=(opens + lasts) * 15, season_from=begins, season_to=ends
                )
            )
        return rows

    rows = _laid_apart(fresh())
    quarters = [
        (((row.weekday - 1) * 1440 + minute) % 10080, row.season_from)
        for row in rows
        for minute in range(row.opens, row.closes, 15)
    ]
    assert len(quarters) == len(set(quarters))
    assert minutes_of(rows) <= minutes_of(fresh())
    assert all(0 <= row.opens < 1440 and row.opens < row.closes <= row.opens + 1440 for row in rows)


# --- Open now ----------------------------------------------------------------------------------------------


def test_a_station_without_known_hours_is_never_called_closed():
    assert open_now([], at("2026-07-01T12:00")).state is Now.UNKNOWN


def test_a_visitor_is_told_until_when_a_door_is_open_and_when_it_opens():
    rows = [period(day, 9, 17) for day in (1, 2, 3, 4, 5)]
    friday = open_now(rows, at("2026-07-03T16:59:59"))
    assert (friday.state, friday.changes_at) == (Now.OPEN, at("2026-07-03T17:00"))
    evening = open_now(rows, at("2026-07-03T17:00"))
    assert (evening.state, evening.changes_at) == (Now.CLOSED, at("2026-07-06T09:00"))


def test_sunday_night_runs_into_monday_morning():
    rows = [period(7, 22, 32)]
    monday = open_now(rows, at("2026-07-06T07:59"))
    assert (monday.state, monday.changes_at) == (Now.OPEN, at("2026-07-06T08:00"))


def test_two_periods_that_touch_are_one_opening_and_the_way_in_is_that_of_now():
    rows = [period(1, 8, 22, access="staffed"), period(1, 22, 32, access="qr")]
    night = open_now(rows, at("2026-07-06T23:00"))
    assert (night.state, night.changes_at, night.access) == (Now.OPEN, at("2026-07-07T08:00"), "qr")


def test_a_door_that_never_closes_says_so():
    found = open_now([period(day, 0, 24) for day in WEEK], at("2026-07-06T23:00"))
    assert (found.state, found.changes_at, found.always) == (Now.OPEN, None, True)


def test_a_season_over_new_year_holds_on_both_sides():
    rows = [period(day, 9, 17, (1101, 228)) for day in WEEK]
    for day, state in (("12-31", Now.OPEN), ("01-01", Now.OPEN), ("02-28", Now.OPEN), ("03-01", Now.CLOSED)):
        assert open_now(rows, at(f"2026-{day}T12:00")).state is state


def test_the_last_evening_of_a_season_runs_past_midnight_in_python_and_in_sql(db):
    station = make_station(make_county())
    rows = [period(day, 22, 26, (701, 831), station=station) for day in WEEK]
    OpeningPeriod.objects.bulk_create(rows)
    for moment, open_ in (
        ("2026-07-01T01:00", False),  # the evening of 30 June was outside the season
        ("2026-07-02T01:00", True),
        ("2026-09-01T01:00", True),
        ("2026-09-01T02:00", False),
        ("2026-09-01T22:30", False),
    ):
        assert (open_now(rows, at(moment)).state is Now.OPEN) is open_
        assert Station.objects.open_at(at(moment)).exists() is open_


def test_hours_are_those_of_the_wall_clock_in_china_whatever_zone_the_moment_has(db):
    station = make_station(make_county(), hours_text="8:00-18:00")
    morning = datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.UTC)
    assert Station.objects.open_at(morning).get() == station
    assert open_now(station.periods.all(), morning).state is Now.OPEN


@pytest.mark.parametrize("status", ["suspended", "closed", "rectifying", "planned"])
def test_a_station_out_of_service_is_not_open_whatever_its_hours(db, status):
    make_station(make_county(), hours_text="24小时", status=status)
    assert not Station.objects.open_at(at("2026-07-01T12:00")).exists()


EDGES = (101, 228, 229, 301, 630, 701, 831, 1231)
seasons = st.one_of(st.none(), st.tuples(st.sampled_from(EDGES), st.sampled_from(EDGES)))
drawn_periods = st.lists(
    st.tuples(st.integers(1, 7), st.integers(0, 1439), st.integers(1, 1440), seasons), min_size=1, max_size=6
)
# Around the edges of seasons, years and days, where the two could differ.
days = st.one_of(
    st.dates(datetime.date(2024, 1, 1), datetime.date(2028, 12, 31)),
    st.sampled_from([(2024, 2, 29), (2024, 3, 1), (2026, 2, 28), (2026, 3, 1), (2026, 12, 31), (2027, 1, 1)]).map(
        lambda day: datetime.date(*day)
    ),
    st.sampled_from([(6, 30), (7, 1), (8, 31), (9, 1)]).map(lambda day: datetime.date(2026, *day)),
)
clocks = st.one_of(
    st.times(),
    st.sampled_from([datetime.time(0), datetime.time(0, 1), datetime.time(23, 59, 59, 999999), datetime.time(12)]),
)


class PythonAndSqlAgree(TestCase):
    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=drawn_periods, day=days, clock=clocks, pick=st.integers(0, 5), nudge=st.integers(-1, 1))
    @example(drawn=[(2, 1320, 240, (701, 831))], day=datetime.date(2026, 9, 1), clock=datetime.time(1), pick=0, nudge=0)
    def test_on_every_schedule_at_every_moment(self, drawn, day, clock, pick, nudge):
        station = Station.objects.first() or make_station(make_county())
        station.periods.all().delete()
        kept = []
        for weekday, opens, lasts, season in drawn:
            begins, ends = season or (None, None)
            row = OpeningPeriod(
                station=station,
                weekday=weekday,
                opens=opens,
                closes=opens + lasts,
                season_from=begins,
                season_to=ends,
            )
            try:
                with transaction.atomic():
                    row.save()
                kept.append(row)
            except Exception as refused:
                assert "periods_do_not_overlap" in str(refused)
        moment = datetime.datetime.combine(day, clock, SHANGHAI)
        edge = kept[pick % len(kept)]
        # Half of the time a moment at the very edge of a period of this week.
        if pick % 2:
            monday = day - datetime.timedelta(days=day.weekday())
            start = datetime.datetime.combine(monday, datetime.time(), SHANGHAI)
            minute = (edge.weekday - 1) * 1440 + (edge.opens if pick > 2 else edge.closes) + nudge
            moment = start + datetime.timedelta(minutes=minute)
        python = open_now(kept, moment)
        in_sql = Station.objects.open_at(moment).exists()
        assert (python.state is Now.OPEN) is in_sql
        if python.changes_at:
            before = python.changes_at - datetime.timedelta(seconds=1)
            assert Station.objects.open_at(before).exists() is in_sql
            assert Station.objects.open_at(python.changes_at).exists() is not in_sql


# --- Whole weeks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        ([period(day, 0, 24) for day in WEEK], True),
        ([period(day, 8, 32) for day in WEEK], True),
        ([period(day, 8, 22) for day in WEEK] + [period(day, 22, 32) for day in WEEK], True),
        ([period(day, 0, 24) for day in range(1, 7)], False),
        ([period(day, 8, 24) for day in WEEK], False),
        ([], False),
    ],
)
def test_around_the_clock_means_every_minute_of_every_week(rows, whole):
    assert is_whole_week(rows) is whole


def test_a_reading_that_was_not_understood_gives_no_rows():
    assert periods_of(read_hours("以现场公告为准")) == []
    assert read_periods("   ") == []
