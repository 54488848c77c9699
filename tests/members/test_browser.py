"""The story in a browser: a courier's phone and a clerk's desk."""

import re

import pytest
from playwright.sync_api import expect

from members.models import Member
from members.reference import load_reference
from tests.factories import PASSWORD, make_account, make_county, make_union
from tests.members.people import new_id, new_phone
from unionportal.organizations.reference import load_divisions


@pytest.fixture
def union(transactional_db):
    load_divisions()
    load_reference()
    county = make_county()
    make_account("clerk", county, "wuhua-clerk")
    return make_union(
        county, "华山街道联合工会（演示）", kind="grassroots_joint", division_id="530102001", is_catch_all=True
    )


@pytest.mark.browser
@pytest.mark.system("A055", "A076")
def test_a_courier_joins_a_clerk_accepts_and_the_courier_sees_his_card(live_server, union, phone_page, desk_page):
    for page in (phone_page, desk_page):
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    courier, number, phone = phone_page, new_id(), new_phone()
    courier.goto(f"{live_server.url}/join/")
    courier.get_by_role("checkbox").check()
    courier.get_by_label("手机").fill(phone)
    courier.locator("form button.wide").click()
    courier.locator("#id_code").fill(courier.locator("[data-demo-code]").inner_text())
    courier.locator("form button.wide").click()
    courier.locator("#id_name").fill("演示·赵某")
    courier.locator("#id_id_number").fill(number)
    courier.locator("#id_occupation_group").select_option("courier")
    courier.locator("#id_division").select_option("530102001")
    assert courier.evaluate("document.documentElement.scrollWidth <= innerWidth")
    courier.locator("form button.wide").click()
    expect(courier.locator(".state.submitted")).to_be_visible()
    expect(courier.get_by_text(union.name)).to_be_visible()
    assert courier.evaluate("document.documentElement.scrollWidth <= innerWidth")

    desk = desk_page
    desk.goto(f"{live_server.url}/admin/")
    desk.locator("#id_username").fill("wuhua-clerk")
    desk.locator("#id_password").fill(PASSWORD)
    desk.locator("form [type=submit]").first.click()
    desk.goto(f"{live_server.url}/admin/members/application/")
    desk.get_by_role("link", name="演示·赵某").click()
    desk.locator("a[href$='/do/accept/']").click()
    desk.locator("select[name=method]").select_option("document_seen")
    desk.locator("[name=_sure]").click()
    expect(desk.locator("a[href*='/members/member/']").first).to_be_visible()

    courier.reload()
    code = courier.locator("img[data-card]")
    expect(code).to_be_visible()
    assert courier.evaluate("document.querySelector('[data-card]').naturalWidth > 0")
    member = Member.objects.get()
    expect(courier.get_by_text(member.card_number)).to_be_visible()
    shown = courier.content()
    assert number not in shown
    assert phone not in shown
    assert re.search(r"530102\*{8}\d{3}[\dX]", shown)
