"""What was said of a station is followed to what came of it: by staff on one page, by visitors on the station's."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from stations.actions import answer_appeal, change_honour, change_rectification, file_appeal, name_keepers
from stations.actions.feedback import Sender, give_feedback, write_need
from stations.models import Feedback, Rectification, Station
from tests.factories import make_account, make_county, make_federation, make_station
from tests.stations.checks import HERE, make_confirmed, make_stars
from tests.stations.test_rows import words_of
from tests.test_admin_stations import client_of
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role
from unionportal.tickets import actions as tickets
from unionportal.tickets.models import Ticket

pytestmark = pytest.mark.django_db

NEED, INSPECTION, RATING = "需求与反映 → 办理", "检查 → 整改", "评价 → 答复"


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(wuhua, **HERE, hours_text="24小时")


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua)
    name_keepers(station, [account], by=None)
    return account


def loops_page(station: Station) -> str:
    return reverse("admin:stations_station_loops", args=[station.pk])


def in_order(page: str, *steps: str) -> bool:
    """Whether the steps stand on the page in this order."""
    return re.search(".*".join(map(re.escape, steps)), page) is not None


@pytest.mark.system("A040")
def test_staff_follow_all_three_loops_of_a_station_on_one_page(wuhua, station, keeper):
    reviewer, clerk = make_account(Role.REVIEWER, wuhua), make_account(Role.CLERK, wuhua)
    first, other = (make_account(Role.REVIEWER, make_federation()) for _number in range(2))
    hospital = Partner.objects.create(organization=wuhua, name="示例医院（演示）", kind=Partner.Kind.HOSPITAL)
    staff = client_of(clerk)
    staff.post(loops_page(station), {"text": "骑手想学急救"})
    need = Ticket.objects.get()
    tickets.take(need, by=clerk)
    tickets.refer(need, partner=hospital, need="急救课一次", by=clerk)
    tickets.solve(need, result="11月28日已上课", by=clerk)
    make_confirmed(station, met=[True, False, None], by=None)
    found = Rectification.objects.get()
    change_rectification(found, "mend", by=keeper, note="调整了值班表")
    honour = change_honour(make_stars(station), "downgrade", by=first, stars=1, reason="检查时锁门")
    appeal = file_appeal(honour.decisions.get(), grounds="当日为法定节假日", by=keeper)
    answer_appeal(appeal, "uphold", by=other, answer="属实，恢复三星")
    page = words_of(client_of(reviewer), loops_page(station))
    needs, inspections, ratings = re.split(f"{INSPECTION}|{RATING}", page.partition(NEED)[2])
    who = clerk.display_name
    assert in_order(needs, "骑手想学急救", who, "示例医院（演示）: 急救课一次", "11月28日已上课")
    assert in_order(inspections, found.answer.criterion.text, "县级检查发现", "调整了值班表")
    assert keeper.display_name in inspections
    assert in_order(ratings, "检查时锁门", "当日为法定节假日", "属实，恢复三星", other.display_name)


@pytest.mark.system("A040")
def test_visitors_read_what_was_answered_and_put_right_and_no_names(client, wuhua, station, keeper):
    reviewer = make_account(Role.REVIEWER, wuhua, display_name="演示·某某核实人")
    first, other = (make_account(Role.REVIEWER, make_federation()) for _number in range(2))
    assert "检查整改与申诉答复" not in words_of(client, station.get_absolute_url())
    make_confirmed(station, met=[True, False, None])
    found = Rectification.objects.get()
    change_rectification(found, "mend", by=keeper, note="内部说明")
    assert found.answer.criterion.text not in words_of(client, station.get_absolute_url())
    change_rectification(found, "verify_mended", by=reviewer)
    honour = change_honour(make_stars(station), "downgrade", by=first, stars=1, reason="检查时锁门")
    appeal = file_appeal(honour.decisions.get(), grounds="站内的话", by=keeper)
    answer_appeal(appeal, "uphold", by=other, answer="属实，恢复三星")
    page = words_of(client, station.get_absolute_url())
    assert in_order(page, "检查整改与申诉答复", found.answer.criterion.text, "已整改并核实", "申诉", "属实，恢复三星")
    for hidden in ("内部说明", "站内的话", "某某核实人", keeper.display_name, other.display_name):
        assert hidden not in page, hidden


def test_a_need_written_down_at_a_station_is_answered_on_its_page(client, wuhua, station):
    clerk = make_account(Role.CLERK, wuhua)
    link = write_need(station, text="想要一张午休躺椅", by=clerk)
    assert (link.ticket.category, link.ticket.organization) == ("need", wuhua)
    tickets.answer(link.ticket, text="躺椅已添置两张。", by=clerk)
    page = words_of(client, station.get_absolute_url())
    assert "躺椅已添置两张。" in page and "想要一张午休躺椅" not in page


def test_a_need_without_words_or_of_another_county_is_not_written_down(wuhua, station):
    elsewhere = make_account(Role.CLERK, make_county("盘龙区总工会（演示）", "530103"))
    with pytest.raises(ValidationError):
        write_need(station, text=" ", by=make_account(Role.CLERK, wuhua))
    with pytest.raises(PermissionDenied):
        write_need(station, text="躺椅", by=elsewhere)
    assert not Ticket.objects.exists()


def test_the_loops_of_another_countys_station_are_not_found(wuhua, station):
    elsewhere = make_account(Role.CLERK, make_county("盘龙区总工会（演示）", "530103"))
    assert client_of(elsewhere).get(loops_page(station)).status_code == 404
    assert client_of(elsewhere).post(loops_page(station), {"text": "躺椅"}).status_code == 404


def test_who_only_reads_follows_the_loops_and_writes_down_nothing(wuhua, station):
    reader = client_of(make_account(Role.READ_ONLY, wuhua))
    assert "登记在本站听到的需求" not in words_of(reader, loops_page(station))
    reader.post(loops_page(station), {"text": "躺椅"})
    assert not Ticket.objects.exists()


def test_the_newest_loop_comes_first_and_thanks_are_none(wuhua, station):
    for number, kind in enumerate((Feedback.BROKEN, Feedback.WRONG, Feedback.THANKS)):
        give_feedback(station, kind, sender=Sender(f"192.0.2.{number}", str(number)))
    needs = words_of(client_of(make_account(Role.CLERK, wuhua)), loops_page(station)).partition(NEED)[2]
    assert in_order(needs, "地图上标错了", "东西坏了") and "谢谢" not in needs


def test_one_answer_to_three_reports_is_printed_once(client, station, keeper):
    for number in (1, 2, 3):
        give_feedback(station, Feedback.LOCKED, sender=Sender(f"192.0.2.{number}", str(number)))
    give_feedback(station, Feedback.BROKEN, sender=Sender("192.0.2.9", "9"))
    for category, words in ((Feedback.LOCKED, "已调整排班。"), (Feedback.BROKEN, "已更换。")):
        tickets.move(Ticket.objects.filter(category=category), "answer", by=keeper, text=words)
    page = words_of(client, station.get_absolute_url())
    assert page.count("已调整排班。") == 1 and "一并答复 3 条反映" in page
    assert page.count("已更换。") == 1 and page.count("一并答复") == 1
