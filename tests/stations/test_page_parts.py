"""What other apps show on a station's page, the poster at its door, and the app on a phone."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from django.utils import timezone

from campaigns.lifecycle import ActivityState
from campaigns.station_parts import activities_here
from stations import page_parts
from stations.lifecycle import State
from tests.campaigns.makers import make_activity, make_campaign
from tests.factories import make_county, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(
        wuhua, "文林街驿站", facilities=["water", "wifi"], hours_text="8:00-18:00", keeper_name="张守站"
    )


def page_of(client, station) -> str:
    response = client.get(station.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


# --- Activities at the station -------------------------------------------------------------------------------


def test_the_page_shows_the_next_activities_with_a_link(client, wuhua, station):
    activity = make_activity(make_campaign(wuhua), title="插花课", station=station)
    page = page_of(client, station)
    assert "本站活动" in page
    assert f'href="{activity.get_absolute_url()}">插花课' in page


def test_activities_that_are_over_called_off_not_public_or_elsewhere_are_not_shown(client, wuhua, station):
    campaign, hidden = make_campaign(wuhua), make_campaign(wuhua, public=False, title="筹备中的项目")
    yesterday = timezone.now() - datetime.timedelta(days=1)
    make_activity(
        campaign,
        title="过去的课",
        station=station,
        starts_at=yesterday,
        ends_at=yesterday + datetime.timedelta(hours=1),
    )
    make_activity(campaign, title="取消的课", station=station, state=ActivityState.CALLED_OFF)
    make_activity(hidden, title="未公布的课", station=station)
    make_activity(campaign, title="别处的课", station=make_station(wuhua, "别处驿站"))
    page = page_of(client, station)
    assert "本站活动" not in page
    assert not re.search("过去的课|取消的课|未公布的课|别处的课", page)


def test_five_activities_cost_the_queries_of_one(client, wuhua, station, django_assert_num_queries):
    campaign = make_campaign(wuhua)
    make_activity(campaign, title="第一课", station=station)
    with django_assert_num_queries(1):
        activities_here(None, station)
    for number in range(2, 7):
        make_activity(campaign, title=f"第{number}课", station=station)
    with django_assert_num_queries(1):
        _template, context = activities_here(None, station)
        assert [activity.campaign.pk for activity in context["activities"]] == [campaign.pk] * 5


def test_a_name_of_a_part_is_taken_once(monkeypatch):
    monkeypatch.setattr(page_parts, "_parts", {})
    page_parts.register_part("one", test_a_name_of_a_part_is_taken_once)
    page_parts.register_part("one", test_a_name_of_a_part_is_taken_once)
    with pytest.raises(ValueError, match="one"):
        page_parts.register_part("one", page_of)


# --- Poster, plate, share card -------------------------------------------------------------------------------


def test_the_poster_and_the_plate_bear_the_code_of_the_station_s_page(client, station):
    page = client.get(f"/stations/{station.code}/poster/").content.decode()
    for said in ("文林街驿站", "饮水", "无线网络", "8:00-18:00", station.code, "户外劳动者服务站点"):
        assert said in page
    assert page.count('class="a4 ') == 2
    assert "张守站" not in page


@pytest.mark.parametrize(("name", "leads_to"), [("qr.svg", ""), ("visit-qr.svg", "visit/")])
def test_the_qr_code_leads_to_the_station(client, station, name, leads_to, monkeypatch):
    written = []
    monkeypatch.setattr("stations.views.poster.qr_svg", lambda address, scale: written.append(address) or "<svg/>")
    response = client.get(f"/stations/{station.code}/{name}")
    assert response["Content-Type"] == "image/svg+xml"
    assert written == [f"http://testserver/stations/{station.code}/{leads_to}"]


@pytest.mark.parametrize("name", ["poster/", "qr.svg", "visit-qr.svg"])
def test_a_station_that_is_not_public_has_no_poster(client, wuhua, name):
    hidden = make_station(wuhua, "看不见的驿站", status=State.PLANNED)
    assert client.get(f"/stations/{hidden.code}/{name}").status_code == 404


@pytest.mark.system("A023")
def test_the_map_of_a_district_s_stations_can_be_shown_in_another_hall(client, wuhua):
    make_station(wuhua, "红桥驿站", latitude=25.04, longitude=102.71)
    other = make_county("盘龙区总工会（演示）", "530103")
    make_station(other, "邻区驿站", latitude=25.05, longitude=102.75)
    page = client.get("/stations/map/", {"district": "530102"}).content.decode()
    assert 'data-asked="district=530102"' in page
    assert "红桥驿站" in page and "邻区驿站" not in page
    shown = client.get("/stations/map.json", {"bbox": "102,24,104,26", "zoom": "9", "district": "530102"}).json()
    assert [(s["name"], s["lat"], s["lng"]) for s in shown["stations"]] == [("红桥驿站", 25.04, 102.71)]


def test_a_shared_address_shows_a_card(client, station):
    page = page_of(client, station)
    assert '<meta property="og:title" content="文林街驿站">' in page
    assert f'<meta property="og:url" content="http://testserver/stations/{station.code}/">' in page
    assert re.search(r'og:image" content="http://testserver/static/icons/icon-512[^"]*\.png"', page)


# --- The app -------------------------------------------------------------------------------------------------


def test_the_manifest_makes_the_directory_installable(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    found = json.loads(response.content)
    assert (found["start_url"], found["scope"], found["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in found["icons"]} == {"192x192", "512x512"}


def test_the_worker_is_served_from_the_root_as_a_script(client):
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert b"/static/" in response.content
