import json
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.hours import ACCESS_MODES, Period, Season, clock, describe, read_hours
from tests.stations.hours_phrases import PUBLISHED, UNREADABLE, WRITTEN


def _lines(periods: list[Period]) -> list[str]:
    return [
        " ".join(word for word in ("".join(map(str, p.days)), f"{p.opens}-{p.closes}", p.access or "", p.area) if word)
        for p in periods
    ]


@pytest.mark.parametrize("phrase", [*PUBLISHED, *WRITTEN])
def test_a_phrase_becomes_the_periods_it_states(phrase):
    ranges, season = (PUBLISHED | WRITTEN)[phrase]
    reading = read_hours(phrase)
    assert _lines(reading.periods) == ranges
    assert reading.understood is bool(ranges)
    assert reading.season == (Season(*season) if season else None)


@pytest.mark.parametrize("phrase", UNREADABLE)
def test_a_time_that_cannot_be_told_is_said_and_never_guessed(phrase):
    reading = read_hours(phrase)
    assert not reading.understood
    assert reading.periods == []
    assert reading.unread


@pytest.mark.parametrize("phrase", [p for p in [*PUBLISHED, *WRITTEN] if p.strip(" -")])
def test_a_phrase_that_states_no_hours_is_kept_as_a_remark(phrase):
    reading = read_hours(phrase)
    assert reading.periods or reading.season or reading.notes or reading.unread


@pytest.mark.parametrize(
    ("phrase", "note"),
    [
        ("开放时间13:30-21:30（雨天不开放）", "雨天不开放"),
        ("9:00-17:00，需预约", "需预约"),
        ("开放时间为每日9:00—17:00.计划开放两个月", "计划开放两个月"),
        ("工作日8:00-18:00，节假日9:00-17:00", "节假日9:00-17:00"),
        ("8:00～12:00、14:30～18:00（夏季15:00～18:30）", "夏季15:00～18:30"),
        ("8:00-18:00，理发14:00-17:00", "理发14:00-17:00"),
        ("每年约7月1日—8月31日开放", "每年约7月1日—8月31日开放"),
        ("24小时开放，8:00-22:00有人值守", "8:00-22:00有人值守"),
        ("夏季 8:30—17:30", "夏季"),
        ("由常规的8:00-18:00延长至8:00-22:00", "由常规的8:00-18:00"),
    ],
)
def test_conditions_are_noted_in_the_words_of_the_list(phrase, note):
    assert note in read_hours(phrase).notes


def test_a_closure_of_half_a_day_is_left_to_a_person():
    reading = read_hours("周一至周五 8:30-17:00，周三下午闭馆")
    assert _lines(reading.periods) == ["12345 08:30-17:00"]
    assert reading.unread == ["周三下午闭馆"]


def test_two_seasons_keep_their_own_hours_and_none_is_the_season_of_the_whole():
    reading = read_hours("夏季 5-9月 8:00-18:00,冬季 10-4月 8:30-17:30")
    assert reading.season is None
    assert [(p.opens, p.season) for p in reading.periods] == [
        ("08:00", Season("05-01", "09-30", "夏季")),
        ("08:30", Season("10-01", "04-30", "冬季")),
    ]


def test_named_seasons_are_given_no_dates():
    reading = read_hours("夏季 8:30—20:30；冬季 9:00—19:30")
    assert [p.season for p in reading.periods] == [Season(name="夏季"), Season(name="冬季")]


def test_days_named_before_two_seasons_hold_for_both():
    reading = read_hours("周一至周五 夏季8:00-18:00，冬季8:30-17:30")
    assert [p.days for p in reading.periods] == [(1, 2, 3, 4, 5)] * 2


def test_other_times_cover_the_days_that_are_not_named():
    reading = read_hours("周一至周五：8:00-18:00有人值守；其他时间扫码进入")
    assert _lines(reading.periods) == [
        "12345 08:00-18:00 staffed",
        "12345 18:00-32:00 qr",
        "67 08:00-32:00 qr",
    ]


def test_the_command_prints_json_and_nothing_else():
    out = StringIO()
    call_command("hours", "周一至周五 8:30-11:30，13:00-17:00", stdout=out)
    assert json.loads(out.getvalue()) == {
        "understood": True,
        "periods": [
            {"days": [1, 2, 3, 4, 5], "opens": "08:30", "closes": "11:30"},
            {"days": [1, 2, 3, 4, 5], "opens": "13:00", "closes": "17:00"},
        ],
        "season": None,
        "notes": [],
        "unread": [],
    }


def test_the_command_gives_the_season_and_the_way_in():
    out = StringIO()
    call_command("hours", "7月1日至8月31日 24小时自助", stdout=out)
    printed = json.loads(out.getvalue())
    assert printed["season"] == {"from": "07-01", "to": "08-31"}
    assert printed["periods"][0]["access"] == "self-service"


@st.composite
def schedules(draw) -> list[Period]:
    """Weeks in which each day has at most one list of ranges, in order and apart."""
    groups = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    periods = []
    for group in (1, 2):
        days = tuple(day for day, drawn in enumerate(groups, start=1) if drawn == group)
        if not days:
            continue
        edges = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=6)))
        overnight = draw(st.booleans())
        pairs = list(zip(edges[::2], edges[1::2], strict=False))
        for place, (opens, closes) in enumerate(pairs):
            end = closes * 15
            if overnight and place == len(pairs) - 1 and opens * 15 >= 720:
                end = 1440 + draw(st.integers(1, 32)) * 15
            access = draw(st.sampled_from([None, *ACCESS_MODES]))
            periods.append(Period(days, clock(opens * 15), clock(end), access))
    return periods


@settings(max_examples=300, deadline=None)
@given(schedules())
def test_what_is_described_is_read_back_the_same(periods):
    reading = read_hours(describe(periods))
    assert reading.periods == periods
    assert reading.unread == []


def test_a_description_reads_like_a_notice_on_the_door():
    week = (1, 2, 3, 4, 5)
    periods = [
        Period(week, "08:30", "11:30"),
        Period(week, "13:00", "17:00"),
        Period((6, 7), "00:00", "24:00"),
    ]
    assert describe(periods) == "周一至周五 8:30–11:30、13:00–17:00；周六、周日 24小时"


_FRAGMENTS = (
    "周一|周|至|五|、|，|；|8:30|-17:00|25:99|点|半|月|7月|31日|（|）|除|外|闭馆|节假日|24小时|其余时间"
    "|延长至|有人值守|夏季|次日|下午|十|二|8|-|起|每天|大厅|原|约|\n"
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(_FRAGMENTS.split("|")),
        max_size=12,
    )
)
def test_any_jumble_of_words_gives_a_lawful_reading(words):
    reading = read_hours("".join(words))
    for period in reading.periods:
        assert period.days == tuple(sorted(set(period.days)))
        assert set(period.days) <= {1, 2, 3, 4, 5, 6, 7}
        opens, closes = (int(t[:2]) * 60 + int(t[3:]) for t in (period.opens, period.closes))
        assert 0 <= opens < 1440
        assert opens < closes <= opens + 1440
