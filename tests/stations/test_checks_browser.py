"""Two stories as staff click them: from a check to what was put right, and from an offered room to an open station."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone

from stations.actions import name_keepers
from stations.models import HostOffer, Rectification, StationAssessment
from stations.rating import rate
from tests.factories import PASSWORD, make_account, make_county, make_station
from tests.standards.makers import stars_standard
from tests.stations.checks import HERE
from tests.stations.test_photos import picture
from unionportal.organizations.models import Partner

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def county(transactional_db: Any) -> Any:
    return make_county()


class Desk:
    """A member of staff who is logged in."""

    def __init__(self, page: Any, base: str, account: Any) -> None:
        self.page, self.base = page, base
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(f"{base}/admin/login/")
        page.fill("[name=username]", account.username)
        page.fill("[name=password]", PASSWORD)
        page.click("form button[type=submit]")
        page.wait_for_url(re.compile(r"/admin/(?!login)"))

    def open(self, row: Any) -> None:
        self.page.goto(f"{self.base}/admin/stations/{row._meta.model_name}/{row.pk}/change/")

    def begin(self, model: str) -> None:
        self.page.goto(f"{self.base}/admin/stations/{model}/add/")

    def pick(self, name: str, text: str) -> None:
        """Choose in a search-and-choose field."""
        self.page.locator(f"select[name={name}]").locator("xpath=..").locator(".select2-selection").click()
        self.page.locator(".select2-search__field").last.fill(text)
        self.page.locator(".select2-results__option", has_text=text).first.click()

    def do(self, row: Any, verb: str, **answers: str) -> None:
        """Take the button of the verb, answer what it asks, and say yes."""
        self.open(row)
        self.page.click(f"a[href$='/do/{verb}/']")
        self.answer(**answers)

    def answer(self, **answers: str) -> None:
        for name, value in answers.items():
            field = self.page.locator(f"[name={name}]")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        self.page.click("button[name=_sure]")
        self.page.wait_for_url(re.compile(r"/change/$"))


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_criterion_not_met_is_checked_mended_and_verified_and_its_points_return(
    county, live_server, desk_page, open_page, phone_page
):
    station, standard = make_station(county, **HERE), stars_standard()
    keeper = make_account("station_keeper", county)
    name_keepers(station, [keeper], by=None)
    inspector = Desk(phone_page, live_server.url, make_account("clerk", county))
    inspector.begin("stationassessment")
    inspector.pick("station", station.name)
    phone_page.select_option("[name=standard]", label=str(standard))
    assert phone_page.locator("[name=level]").input_value() == "county"
    phone_page.click("[name=_save]")
    phone_page.wait_for_url(re.compile(r"/fill/$"))
    sign, opening, _on_map = standard.criteria.all()
    phone_page.click(f"label[for=c{sign.pk}-yes]")
    phone_page.click("[name=_submit]")
    phone_page.wait_for_selector(f"#c{opening.pk}-error")
    assert phone_page.is_checked(f"#c{sign.pk}-yes"), "what was entered is still there"
    phone_page.click(f"label[for=c{opening.pk}-no]")
    phone_page.fill(f"#c{opening.pk}-note", "九点半仍锁着门")
    phone_page.set_input_files(
        f"#c{opening.pk}-photo", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}
    )
    assert phone_page.input_value(f"#c{opening.pk}-note") == "九点半仍锁着门", "a photo's name is written over nothing"
    assert fits(phone_page), "no sideways scrolling on a phone"
    phone_page.click("[name=_submit]")
    phone_page.wait_for_url(re.compile(r"/do/submit/$"))
    inspector.answer()

    check = StationAssessment.objects.get()
    reviewer = Desk(desk_page, live_server.url, make_account("reviewer", county))
    due = timezone.localdate() + datetime.timedelta(days=7)
    reviewer.do(check, "confirm_check", due_on=due.isoformat())
    row = Rectification.objects.get()
    assert (row.due_on, int(rate(station).result.points)) == (due, 20)

    keepers_page = open_page(390, 844)
    Desk(keepers_page, live_server.url, keeper).do(row, "mend", note="已调整值班表")
    reviewer.do(row, "verify_mended")
    assert int(rate(station).result.points) == 30
    keepers_page.goto(f"{live_server.url}/stations/{station.code}/rating/")
    assert "核验" in keepers_page.locator(".criteria li", has_text="按时开放").inner_text()
    assert fits(keepers_page)


@pytest.mark.system("A019")
def test_a_room_that_a_company_offers_becomes_an_open_station(county, live_server, desk_page):
    Partner.objects.create(organization=county, name="示例置业集团（演示）", kind=Partner.Kind.EMPLOYER)
    clerk = Desk(desk_page, live_server.url, make_account("clerk", county))
    clerk.begin("hostoffer")
    clerk.pick("organization", "五华区")
    clerk.pick("partner", "示例置业")
    desk_page.fill("[name=points]", "滨江店，滨江路1号\n城南店，城南路2号")
    desk_page.click("[name=_save]")
    desk_page.wait_for_url(re.compile(r"/hostoffer/$"))
    offer = HostOffer.objects.get(name="滨江店")
    clerk.do(offer, "survey", note="临街，有水电")
    clerk.do(offer, "convert", kind="户外劳动者服务站点")
    offer.refresh_from_db()
    clerk.open(offer)
    desk_page.click("a[href$='/do/open_offer/']")
    desk_page.click("button[name=_sure]")
    desk_page.wait_for_load_state()
    assert HostOffer.objects.get(pk=offer.pk).state == "converted", "the station is not in service yet"
    clerk.do(offer.station, "submit_for_acceptance")
    assert HostOffer.objects.get(name="城南店").state == "pledged"
    desk_page.context.clear_cookies()
    Desk(desk_page, live_server.url, make_account("reviewer", county)).do(offer.station, "accept")
    desk_page.context.clear_cookies()
    clerk = Desk(desk_page, live_server.url, make_account("clerk", county))
    clerk.do(offer, "open_offer")
    assert HostOffer.objects.get(pk=offer.pk).state == "opened"
    desk_page.goto(f"{live_server.url}{offer.station.get_absolute_url()}")
    assert "滨江店" in desk_page.content()
