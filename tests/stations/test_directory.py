"""The courier's pages as a visitor without JavaScript gets them."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stations import visitor
from stations.actions import change_state
from stations.lifecycle import State
from stations.models import Station, StationKind, StationPurpose
from stations.schedule import read_periods
from tests.factories import make_county, make_federation, make_station
from unionportal.coordinates import Datum, convert
from unionportal.organizations.models import Division, Partner
from unionportal.views import server_error

pytestmark = pytest.mark.django_db

HERE = (25.0400, 102.7100)
# Saturday, an ordinary one, 10:00 in Kunming.
SATURDAY_MORNING = datetime.datetime(2026, 3, 14, 10, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture(autouse=True)
def saturday_morning():
    with time_machine.travel(SATURDAY_MORNING, tick=False):
        yield


def listing(client: Client, **asked: str | list[str]) -> list[str]:
    """Names on the cards, in order."""
    page = client.get(reverse("stations:directory"), asked)
    assert page.status_code == 200
    return re.findall(r'<h3><a href="[^"]+">([^<]+)</a>', unescape(page.content.decode()))


def text_of(response) -> str:
    """The visible words, in one line."""
    body = response.content.decode().partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def page_of(client: Client, station: Station) -> str:
    response = client.get(station.get_absolute_url())
    assert response.status_code == 200
    return text_of(response)


# --- Open now ------------------------------------------------------------------------------------------------


def test_a_card_says_until_when_a_station_is_open(client, wuhua):
    make_station(wuhua, hours_text="每天 8:00-17:30")
    assert "开放中 · 至 17:30" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("每天 8:00-17:30", "开放中 · 至 17:30"),
        ("6:00-24:00", "开放中 · 至 24:00"),
        ("24小时", "开放中 · 24 小时开放"),
        ("每天 13:00-18:00", "现在不开放 · 13:00 开放"),
        ("每天 7:00-9:00", "现在不开放 · 明天 07:00 开放"),
        ("周一至周五 9:00-17:00", "现在不开放 · 星期一 09:00 开放"),
        ("每天 8:00-次日02:00", "开放中 · 至 明天 02:00"),
        ("每年6月1日至9月30日 10:00-20:00", "现在不开放 · 6月1日 10:00 开放"),
        ("每年2月1日至2月20日 10:00-20:00", "现在不开放 · 2027年2月1日 10:00 开放"),
        ("夏季 8:30—20:30；冬季 9:00—19:30", "开放时间未知"),
        ("", "开放时间未知"),
    ],
)
def test_the_state_of_a_station_in_words(client, wuhua, hours, said):
    assert said in page_of(client, make_station(wuhua, hours_text=hours))


@pytest.mark.parametrize("hours", ["", "详询社区"])
def test_unknown_hours_are_never_called_closed(client, wuhua, hours):
    station = make_station(wuhua, hours_text=hours)
    for words in (text_of(client.get("/")), page_of(client, station)):
        assert "开放时间未知" in words
        assert "现在不开放" not in words


def test_a_suspended_station_says_so_with_the_reason_whatever_its_hours(client, wuhua):
    station = make_station(wuhua, hours_text="24小时")
    change_state(station, "suspend", by=None, reason="屋顶维修，预计四月恢复")
    for words in (text_of(client.get("/")), page_of(client, station)):
        assert "暂停开放" in words
        assert "屋顶维修，预计四月恢复" in words
        assert "开放中 ·" not in words


def test_only_open_stations_answer_open_now(client, wuhua):
    make_station(wuhua, "开门的驿站", hours_text="8:00-18:00")
    make_station(wuhua, "关门的驿站", hours_text="13:00-18:00")
    make_station(wuhua, "时间未知的驿站")
    change_state(make_station(wuhua, "暂停的驿站", hours_text="24小时"), "suspend", by=None, reason="装修")
    assert listing(client, open="now") == ["开门的驿站"]


def test_open_stations_come_first_and_suspended_ones_last(client, wuhua):
    change_state(make_station(wuhua, "阿一驿站", hours_text="24小时"), "suspend", by=None, reason="装修")
    make_station(wuhua, "白云驿站", hours_text="13:00-18:00")
    make_station(wuhua, "长青驿站", hours_text="8:00-18:00")
    assert listing(client) == ["长青驿站", "白云驿站", "阿一驿站"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (datetime.date(2026, 10, 1), "今天是法定节假日（国庆节）"),
        (datetime.date(2026, 2, 14), "今天是调休上班日（春节）"),
        (datetime.date(2026, 3, 14), ""),
        # Not announced, but fixed by law; of the days beside it nothing is said rather than guessed.
        (datetime.date(2031, 10, 1), "今天是法定节假日（国庆节）"),
        (datetime.date(2031, 10, 6), ""),
    ],
)
def test_a_holiday_and_a_make_up_day_are_pointed_out(client, wuhua, day, said):
    station = make_station(wuhua)
    with time_machine.travel(datetime.datetime.combine(day, datetime.time(2, 0)), tick=False):
        for words in (text_of(client.get("/")), page_of(client, station)):
            assert (said in words) if said else ("今天是" not in words)


# --- Asking the directory ------------------------------------------------------------------------------------


def test_nearest_first_with_the_distance(client, wuhua):
    north, east = HERE
    make_station(wuhua, "远处驿站", latitude=north + 0.03, longitude=east)
    make_station(wuhua, "近处驿站", latitude=north + 0.003, longitude=east)
    make_station(wuhua, "没有位置的驿站")
    assert listing(client, near="25.0400,102.7100") == ["近处驿站", "远处驿站", "没有位置的驿站"]
    words = text_of(client.get("/", {"near": "25.0400,102.7100"}))
    assert "约 350 米" in words
    assert "约 3.3 公里" in words


def test_near_a_visitor_stations_in_doubt_come_after_others_about_equally_far(client, wuhua):
    """Not confirmed for long, found locked, out of service: after the others within 500 m, before those beyond."""
    north, east = HERE
    today = timezone.localdate()
    for name, metres, fields in (
        ("从未核实", 50, {}),
        ("久未核实", 100, {"last_confirmed_on": today - datetime.timedelta(days=91)}),
        ("反映锁门", 150, {"last_confirmed_on": today, "reported_locked_at": timezone.now()}),
        ("暂停开放", 200, {"last_confirmed_on": today, "status": "suspended", "status_reason": "装修"}),
        ("刚核实", 400, {"last_confirmed_on": today}),
        ("也刚核实", 450, {"last_confirmed_on": today - datetime.timedelta(days=90)}),
        ("远处刚核实", 700, {"last_confirmed_on": today}),
    ):
        place = make_station(wuhua, name, latitude=north + metres / 111_200, longitude=east)
        Station.objects.filter(pk=place.pk).update(**fields)
    expected = ["刚核实", "也刚核实", "从未核实", "久未核实", "反映锁门", "暂停开放", "远处刚核实"]
    assert listing(client, near="25.0400,102.7100") == expected
    assert listing(client, near="25.0400,102.7100", district="530102") == expected
    assert "久未核实" in text_of(client.get("/", {"near": "25.0400,102.7100"}))


def test_the_search_finds_names_addresses_and_initials(client, wuhua):
    make_station(wuhua, "文林街职工驿站", address="五华区钱局街口")
    make_station(wuhua, "火车站驿站")
    for words in ("文林街", "钱局", "wlj", "文林 驿站"):
        assert listing(client, q=words) == ["文林街职工驿站"], words
    assert listing(client, q="没有的") == []


@pytest.mark.parametrize("words", ["%", "_", "'; DROP TABLE x; --", "<script>alert(1)</script>", "\\", "驿" * 60])
def test_odd_words_are_only_words(client, wuhua, words):
    make_station(wuhua)
    page = client.get("/", {"q": words})
    assert page.status_code == 200
    assert b"<script>alert" not in page.content


def test_a_district_includes_its_streets_but_not_its_neighbours(client, wuhua):
    street = Division.objects.create(code="530102901", name="示例街道", level="township", parent_id="530102")
    make_station(wuhua, "区里的驿站")
    make_station(wuhua, "街道的驿站", division_id=street.code)
    make_station(make_county("盘龙区总工会（演示）", "530103"), "邻区的驿站")
    assert set(listing(client, district="530102")) == {"区里的驿站", "街道的驿站"}
    assert listing(client, district=street.code) == ["街道的驿站"]


def test_the_district_list_names_only_places_with_stations(client, wuhua):
    make_station(wuhua)
    make_station(make_county("盘龙区总工会（演示）", "530103"), "未开的驿站", status=State.PLANNED)
    page = client.get("/").content.decode()
    assert '?district=530102"' in page
    assert "530103" not in page


def test_a_kind_is_found_by_its_further_purpose_too(client, wuhua):
    study = StationKind.objects.get(code="SW")
    make_station(wuhua, "书屋", kind=study)
    both = make_station(wuhua, "驿站兼书屋")
    StationPurpose.objects.create(station=both, kind=study)
    make_station(wuhua, "只是驿站")
    assert set(listing(client, kind="SW")) == {"书屋", "驿站兼书屋"}


def test_every_chosen_facility_must_be_there(client, wuhua):
    make_station(wuhua, "有水有床", facilities=["water", "recliner"])
    make_station(wuhua, "只有水", facilities=["water"])
    assert set(listing(client, facility="water")) == {"有水有床", "只有水"}
    assert listing(client, facility=["water", "recliner"]) == ["有水有床"]


def test_pages_of_twenty_keep_what_was_asked(client, wuhua):
    for number in range(23):
        make_station(wuhua, f"文林{number:02}号驿站", facilities=["water"])
    make_station(wuhua, "别处驿站")
    first = client.get("/stations/", {"q": "文林", "facility": "water"})
    assert "共 23 个站点" in text_of(first)
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1]
    second = client.get("/stations/" + unescape(following))
    names = re.findall(r"<h3><a[^>]*>([^<]+)", second.content.decode())
    assert names == ["文林20号驿站", "文林21号驿站", "文林22号驿站"]
    assert "第 2 / 2 页" in text_of(second)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"near": "abc"}, "网址中的位置无法识别"),
        ({"near": "25.04"}, "网址中的位置无法识别"),
        ({"near": "nan,nan"}, "不在中国境内"),
        ({"near": "inf,102"}, "不在中国境内"),
        ({"near": "102.71,25.04"}, "不在中国境内"),
        ({"page": "9999"}, "没有第 9999 页，现显示第 1 页"),
        ({"page": "0"}, "没有第 0 页"),
        ({"page": "x"}, "没有第 x 页"),
        ({"facility": "jacuzzi"}, "没有“jacuzzi”这项设施"),
        ({"facility": [str(number) for number in range(11)]}, "设施最多选 10 项"),
        ({"district": "999999"}, "没有这个区划代码"),
        ({"district": "五华"}, "没有这个区划代码"),
        ({"kind": "XX"}, "没有这种站点类型"),
        ({"open": "yesterday"}, "open 只能是 now"),
    ],
)
def test_what_makes_no_sense_is_said_above_the_whole_list(client, wuhua, asked, said):
    make_station(wuhua, "示例驿站")
    page = client.get("/", asked)
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert said in text_of(page)
    assert "示例驿站" in text_of(page)


def test_an_empty_answer_shows_ways_on(client, wuhua):
    make_station(wuhua, hours_text="13:00-14:00")
    page = client.get("/", {"open": "now", "district": "530102"})
    assert "没有符合全部条件的站点" in text_of(page)
    assert 'href="?district=530102"' in page.content.decode()
    assert "12351" in text_of(page)


def test_an_empty_register_is_no_fault(client):
    assert "共 0 个站点" in text_of(client.get("/"))


# --- A station's page ----------------------------------------------------------------------------------------


def test_the_page_tells_a_visitor_everything(client, wuhua):
    house = make_station(wuhua, "示例职工之家", kind=StationKind.objects.get(code="ZJ"))
    station = make_station(
        wuhua,
        "文林街职工驿站",
        inside=house,
        address="五华区文林街8号",
        directions="钱局街口向东80米",
        latitude=25.04,
        longitude=102.71,
        accuracy=Station.Accuracy.ADDRESS,
        hours_text="08:00-18:00 有人值守，18:00-次日08:00 刷身份证进入",
        access=Station.Access.BY_HOURS,
        public_phone="0871-00000102、100-0000-0003",
        facilities=["water", "toilet"],
        host_name="文林街社区居委会",
        theme="骑手友好",
        area=42,
        seats=15,
        opened_on=datetime.date(2019, 9, 20),
        opened_precision=Station.DatePrecision.MONTH,
        last_confirmed_on=datetime.date(2026, 3, 2),
    )
    partner = Partner.objects.create(organization=wuhua, name="示例外卖平台", kind=Partner.Kind.PLATFORM)
    station.co_builders.add(partner)
    StationPurpose.objects.create(station=station, kind=StationKind.objects.get(code="SW"), hours_text="晚间")
    words = page_of(client, station)
    for said in (
        "24 小时开放",
        "有人值守",
        "18:00–次日 08:00 刷身份证进入",
        "星期六 今天 08:00–18:00",
        "五华区文林街8号",
        "钱局街口向东80米",
        "位于： 示例职工之家",
        "位置按地址推算，可能有偏差。",
        "饮水",
        "如厕洗漱 卫生间",
        "文林街社区居委会",
        "示例外卖平台",
        "五华区总工会（演示）",
        "兼作 职工书屋（晚间）",
        "骑手友好",
        "启用时间 2019年9月",
        "最近核实 2026-03-02",
        "数据日期 2026-03-14",
    ):
        assert said in words, said
    assert "站内还有 文林街职工驿站" in page_of(client, house)


def test_the_map_links_carry_the_shifted_point_in_each_provider_s_order(client, wuhua):
    station = make_station(wuhua, latitude=25.04, longitude=102.71)
    north, east = convert(25.04, 102.71, Datum.WGS84, Datum.GCJ02)
    links = unescape(client.get(station.get_absolute_url()).content.decode()).replace("%2C", ",").replace("%3A", ":")
    assert f"position={east:.6f},{north:.6f}" in links
    assert f"location={north:.6f},{east:.6f}" in links
    assert f"coord:{north:.6f},{east:.6f}" in links


def test_each_public_phone_is_a_link_to_dial(client, wuhua):
    station = make_station(wuhua, public_phone="0871-6331 0000（白天）、服务台转接")
    page = client.get(station.get_absolute_url()).content.decode()
    assert 'href="tel:087163310000"' in page
    assert "服务台转接" in page


def test_nothing_personal_is_shown(client, wuhua):
    station = make_station(
        wuhua,
        keeper_name="张守站",
        keeper_phone="10000000001",
        responsible_cadre="李干部",
        remarks="内部备注",
        investment=45000,
    )
    for page in (client.get("/"), client.get(station.get_absolute_url())):
        for secret in ("张守站", "10000000001", "李干部", "内部备注", "45000"):
            assert secret not in page.content.decode()


@pytest.mark.parametrize("state", [State.PLANNED, State.BUILDING, State.ACCEPTANCE, State.CLOSED])
def test_a_station_that_is_not_public_is_not_found_anywhere(client, wuhua, state):
    hidden = make_station(wuhua, "看不见的驿站", status=state, latitude=25.041, longitude=102.71)
    shown = make_station(wuhua, "看得见的驿站", latitude=25.04, longitude=102.71, inside=hidden)
    response = client.get(hidden.get_absolute_url())
    assert response.status_code == 404
    assert "找不到这个页面" in text_of(response)
    assert "看不见" not in text_of(client.get("/"))
    assert "看不见" not in page_of(client, shown)


@pytest.mark.parametrize("code", ["nothing", "530102HW9999X", "…"])
def test_an_unknown_code_is_a_chinese_404(client, code):
    response = client.get(f"/stations/{code}/")
    assert response.status_code == 404
    assert "找不到这个页面" in text_of(response)


def test_three_others_nearby_nearest_first(client, wuhua):
    here = make_station(wuhua, "本站", latitude=25.04, longitude=102.71)
    for steps in (4, 2, 1, 3):
        make_station(wuhua, f"邻站{steps}", latitude=25.04 + steps * 0.002, longitude=102.71)
    make_station(wuhua, "无位置站")
    page = client.get(here.get_absolute_url()).content.decode()
    assert re.findall(r"<h3><a[^>]*>([^<]+)", page) == ["邻站1", "邻站2", "邻站3"]


def test_before_a_closed_door_those_open_now_and_not_far_come_first(client, wuhua):
    here = make_station(wuhua, "本站", latitude=25.04, longitude=102.71, hours_text="13:00-18:00")
    make_station(wuhua, "紧邻的关着", latitude=25.041, longitude=102.71, hours_text="13:00-18:00")
    make_station(wuhua, "稍远的开着", latitude=25.05, longitude=102.71, hours_text="8:00-18:00")
    make_station(wuhua, "太远的开着", latitude=25.2, longitude=102.71, hours_text="8:00-18:00")

    def nearby() -> list[str]:
        return re.findall(r"<h3><a[^>]*>([^<]+)", client.get(here.get_absolute_url()).content.decode())

    assert nearby() == ["稍远的开着", "紧邻的关着", "太远的开着"]
    here.periods.update(opens=8 * 60)
    assert nearby() == ["紧邻的关着", "稍远的开着", "太远的开着"]


def test_seasons_have_a_table_each_and_today_is_marked_in_the_one_that_holds():
    periods = read_periods("4月—10月 7:30-18:30，11月—次年3月 8:00-17:30")
    marked = {
        week.season: any(day.today for day in week.days)
        for week in visitor.weeks(periods, datetime.date(2026, 3, 14), 6)
    }
    assert [season for season, today in marked.items() if today] == ["11月1日至3月31日"]


@pytest.mark.parametrize(
    ("metres", "said"), [(3, "约 50 米"), (374, "约 350 米"), (980, "约 1.0 公里"), (12345, "约 12.3 公里")]
)
def test_a_distance_is_no_more_exact_than_a_phone(metres, said):
    assert visitor.distance_text(metres) == said


# --- Cost, caching, languages --------------------------------------------------------------------------------


def test_the_list_costs_the_same_queries_for_one_and_for_three_stations(client, wuhua, django_assert_num_queries):
    def full(name):
        make_station(wuhua, name, hours_text="8:00-18:00", facilities=["water"], latitude=25.04, longitude=102.71)

    full("第一驿站")
    with django_assert_num_queries(11):
        client.get("/")
    full("第二驿站"), full("第三驿站")
    with django_assert_num_queries(11):
        client.get("/")


def test_a_station_s_page_costs_the_same_queries_with_one_and_with_three_of_everything(
    client, wuhua, django_assert_num_queries
):
    def room(number):
        make_station(wuhua, f"房间{number}", inside=station, facilities=["water"], hours_text="8:00-18:00")

    station = make_station(wuhua, hours_text="8:00-18:00", facilities=["water"], latitude=25.04, longitude=102.71)
    neighbour = {"hours_text": "8:00-18:00", "facilities": ["water"], "longitude": 102.71}
    make_station(wuhua, "邻站1", latitude=25.041, **neighbour)
    room(1)
    with django_assert_num_queries(23):
        client.get(station.get_absolute_url())
    for number in (2, 3):
        room(number)
        make_station(wuhua, f"邻站{number}", latitude=25.041 + number / 1000, **neighbour)
    with django_assert_num_queries(23):
        client.get(station.get_absolute_url())


@pytest.mark.parametrize("name", ["directory", "detail"])
def test_a_public_page_sets_no_cookie_and_bears_no_token(client, wuhua, name):
    station = make_station(wuhua)
    response = client.get("/" if name == "directory" else station.get_absolute_url())
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert response["Cache-Control"] == "public, no-cache"
    assert "Cookie" in response["Vary"]


def test_asking_again_costs_a_header_until_something_changes(client, wuhua):
    station = make_station(wuhua, hours_text="8:00-18:00")
    for address in ("/", station.get_absolute_url()):
        tag = client.get(address)["ETag"]
        again = client.get(address, headers={"if-none-match": tag})
        assert again.status_code == 304
        assert not again.content
        with time_machine.travel(SATURDAY_MORNING + datetime.timedelta(hours=8), tick=False):
            assert client.get(address, headers={"if-none-match": tag}).status_code == 200
        client.cookies["django_language"] = "en"
        assert client.get(address, headers={"if-none-match": tag}).status_code == 200
        del client.cookies["django_language"]


def test_the_pages_can_be_read_in_english(client, wuhua):
    station = make_station(wuhua, hours_text="8:00-17:30")
    client.post("/language/", {"language": "en", "next": "/"})
    words = text_of(client.get("/"))
    assert "Open now · until 17:30" in words
    assert "Outdoor workers" in words
    assert '<html lang="en">' in client.get(station.get_absolute_url()).content.decode()


def test_the_list_is_light(client, wuhua):
    for number in range(20):
        make_station(
            wuhua,
            f"文林街{number:02}号户外劳动者服务站点",
            address="昆明市五华区文林街与钱局街交叉口向东80米",
            hours_text="8:00-17:30",
            facilities=["water", "microwave", "fridge", "table", "first_aid", "wifi", "toilet"],
            latitude=25.04,
            longitude=102.71,
        )
    page = client.get("/", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 15_000


def test_a_browser_that_asks_for_the_icon_by_itself_is_led_to_it(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302 and answer.url.startswith("/static/icons/icon-192")


def test_posting_to_a_public_page_is_refused(client):
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("address", ["/privacy/", "/about/"])
def test_the_notices_name_who_runs_the_site(client, address):
    make_federation()
    response = client.get(address)
    assert response.status_code == 200
    assert "昆明市总工会" in text_of(response)
    assert "12351" in text_of(response)


def test_the_page_for_our_own_faults_stands_alone():
    response = server_error(None)
    assert response.status_code == 500
    assert "系统出了点问题" in response.content.decode()
    assert "12351" in response.content.decode()
