"""The courier's pages in a browser, at the width of a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from stations.models import Station
from tests.factories import make_county, make_station

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = {"latitude": 25.04, "longitude": 102.71}


@pytest.fixture
def city(live_server) -> str:
    """23 stations of 文林街, two of them near HERE, one with toilet; the address of the portal."""
    wuhua = make_county()
    for number in range(21):
        make_station(wuhua, f"文林街{number:02}号驿站", latitude=25.2, longitude=102.9, hours_text="24小时")
    make_station(
        wuhua, "文林街近处驿站", latitude=25.0405, longitude=102.71, facilities=["toilet"], hours_text="24小时"
    )
    make_station(wuhua, "钱局街驿站", latitude=25.05, longitude=102.71, public_phone="0871-00000102")
    return live_server.url


def names(page) -> list[str]:
    return page.locator(".card h3").all_inner_texts()


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_search_and_filter_on_a_phone(phone_page, city):
    phone_page.goto(city)
    assert fits(phone_page)
    phone_page.get_by_label("站点名称、地点或地址").fill("钱局")
    phone_page.get_by_role("button", name="查找").click()
    expect(phone_page.get_by_role("heading", name="共 1 个站点")).to_be_visible()
    assert names(phone_page) == ["钱局街驿站"]
    phone_page.get_by_role("link", name="查看全部").click()
    phone_page.get_by_text("服务设施", exact=True).first.click()
    phone_page.get_by_label("卫生间").check()
    phone_page.get_by_role("button", name="查看站点").click()
    expect(phone_page.get_by_role("heading", name="共 1 个站点")).to_be_visible()
    assert names(phone_page) == ["文林街近处驿站"]
    assert fits(phone_page)


def test_the_pages_of_a_search(phone_page, city):
    phone_page.goto(f"{city}/stations/?q=文林")
    assert len(names(phone_page)) == 20
    phone_page.get_by_role("link", name="下一页").click()
    expect(phone_page.get_by_text("第 2 / 2 页")).to_be_visible()
    assert len(names(phone_page)) == 2
    assert "q=" in phone_page.url


def test_nearby_sorts_by_a_rounded_position(open_page, city):
    page = open_page(390, 844, geolocation=HERE, permissions=["geolocation"])
    page.goto(f"{city}/stations/?open=now")
    page.get_by_role("link", name="附近").click()
    page.wait_for_url(re.compile("near=25.040%2C102.710"))
    assert names(page)[0] == "文林街近处驿站"
    expect(page.locator(".card").first).to_contain_text("约 50 米")
    assert "open=now" in page.url


def test_a_refused_position_is_explained_and_districts_are_offered(open_page, city):
    page = open_page(390, 844, permissions=[])
    page.goto(city)
    page.get_by_role("link", name="附近").click()
    expect(page.get_by_role("status")).to_contain_text("未允许本页获取位置")
    page.get_by_role("navigation", name="按区县查看").get_by_role("link", name="五华区").click()
    expect(page.get_by_role("heading", name="共 23 个站点")).to_be_visible()


def test_everything_works_without_javascript(open_page, city):
    page = open_page(390, 844, java_script_enabled=False)
    page.goto(city)
    page.get_by_role("link", name="附近").click()
    assert page.url.endswith("#districts")
    page.get_by_role("navigation", name="按区县查看").get_by_role("link", name="五华区").click()
    page.get_by_label("站点名称、地点或地址").fill("钱局")
    page.get_by_role("button", name="查找").click()
    assert "district=530102" in page.url
    page.get_by_role("link", name="钱局街驿站", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("钱局街驿站")


def test_the_language_can_be_switched_and_stays(phone_page, city):
    phone_page.goto(f"{city}/stations/?q=钱局")
    phone_page.get_by_role("button", name="English").click()
    expect(phone_page.get_by_role("heading", level=1)).to_have_text("Find a service station")
    assert names(phone_page) == ["钱局街驿站"]
    phone_page.get_by_role("link", name="钱局街驿站", exact=True).click()
    expect(phone_page.get_by_role("heading", name="Opening hours")).to_be_visible()
    phone_page.get_by_role("button", name="中文").click()
    expect(phone_page.get_by_role("heading", name="开放时间")).to_be_visible()


def test_a_station_s_page_leads_into_the_map_apps_and_to_the_phone(phone_page, city):
    station = Station.objects.get(name="钱局街驿站")
    phone_page.goto(city + station.get_absolute_url())
    assert fits(phone_page)
    for name, address in (("高德地图", "uri.amap.com"), ("百度地图", "map.baidu.com"), ("腾讯地图", "map.qq.com")):
        link = phone_page.get_by_role("link", name=name, exact=True)
        assert address in link.get_attribute("href")
        assert link.bounding_box()["height"] >= 44
    assert phone_page.get_by_role("link", name="0871-00000102").get_attribute("href") == "tel:087100000102"


def test_the_first_view_is_light_and_does_not_jump(phone_page, city):
    received = []
    phone_page.on("response", lambda response: received.append(response.request.sizes()["responseBodySize"]))
    phone_page.add_init_script(
        "window.jumped = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.jumped += e.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    phone_page.goto(city, wait_until="networkidle")
    assert sum(received) < 90_000
    assert phone_page.evaluate("window.jumped") < 0.02


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_touch_targets_and_contrast(open_page, city, scheme):
    """Targets of 44 px and more; text against its background 4.5 : 1 and more (WCAG 2.2 AA, GB/T 37668)."""
    page = open_page(390, 844, color_scheme=scheme)
    for address in ("/", Station.objects.get(name="文林街近处驿站").get_absolute_url(), "/privacy/"):
        page.goto(city + address)
        assert page.evaluate(_SMALL_TARGETS) == []
        assert page.evaluate(_FAINT_TEXT) == []


def test_the_keyboard_reaches_the_content_first(desk_page, city):
    desk_page.goto(city)
    desk_page.keyboard.press("Tab")
    skip = desk_page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk_page.keyboard.press("Enter")
    assert desk_page.evaluate("document.activeElement.id") == "main"


_SMALL_TARGETS = """
() => [...document.querySelectorAll("a, button, select, summary, label.choice, input[type=search]")]
  .filter(e => e.checkVisibility() && !e.classList.contains("skip") && e.getBoundingClientRect().height < 43.9)
  .map(e => `${e.innerText || e.name} ${e.getBoundingClientRect().height}`)
"""

_FAINT_TEXT = """
() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  return [...document.querySelectorAll("body *")]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [e.innerText, contrast(light(channels(getComputedStyle(e).color)), light(ground(e)))])
    .filter(([, ratio]) => ratio < 4.5)
    .map(([text, ratio]) => `${text} ${ratio.toFixed(2)}`);
}
"""
