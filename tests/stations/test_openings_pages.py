"""Closures, holidays and what is known of the hours, as staff enter them and as visitors read them."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stations.actions import StationDraft, change_state, except_hours, save_stations
from stations.models import OpeningException, Station
from tests.factories import make_account, make_county, make_station
from tests.test_admin_stations import CHANGE, client_of, form_of
from unionportal.organizations.models import CalendarDay
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def station() -> Station:
    return make_station(make_county(), hours_text="周一至周日 00:00-23:00")


def midnight(days: int = 0) -> datetime.datetime:
    day = timezone.localdate() + datetime.timedelta(days=days)
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def page(station: Station) -> str:
    return Client().get(station.get_absolute_url()).content.decode()


def entered(days: tuple[int, int], **fields: str) -> dict[str, str]:
    first, last = (timezone.localdate() + datetime.timedelta(days=n) for n in days)
    row = {"kind": "closed", "first_day": str(first), "last_day": str(last), "from_time": "", "to_time": "", **fields}
    return {"exceptions-TOTAL_FORMS": "1", **{f"exceptions-0-{name}": value for name, value in row.items()}}


# --- Staff ---------------------------------------------------------------------------------------------------


def test_a_clerk_enters_a_closure_by_its_days_below_the_form(station):
    clerk = make_account(Role.CLERK, station.organization)
    data = form_of(station, clerk, **entered((1, 3), reason="场地盘点"))
    assert client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data).status_code == 302
    row = station.exceptions.get()
    assert (row.begins, row.ends, row.created_by) == (midnight(1), midnight(4), clerk)
    shown = client_of(clerk).get(reverse(CHANGE, args=[station.pk])).content.decode()
    assert "场地盘点" in shown and "24:00" in shown


def test_a_closure_with_times_is_from_the_one_to_the_other(station):
    clerk = make_account(Role.CLERK, station.organization)
    data = form_of(station, clerk, **entered((1, 1), reason="停电", from_time="14:00", to_time="16:30"))
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data)
    row = station.exceptions.get()
    assert (row.begins - midnight(1), row.ends - midnight(1)) == (
        datetime.timedelta(hours=14),
        datetime.timedelta(hours=16, minutes=30),
    )


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        ((3, 1), {"reason": "盘点"}),
        ((-3, -2), {"reason": "盘点"}),
        ((1, 1), {"reason": ""}),
    ],
    ids=["ends first", "over", "no reason"],
)
def test_a_closure_that_makes_no_sense_is_told_on_the_form(station, days, fields):
    except_hours(station, kind="closed", begins=midnight(5), ends=midnight(6), reason="先到", by=None)
    clerk = make_account(Role.CLERK, station.organization)
    data = form_of(station, clerk, **entered(days, **fields))
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data, follow=True)
    assert station.exceptions.get().reason == "先到"


def test_what_the_desk_enters_later_wins_for_its_days(station):
    except_hours(station, kind="closed", begins=midnight(5), ends=midnight(8), reason="先到", by=None)
    clerk = make_account(Role.CLERK, station.organization)
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), form_of(station, clerk, **entered((6, 6), reason="后到")))
    held = [(row.reason, row.begins, row.ends) for row in station.exceptions.all()]
    assert held == [
        ("先到", midnight(5), midnight(6)),
        ("后到", midnight(6), midnight(7)),
        ("先到", midnight(7), midnight(8)),
    ]


def test_a_ticked_closure_is_ended(station):
    row = except_hours(station, kind="closed", begins=midnight(1), ends=midnight(2), reason="盘点", by=None)
    clerk = make_account(Role.CLERK, station.organization)
    formset = {
        "exceptions-TOTAL_FORMS": "1",
        "exceptions-INITIAL_FORMS": "1",
        "exceptions-0-id": str(row.pk),
        "exceptions-0-station": str(station.pk),
        "exceptions-0-DELETE": "on",
    }
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), form_of(station, clerk, **formset))
    assert not OpeningException.objects.exists()


def test_staff_set_what_is_known_of_the_hours_and_what_holidays_mean(station):
    clerk = make_account(Role.CLERK, station.organization)
    data = form_of(station, clerk, hours_state="host", on_holidays="closed", on_makeup_days="weekday")
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data)
    station.refresh_from_db()
    assert (station.hours_state, station.on_holidays, station.on_makeup_days) == ("host", "closed", "weekday")


def test_nobody_calls_hours_listed_that_cannot_be_read(station):
    station = make_station(station.organization, "乙", hours_text="以现场公告为准")
    clerk = make_account(Role.CLERK, station.organization)
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), form_of(station, clerk, hours_state="listed"))
    station.refresh_from_db()
    assert station.hours_state == "unknown"


# --- Visitors ------------------------------------------------------------------------------------------------


def test_a_closed_station_tells_why_and_until_when(station):
    except_hours(station, kind="closed", begins=midnight(-1), ends=midnight(40), reason="屋顶维修", by=None)
    shown = page(station)
    assert "现在不开放" in shown and "屋顶维修" in shown
    reopening = timezone.localdate() + datetime.timedelta(days=40)
    assert f"{reopening.month}月{reopening.day}日 00:00" in shown
    listed = Client().get(reverse("stations:directory")).content.decode()
    assert "屋顶维修" in listed
    assert station.name not in Client().get(reverse("stations:directory"), {"open": "now"}).content.decode()


def test_a_closure_to_come_is_announced_and_one_long_over_is_not(station):
    except_hours(station, kind="closed", begins=midnight(5), ends=midnight(8), reason="设备更换", by=None)
    OpeningException.objects.create(station=station, begins=midnight(-9), ends=midnight(-8), reason="陈年旧事")
    shown = page(station)
    assert "设备更换" in shown and "陈年旧事" not in shown
    first, last = (timezone.localdate() + datetime.timedelta(days=n) for n in (5, 7))
    assert f"{first.month}月{first.day}日至{last.month}月{last.day}日" in shown


def test_a_holiday_that_staff_entered_for_today_is_told_exactly(station):
    CalendarDay.objects.create(day=timezone.localdate(), kind="holiday", name="演示假日")
    assert "演示假日" in page(station)
    assert "按星期日的时间开放" in page(station)
    Station.objects.update(on_holidays="closed")
    assert "本站不开放" in page(station)
    assert "演示假日" in Client().get(reverse("stations:directory")).content.decode()


def test_what_holds_on_holidays_is_said_where_the_days_differ(station):
    office = make_station(station.organization, "办公楼驿站", hours_text="周一至周五 9:00-17:00")
    assert "法定节假日：按星期日的时间" in page(office)
    assert "法定节假日：" not in page(station)


def test_hours_of_the_host_are_said_to_be_those_and_not_called_closed():
    inside = make_station(make_county(), "商场驿站", hours_text="随商场营业时间")
    shown = page(inside)
    assert "与所在单位同时开放" in shown and "现在不开放" not in shown


def test_the_reason_of_a_suspension_stands_beside_a_closure_to_come(station):
    change_state(station, "suspend", by=None, reason="整体装修")
    begins = midnight(30)
    except_hours(
        station, kind="closed", begins=begins, ends=begins + datetime.timedelta(days=1), reason="盘点", by=None
    )
    shown = page(station)
    assert "整体装修" in shown and "盘点" in shown


def test_what_the_old_text_said_of_holidays_goes_with_it(station):
    for text, rule in (("周一至周五 8:30-18:00，节假日休息", "closed"), ("每天 8:30-18:00", "sunday")):
        station.hours_text = text
        save_stations([StationDraft(station)], by=None)
        assert Station.objects.get().on_holidays == rule


def todays_row(station: Station) -> str:
    return page(station).partition('<tr class="today">')[2].partition("</tr>")[0]


@pytest.mark.parametrize(("first", "last", "told"), [(-1, 40, True), (0, 1, True), (1, 3, False), (-4, 0, False)])
def test_today_s_row_of_the_week_says_that_a_closure_of_today_holds_instead(station, first, last, told):
    OpeningException.objects.create(station=station, begins=midnight(first), ends=midnight(last), reason="屋顶维修")
    assert ("今天另有安排，以上方通知为准" in todays_row(station)) == told


def test_a_door_open_round_the_clock_says_so_of_today_too(station):
    Station.objects.update(hours_state="always")
    station.periods.all().delete()
    except_hours(station, kind="closed", begins=midnight(-1), ends=midnight(1), reason="屋顶维修", by=None)
    assert "今天另有安排，以上方通知为准" in page(station)


@pytest.mark.parametrize("verb", ["suspend", "require_rectification"])
def test_nobody_is_told_a_way_into_a_station_out_of_service(station, verb):
    Station.objects.update(access="open")
    station.refresh_from_db()
    assert 'class="way"' in page(station)
    change_state(station, verb, by=None, reason="整体装修")
    shown = page(station)
    assert 'class="way"' not in shown and not todays_row(station)
    assert "恢复开放后按以下时间开放" in shown
    listed = Client().get(reverse("stations:directory")).content.decode()
    assert station.name in listed and 'class="way"' not in listed


def test_a_station_being_put_right_says_that_one_cannot_go_in(station):
    change_state(station, "require_rectification", by=None, reason="消防通道不畅")
    assert "暂不开放，验收合格后恢复" in page(station)


@pytest.mark.parametrize(
    "text", ["8:00-18:00，春节期间休息", "8:00-18:00（春节除外）", "8:00-18:00，大年初一至初三不开放"]
)
def test_a_festival_that_the_text_shuts_leaves_holidays_unknown(text):
    station = make_station(make_county(), "驿站", hours_text=text)
    assert (station.hours_state, station.on_holidays) == ("listed", "unknown")


def test_a_year_without_announced_holidays_is_named(station, monkeypatch):
    moment = datetime.datetime(2026, 12, 28, 4, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert "2027年放假安排尚未公布" in page(station)
