"""The map, the share button and the offline app in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from stations.models import Station
from tests.factories import make_county, make_station

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(live_server) -> str:
    """70 stations around 25.0, 102.7, and 3 in one street; the address of the portal."""
    wuhua = make_county()
    for number in range(70):
        make_station(wuhua, f"{number:02}号驿站", latitude=24.9 + number % 10 / 50, longitude=102.6 + number / 350)
    for number in range(3):
        make_station(
            wuhua, f"安宁街驿站{number}", latitude=24.5, longitude=102.29 + number * 0.011, hours_text="24小时"
        )
    return live_server.url


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_map_works_from_the_keyboard_down_to_a_station(desk_page, city):
    desk_page.goto(f"{city}/stations/map/")
    expect(desk_page.get_by_role("heading", name="当前地图范围内有 70 个站点")).to_be_visible()
    view = desk_page.get_by_role("group", name=re.compile("^地图。"))
    view.focus()
    cluster = desk_page.locator(".map-marks button").first
    expect(cluster).to_be_visible()
    before = desk_page.locator(".map-marks > *").count()
    with desk_page.expect_response(re.compile("map.json")):
        desk_page.keyboard.press("+")
    with desk_page.expect_response(re.compile("map.json")):
        desk_page.keyboard.press("+")
    with desk_page.expect_response(re.compile("map.json")):
        desk_page.keyboard.press("ArrowLeft")
    assert desk_page.locator(".map-marks > *").count() != before
    with desk_page.expect_response(re.compile("map.json")):
        desk_page.keyboard.press("0")
    expect(desk_page.get_by_role("heading", name="当前地图范围内有 73 个站点")).to_be_visible()
    cluster.focus()
    with desk_page.expect_response(re.compile("map.json")):
        desk_page.keyboard.press("Enter")
    expect(view).to_be_focused()


def test_the_list_and_the_map_point_at_one_another(phone_page, city):
    phone_page.goto(f"{city}/stations/map/?near=24.5,102.301")
    expect(phone_page.get_by_role("heading", name="当前地图范围内有 3 个站点")).to_be_visible()
    assert fits(phone_page)
    line = phone_page.locator(".map-list li", has_text="安宁街驿站1")
    mark = phone_page.locator(".map-marks a.open[aria-label^='安宁街驿站1']")
    line.get_by_role("link").focus()
    expect(phone_page.locator(".map-marks .marked")).to_have_count(1)
    expect(mark).to_have_class(re.compile("marked"))
    mark.focus()
    expect(line).to_have_class("marked")
    phone_page.keyboard.press("Enter")
    expect(phone_page.get_by_role("heading", level=1)).to_have_text("安宁街驿站1")


def test_without_javascript_the_list_is_the_page(open_page, city):
    page = open_page(390, 844, java_script_enabled=False)
    page.goto(f"{city}/stations/map/?q=安宁街")
    assert page.locator(".card h3").all_inner_texts() == ["安宁街驿站0", "安宁街驿站1", "安宁街驿站2"]
    expect(page.locator("#map")).to_be_hidden()


def test_nothing_is_fetched_from_elsewhere(desk_page, city):
    asked = []
    desk_page.on("request", lambda request: asked.append(request.url))
    desk_page.goto(f"{city}/stations/map/", wait_until="networkidle")
    assert asked and all(url.startswith((city, "data:")) for url in asked)


def test_sharing_copies_the_address_where_the_phone_cannot_share(open_page, city):
    page = open_page(390, 844, permissions=["clipboard-read", "clipboard-write"])
    station = Station.objects.get(name="安宁街驿站0")
    page.goto(city + station.get_absolute_url())
    page.evaluate("Object.defineProperty(navigator, 'share', { value: undefined })")
    page.get_by_role("button", name="分享").click()
    expect(page.get_by_role("button", name="网址已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == city + station.get_absolute_url()


def wait_until_stored(page) -> None:
    """Until the worker has stored the list; `wait_for_function` would not wait for what a promise holds."""
    page.evaluate("""
      async () => {
        await navigator.serviceWorker.ready;
        const cache = await caches.open("station-pages-1");
        while (!(await cache.match("/?the-list-last-seen"))) await new Promise((go) => setTimeout(go, 20));
      }""")


def keep_a_list(page, address: str) -> None:
    page.goto(address)
    wait_until_stored(page)


def test_the_last_list_opens_offline_and_says_how_old_it_is(open_page, city, page_faults):
    page = open_page(390, 844)
    keep_a_list(page, f"{city}/stations/?q=安宁街")
    page.context.set_offline(True)
    page.goto(f"{city}/stations/?q=安宁街")
    assert page.locator(".card h3").count() == 3
    notice = page.locator("#offline-notice")
    expect(notice).to_contain_text("当前没有网络，本页内容截至")
    expect(notice).to_contain_text("分钟前")
    expect(notice.locator("[data-instead]")).to_be_hidden()
    page_faults.clear()


@pytest.mark.parametrize("asked", ["/", "/stations/?open=now", "/stations/map/", "feedback"])
def test_what_was_never_stored_is_answered_with_the_last_list_and_says_so(open_page, city, page_faults, asked):
    if asked == "feedback":
        asked = f"{Station.objects.get(name='安宁街驿站0').get_absolute_url()}feedback/"
    page = open_page(390, 844)
    keep_a_list(page, f"{city}/stations/?q=安宁街")
    page.context.set_offline(True)
    page.goto(city + asked)
    assert page.locator(".card h3").count() == 3
    expect(page.locator("#offline-notice")).to_contain_text("您要打开的页面没有保存，以下是上次看过的列表。")
    page_faults.clear()


def test_a_stored_page_of_some_minutes_ago_calls_no_door_open(open_page, city, page_faults):
    page = open_page(390, 844)
    keep_a_list(page, f"{city}/stations/?q=安宁街")
    page.evaluate("""
      caches.open("station-pages-1").then(async (cache) => {
        for (const request of await cache.keys()) {
          const kept = await cache.match(request);
          const headers = new Headers(kept.headers);
          headers.set("Date", new Date(Date.now() - 20 * 60000).toUTCString());
          await cache.put(request, new Response(await kept.text(), { headers }));
        }
      })""")
    page.context.set_offline(True)
    page.goto(f"{city}/stations/?q=安宁街")
    expect(page.locator("#offline-notice")).to_contain_text("（20 分钟前） 现在是否开放不能确定。")
    grey = page.locator(".facts").first.evaluate("one => getComputedStyle(one).color")
    assert page.locator(".standing.open").first.evaluate("one => getComputedStyle(one).color") == grey
    page_faults.clear()


def test_pages_of_members_and_staff_are_never_kept(open_page, city):
    page = open_page(390, 844)
    keep_a_list(page, f"{city}/stations/")
    feedback = f"{Station.objects.get(name='安宁街驿站0').get_absolute_url()}feedback/"
    for private in ("/join/", "/me/", "/admin/login/", feedback):
        page.goto(city + private, wait_until="networkidle")
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((n) => caches.open(n).then((c) => c.keys()))))"
        ".then((all) => all.flat().map((request) => new URL(request.url).pathname))"
    )
    assert kept and all(path == "/" or path.startswith(("/stations/", "/static/")) for path in kept)
    assert feedback not in kept


def test_a_thumb_on_the_map_still_scrolls_the_page(phone_page, city):
    phone_page.goto(f"{city}/stations/map/")
    expect(phone_page.locator(".map-marks button").first).to_be_visible()
    frame = phone_page.locator(".map-frame").bounding_box()
    assert frame["height"] <= 0.46 * 844
    assert phone_page.locator(".map-view").evaluate("view => getComputedStyle(view).touchAction") == "pan-y"


def test_no_mark_lies_under_the_buttons(phone_page, city):
    phone_page.goto(f"{city}/stations/map/")
    expect(phone_page.locator(".map-marks > *").first).to_be_visible()
    frame, buttons = (phone_page.locator(name).bounding_box() for name in (".map-frame", ".map-buttons"))
    assert frame["y"] + frame["height"] <= buttons["y"]


def test_back_from_a_station_finds_the_map_as_it_was_left(phone_page, city):
    phone_page.goto(f"{city}/stations/map/?near=24.5,102.301")
    expect(phone_page.locator(".map-marks .here")).to_be_visible()
    with phone_page.expect_response(re.compile("map.json")):
        phone_page.get_by_role("button", name="放大").click()
    phone_page.wait_for_url(re.compile("#map="))
    left = phone_page.url
    phone_page.locator(".map-list a").first.click()
    expect(phone_page.locator("article.station")).to_be_visible()
    phone_page.go_back()
    assert phone_page.url == left
    with phone_page.expect_response(re.compile("map.json")) as asked:
        phone_page.reload()
    assert f"zoom={left.partition('#map=')[2].partition('/')[0]}&" in asked.value.url


def test_the_map_s_list_is_the_only_one_and_the_page_s_returns_when_the_map_fails(phone_page, city, page_faults):
    phone_page.goto(f"{city}/stations/map/?near=24.5,102.301")
    expect(phone_page.locator(".map-list li")).to_have_count(3)
    expect(phone_page.locator(".found")).to_be_hidden()
    expect(phone_page.locator(".pages")).to_be_hidden()
    phone_page.route("**/map.json*", lambda route: route.fulfill(status=500))
    phone_page.get_by_role("button", name="放大").click()
    expect(phone_page.locator(".found .card").first).to_be_visible()
    page_faults.clear()


def test_the_nearest_comes_first_in_the_map_s_list(phone_page, city):
    phone_page.goto(f"{city}/stations/map/?near=24.5,102.311")
    names = phone_page.locator(".map-list a")
    expect(names).to_have_text(["安宁街驿站2", "安宁街驿站1", "安宁街驿站0"])
