"""Pages whose validator is known before they are made: no change behind them may pass it by."""

from __future__ import annotations

import math
import random
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from stations.actions import StationDraft, save_stations
from stations.models import Facility, FinderRow, Station
from stations.models.finder import nearest
from tests.factories import make_county, make_station
from unionportal.public_pages import forget_pages
from unionportal.public_version import TRIGGER, Kept, public_version

pytestmark = pytest.mark.django_db

MORNING = "2026-11-21 10:00:00+08:00"
# Read, but no page shows what they hold.
NOT_SHOWN = {"unionportal_public_version", "pg_stats", "pg_class"}


@pytest.fixture
def station() -> Station:
    return make_station(
        make_county(), latitude=25.04, longitude=102.71, hours_text="周一至周日 8:00-18:00", facilities=["water"]
    )


def tables_read(client, address: str) -> set[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "?(\w+)"?', query["sql"])}


@pytest.mark.parametrize(
    "address",
    [
        "/stations/",
        "/stations/?near=25.04,102.71&open=now&facility=water",
        "/stations/map/",
        "/stations/map-sketch.json",
        "{page}",
    ],
)
def test_every_table_that_a_page_reads_moves_its_version(client, station, address) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [TRIGGER])
        moving = {table for (table,) in cursor.fetchall()}
    read = tables_read(client, address.format(page=station.get_absolute_url()))
    derived = {FinderRow._meta.db_table}  # written by the triggers of tables that move it
    assert read - moving - derived - NOT_SHOWN == set()


@time_machine.travel(MORNING, tick=False)
def test_an_unchanged_page_is_not_sent_twice(client, station) -> None:
    first = client.get("/stations/")
    again = client.get("/stations/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]


@time_machine.travel(MORNING, tick=False)
def test_a_changed_station_is_shown_at_once_although_the_page_was_kept(client, station) -> None:
    validator = client.get("/stations/")["ETag"]
    station.name = "改名后的驿站"
    save_stations([StationDraft(station)], by=None)
    changed = client.get("/stations/", headers={"If-None-Match": validator})
    assert changed.status_code == 200
    assert "改名后的驿站" in changed.content.decode()


def test_the_minute_and_the_language_are_part_of_the_validator(client, station) -> None:
    with time_machine.travel("2026-11-21 17:59:30+08:00", tick=False):
        before = client.get("/stations/")
        assert "营业中" in before.content.decode() or "开放中" in before.content.decode()
    with time_machine.travel("2026-11-21 18:00:10+08:00", tick=False):
        after = client.get("/stations/", headers={"If-None-Match": before["ETag"]})
        assert after.status_code == 200
        client.cookies["django_language"] = "en"
        english = client.get("/stations/", headers={"If-None-Match": after["ETag"]})
        assert english.status_code == 200
        assert english["ETag"] != after["ETag"]


@time_machine.travel(MORNING, tick=False)
def test_a_kept_page_is_made_once_a_minute_and_a_page_near_a_visitor_every_time(client, station) -> None:
    client.get("/stations/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/stations/")
    assert len(queries) == 1, "the version alone is asked for"
    near = "/stations/?near=25.04,102.71"
    client.get(near)
    with CaptureQueriesContext(connection) as queries:
        client.get(near)
    assert len(queries) > 1


@time_machine.travel(MORNING, tick=False)
def test_a_page_is_kept_compressed_and_plain(client, station) -> None:
    packed = client.get("/stations/", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/stations/")
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert station.name in plain.content.decode()


def test_the_version_moves_with_a_write_and_stands_without(station) -> None:
    stood = public_version()
    assert public_version() == stood
    Station.objects.filter(pk=station.pk).update(address="示例路9号")
    assert public_version() > stood
    forget_pages()


# --- What is read once a minute ------------------------------------------------------------------------------------


@time_machine.travel(MORNING, tick=False)
def test_another_page_of_the_same_minute_asks_for_its_stations_alone(client, station) -> None:
    client.get("/stations/")
    forget_pages()
    with CaptureQueriesContext(connection) as queries:
        client.get("/stations/")
    read = [re.search(r'FROM "?(\w+)', query["sql"]).group(1) for query in queries]
    assert read == [
        "unionportal_public_version",
        *("stations_station", "stations_stationfacility", "stations_openingperiod"),
    ]


@time_machine.travel(MORNING, tick=False)
def test_a_new_station_and_its_district_are_there_at_once_although_the_order_was_kept(client, station) -> None:
    client.get("/stations/?open=now")
    make_station(make_county("盘龙区总工会（演示）", "530103"), "新来的驿站", hours_text="24小时")
    page = client.get("/stations/?open=now").content.decode()
    assert "新来的驿站" in page
    assert re.search(r"2\s*个", page), "it is counted"
    assert 'value="530103"' in page, "its district can be chosen"


@time_machine.travel(MORNING, tick=False)
def test_a_facility_taken_out_of_use_cannot_be_chosen_any_more(client, station) -> None:
    assert 'value="water"' in client.get("/stations/").content.decode()
    Facility.objects.filter(pk="water").update(is_active=False)
    assert 'value="water"' not in client.get("/stations/").content.decode()


@time_machine.travel(MORNING, tick=False)
def test_what_was_kept_in_chinese_is_not_shown_in_english(client, station) -> None:
    water = Facility.objects.get(pk="water")
    assert water.name in client.get("/stations/").content.decode()
    client.cookies["django_language"] = "en"
    page = client.get("/stations/").content.decode()
    assert f"{water.name_en}</li>" in page
    assert f"{water.name}</li>" not in page


def test_beyond_the_most_that_is_kept_the_one_not_asked_for_longest_goes() -> None:
    kept = Kept[int](2)
    kept.keep("a", 1), kept.keep("b", 2)
    assert kept.get_or_make("a", lambda: 9) == 1
    kept.keep("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


# --- The finder ----------------------------------------------------------------------------------------------------


def test_the_finder_follows_every_change_of_a_station(station) -> None:
    here = (25.0, 102.7)
    assert nearest(*here, facilities=["water"]) == [station.pk]
    assert nearest(*here, facilities=["wifi"]) == []
    save_stations([StationDraft(station, {"wifi": "", "microwave": ""})], by=None)
    assert nearest(*here, facilities=["wifi", "microwave"]) == [station.pk]
    assert nearest(*here, facilities=["water"]) == []
    Station.objects.filter(pk=station.pk).update(status="closed")
    assert nearest(*here) == []
    Station.objects.filter(pk=station.pk).update(status="open", latitude=None, longitude=None)
    assert nearest(*here) == []


def test_the_finder_and_the_register_agree_on_who_is_open(db) -> None:
    county = make_county()
    for number, hours in enumerate(
        ["8:00-18:00", "24小时", "", "周一至周五 9:00-17:00", "5月1日至9月30日 8:00-20:00", "22:00-08:00"]
    ):
        make_station(county, f"示例{number}号驿站", hours_text=hours, latitude=25.0 + number / 100, longitude=102.7)
    for moment in ("2026-11-21 10:00", "2026-11-21 23:00", "2026-11-22 03:00", "2026-06-01 19:00", "2026-10-01 10:00"):
        when = parse_datetime(f"{moment}:00+08:00")
        expected = list(Station.objects.open_at(when).near(25.0, 102.7).values_list("pk", flat=True))
        assert nearest(25.0, 102.7, open_at=when, stop=3) == expected[:3]
        assert nearest(25.0, 102.7, open_at=when, stop=50) == expected


@pytest.mark.parametrize("seed", range(6))
def test_the_finders_order_on_the_map_is_that_of_the_ground(db, seed) -> None:
    """From Sanya to Mohe, in a street and over hundreds of kilometres, for visitors far outside as well."""
    chance = random.Random(seed)
    county = make_county()
    around, wide = (chance.uniform(18, 53), chance.uniform(75, 134)), chance.choice([0.002, 0.05, 1, 3])
    for number in range(60):
        place = {
            "latitude": around[0] + chance.uniform(-wide, wide),
            "longitude": around[1] + chance.uniform(-wide, wide),
        }
        make_station(county, f"{number}号驿站", **{name: round(value, 7) for name, value in place.items()})
    for _ in range(10):
        here = around[0] + chance.gauss(0, wide), around[1] + chance.gauss(0, wide)
        expected = list(Station.objects.public().near(*here).values_list("pk", flat=True))
        near = [pk for pk, km in Station.objects.near(*here).values_list("pk", "distance") if km < 490_000]
        assert nearest(*here, stop=10)[: len(near)] == expected[:10][: len(near)]
    for far in ((51.5, -0.1), (1.3, 103.8), (-33.9, 151.2), (89.9, 0.0)):
        assert len(nearest(*far, stop=10)) == 10


def test_stations_at_nearly_one_distance_all_around_are_in_their_true_order(db) -> None:
    """Two degrees around Harbin: on the map those in the south seem nearer by a thirtieth."""
    county, here = make_county(), (45.8, 126.5)
    own, away = math.radians(here[0]), math.radians(2)
    for number in range(60):
        bearing, arc = math.radians(6 * number), away * (1 + (number * 37 % 60) / 10_000)
        north = math.asin(math.sin(own) * math.cos(arc) + math.cos(own) * math.sin(arc) * math.cos(bearing))
        across = math.sin(bearing) * math.sin(arc) * math.cos(own), math.cos(arc) - math.sin(own) * math.sin(north)
        east = math.degrees(math.atan2(*across))
        place = {"latitude": round(math.degrees(north), 7), "longitude": round(here[1] + east, 7)}
        make_station(county, f"{number}号驿站", **place)
    expected = list(Station.objects.public().near(*here).values_list("pk", flat=True))
    assert nearest(*here, stop=10) == expected[:10]
