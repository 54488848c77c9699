from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unionportal import workdays
from unionportal.workdays import Day, DayKind, Overrides, Rule, Unit, day_kind, due, is_workday

DAY = timedelta(days=1)

# These years are announced for good; the tests must not change their meaning when a new year is announced.
KNOWN_YEARS = range(2008, 2026)
starts = st.dates(date(2008, 3, 1), date(2025, 6, 30))
UNKNOWN = date(2099, 7, 15)


def rule(count: int, unit: Unit, **options) -> Rule:
    return Rule(step="reply", count=count, unit=unit, event="offer received", **options)


# Days


@pytest.mark.parametrize(
    ("day", "kind", "worked"),
    [
        (date(2025, 9, 25), DayKind.WORKDAY, True),
        (date(2025, 9, 27), DayKind.WEEKEND, False),
        (date(2025, 9, 28), DayKind.MAKE_UP, True),
        (date(2025, 10, 1), DayKind.HOLIDAY, False),
        (date(2025, 10, 11), DayKind.MAKE_UP, True),
        (UNKNOWN, DayKind.UNKNOWN, None),
    ],
)
def test_each_kind_of_day_is_told(day, kind, worked):
    assert day_kind(day).kind == kind
    assert is_workday(day) is worked


def test_a_holiday_and_its_make_up_day_carry_the_festival_name():
    assert str(day_kind(date(2026, 2, 17)).name) in ("Spring Festival", "春节")
    assert day_kind(date(2026, 2, 14)) == Day(DayKind.MAKE_UP, day_kind(date(2026, 2, 17)).name)


def test_every_festival_of_the_holiday_package_has_a_name_to_translate():
    assert {holiday.value for holiday in chinese_calendar.Holiday} <= set(workdays._HOLIDAY_NAMES)


def test_the_table_of_the_portal_wins():
    overrides = Overrides(days={date(2025, 9, 25): Day(DayKind.HOLIDAY, "City day")})
    assert is_workday(date(2025, 9, 25), overrides) is False
    assert is_workday(date(2025, 9, 26), overrides) is True


def test_one_entered_day_does_not_announce_its_year_but_a_complete_year_does():
    new_year = {date(2099, 1, 1): Day(DayKind.HOLIDAY, "New Year's Day")}
    assert is_workday(date(2099, 1, 1), Overrides(days=new_year)) is False
    assert is_workday(UNKNOWN, Overrides(days=new_year)) is None
    complete = Overrides(days=new_year, years=frozenset({2099}))
    assert is_workday(date(2099, 1, 1), complete) is False
    assert is_workday(UNKNOWN, complete) is True
    assert is_workday(date(2099, 7, 18), complete) is False


def test_the_last_days_of_a_year_are_unknown_until_the_next_new_year_is_announced():
    only_2099 = Overrides(years=frozenset({2099}))
    assert is_workday(date(2099, 12, 28), only_2099) is True
    assert is_workday(date(2099, 12, 31), only_2099) is None
    assert is_workday(date(2099, 12, 31), Overrides(years=frozenset({2099, 2100}))) is True


# Deadlines: the traps


@pytest.mark.parametrize(
    ("start", "count", "unit", "expected"),
    [
        (date(2026, 2, 10), 10, Unit.WORKING_DAYS, date(2026, 3, 2)),
        (date(2026, 2, 10), 15, Unit.WORKING_DAYS, date(2026, 3, 9)),
        (date(2025, 9, 25), 10, Unit.WORKING_DAYS, date(2025, 10, 15)),
        (date(2025, 9, 25), 15, Unit.WORKING_DAYS, date(2025, 10, 22)),
        (date(2023, 1, 16), 10, Unit.WORKING_DAYS, date(2023, 2, 2)),
    ],
)
def test_working_days_around_a_festival(start, count, unit, expected):
    found = due(rule(count, unit), start)
    assert (found.due, found.certain, found.earliest, found.latest) == (expected, True, expected, expected)


@pytest.mark.parametrize(
    ("start", "raw", "moved"),
    [
        (date(2026, 2, 10), date(2026, 2, 20), date(2026, 2, 24)),
        (date(2025, 9, 25), date(2025, 10, 5), date(2025, 10, 9)),
        (date(2023, 1, 16), date(2023, 1, 26), date(2023, 1, 28)),
    ],
)
def test_a_calendar_deadline_on_a_holiday_moves_to_the_next_working_day_if_the_rule_says_so(start, raw, moved):
    assert due(rule(10, Unit.DAYS, moves_on=False), start).due == raw
    assert due(rule(10, Unit.DAYS), start).due == moved


def test_the_first_day_counts_only_if_the_rule_says_so():
    assert due(rule(1, Unit.WORKING_DAYS), date(2025, 9, 25)).due == date(2025, 9, 26)
    assert due(rule(1, Unit.WORKING_DAYS, first_day_counted=True), date(2025, 9, 25)).due == date(2025, 9, 25)
    assert due(rule(20, Unit.DAYS, first_day_counted=True, moves_on=False), date(2025, 3, 1)).due == date(2025, 3, 20)


@pytest.mark.parametrize(
    ("start", "months", "first_day_counted", "expected"),
    [
        (date(2025, 1, 15), 1, False, date(2025, 2, 15)),
        (date(2025, 1, 31), 1, False, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, False, date(2024, 2, 29)),
        (date(2024, 12, 31), 2, False, date(2025, 2, 28)),
        (date(2025, 3, 1), 1, True, date(2025, 3, 31)),
        (date(2025, 1, 31), 1, True, date(2025, 2, 28)),
        (date(2025, 3, 31), -1, False, date(2025, 2, 28)),
        (date(2025, 5, 31), -3, False, date(2025, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last(start, months, first_day_counted, expected):
    counted = rule(months, Unit.MONTHS, first_day_counted=first_day_counted, moves_on=False)
    assert due(counted, start).due == expected


def test_notice_before_an_event_counts_backwards_and_moves_to_the_day_before():
    assert due(rule(-10, Unit.DAYS, moves_on=False), date(2025, 10, 14)).due == date(2025, 10, 4)
    assert due(rule(-10, Unit.DAYS), date(2025, 10, 14)).due == date(2025, 9, 30)
    assert due(rule(-5, Unit.WORKING_DAYS), date(2025, 10, 14)).due == date(2025, 9, 30)


def test_a_deadline_proves_itself():
    found = due(rule(10, Unit.WORKING_DAYS, article="Article 8"), date(2025, 9, 25))
    assert len(found.counted) == 10 and found.counted[-1] == found.due
    assert date(2025, 9, 28) in found.counted
    skipped = {day: str(why) for day, why in found.skipped}
    assert set(skipped) == {date(2025, 9, 27), date(2025, 10, 12), *(date(2025, 10, n) for n in range(1, 9))}
    assert skipped[date(2025, 9, 27)] in ("Weekend", "周末", "休息日")
    assert found.article == "Article 8"


# Deadlines: never a guess


def test_a_deadline_in_an_unannounced_year_has_no_date_but_two_ends():
    found = due(rule(10, Unit.WORKING_DAYS), date(2099, 9, 24))
    assert (found.due, found.certain) == (None, False)
    assert found.earliest < found.latest


def test_even_where_both_ends_agree_it_is_not_called_certain():
    found = due(rule(10, Unit.DAYS), UNKNOWN - 10 * DAY)
    assert (found.due, found.certain, found.earliest, found.latest) == (None, False, UNKNOWN, UNKNOWN)


def test_plain_days_need_no_calendar():
    found = due(rule(10, Unit.DAYS, moves_on=False), UNKNOWN)
    assert (found.due, found.certain) == (UNKNOWN + 10 * DAY, True)


def test_announcing_the_year_makes_the_deadline_certain():
    found = due(rule(3, Unit.WORKING_DAYS), UNKNOWN, Overrides(years=frozenset({2099})))
    assert (found.due, found.certain) == (date(2099, 7, 20), True)


def test_a_deadline_counted_back_through_an_unannounced_year_orders_its_ends():
    found = due(rule(-10, Unit.WORKING_DAYS), date(2099, 10, 20))
    assert not found.certain and found.earliest < found.latest < date(2099, 10, 20)
    assert found.counted[-1] == found.earliest


rules = st.builds(
    rule,
    st.integers(-70, 70).filter(bool),
    st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS]),
    first_day_counted=st.booleans(),
    moves_on=st.booleans(),
)


def plain_reference(counted: Rule, start: date) -> date:
    """The slow way: write out all days in order and cross out those that do not count."""
    sign = 1 if counted.count > 0 else -1
    days = [start + sign * n * DAY for n in range(0 if counted.first_day_counted else 1, 200)]
    working = [day for day in days if chinese_calendar.is_workday(day)]
    if counted.unit == Unit.WORKING_DAYS:
        return working[abs(counted.count) - 1]
    last = days[abs(counted.count) - 1]
    if not counted.moves_on:
        return last
    return next(day for day in working if (day >= last if sign > 0 else day <= last))


@given(rules, starts)
def test_every_deadline_agrees_with_the_slow_plain_way(counted, start):
    found = due(counted, start)
    assert found.certain and found.due == plain_reference(counted, start)


@settings(max_examples=300, deadline=None)
@given(rules, starts, st.sampled_from(KNOWN_YEARS))
def test_had_the_holidays_not_been_announced_the_true_date_would_lie_between_both_ends(counted, start, first_unknown):
    truth = plain_reference(counted, start)
    announced = workdays._announced
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workdays, "_announced", lambda year, o: year < first_unknown and announced(year, o))
        found = due(counted, start)
    assert found.earliest <= truth <= found.latest
    assert not found.certain or found.due == truth


FIXED = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]


@pytest.mark.parametrize(("month", "day"), FIXED)
@pytest.mark.parametrize("year", [2027, 2050, 2099])
def test_a_holiday_that_the_law_fixes_is_certain_before_its_year_is_announced(year, month, day):
    assert day_kind(date(year, month, day)).kind == DayKind.HOLIDAY
    assert str(day_kind(date(year, month, day)).name)


@pytest.mark.parametrize(("month", "day"), [(1, 2), (5, 3), (10, 4), (4, 5), (12, 31)])
def test_days_that_the_council_moves_each_year_stay_unknown(month, day):
    assert is_workday(date(2099, month, day)) is None


def test_the_law_of_2024_says_nothing_of_earlier_years():
    assert is_workday(date(1998, 5, 2)) is None


def test_the_years_table_still_wins_over_the_fixed_days():
    overrides = Overrides(days={date(2099, 1, 1): Day(DayKind.MAKE_UP, "x")})
    assert is_workday(date(2099, 1, 1), overrides) is True


@given(rules, st.dates(date(2027, 1, 1), date(2090, 12, 31)))
def test_nothing_falls_due_on_a_day_that_the_law_keeps_free(counted, start):
    found = due(counted, start)
    if counted.unit == Unit.WORKING_DAYS or counted.moves_on:
        for end in (found.earliest, found.latest):
            assert (end.month, end.day) not in FIXED


@settings(max_examples=300, deadline=None)
@given(rules, st.dates(date(2024, 9, 1), date(2025, 11, 30)))
def test_under_the_present_law_too_the_true_date_lies_between_both_ends(counted, start):
    announced = workdays._announced
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workdays, "_announced", lambda year, o: year < 2025 and announced(year, o))
        found = due(counted, start)
    assert found.earliest <= plain_reference(counted, start) <= found.latest


@settings(max_examples=200, deadline=None)
@given(rules, st.integers(2027, 2095), st.integers(0, 364), st.randoms(use_true_random=False))
def test_whatever_the_council_announces_later_lies_between_both_ends(counted, year, offset, random):
    start = date(year, 1, 1) + offset * DAY
    found = due(counted, start)
    first = max(year - 1, 2027)  # what was announced before stays as it is
    later = Overrides(days=any_announcement(range(first, year + 3), random), years=frozenset(range(first, year + 4)))
    assert found.earliest <= due(counted, start, later).due <= found.latest


def any_announcement(years, random):
    """Holidays as the Council could announce them: the fixed days, the lunar ones somewhere in their season, weekdays
    bridged and weekend days worked for them, no more than it has ever done.
    """
    days = {}
    for year in years:
        days |= {date(year, *fixed): Day(DayKind.HOLIDAY, "x") for fixed in FIXED}
        for festival, length in (
            (date(year, 1, 20) + random.randrange(30) * DAY, 8),
            (date(year, 4, 4) + random.randrange(2) * DAY, 3),
            (date(year, 5, 1), 5),
            (date(year, 5, 28) + random.randrange(25) * DAY, 3),
            (date(year, 10, 1), 7),
        ):
            off = [festival + n * DAY for n in range(length)]
            days |= {day: Day(DayKind.HOLIDAY, "x") for day in off}
            near = [festival + n * DAY for n in (-6, -5, -4, -3, -2, -1, length, length + 1, length + 2)]
            weekend = [day for day in near if day.weekday() >= 5 and day not in days]
            days |= {day: Day(DayKind.MAKE_UP, "x") for day in random.sample(weekend, min(2, len(weekend)))}
    return days


def test_a_count_that_leaves_the_calendar_says_so():
    for start, count in ((date(9999, 12, 30), 1), (date(1, 1, 1), -1)):
        for unit in Unit:
            with pytest.raises(OverflowError):
                due(rule(count * 20, unit), start)


def test_a_moment_is_refused_because_its_day_depends_on_a_time_zone():
    with pytest.raises(TypeError):
        due(rule(1, Unit.DAYS), datetime(2025, 9, 25, 20, tzinfo=UTC))


def test_a_rule_of_no_days_is_refused():
    with pytest.raises(ValueError):
        rule(0, Unit.DAYS)
