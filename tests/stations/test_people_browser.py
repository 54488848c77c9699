"""The people around a station on their phones: the courier, whoever taps at the door, the keeper, the county's desk."""

from __future__ import annotations

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stations.actions import name_keepers
from stations.actions.feedback import Sender, give_feedback
from stations.models import Feedback, OpeningException, Station, Supply, VisitHour
from tests.campaigns.makers import make_activity, make_campaign
from tests.factories import PASSWORD, make_account, make_county, make_station
from tests.test_accessibility_browser import AXE, FAULTS, RULES
from unionportal.organizations.roles import Role
from unionportal.tickets.actions import escalate_late
from unionportal.tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = {"latitude": 25.04, "longitude": 102.71}


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua) -> Station:
    return make_station(wuhua, "文林街驿站", **HERE, hours_text="24小时", facilities=["toilet"])


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua, "keeper-wenlin")
    name_keepers(station, [account], by=None)
    return account


@pytest.fixture
def phone(open_page):
    """A courier's phone that lets axe in and knows where it is."""
    return open_page(
        390,
        844,
        is_mobile=True,
        has_touch=True,
        bypass_csp=True,
        service_workers="block",
        geolocation=HERE,
        permissions=["geolocation"],
    )


def assert_sound(page) -> None:
    """Axe finds nothing on the page as it stands, and it fits the screen."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    assert page.evaluate(FAULTS, RULES) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def log_in(page, base: str, account, onward: str) -> None:
    page.goto(f"{base}/admin/login/?next={onward}")
    page.locator("input[name=username]").fill(account.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(re.compile(onward))


# --- The courier ----------------------------------------------------------------------------------------------


def test_a_courier_finds_an_open_station_nearby_with_a_toilet_and_reports_it_locked_in_two_taps(
    phone, live_server, wuhua, station
):
    make_station(wuhua, "翠湖驿站", latitude=25.05, longitude=102.71, hours_text="24小时")
    phone.goto(live_server.url)
    phone.get_by_text("服务设施", exact=True).first.click()
    phone.get_by_label("卫生间").check()
    # What is ticked comes along, whichever button is pressed first.
    phone.get_by_role("link", name="附近").click()
    phone.wait_for_url(re.compile("facility=.*near="))
    phone.get_by_role("button", name="开放中").click()
    phone.wait_for_url(re.compile("open=now"))
    expect(phone.get_by_role("heading", name="共 1 个站点")).to_be_visible()
    assert_sound(phone)
    phone.get_by_role("link", name="文林街驿站", exact=True).click()
    expect(phone.get_by_role("link", name="高德地图", exact=True)).to_be_visible()
    assert_sound(phone)
    phone.get_by_role("link", name="门锁着、有问题").click()
    assert_sound(phone)
    phone.get_by_role("button", name="门锁着").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("谢谢，已收到。")
    expect(phone.get_by_text("站长将在1天内答复")).to_be_visible()
    assert_sound(phone)
    assert Ticket.objects.get().category == Feedback.LOCKED


def test_a_tap_on_the_posters_code_counts_a_visit_once(phone, live_server, station):
    phone.goto(f"{live_server.url}/stations/{station.code}/visit/")
    assert_sound(phone)
    phone.get_by_role("button", name="不想说").click()
    expect(phone.get_by_text("好好歇一歇")).to_be_visible()
    assert_sound(phone)
    phone.goto(f"{live_server.url}/stations/{station.code}/visit/")
    phone.get_by_role("button", name="不想说").click()
    phone.wait_for_url(re.compile("/again/"))
    assert VisitHour.objects.get().count == 1


def test_a_campaigns_activity_is_shown_at_its_station_and_leads_to_it(phone, live_server, wuhua, station):
    activity = make_activity(make_campaign(wuhua), station=station)
    phone.goto(live_server.url + station.get_absolute_url())
    link = phone.get_by_role("link", name=activity.title).first
    expect(link).to_be_visible()
    assert_sound(phone)
    link.click()
    expect(phone.get_by_role("heading", name=activity.title).first).to_be_visible()


# --- The keeper -----------------------------------------------------------------------------------------------


def test_a_keeper_closes_restocks_answers_and_confirms_on_a_phone(phone, live_server, station, keeper):
    for number in (1, 2, 3):
        give_feedback(station, Feedback.LOCKED, sender=Sender(f"192.0.2.{number}", str(number)))
    Supply.objects.create(station=station, item="口罩", unit="只", low_at=20)
    log_in(phone, live_server.url, keeper, "/keeper/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("文林街驿站")
    assert_sound(phone)
    expect(phone.get_by_text("库存不足")).to_be_visible()
    phone.get_by_label("数量", exact=True).fill("50")
    phone.get_by_role("button", name="登记").first.click()
    expect(phone.get_by_text("库存不足")).to_be_hidden()
    phone.get_by_label("一并答复3条锁门反映").fill("值班人员临时外出，已致歉。")
    phone.locator("form:has(#all-locked) button").click()
    expect(phone.get_by_text("没有待答复的诉求")).to_be_visible()
    phone.get_by_text("临时关门或开门").click()
    phone.locator("#id_reason").fill("停水")
    phone.get_by_role("button", name="现在关门").click()
    expect(phone.get_by_text("现在不开放").first).to_be_visible()
    phone.get_by_role("button", name="全部与公示一致").click()
    expect(phone.get_by_text(f"最近确认: {timezone.localdate():%Y-%m-%d}")).to_be_visible()
    assert_sound(phone)
    assert OpeningException.objects.get().reason == "停水"
    station.refresh_from_db()
    assert station.last_confirmed_on == timezone.localdate() and station.reported_locked_at is None
    phone.goto(live_server.url + station.get_absolute_url())
    expect(phone.get_by_text("值班人员临时外出，已致歉。")).to_have_count(1)
    expect(phone.get_by_text("一并答复 3 条反映")).to_be_visible()


# --- The county -----------------------------------------------------------------------------------------------


def test_a_ticket_that_is_late_comes_up_to_the_countys_home(desk_page, live_server, wuhua, station):
    two_days_ago = timezone.now() - datetime.timedelta(days=2)
    give_feedback(station, Feedback.LOCKED, sender=Sender("192.0.2.1", "1"), at=two_days_ago)
    clerk = make_account(Role.CLERK, wuhua, "wuhua-clerk")
    log_in(desk_page, live_server.url, clerk, "/admin/")
    escalated = desk_page.get_by_role("link", name=re.compile("已上报"))
    expect(escalated).to_contain_text("0")
    assert [ticket.about for ticket in escalate_late()] == ["文林街驿站"]
    desk_page.reload()
    expect(escalated).to_contain_text("1")
    escalated.click()
    expect(desk_page.get_by_role("link", name=re.compile("文林街驿站")).first).to_be_visible()
