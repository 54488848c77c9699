"""The map's answers: small for any window, the list's filters, a sketch that claims no boundary."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from stations import mapping
from stations.lifecycle import State
from stations.models import PositionDoubt, Station
from tests.factories import make_county, make_station

pytestmark = pytest.mark.django_db

KUNMING = "102.5,24.8,103.0,25.3"


@pytest.fixture
def wuhua():
    return make_county()


def make_many(wuhua, count: int) -> None:
    """Stations spread over China by a fixed rule; written in bulk."""
    pattern = make_station(wuhua, "样板驿站", latitude=25.04, longitude=102.71)
    rows = []
    for number in range(count):
        station = Station(
            organization=wuhua,
            code=f"X{number:06}",
            name=f"第{number}号户外劳动者服务站点（某某街道某某社区）",
            kind=pattern.kind,
            status=State.OPEN,
            latitude=22 + (number * 7919 % 20000) / 1000,
            longitude=90 + (number * 104729 % 35000) / 1000,
        )
        station.prepare()
        rows.append(station)
    Station.objects.bulk_create(rows, batch_size=1000)


def answer(client, box: str, zoom: int = 10, **asked):
    response = client.get("/stations/map.json", {"bbox": box, "zoom": zoom, **asked})
    assert response.status_code == 200
    return response.json()


def test_few_stations_are_shown_one_by_one(client, wuhua):
    make_station(wuhua, "文林街驿站", latitude=25.04, longitude=102.71, hours_text="24小时")
    make_station(wuhua, "没有位置的驿站")
    make_station(wuhua, "窗外的驿站", latitude=26.0, longitude=102.71)
    shown = answer(client, KUNMING)
    assert shown["datum"] == "WGS-84"
    assert (shown["total"], shown["clusters"]) == (1, [])
    (station,) = shown["stations"]
    assert (station["name"], station["lat"], station["lng"], station["state"]) == ("文林街驿站", 25.04, 102.71, "open")


def test_many_stations_become_clusters_that_count_all_of_them(client, wuhua):
    make_many(wuhua, 500)
    shown = answer(client, "70,15,140,55", 4)
    assert shown["total"] == 501
    assert sum(cluster["count"] for cluster in shown["clusters"]) + len(shown["stations"]) == 501
    for cluster in shown["clusters"]:
        west, south, east, north = cluster["box"]
        assert west <= cluster["lng"] <= east and south <= cluster["lat"] <= north


@pytest.mark.parametrize(
    ("box", "zoom"),
    [("70,15,140,55", 0), ("70,15,140,55", 4), ("70,15,140,55", 19), ("100,24,104,27", 9), (KUNMING, 19)],
)
def test_no_window_is_answered_with_more_than_60_kilobytes(client, wuhua, box, zoom):
    make_many(wuhua, 3000)
    shown = answer(client, box, zoom)
    size = len(gzip.compress(json.dumps(shown, ensure_ascii=False).encode()))
    assert size < 60_000
    assert len(shown["clusters"]) + len(shown["stations"]) <= mapping.MOST_CELLS


def test_stations_at_one_place_are_told_apart_when_few(client, wuhua):
    for number in range(3):
        make_station(wuhua, f"同楼驿站{number}", latitude=25.04, longitude=102.71)
    assert len(answer(client, "102.7,25.03,102.72,25.05", 17)["stations"]) == 3


def test_the_map_takes_the_list_s_filters(client, wuhua):
    make_station(wuhua, "有水驿站", latitude=25.04, longitude=102.71, facilities=["water"])
    make_station(wuhua, "无水驿站", latitude=25.05, longitude=102.72)
    assert [s["name"] for s in answer(client, KUNMING, facility="water")["stations"]] == ["有水驿站"]
    assert [s["name"] for s in answer(client, KUNMING, q="无水")["stations"]] == ["无水驿站"]


@pytest.mark.parametrize("state", [State.PLANNED, State.CLOSED])
def test_a_station_that_is_not_public_is_on_no_map(client, wuhua, state):
    make_station(wuhua, "看不见", latitude=25.04, longitude=102.71, status=state)
    assert answer(client, KUNMING)["total"] == 0


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,1,2,3", "inf,1,2,3", "103,25,102,26", "102,26,103,25"])
def test_what_is_no_window_is_refused(client, box):
    assert client.get("/stations/map.json", {"bbox": box, "zoom": "8"}).status_code == 400


@pytest.mark.parametrize("zoom", ["-3", "99", "1e9"])
def test_an_odd_scale_is_brought_into_range(client, zoom):
    assert client.get("/stations/map.json", {"bbox": KUNMING, "zoom": zoom}).status_code == 200


@pytest.mark.parametrize("zoom", ["x", "nan", "1e999"])
def test_a_scale_that_is_no_number_is_refused(zoom):
    with pytest.raises(ValidationError):
        mapping.Window.read(KUNMING, zoom)


def test_clusters_stand_still_when_the_window_moves(wuhua):
    one = mapping.Window.read("102.5,24.8,103.0,25.3", "11")
    other = mapping.Window.read("102.6,24.9,103.1,25.4", "11")
    assert one.cells == other.cells


def test_the_map_page_is_the_list_without_javascript(client, wuhua):
    make_station(wuhua, "文林街驿站", latitude=25.04, longitude=102.71)
    page = client.get("/stations/map/").content.decode()
    assert "文林街驿站" in page
    assert 'id="map"' in page and "hidden" in page
    assert "https://" not in page.partition('id="map"')[2].partition("</section>")[0]


def first_view(client, **asked) -> list[float]:
    """West, south, east, north of what the map shows first."""
    page = client.get("/stations/map/", asked).content.decode()
    return [float(edge) for edge in re.search(r'data-start="([^"]+)"', page)[1].split(",")]


@pytest.mark.parametrize("count", [4, 60])
def test_one_station_far_away_does_not_stretch_the_first_view_and_stays_in_the_list(client, wuhua, count):
    for number in range(count):
        make_station(wuhua, f"文林街{number}号驿站", latitude=25.03 + number / 1000, longitude=102.70 + number / 1000)
    make_station(wuhua, "文林街海口驿站", latitude=20.03, longitude=110.32)
    PositionDoubt.objects.update(settled_at=timezone.now(), answer="现场核对无误")  # it truly lies there
    west, south, east, north = first_view(client, q="文林街")
    assert (west, south) == (102.70, 25.03) and east < 103 and north < 26
    page = client.get("/stations/map/", {"q": "文林街"}).content.decode()
    assert f"共 {count + 1} 个站点" in page
    assert re.search(r'data-whole="102.7,20.03,110.32,', page), "the button for the whole area shows it"


def test_two_places_with_several_stations_each_are_both_in_the_first_view(client, wuhua):
    for number in range(6):
        make_station(wuhua, f"文林街{number}号驿站", latitude=25.03, longitude=102.70 + number / 1000)
    for number in range(2):
        make_station(wuhua, f"文林街海口{number}号驿站", latitude=20.03, longitude=110.32 - number / 1000)
    PositionDoubt.objects.update(settled_at=timezone.now(), answer="现场核对无误")
    assert first_view(client, q="文林街") == [102.70, 20.03, 110.32, 25.03]


def test_what_has_no_position_leaves_the_first_view_at_the_whole_territory(client, wuhua, settings):
    make_station(wuhua, "没有位置的驿站")
    south, west, north, east = settings.FEDERATION_BOX
    assert first_view(client, q="没有位置") == [west, south, east, north]
    assert first_view(client) == [west, south, east, north]


@pytest.mark.system("A006")
def test_stations_and_canteens_are_on_one_map_and_told_apart_by_kind(client, wuhua):
    make_station(wuhua, "暖新驿站", latitude=25.04, longitude=102.71)
    make_station(wuhua, "爱心食堂", latitude=25.05, longitude=102.72, kind_id="ST")
    shown = answer(client, KUNMING)["stations"]
    assert {(station["name"], station["kind"]) for station in shown} == {
        ("暖新驿站", "户外劳动者服务站点"),
        ("爱心食堂", "爱心食堂"),
    }
    assert [s["name"] for s in answer(client, KUNMING, kind="ST")["stations"]] == ["爱心食堂"]
    station = Station.objects.get(name="爱心食堂")
    station.latitude = 25.06
    station.save()
    assert answer(client, KUNMING, 10, kind="ST")["stations"][0]["lat"] == 25.06


# --- The sketch ----------------------------------------------------------------------------------------------


def test_a_district_s_outline_goes_around_its_stations(client, wuhua):
    corners = [(25.0, 102.6), (25.0, 102.8), (25.2, 102.8), (25.2, 102.6)]
    for number, (latitude, longitude) in enumerate([*corners, (25.1, 102.7)]):
        make_station(wuhua, f"驿站{number}", latitude=latitude, longitude=longitude)
    (outline,) = client.get("/stations/map-sketch.json").json()["outlines"]
    assert outline["name"] == "五华区"
    assert {tuple(point) for point in outline["ring"]} == {(lng, lat) for lat, lng in corners}


def test_a_doubtful_position_draws_no_outline(wuhua):
    for latitude, longitude in [(25.0, 102.6), (25.0, 102.8), (25.2, 102.7)]:
        make_station(wuhua, f"驿站{latitude}{longitude}", latitude=latitude, longitude=longitude)
    far = make_station(wuhua, "写错位置的驿站", latitude=39.9, longitude=116.4)
    PositionDoubt.objects.get_or_create(station=far, code=PositionDoubt.Code.FAR)
    (outline,) = mapping.outlines()
    assert max(latitude for _longitude, latitude in outline.ring) < 26


def test_two_places_make_no_outline(wuhua):
    make_station(wuhua, "驿站1", latitude=25.0, longitude=102.6)
    assert mapping.outlines() == []


def test_the_hull_leaves_out_what_lies_inside_or_on_an_edge():
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    assert mapping.hull([*square, (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)]) == square


@pytest.mark.parametrize(("spacing", "reach"), [(0.0001, 0.004), (0.001, 0.008), (0.1, 0.02)])
def test_around_a_visitor_the_map_begins_with_the_nearest_few(client, wuhua, spacing, reach):
    for number in range(1, 21):
        make_station(wuhua, f"{number}号驿站", latitude=25.04 + number * spacing, longitude=102.71)
    page = client.get("/stations/map/", {"near": "25.04,102.71"}).content.decode()
    west, south, east, north = map(float, re.search(r'data-start="([^"]+)"', page).group(1).split(","))
    assert north - south == pytest.approx(2 * reach, abs=0.0003)
    assert (west + east) / 2 == pytest.approx(102.71, abs=0.0001)
