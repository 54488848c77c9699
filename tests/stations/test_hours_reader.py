import json
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.hours import (
    ACCESS_MODES,
    Period,
    Season,
    clock,
    describe,
    follows_host,
    read_hours,
    stated_holidays,
)
from stations.schedule import periods_of
from tests.stations.hours_phrases import BY_SEASON, PUBLISHED, READ_IN_PART, UNREADABLE, WRITTEN


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


@pytest.mark.parametrize("phrase", BY_SEASON)
def test_seasons_keep_their_hours_and_the_other_months_are_the_rest_of_the_year(phrase):
    reading = read_hours(phrase)
    seasons = [f" {p.season.start}..{p.season.end}" if p.season else "" for p in reading.periods]
    assert [line + season for line, season in zip(_lines(reading.periods), seasons, strict=True)] == BY_SEASON[phrase]
    assert (reading.season, reading.unread, reading.certain) == (None, [], True)


@pytest.mark.parametrize("phrase", READ_IN_PART)
def test_what_is_certain_is_read_and_the_register_does_not_take_it_for_the_whole(phrase):
    reading = read_hours(phrase)
    assert _lines(reading.periods) == READ_IN_PART[phrase]
    assert reading.unread
    assert periods_of(reading) == []


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


@pytest.mark.parametrize(
    "phrase",
    [
        "夏季 8:30—20:30；冬季 9:00—19:30",
        "夏令时：8:00-12:00，15:00-18:00；冬令时：8:00-12:00，14:00-17:30",
        "9:00-17:00(冬季)/9:00-18:00(夏季)",
        "春夏季7:00-21:00，秋冬季7:30-20:00",
    ],
)
def test_hours_of_two_seasons_without_dates_are_left_unread(phrase):
    reading = read_hours(phrase)
    assert (reading.understood, reading.periods) == (False, [])
    assert reading.unread


@pytest.mark.parametrize(
    ("phrase", "ordinary", "unread"),
    [
        ("8:00-20:00(冬季8:00-18:00)", ["1234567 08:00-20:00"], "冬季8:00-18:00"),
        ("6:30—22:30（冬令时7:00—22:00）", ["1234567 06:30-22:30"], "冬令时7:00—22:00"),
        (
            "8:00～12:00、14:30～18:00（夏季15:00～18:30）",
            ["1234567 08:00-12:00", "1234567 14:30-18:00"],
            "夏季15:00～18:30",
        ),
        ("9:00-17:00（冬季不开放）", ["1234567 09:00-17:00"], "冬季不开放"),
        ("8:00-18:00（冬季提前1小时关闭）", ["1234567 08:00-18:00"], "冬季提前1小时关闭"),
    ],
)
def test_ordinary_hours_beside_a_season_without_dates_are_not_certain(phrase, ordinary, unread):
    reading = read_hours(phrase)
    assert _lines(reading.periods) == ordinary
    assert reading.unread == [unread]
    assert not reading.certain


def test_a_season_in_brackets_before_a_range_is_not_that_of_the_ranges_before_it():
    reading = read_hours("上午：8:00-12:00；下午：（夏季）14:30-18:30，（冬季）14:00-18:00")
    assert _lines(reading.periods) == ["1234567 08:00-12:00"]
    assert reading.unread == ["14:30-18:30", "14:00-18:00"]
    assert not reading.certain


def test_hours_of_a_season_with_dates_take_the_place_of_the_ordinary_ones_that_they_overlap():
    reading = read_hours("周一至周五 8:00-11:30，14:30-17:30（6-9月15:00-18:00）")
    assert [(p.opens, p.season) for p in reading.periods] == [
        ("08:00", None),
        ("14:30", Season("10-01", "05-31")),
        ("15:00", Season("06-01", "09-30")),
    ]
    assert reading.unread == []
    over_new_year = read_hours("8:00-20:00（11月至次年2月8:00-18:00）").periods
    assert over_new_year[0].season == Season("03-01", "10-31")


def test_a_season_that_neither_adds_nor_replaces_for_certain_is_left_unread():
    reading = read_hours("9:00-12:00（7-8月18:00-21:00）")
    assert _lines(reading.periods) == ["1234567 09:00-12:00"]
    assert reading.unread == ["7-8月18:00-21:00"]
    assert not reading.certain


def test_days_named_before_two_seasons_hold_for_both():
    reading = read_hours("周一至周五 5-9月8:00-18:00，10-4月8:30-17:30")
    assert [p.days for p in reading.periods] == [(1, 2, 3, 4, 5)] * 2


@pytest.mark.parametrize(
    "phrase",
    [
        "每月1日、15日 9:00-11:00",
        "9:00-11:00（每月1日、15日）",
        "每月1号和15号 9:00-11:00，14:00-16:00",
        "逢5、10赶集日 9:00-12:00",
        "逢五逢十 9:00-12:00",
        "农历逢三、六、九 8:00-12:00",
        "初一、十五 8:00-12:00",
        "赶集日8:00-12:00",
        "单日开放 9:00-17:00",
        "1日、15日 9:00-11:00",
        "周六 9:00-12:00（单周）",
        "每月最后一个星期五14:00-16:00",
    ],
)
def test_days_that_no_week_holds_never_become_every_day(phrase):
    reading = read_hours(phrase)
    assert (reading.understood, reading.periods) == (False, [])
    assert reading.unread


def test_a_day_of_the_month_leaves_the_hours_of_the_week_alone():
    reading = read_hours("周一至周五9:00-17:00；每月第一个周六9:00-12:00")
    assert _lines(reading.periods) == ["12345 09:00-17:00"]
    assert reading.unread == ["每月第一个周六9:00-12:00"]
    same_clause = read_hours("8:00~18:00 每月第三个周一闭馆")
    assert _lines(same_clause.periods) == ["1234567 08:00-18:00"]
    assert same_clause.unread == ["每月第三个周一闭馆"]
    closed_once = read_hours("周一至周五9:00-17:00（每月最后一个周五闭馆）")
    assert _lines(closed_once.periods) == ["12345 09:00-17:00"]
    assert closed_once.unread == ["每月最后一个周五闭馆"]


@pytest.mark.parametrize(
    "phrase",
    [
        "9:00-17:00（暂停开放）",
        "9:00-17:00 装修中",
        "因疫情暂停开放，原开放时间9:00-17:00",
        "9:00-17:00（7月1日起暂停开放）",
        "已停用 8:00-20:00",
        "装修停业至3月，8:00-20:00",
        "8:00-20:00（升级改造中，恢复时间另行通知）",
        "暂停开放",
        "即将开放",
    ],
)
def test_a_place_that_is_shut_has_no_periods_whatever_its_hours_were(phrase):
    reading = read_hours(phrase)
    assert (reading.understood, reading.periods) == (False, [])
    assert reading.notes or reading.unread


@pytest.mark.parametrize(
    "phrase",
    [
        "9:00-17:00（雨天不开放）",
        "9:00-17:00（充电桩停用）",
        "9:00-17:00（节假日暂停开放）",
        "9:00-17:00（卫生间维修中）",
        "8:00-20:00（试运行）",
    ],
)
def test_what_is_shut_on_a_condition_or_in_part_leaves_the_hours(phrase):
    reading = read_hours(phrase)
    assert len(reading.periods) == 1
    assert reading.notes


def test_a_closure_between_two_dates_is_said_and_leaves_the_week():
    reading = read_hours("9:00-17:00（5月1日至5月3日暂停开放）")
    assert _lines(reading.periods) == ["1234567 09:00-17:00"]
    assert reading.unread == ["5月1日至5月3日暂停开放"]


@pytest.mark.parametrize(
    "phrase",
    [
        "8:00-18:00 敞开，18:00后刷身份证进入，24小时",
        "24小时开放，8:00-18:00自由进出，18:00后刷身份证进入",
        "24小时开放（8:00-18:00敞开，18:00以后凭身份证进入）",
    ],
)
def test_an_open_door_by_day_and_an_id_card_after_six_are_two_periods_of_one_round_the_clock(phrase):
    assert _lines(read_hours(phrase).periods) == ["1234567 08:00-18:00 door-open", "1234567 18:00-32:00 id-card"]


def test_the_way_in_from_a_time_on_divides_the_period_that_goes_on():
    reading = read_hours("8:00-22:00，18:00后刷身份证进入")
    assert _lines(reading.periods) == ["1234567 08:00-18:00", "1234567 18:00-22:00 id-card"]
    nothing_after_six = read_hours("8:00-18:00，18:00后刷身份证进入")
    assert _lines(nothing_after_six.periods) == ["1234567 08:00-18:00"]
    assert nothing_after_six.unread == ["18:00后刷身份证进入"]


def test_half_a_day_of_rest_takes_the_range_that_is_that_half():
    reading = read_hours("8:00—12:00,13:00—18:00（周日下午休息）")
    assert _lines(reading.periods) == ["1234567 08:00-12:00", "123456 13:00-18:00"]
    assert reading.unread == []


@pytest.mark.parametrize("phrase", ["9:00-17:00 周末预约", "9:00-17:00，周六、周日需预约"])
def test_days_on_request_are_no_days_of_the_hours(phrase):
    assert _lines(read_hours(phrase).periods) == ["1234567 09:00-17:00"]
    assert read_hours(phrase).notes


def test_the_days_of_a_festival_are_no_days_of_every_month():
    reading = read_hours("9:00-21:00，春节期间（除夕至初六）闭馆")
    assert _lines(reading.periods) == ["1234567 09:00-21:00"]
    assert reading.notes


def test_a_day_of_rest_by_its_other_names_is_closed():
    assert _lines(read_hours("周一公休 9:00-17:00").periods) == ["234567 09:00-17:00"]


def test_a_rest_at_noon_without_times_is_said_to_be_unread():
    assert read_hours("8:30至17:30（中午休息）").unread == ["中午休息"]
    assert read_hours("8:30至17:30（中午不休息）").unread == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("周一至周五 8:30-17:30（法定节假日除外）", "closed"),
        ("8:00-18:00，节假日休息", "closed"),
        ("除法定节假日外 9:00-17:00", "closed"),
        ("9:00-17:00（节假日正常开放）", "weekday"),
        ("全年无休 8:00-20:00", "weekday"),
        ("工作日8:00-18:00，周末及节假日 10:00-16:00", "sunday"),
        ("8:00-18:00", ""),
        ("节假日9:00-17:00", ""),
        ("全年无休（法定节假日除外）", ""),
    ],
)
def test_what_a_text_says_of_public_holidays(text, rule):
    assert stated_holidays(text) == rule


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("随商场营业时间", True),
        ("与银行网点营业时间一致", True),
        ("景区开放时段内可用", True),
        ("9:00-17:00，与网点营业时间同步", False),
        ("商场纳凉点与商场营业时间同步,其它纳凉点自行确定", False),
        ("以现场公告为准", False),
    ],
)
def test_hours_of_the_host_are_known_as_such_where_no_others_are_stated(text, follows):
    assert follows_host(read_hours(text)) is follows


def test_the_printed_periods_hold_days_times_the_way_in_and_a_season_of_their_own():
    printed = read_hours("大厅8:30-17:20;自助服务区24小时").as_dict()
    assert printed["periods"] == [
        {"days": [1, 2, 3, 4, 5, 6, 7], "opens": "08:30", "closes": "17:20"},
        {"days": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00", "access": "self-service"},
    ]
    assert printed["notes"] == ["大厅 08:30-17:20", "自助服务区 00:00-24:00"]
    assert list(printed) == ["understood", "periods", "season", "notes", "unread"]


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
    "|延长至|有人值守|夏季|次日|下午|十|二|8|-|起|每天|大厅|原|约|\n|17点|后|扫码进入|9月3日|0日|40日|0|月"
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
