"""Systems of other cities that need nothing of their own here: hours in two modes, shared rooms, three loops."""

from __future__ import annotations

import datetime
import json
import re
from html import unescape

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from stations.actions import answer_appeal, change_honour, change_rectification, file_appeal, name_keepers
from stations.lifecycle import State
from stations.models import Rectification, Station, StationKind
from stations.schedule import Now, open_now
from tests.factories import make_account, make_county, make_federation, make_station
from tests.stations.checks import HERE, make_confirmed, make_stars
from tests.test_admin_stations import CHANGE, client_of, form_of
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role
from unionportal.tickets import actions as tickets
from unionportal.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def keeper_of():
    def named(station: Station):
        account = make_account(Role.STATION_KEEPER, station.organization)
        name_keepers(station, [account], by=None)
        return account

    return named


def at(hour: int, minute: int = 0) -> datetime.datetime:
    """Saturday the 14th of March 2026."""
    return datetime.datetime(2026, 3, 14, hour, minute, tzinfo=timezone.get_default_timezone())


def words_of(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def is_open(station: Station, moment: datetime.datetime) -> bool:
    """By the page's rule and by the filter, which must agree."""
    found = Station.objects.open_at(moment).filter(pk=station.pk).exists()
    assert (open_now(station, moment).state is Now.OPEN) == found
    return found


# --- Hours -----------------------------------------------------------------------------------------------------

TWO_MODES = "24小时开放（8:00-18:00敞开，18:00以后凭身份证进入）"


@pytest.mark.system("A020")
def test_a_station_open_by_day_and_by_id_card_at_night_says_which_way_in_holds(client, wuhua, capsys):
    call_command("hours", TWO_MODES)
    every_day = [1, 2, 3, 4, 5, 6, 7]
    assert json.loads(capsys.readouterr().out)["periods"] == [
        {"days": every_day, "opens": "08:00", "closes": "18:00", "access": "door-open"},
        {"days": every_day, "opens": "18:00", "closes": "32:00", "access": "id-card"},
    ]
    station = make_station(wuhua, "24小时智慧爱心驿站", hours_text=TWO_MODES)
    for hour, way in ((3, "id-card"), (8, "door-open"), (17, "door-open"), (18, "id-card"), (23, "id-card")):
        assert is_open(station, at(hour))
        assert open_now(station, at(hour)).access == way
    for hour, said in ((12, "开门即入"), (20, "刷身份证进入")):
        with time_machine.travel(at(hour), tick=False):
            way_in = re.search(r'<p class="way">(.*?)</p>', client.get(station.get_absolute_url()).content.decode())
            assert way_in is not None and said in way_in.group(1)


def test_an_unattended_station_is_open_round_the_clock_and_says_that_nobody_is_there(client, wuhua):
    """The hours of an unattended station; its door events and devices are not part of the portal yet."""
    station = make_station(wuhua, "任城24小时驿站（演示）", hours_text="24小时无人值守")
    for hour in (0, 3, 12, 23):
        assert is_open(station, at(hour))
        assert open_now(station, at(hour)).access == "self-service"
    with time_machine.travel(at(3), tick=False):
        page = words_of(client, station.get_absolute_url())
    assert "24 小时开放" in page and "无人值守" in page


@pytest.mark.system("A038")
def test_a_sports_room_opens_every_day_at_five_with_its_equipment(client, wuhua):
    palace = StationKind.objects.get(code="WH")
    room = make_station(
        wuhua,
        "东阁镇职工活动室（演示）",
        kind=palace,
        inside=make_station(wuhua, "东阁镇文体中心（演示）", kind=palace),
        hours_text="每天17:00-21:30",
        facilities={"fitness"},
        facilities_text="乒乓球台2张",
    )
    for days in range(7):
        before, after = (moment + datetime.timedelta(days=days) for moment in (at(16, 59), at(17)))
        assert not is_open(room, before) and is_open(room, after)
    with time_machine.travel(at(16), tick=False):
        page = words_of(client, room.get_absolute_url())
    assert "17:00–21:30" in page and "乒乓球台2张" in page and "东阁镇文体中心" in page


# --- A room of two uses ------------------------------------------------------------------------------------------


@pytest.mark.system("A022")
def test_a_clerk_enters_the_second_use_of_a_room_with_its_hours_and_it_is_found_by_it(client, wuhua):
    corner = StationKind.objects.create(code="HJ", name="话家常小屋")
    station = make_station(wuhua, "暖心驿站·话家常小屋", hours_text="8:00-18:00")
    clerk = make_account(Role.CLERK, wuhua)
    row = {"kind": corner.pk, "hours_text": "周二、周四 14:00-16:00，老年人专用"}
    data = form_of(station, clerk) | {"purposes-TOTAL_FORMS": "1", "purposes-0-station": station.pk}
    data |= {f"purposes-0-{name}": value for name, value in row.items()}
    assert client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data).status_code == 302
    page = words_of(client, station.get_absolute_url())
    assert "户外劳动者服务站点" in page
    assert "兼作 话家常小屋（周二、周四 14:00-16:00，老年人专用）" in page
    assert station.name in words_of(client, "/stations/?kind=HJ")
    assert station.name not in words_of(client, "/stations/?kind=SW")


# --- Three loops -------------------------------------------------------------------------------------------------


@pytest.mark.system("A040")
def test_a_need_is_followed_to_what_was_done_on_one_page(wuhua):
    clerk = make_account(Role.CLERK, wuhua)
    hospital = Partner.objects.create(organization=wuhua, name="示例医院（演示）", kind=Partner.Kind.HOSPITAL)
    staff = client_of(clerk)
    told = {"organization": wuhua.pk, "category": "need", "about": "文林街驿站", "text": "骑手想学急救", "contact": ""}
    staff.post(
        reverse("admin:tickets_ticket_add"),
        {**told, **{f"{rows}-{form}_FORMS": "0" for rows in ("events", "referrals") for form in ("TOTAL", "INITIAL")}},
    )
    need = Ticket.objects.get()
    tickets.take(need, by=clerk)
    tickets.refer(need, partner=hospital, need="急救课一次", by=clerk)
    tickets.solve(need, result="11月28日已上课", by=clerk)
    page = words_of(staff, reverse("admin:tickets_ticket_change", args=[need.pk]))
    for step in ("骑手想学急救", "示例医院（演示）", "急救课一次", "11月28日已上课"):
        assert step in page, step


@pytest.mark.system("A040")
def test_what_an_inspection_found_is_followed_until_it_was_mended_on_one_page(client, wuhua, keeper_of):
    station = make_station(wuhua, **HERE)
    reviewer = make_account(Role.REVIEWER, wuhua)
    make_confirmed(station, met=[True, False, None])
    found = Rectification.objects.get()
    change_rectification(found, "mend", by=keeper_of(station), note="调整了值班表")
    change_rectification(found, "verify_mended", by=reviewer)
    page = words_of(client_of(reviewer), reverse("admin:stations_rectification_change", args=[found.pk]))
    for step in (found.answer.criterion.text, "调整了值班表", "演示·station_keeper", reviewer.display_name):
        assert step in page, step
    assert "已整改，" in words_of(client, f"/stations/{station.code}/rating/")


@pytest.mark.system("A040")
def test_a_rating_is_followed_from_the_objection_to_its_answer_and_the_public_reads_the_outcome(
    client, wuhua, keeper_of
):
    station = make_station(wuhua, **HERE)
    first, other = (make_account(Role.REVIEWER, make_federation()) for _number in range(2))
    honour = change_honour(make_stars(station), "downgrade", by=first, stars=1, reason="检查时锁门")
    appeal = file_appeal(honour.decisions.get(), grounds="当日为法定节假日", by=keeper_of(station))
    answer_appeal(appeal, "uphold", by=other, answer="属实，恢复三星")
    page = words_of(client_of(other), reverse("admin:stations_appeal_change", args=[appeal.pk]))
    for step in ("当日为法定节假日", "属实，恢复三星"):
        assert step in page, step
    rating = words_of(client, f"/stations/{station.code}/rating/")
    assert "检查时锁门" in rating and "1 → 3" in rating
    assert station.status == State.OPEN
