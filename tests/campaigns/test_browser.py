"""The three stories on a phone, as a courier lives them; and the clerk's part at the desk."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from campaigns import actions
from campaigns.models import Coupon, Registration, Wish
from tests.campaigns.makers import as_member, make_activity, make_campaign, make_member, make_pool, make_wish
from tests.factories import PASSWORD, make_account, make_county

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def courier(county):
    return make_member(county, "演示·钱某")


def phone_of(page, client, member, live_server):
    """The phone with the session of a member."""
    key = as_member(client, member).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    return page


def tap(page, role: str, name: str) -> None:
    """Tap a link or button and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).tap()


def fits(page) -> bool:
    """Nothing is wider than the phone."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_courier_signs_up_in_two_taps_and_the_waiting_list_moves_up(phone_page, client, county, courier, live_server):
    activity = make_activity(make_campaign(county, title="职工兴趣班"), title="瑜伽班", capacity=1)
    first = make_member(county)
    held = actions.sign_up(activity, member=first)
    page = phone_of(phone_page, client, courier, live_server)
    page.goto(f"{live_server.url}{reverse('campaigns:home')}")
    tap(page, "link", name="瑜伽班")
    tap(page, "button", name="排队候补")
    assert Registration.objects.get(member=courier).state == "waiting"
    assert page.get_by_text("候补第 1 位").is_visible()
    actions.cancel(held, member=first)
    page.goto(f"{live_server.url}{reverse('campaigns:mine')}")
    assert page.get_by_text("报名成功").is_visible()
    assert fits(page)


def test_a_courier_claims_a_coupon_and_shows_its_code(phone_page, client, county, courier, live_server):
    make_pool(make_campaign(county), title="蛋糕券")
    page = phone_of(phone_page, client, courier, live_server)
    page.goto(f"{live_server.url}{reverse('campaigns:pools')}")
    tap(page, "link", name="蛋糕券")
    tap(page, "button", name="立即领取")
    coupon = Coupon.objects.get(member=courier)
    assert page.get_by_role("img", name="券的二维码").is_visible()
    assert page.get_by_text(coupon.spoken_code).is_visible()
    assert fits(page)


def test_a_courier_wishes_and_a_clerk_screens_and_confirms(phone_page, desk_page, client, county, courier, live_server):
    page = phone_of(phone_page, client, courier, live_server)
    page.goto(f"{live_server.url}{reverse('campaigns:wish-new')}")
    page.get_by_label("您的心愿是什么？").fill("给女儿小雨买一个新书包")
    tap(page, "button", name="提交")
    assert page.get_by_text("给女儿小雨买一个新书包").is_visible()
    assert fits(page)

    clerk = make_account("clerk", county)
    # Browsers ask for this by themselves where a page names no icon.
    desk_page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    wish = Wish.objects.get()
    desk_page.goto(f"{live_server.url}{reverse('admin:login')}")
    desk_page.locator("input[name=username]").fill(clerk.username)
    desk_page.locator("input[name=password]").fill(PASSWORD)
    desk_page.locator("button[type=submit]").first.click()
    change = f"{live_server.url}{reverse('admin:campaigns_wish_change', args=[wish.pk])}"
    desk_page.goto(change)
    desk_page.get_by_role("link", name="审核通过").click()
    desk_page.locator("input[name=reason]").fill("符合征集范围")
    desk_page.get_by_role("button", name="审核通过").click()
    desk_page.wait_for_url(change)
    desk_page.get_by_role("link", name="与本人确认").click()
    desk_page.locator("input[name=may_be_shown]").check()
    desk_page.locator("input[name=public_text]").fill("给孩子买一个新书包")
    desk_page.locator("input[name=public_name]").fill("一位快递员")
    desk_page.get_by_role("button", name="与本人确认").click()
    desk_page.wait_for_url(change)
    wish.refresh_from_db()
    assert (wish.state, wish.may_be_shown) == ("confirmed", True)


def test_another_member_makes_a_wish_from_the_wall_come_true(phone_page, client, county, courier, live_server):
    wish = make_wish(courier, state="confirmed")
    donor = make_member(county, "演示·李某")
    page = phone_of(phone_page, client, donor, live_server)
    page.goto(f"{live_server.url}{reverse('campaigns:wishes')}")
    assert page.get_by_text("给孩子买一个新书包").is_visible()
    assert not page.get_by_text(re.compile("小雨|钱某")).count()
    tap(page, "button", name="我来圆梦")
    wish.refresh_from_db()
    assert wish.adopted_by_member == donor
    assert fits(page)
