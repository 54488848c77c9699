"""Opening hours as rows: what is read becomes periods that the database accepts, and what is known of the hours."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.hours import read_hours
from stations.models import OpeningPeriod
from stations.models.week import HoursState
from stations.schedule import _laid_apart, is_whole_week, periods_of, read_periods, stated
from tests.factories import make_county, make_station
from tests.stations.hours_phrases import PUBLISHED, WRITTEN

WEEK = range(1, 8)


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
        "8:00～12:00、14:30～18:00（夏季15:00～18:30）",
        "8:00-20:00(冬季8:00-18:00)",
    ],
)
def test_hours_of_a_season_without_dates_are_never_spread_over_the_year(text):
    assert read_periods(text) == []
    assert stated(text).state == HoursState.UNKNOWN


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("8:00-18:00", HoursState.LISTED),
        ("24小时", HoursState.ALWAYS),
        ("8:00-18:00有人值守，其余时间刷身份证进入", HoursState.ALWAYS),
        ("5-9月24小时", HoursState.LISTED),
        ("随商场营业时间", HoursState.HOST),
        ("以现场公告为准", HoursState.UNKNOWN),
        ("9:00-17:00（暂停开放）", HoursState.UNKNOWN),
        ("", HoursState.UNKNOWN),
    ],
)
def test_what_is_known_of_the_hours_is_worked_out_from_the_text(text, state):
    assert stated(text).state == state


def test_the_register_takes_what_the_text_says_of_holidays_and_keeps_what_staff_have_set(db):
    county = make_county()
    assert make_station(county, "甲", hours_text="周一至周五 8:30-17:30（节假日除外）").on_holidays == "closed"
    station = make_station(county, "乙", hours_text="8:00-18:00", on_holidays="closed")
    assert (station.on_holidays, station.hours_state) == ("closed", "listed")


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


@pytest.mark.parametrize(
    "text",
    [
        "夏季8:00-20:00，其他月份9:00-18:00",
        "工作日 9:00-12:00，其余时间13:00-16:00",
        "周一至周五全天，周六上午8:00-12:00",
        "8:00-18:00，18:00后凭身份证进入",
        "三伏天10:00-20:00",
        "高温橙色预警期间９：００-21:00",
    ],
)
def test_hours_of_which_a_part_was_not_read_are_unknown_never_closed(text):
    assert read_periods(text) == []
