"""Every public page against axe-core's rules for WCAG 2.2 A and AA, and at text of 200 %."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.campaigns.makers import make_activity, make_campaign, make_pool, make_post
from tests.factories import make_county, make_station

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAULTS = """
async (rules) => (await axe.run(document, { runOnly: rules })).violations.flatMap((fault) =>
  fault.nodes.map((node) => `${fault.id} ${node.target.join(" ")}: ${node.failureSummary}`))
"""


@pytest.fixture
def addresses(live_server) -> list[str]:
    """One of every public page, with something on it."""
    wuhua = make_county()
    station = make_station(
        wuhua,
        "文林街驿站",
        address="文林街8号",
        latitude=25.04,
        longitude=102.71,
        hours_text="周一至周五 8:00-18:00",
        facilities=["water", "toilet", "wifi"],
        public_phone="0871-00000102",
    )
    for number in range(21):
        make_station(wuhua, f"{number}号驿站", latitude=25.0, longitude=102.7 + number / 50)
    campaign = make_campaign(wuhua)
    shown = [make_activity(campaign, station=station), make_post(wuhua), make_pool(campaign), campaign, station]
    own = [row.get_absolute_url() for row in shown]
    door = [f"/stations/{station.code}/{name}/" for name in ("poster", "feedback", "rating", "visit")]
    lists = ["/", "/stations/?open=now&q=无", "/stations/map/", "/stations/data/", "/stations/honours/"]
    lists += ["/agreements/", "/campaigns/", "/campaigns/coupons/", "/campaigns/wishes/", "/campaigns/jobs/"]
    return [*lists, *own, *door, "/join/", "/me/", "/privacy/", "/about/", "/nothing-here/"]


def faults_of(page, base: str, addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        page.goto(base + address, wait_until="networkidle")
        page.evaluate(AXE)
        found += [f"{address} {fault}" for fault in page.evaluate(FAULTS, RULES)]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_public_page(open_page, live_server, addresses, page_faults, scheme):
    page = open_page(390, 844, bypass_csp=True, color_scheme=scheme, service_workers="block")
    assert faults_of(page, live_server.url, addresses) == []
    page_faults.clear()  # the page that is not there


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_with_text_at_200_percent_no_page_scrolls_sideways(open_page, live_server, addresses, page_faults, language):
    """WCAG 1.4.4 and 1.4.10 in the phone's own window of 390 CSS pixels: one twice as wide would give enlarged text the
    room that a phone has not, and the layout of a desk as well. Words are longer in English.
    """
    page = open_page(390, 844, bypass_csp=True, service_workers="block")
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
    wide = []
    for address in addresses:
        page.goto(live_server.url + address, wait_until="networkidle")
        page.add_style_tag(content="html { font-size: 200% !important }")
        if over := page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"):
            wide.append(f"{address}: {over} px")
    assert wide == []
    page_faults.clear()


def test_the_search_field_keeps_its_words_at_200_percent(open_page, live_server, addresses):
    page = open_page(390, 844, bypass_csp=True, service_workers="block")
    page.goto(live_server.url + "/stations/")
    page.add_style_tag(content="html { font-size: 200% !important }")
    assert page.locator("#q").bounding_box()["width"] > 300
