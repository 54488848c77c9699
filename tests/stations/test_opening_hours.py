"""Open or not, at every moment: Python, SQL and a plain reference that goes minute by minute say the same."""

from __future__ import annotations

import datetime
import threading
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from stations.actions import StationDraft, end_exception, except_hours, save_stations
from stations.daytypes import Calendar, unannounced_year, weekdays_of
from stations.models import OpeningException, OpeningPeriod, Station
from stations.models.week import HoursState
from stations.schedule import Now, OpenNow, Timetable, open_now, read_periods
from tests.factories import make_account, make_county, make_station
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import CalendarDay, CalendarYear
from unionportal.organizations.roles import Role
from unionportal.workdays import Day, DayKind, Overrides

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = range(1, 8)
PLAIN = Calendar(Overrides(years=frozenset(range(2020, 2035))))


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def period(weekday: int, opens: int, closes: int, season: tuple[int, int] | None = None, **fields) -> OpeningPeriod:
    """Hours, not minutes, for a reader's sake."""
    begins, ends = season or (None, None)
    return OpeningPeriod(
        weekday=weekday, opens=opens * 60, closes=closes * 60, season_from=begins, season_to=ends, **fields
    )


def closed(begins: str, ends: str, kind: str = "closed") -> OpeningException:
    return OpeningException(kind=kind, begins=at(begins), ends=at(ends), reason="盘点")


def now(rows, moment: str, exceptions=(), *, state=HoursState.LISTED, calendar=PLAIN, **settings) -> OpenNow:
    return Timetable(state, rows, exceptions, calendar=calendar, **settings).now(at(moment))


def holidays(**days: str) -> Calendar:
    """A calendar with these days: ``holidays(d0501="holiday")`` is 1 May 2026."""
    found = {datetime.date(2026, int(d[1:3]), int(d[3:])): Day(DayKind(kind), "劳动节") for d, kind in days.items()}
    return Calendar(Overrides(days=found, years=frozenset(range(2020, 2035))))


OFFICE = [period(day, 9, 17) for day in (1, 2, 3, 4, 5)]


# --- One station -------------------------------------------------------------------------------------------


def test_a_station_without_known_hours_is_never_called_closed():
    assert now([], "2026-07-01T12:00").state is Now.UNKNOWN
    assert now(OFFICE, "2026-07-01T12:00", state=HoursState.UNKNOWN).state is Now.UNKNOWN
    assert now(OFFICE, "2026-07-01T12:00", state=HoursState.HOST).state is Now.UNKNOWN


def test_a_visitor_is_told_until_when_a_door_is_open_and_when_it_opens():
    friday = now(OFFICE, "2026-07-03T16:59:59")
    assert (friday.state, friday.closes_at, friday.opens_at) == (Now.OPEN, at("2026-07-03T17:00"), None)
    evening = now(OFFICE, "2026-07-03T17:00")
    assert (evening.state, evening.opens_at, evening.closes_at) == (Now.CLOSED, at("2026-07-06T09:00"), None)


def test_sunday_night_runs_into_monday_morning():
    monday = now([period(7, 22, 32)], "2026-07-06T07:59")
    assert (monday.state, monday.changes_at) == (Now.OPEN, at("2026-07-06T08:00"))


def test_two_periods_that_touch_are_one_opening_and_the_way_in_is_that_of_now():
    rows = [period(1, 8, 22, access="staffed"), period(1, 22, 32, access="qr")]
    night = now(rows, "2026-07-06T23:00")
    assert (night.state, night.changes_at, night.access) == (Now.OPEN, at("2026-07-07T08:00"), "qr")


def test_a_closed_door_tells_the_way_in_of_its_next_opening():
    assert now([period(1, 8, 22, access="qr")], "2026-07-05T23:00").access == "qr"


@pytest.mark.parametrize("state", [HoursState.ALWAYS, HoursState.LISTED])
def test_a_door_that_never_closes_says_so(state):
    found = now([period(day, 0, 24) for day in WEEK], "2026-07-06T23:00", state=state)
    assert (found.state, found.changes_at, found.always) == (Now.OPEN, None, True)


def test_round_the_clock_needs_no_periods():
    assert now([], "2026-07-06T23:00", state=HoursState.ALWAYS).always


def test_a_season_over_new_year_holds_on_both_sides():
    rows = [period(day, 9, 17, (1101, 228)) for day in WEEK]
    for day, state in (("12-31", Now.OPEN), ("01-01", Now.OPEN), ("02-28", Now.OPEN), ("03-01", Now.CLOSED)):
        assert now(rows, f"2026-{day}T12:00").state is state
    assert now(rows, "2026-03-01T12:00").opens_at == at("2026-11-01T09:00")


def test_a_season_to_the_end_of_february_holds_on_the_29th():
    rows = [period(day, 9, 17, (1101, 229)) for day in WEEK]
    assert now(rows, "2028-02-29T12:00").state is Now.OPEN
    assert now(rows, "2028-03-01T12:00").state is Now.CLOSED
    assert now(rows, "2026-02-28T12:00").state is Now.OPEN


# --- Public holidays and make-up working days ----------------------------------------------------------------

THURSDAY, SATURDAY = "2026-04-30T12:00", "2026-05-09T12:00"
LABOUR_DAY = holidays(d0430="holiday", d0509="make_up")


@pytest.mark.parametrize(
    ("setting", "hours", "open_"),
    [
        ("sunday", OFFICE, False),
        ("sunday", [period(7, 9, 17)], True),
        ("weekday", OFFICE, True),
        ("weekday", [period(7, 9, 17)], False),
        ("closed", [period(day, 0, 24) for day in WEEK], False),
    ],
)
def test_a_public_holiday_means_what_the_station_has_set(setting, hours, open_):
    found = now(hours, THURSDAY, calendar=LABOUR_DAY, on_holidays=setting)
    assert (found.state is Now.OPEN) is open_


@pytest.mark.parametrize(
    ("setting", "hours", "open_"),
    [
        ("workday", OFFICE, True),
        ("workday", [period(6, 9, 17)], False),
        ("weekday", OFFICE, False),
        ("weekday", [period(6, 9, 17)], True),
        ("closed", [period(day, 0, 24) for day in WEEK], False),
    ],
)
def test_a_make_up_working_day_means_what_the_station_has_set(setting, hours, open_):
    found = now(hours, SATURDAY, calendar=LABOUR_DAY, on_makeup_days=setting)
    assert (found.state is Now.OPEN) is open_


def test_where_the_text_shuts_one_festival_nobody_knows_what_the_others_mean():
    """春节休息 says nothing of 1 May: neither open nor closed, and not in the list of those open now."""
    for hours, state in ((OFFICE, HoursState.LISTED), ([], HoursState.ALWAYS)):
        found = now(hours, THURSDAY, state=state, calendar=LABOUR_DAY, on_holidays="unknown")
        assert found.state is Now.UNKNOWN
    before = now(OFFICE, "2026-04-29T20:00", calendar=LABOUR_DAY, on_holidays="unknown")
    assert (before.state, before.opens_at) == (Now.CLOSED, None)


def test_a_season_until_28_february_takes_the_29th_along():
    [row] = {row.season_to for row in read_periods("11月1日至次年2月28日 9:00-17:00")}
    assert row == 229


def test_round_the_clock_may_rest_on_public_holidays():
    before = now([], "2026-04-29T20:00", state=HoursState.ALWAYS, calendar=LABOUR_DAY, on_holidays="closed")
    assert (before.state, before.closes_at) == (Now.OPEN, at("2026-04-30T00:00"))
    on_it = now([], THURSDAY, state=HoursState.ALWAYS, calendar=LABOUR_DAY, on_holidays="closed")
    assert (on_it.state, on_it.opens_at) == (Now.CLOSED, at("2026-05-01T00:00"))


def test_the_night_before_a_holiday_goes_on_into_it_and_the_holiday_has_no_night():
    rows = [period(day, 20, 26) for day in (1, 2, 3, 4, 5)]
    calendar = holidays(d0501="holiday")
    assert now(rows, "2026-05-01T01:59", calendar=calendar).state is Now.OPEN
    assert now(rows, "2026-05-01T20:00", calendar=calendar).state is Now.CLOSED
    assert now(rows, "2026-05-02T01:00", calendar=calendar).state is Now.CLOSED


def test_the_holidays_that_staff_have_entered_decide_and_win_over_the_package(db):
    station = make_station(make_county(), hours_text="周一至周五 9:00-17:00")
    thursday = at("2026-07-09T12:00")
    assert Station.objects.open_at(thursday).get() == station
    CalendarDay.objects.create(day=thursday.date(), kind="holiday", name="地方假日")
    assert not Station.objects.open_at(thursday).exists()
    assert open_now(station, thursday).state is Now.CLOSED


def test_where_holidays_are_not_announced_the_weekday_holds_and_the_year_is_named():
    unknown = Calendar(Overrides())
    friday = datetime.date(2031, 10, 10)
    assert weekdays_of(friday, unknown) == ("", {"": 5})
    assert now(OFFICE, "2031-10-10T12:00", calendar=unknown).state is Now.OPEN
    assert unannounced_year(friday, friday, unknown) == 2031
    # New Year's holiday may reach back to 29 December, so those days wait for the next year.
    only_2031 = Calendar(Overrides(years=frozenset({2031})))
    assert unannounced_year(friday, friday, only_2031) is None
    assert unannounced_year(datetime.date(2031, 12, 27), datetime.date(2031, 12, 29), only_2031) == 2032


# --- Closures and extra openings -----------------------------------------------------------------------------


def test_a_closure_wins_over_the_week_and_tells_its_reason_and_when_the_door_opens_again():
    found = now(OFFICE, "2026-07-01T12:00", [closed("2026-07-01T00:00", "2026-07-04T00:00")])
    assert (found.state, found.opens_at) == (Now.CLOSED, at("2026-07-06T09:00"))
    assert found.exception.reason == "盘点"


def test_the_door_closes_when_a_closure_begins_and_an_extra_opening_may_follow_the_usual_hours():
    noon = [closed("2026-07-01T14:00", "2026-07-01T15:00")]
    assert now(OFFICE, "2026-07-01T12:00", noon).closes_at == at("2026-07-01T14:00")
    assert now(OFFICE, "2026-07-01T14:30", noon).opens_at == at("2026-07-01T15:00")
    late = [closed("2026-07-01T17:00", "2026-07-01T22:00", "open")]
    assert now(OFFICE, "2026-07-01T12:00", late).closes_at == at("2026-07-01T22:00")


def test_a_closure_of_a_station_without_known_hours_is_known_and_its_end_is_not_called_an_opening():
    found = now([], "2026-07-01T12:00", [closed("2026-07-01T00:00", "2026-07-04T00:00")])
    assert (found.state, found.changes_at) == (Now.CLOSED, None)
    opened = now([], "2026-07-01T12:00", [closed("2026-07-01T00:00", "2026-07-04T00:00", "open")])
    assert (opened.state, opened.closes_at) == (Now.OPEN, at("2026-07-04T00:00"))


@pytest.fixture
def station(db) -> Station:
    return make_station(make_county(), hours_text="8:00-18:00")


def soon(hours: float) -> datetime.datetime:
    return timezone.now().replace(second=0, microsecond=0) + datetime.timedelta(hours=hours)


def test_a_clerk_closes_a_station_by_date_and_it_is_recorded_and_kept_in_the_history(station):
    clerk = make_account(Role.CLERK, station.organization)
    row = except_hours(station, kind="closed", begins=soon(1), ends=soon(30), reason=" 盘点 ", by=clerk)
    assert (row.reason, row.created_by) == ("盘点", clerk)
    event = AuditEvent.objects.get(verb="except_hours")
    assert event.details["reason"] == "盘点"
    assert row.events.count() == 1


def test_the_keeper_of_a_station_may_and_a_reader_or_the_next_county_s_clerk_may_not(station):
    keeper = make_account(Role.STATION_KEEPER, station.organization)
    times = {"begins": soon(1), "ends": soon(2)}
    with pytest.raises(PermissionDenied):
        except_hours(station, kind="closed", reason="盘点", by=keeper, **times)
    station.keepers.add(keeper)
    row = except_hours(station, kind="closed", reason="盘点", by=keeper, **times)
    others = make_account(Role.CLERK, make_county("盘龙区总工会", "530103"))
    for stranger in (make_account(Role.READ_ONLY, station.organization), others):
        with pytest.raises(PermissionDenied):
            except_hours(station, kind="open", reason="加班", by=stranger, begins=soon(5), ends=soon(6))
        with pytest.raises(PermissionDenied):
            end_exception(row, by=stranger)


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [(2, 1, "盘点"), (1, 1, "盘点"), (11, 10.5, "盘点"), (1, 2, "  "), (9, 30, ""), (-3, -1, "盘点")],
    ids=["ends first", "no time", "ends first inside another", "blank reason", "no reason", "over"],
)
def test_an_exception_is_refused_without_a_reason_or_a_time_to_come_and_leaves_the_earlier(
    station, begins, ends, reason
):
    except_hours(station, kind="closed", begins=soon(10), ends=soon(12), reason="培训", by=None)
    with pytest.raises(ValidationError):
        except_hours(station, kind="open", begins=soon(begins), ends=soon(ends), reason=reason, by=None)
    kept = station.exceptions.get()
    assert (kept.begins, kept.ends) == (soon(10), soon(12))


@pytest.mark.parametrize(
    ("begins", "ends", "pieces"),
    [
        (13, 15, [("closed", 10, 13), ("open", 13, 15), ("closed", 15, 20)]),
        (5, 12, [("open", 5, 12), ("closed", 12, 20)]),
        (18, 25, [("closed", 10, 18), ("open", 18, 25)]),
        (9, 30, [("open", 9, 30)]),
        (10, 20, [("open", 10, 20)]),
        (20, 21, [("closed", 10, 20), ("open", 20, 21)]),
    ],
    ids=["inside", "over its beginning", "over its end", "over the whole", "the same time", "after it"],
)
def test_the_newest_statement_about_a_moment_wins_and_the_earlier_holds_around_it(station, begins, ends, pieces):
    clerk = make_account(Role.CLERK, station.organization)
    first = except_hours(station, kind="closed", begins=soon(10), ends=soon(20), reason="培训", by=clerk)
    except_hours(station, kind="open", begins=soon(begins), ends=soon(ends), reason="加班", by=None)
    held = [(row.kind, row.begins, row.ends) for row in station.exceptions.all()]
    assert held == [(kind, soon(first), soon(last)) for kind, first, last in pieces]
    closures = station.exceptions.filter(kind="closed")
    assert set(closures.values_list("reason", "created_by", "created_at")) <= {("培训", clerk.pk, first.created_at)}


def test_what_gave_way_to_a_newer_exception_stays_in_the_history(station):
    first = except_hours(station, kind="closed", begins=soon(10), ends=soon(20), reason="培训", by=None)
    except_hours(station, kind="open", begins=soon(9), ends=soon(30), reason="加班", by=None)
    assert not OpeningException.objects.filter(pk=first.pk).exists()
    history = OpeningException.pgh_event_models["insert"].objects.filter(pgh_obj_id=first.pk)  # type: ignore[attr-defined]
    assert list(history.order_by("pgh_id").values_list("pgh_label", flat=True)) == ["insert", "delete"]


def test_the_database_refuses_what_passed_the_form_by(station):
    good = {"station": station, "begins": soon(1), "ends": soon(2), "reason": "盘点"}
    OpeningException.objects.create(**good)
    for wrong in ({}, {"ends": soon(0)}, {"reason": ""}, {"kind": "maybe"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpeningException.objects.create(**{**good, "begins": soon(1.5), **wrong})
    touching = OpeningException.objects.create(**{**good, "begins": soon(2), "ends": soon(3)})
    assert touching.pk


def test_an_exception_that_runs_ends_now_and_one_to_come_is_taken_back(station):
    running = except_hours(station, kind="closed", begins=soon(-1), ends=soon(2), reason="停电", by=None)
    end_exception(running, by=None)
    running.refresh_from_db()
    assert running.ends <= timezone.now()
    with pytest.raises(ValidationError):
        end_exception(running, by=None)
    to_come = except_hours(station, kind="closed", begins=soon(5), ends=soon(6), reason="停电", by=None)
    end_exception(to_come, by=None)
    assert not OpeningException.objects.filter(pk=to_come.pk).exists()
    assert AuditEvent.objects.filter(verb="end_exception").count() == 2


# --- All stations, in SQL ------------------------------------------------------------------------------------


def test_the_last_evening_of_a_season_runs_past_midnight_in_python_and_in_sql(db):
    station = make_station(make_county(), hours_state=HoursState.LISTED)
    Station.objects.update(hours_state=HoursState.LISTED)
    rows = [period(day, 22, 26, (701, 831), station=station) for day in WEEK]
    OpeningPeriod.objects.bulk_create(rows)
    for moment, open_ in (
        ("2026-07-01T01:00", False),  # the evening of 30 June was outside the season
        ("2026-07-02T01:00", True),
        ("2026-09-01T01:00", True),
        ("2026-09-01T02:00", False),
        ("2026-09-01T22:30", False),
    ):
        assert (now(rows, moment).state is Now.OPEN) is open_
        assert Station.objects.open_at(at(moment)).exists() is open_


def test_hours_are_those_of_the_wall_clock_in_china_whatever_zone_the_moment_has(station):
    morning = datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.UTC)
    assert Station.objects.open_at(morning).get() == station
    assert open_now(station, morning).state is Now.OPEN


@pytest.mark.parametrize("status", ["suspended", "closed", "rectifying", "planned"])
def test_a_station_out_of_service_is_not_open_whatever_its_hours(db, status):
    make_station(make_county(), hours_text="24小时", status=status)
    assert not Station.objects.open_at(at("2026-07-01T12:00")).exists()


def test_open_now_and_still_open_later_is_two_filters(station):
    make_station(station.organization, "早关的驿站", hours_text="8:00-16:00")
    afternoon, evening = at("2026-07-01T15:00"), at("2026-07-01T17:30")
    assert Station.objects.open_at(afternoon).open_at(evening).get() == station


# --- The derived columns, kept by the database -----------------------------------------------------------------

ALWAYS = "{[0,1440),[2880,4320),[5760,7200),[8640,10080),[11520,12960),[14400,15840),[17280,18720)}"


def derived(station: Station) -> tuple[str | None, datetime.date | None]:
    return Station.objects.values_list("week", "irregular_until").get(pk=station.pk)


def test_the_week_of_a_station_follows_its_periods_whoever_writes_them(station):
    assert derived(station)[0].startswith("{[480,1080),[3360,3960)")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stations_openingperiod WHERE weekday > 1")
        assert derived(station) == ("{[480,1080)}", None)
        cursor.execute("UPDATE stations_openingperiod SET closes = 1500")
        assert derived(station) == ("{[480,1500)}", None)
        cursor.execute("UPDATE stations_openingperiod SET season_from = 501, season_to = 930")
        assert derived(station) == ("{}", datetime.date(9999, 12, 31))
        with cursor.copy("COPY stations_openingperiod (station_id, weekday, opens, closes, access) FROM STDIN") as copy:
            copy.write_row((station.pk, 7, 0, 1440, ""))
        assert derived(station) == ("{[17280,18720)}", datetime.date(9999, 12, 31))
        cursor.execute("DELETE FROM stations_openingperiod")
        assert derived(station) == (None, None)


def test_what_is_known_of_the_hours_decides_what_the_week_is(station):
    for state, week in (("always", ALWAYS), ("host", None), ("unknown", None)):
        Station.objects.filter(pk=station.pk).update(hours_state=state)
        assert derived(station)[0] == week
    loaded = make_station(station.organization, "乙", hours_text="24小时")
    assert derived(loaded) == (ALWAYS, None)


def test_nobody_writes_a_week_that_is_not_true(station):
    true = derived(station)
    Station.objects.filter(pk=station.pk).update(week="{[0,1)}", irregular_until=datetime.date(2000, 1, 1))
    assert derived(station) == true
    stale = Station.objects.get(pk=station.pk)
    station.periods.filter(weekday=1).delete()
    stale.save()
    assert derived(station)[0].startswith("{[3360,3960)")
    copied = Station.objects.get(pk=station.pk)
    copied.pk, copied.code, copied.name = None, "53010200HW9999", "抄来的驿站"
    copied._state.adding = True
    copied.save()
    assert derived(copied)[0] is None


def test_the_day_of_its_last_exception_is_the_day_a_station_is_regular_again(station):
    row = except_hours(station, kind="closed", begins=soon(1), ends=soon(49), reason="盘点", by=None)
    assert derived(station)[1] == timezone.localdate(row.ends)
    end_exception(row, by=None)
    assert derived(station)[1] is None


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_station_s_hours_leave_the_week_of_both():
    """The second waits for the first, and counts again with what the first has committed."""
    station = make_station(make_county())
    Station.objects.filter(pk=station.pk).update(hours_state=HoursState.LISTED)
    written = threading.Event()

    def second() -> None:
        written.wait(10)
        try:
            period(2, 9, 17, station=station).save()
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        period(1, 9, 17, station=station).save()
        written.set()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)
    assert derived(station)[0] == "{[540,1020),[3420,3900)}"


def test_derived_columns_make_no_history_and_settings_do(station):
    def events() -> int:
        return station.events.count()

    before = events()
    station.periods.filter(weekday=7).delete()
    except_hours(station, kind="closed", begins=soon(1), ends=soon(2), reason="盘点", by=None)
    assert events() == before
    Station.objects.filter(pk=station.pk).update(on_holidays="closed")
    assert events() == before + 1


def test_what_staff_have_set_of_the_hours_wins_over_the_text(station):
    station.hours_text, station.hours_state = "以现场公告为准", HoursState.HOST
    save_stations([StationDraft(station, hours_set=frozenset({"hours_state"}))], by=None)
    station.refresh_from_db()
    assert (station.hours_state, station.periods.count()) == (HoursState.HOST, 0)
    station.hours_text = "24小时"
    save_stations([StationDraft(station)], by=None)
    station.refresh_from_db()
    assert station.hours_state == HoursState.ALWAYS


def test_a_station_s_openness_is_read_from_its_row_and_counted_from_an_index(db):
    CalendarYear.objects.create(year=2026, source="国办发明电")
    # No order and no condition on the key: an index over keys alone would do for so few rows.
    rows = Station.objects.open_at(at("2026-07-01T12:00")).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, parameters = rows.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "station_open_week" in plan
