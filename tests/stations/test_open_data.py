"""Open data: whole, honest about its age and datum, and never a word about a person."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import re
from uuid import UUID

import pgtrigger
import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stations.actions import change_state, end_exception, except_hours
from stations.lifecycle import State
from stations.models import OpeningException, OpeningPeriod, Station, StationKind
from stations.open_data import fields, formats
from stations.open_data.hsds import Ids
from stations.open_data.records import public_numbers
from tests.factories import make_county, make_station
from unionportal.audit.history import event_model_of

pytestmark = pytest.mark.django_db

SECRETS = {
    "keeper_name": "张守站",
    "keeper_phone": "10000000001",
    "responsible_cadre": "李干部",
    "remarks": "内部备注",
    "investment": 45017,
}
FORMATS = ["stations.geojson", "stations.csv", "hsds/services", "changes.json"]


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def full(wuhua) -> Station:
    return make_station(
        wuhua,
        "文林街驿站",
        address="文林街8号",
        latitude=25.04,
        longitude=102.71,
        facilities=["water", "toilet"],
        hours_text="周一至周五 8:00-18:00，周六 9:00-12:00",
        public_phone="0871-00000102、10012345678",
        last_confirmed_on=datetime.date(2026, 3, 2),
        **SECRETS,
    )


def body(response) -> str:
    assert response.status_code == 200, response.content
    return (b"".join(response) if response.streaming else response.content).decode()


def days_from_now(days: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=days)


def get_json(client, name: str, **asked):
    return json.loads(body(client.get(f"/stations/{name}", asked)))


# --- GeoJSON -------------------------------------------------------------------------------------------------


def test_geojson_is_a_feature_collection_with_the_longitude_first(client, full):
    response = client.get("/stations/stations.geojson")
    assert response["Content-Type"] == "application/geo+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    found = json.loads(body(response))
    assert (found["type"], found["datum"], found["licence"]) == ("FeatureCollection", "WGS-84", "CC BY 4.0")
    assert "crs" not in found
    (feature,) = found["features"]
    assert feature["type"] == "Feature" and feature["id"] == full.code
    assert feature["geometry"] == {"type": "Point", "coordinates": [102.71, 25.04]}
    facts = feature["properties"]
    assert facts["last_confirmed_on"] == "2026-03-02"
    assert facts["facilities"] == ["toilet", "water"]
    assert facts["hours"] == [
        {"days": [1, 2, 3, 4, 5], "opens": "08:00", "closes": "18:00"},
        {"days": [6], "opens": "09:00", "closes": "12:00"},
    ]
    assert facts["url"] == f"http://testserver/stations/{full.code}/"


def test_a_station_without_a_position_has_no_geometry(client, wuhua):
    make_station(wuhua, "没有位置的驿站")
    (feature,) = get_json(client, "stations.geojson")["features"]
    assert feature["geometry"] is None


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_every_number_of_stations_makes_valid_json(client, wuhua, monkeypatch, count):
    monkeypatch.setattr(formats, "_PIECE", 2)
    for number in range(count):
        make_station(wuhua, f"{number}号驿站")
    assert len(get_json(client, "stations.geojson")["features"]) == count
    rows = list(csv.reader(io.StringIO(body(client.get("/stations/stations.csv")).removeprefix("\ufeff"))))
    assert len(rows) == count + 1


def test_hours_past_midnight_run_on_and_a_door_always_open_is_said_to_be(client, wuhua):
    make_station(wuhua, "夜间驿站", hours_text="每天 22:00-次日8:00")
    make_station(wuhua, "全天驿站", hours_text="24小时")
    facts = {f["properties"]["name"]: f["properties"] for f in get_json(client, "stations.geojson")["features"]}
    assert facts["夜间驿站"]["hours"] == [{"days": [1, 2, 3, 4, 5, 6, 7], "opens": "22:00", "closes": "32:00"}]
    assert facts["全天驿站"]["hours"] == [{"days": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00"}]


def test_the_ways_in_of_a_door_always_open_are_told_by_the_hour(client, wuhua):
    station = make_station(wuhua, "全天驿站", hours_text="24小时")

    def hours() -> list[dict]:
        (feature,) = get_json(client, "stations.geojson")["features"]
        assert feature["properties"]["hours_state"] == "always"
        return feature["properties"]["hours"]

    def have(*periods: tuple[int, int, str]) -> None:
        station.periods.all().delete()
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(station=station, weekday=day, opens=opens, closes=closes, access=access)
            for day in range(1, 8)
            for opens, closes, access in periods
        )

    every_day = {"days": [1, 2, 3, 4, 5, 6, 7]}
    have((8 * 60, 18 * 60, "staffed"), (18 * 60, 32 * 60, "id-card"))
    assert hours() == [
        every_day | {"opens": "08:00", "closes": "18:00", "access": "staffed"},
        every_day | {"opens": "18:00", "closes": "32:00", "access": "id-card"},
    ]
    have((8 * 60, 18 * 60, "staffed"))  # the rest of the day is not denied
    assert hours() == [every_day | {"opens": "00:00", "closes": "24:00"}]


def test_the_time_of_the_last_write_moves_with_a_confirmation_and_with_a_closure(client, wuhua):
    station = make_station(wuhua, "核实的驿站", hours_text="8:00-18:00")
    Station.objects.update(updated_at=days_from_now(-30))
    back_date(30)

    def written() -> datetime.datetime:
        (feature,) = get_json(client, "stations.geojson")["features"]
        return datetime.datetime.fromisoformat(feature["properties"]["updated_at"])

    assert written() < days_from_now(-29)
    Station.objects.filter(pk=station.pk).update(last_confirmed_on=timezone.localdate())
    assert written() > days_from_now(-1)
    back_date(30)
    assert written() < days_from_now(-29)
    except_hours(station, kind="closed", begins=days_from_now(1), ends=days_from_now(3), reason="停电", by=None)
    assert written() > days_from_now(-1)


def test_a_closure_to_come_is_told_and_one_gone_by_is_not(client, wuhua):
    station = make_station(wuhua, "装修的驿站", hours_text="8:00-18:00")
    now = timezone.localtime().replace(second=0, microsecond=0)
    for reason, begins in (("去年装修", -400), ("下周装修", 7)):
        start = now + datetime.timedelta(days=begins)
        OpeningException.objects.create(
            station=station, kind="closed", begins=start, ends=start + datetime.timedelta(days=1), reason=reason
        )
    (feature,) = get_json(client, "stations.geojson")["features"]
    (exception,) = feature["properties"]["exceptions"]
    assert (exception["kind"], exception["reason"]) == ("closed", "下周装修")
    assert exception["begins"] == (now + datetime.timedelta(days=7)).isoformat(timespec="minutes")
    (service,) = get_json(client, "hsds/services")["contents"]
    assert "下周装修" in service["alert"]


def test_the_filters_of_the_list_hold(client, wuhua):
    make_station(wuhua, "书屋", kind=StationKind.objects.get(code="SW"))
    make_station(wuhua, "有水驿站", facilities=["water"])
    names = [f["properties"]["name"] for f in get_json(client, "stations.geojson", facility="water")["features"]]
    assert names == ["有水驿站"]
    assert [f["properties"]["kind"] for f in get_json(client, "stations.geojson", kind="SW")["features"]] == ["SW"]


def test_words_and_open_now_filter_as_in_the_list(client, wuhua):
    make_station(wuhua, "翠湖驿站", hours_text="24小时")
    make_station(wuhua, "莲花池驿站")
    for asked in ({"open": "now"}, {"q": "翠湖"}):
        names = [f["properties"]["name"] for f in get_json(client, "stations.geojson", **asked)["features"]]
        assert names == ["翠湖驿站"]
        assert [one["name"] for one in get_json(client, "hsds/services", **asked)["contents"]] == ["翠湖驿站"]


def test_what_is_open_now_is_asked_again_each_minute(client, full):
    def tag(**asked: str) -> str:
        return client.get("/stations/stations.csv", asked)["ETag"]

    with time_machine.travel(datetime.datetime(2026, 3, 14, 2, 0, tzinfo=datetime.UTC), tick=False) as clock:
        whole, now_open = tag(), tag(open="now")
        clock.shift(60)
        assert tag() == whole and tag(open="now") != now_open


@pytest.mark.parametrize(
    "asked",
    [
        {"district": "五华"},
        {"kind": "XX"},
        {"facility": "jacuzzi"},
        {"open": "yes"},
        {"q": "长" * 101},
        {"near": "25.0,102.7"},
        {"distric": "530102"},
    ],
)
@pytest.mark.parametrize("name", ["stations.geojson", "stations.csv", "hsds/services"])
def test_a_filter_that_is_not_understood_is_refused_and_not_passed_over(client, full, name, asked):
    assert client.get(f"/stations/{name}", asked).status_code == 404


def test_the_feed_of_changes_knows_one_parameter(client, full):
    assert client.get("/stations/changes.json", {"from": "2026-03-01"}).status_code == 400


# --- CSV -----------------------------------------------------------------------------------------------------


def test_the_csv_names_its_columns_and_its_datum(client, full):
    text = body(client.get("/stations/stations.csv"))
    assert text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert list(row) == [*fields.FIELDS, "latitude", "longitude", "datum"]
    assert (row["latitude"], row["longitude"], row["datum"]) == ("25.04", "102.71", "WGS-84")
    assert row["facilities"] == "toilet water"
    assert json.loads(row["hours"])[1]["days"] == [6]


@pytest.mark.parametrize("name", ["=cmd|'/C calc'!A0", "+SUM(A1)", "@SUM(A1)", "-1+2驿站", "\t=1+1", "＝1+1"])
def test_no_cell_is_run_as_a_formula(client, wuhua, name):
    make_station(wuhua, "普通驿站", address=name, directions=name, hours_text=name)
    (row,) = csv.DictReader(io.StringIO(body(client.get("/stations/stations.csv")).removeprefix("\ufeff")))
    assert row["address"] == "'" + name
    assert row["directions"] == "'" + name


# --- Nobody's secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_personal_is_given_away(client, full, name):
    text = body(client.get(f"/stations/{name}"))
    for secret in [*map(str, SECRETS.values()), "10012345678"]:
        assert secret not in text


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("0871-00000102、10012345678", "0871-00000102"),
        ("13800138000", ""),
        ("+86 138-0013-8000", ""),
        ("12351", "12351"),
        ("400-800-1234", "400-800-1234"),
        ("010-65123456（白天）", "010-65123456（白天）"),
        ("", ""),
    ],
)
def test_mobile_numbers_are_a_person_s_and_not_open_data(written, given):
    assert public_numbers(written) == given


@pytest.mark.parametrize("state", [State.PLANNED, State.BUILDING, State.ACCEPTANCE, State.CLOSED])
@pytest.mark.parametrize("name", ["stations.geojson", "stations.csv", "hsds/services"])
def test_what_is_not_public_is_not_open_data(client, wuhua, state, name):
    make_station(wuhua, "看不见的驿站", status=state)
    assert "看不见" not in body(client.get(f"/stations/{name}"))


# --- Conditional GET and cost --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FORMATS, "hsds/", "hsds/organizations"])
def test_unchanged_data_is_not_sent_again(client, full, name):
    first = client.get(f"/stations/{name}")
    body(first)
    again = client.get(f"/stations/{name}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert "public" in first["Cache-Control"]
    assert not first.cookies


def test_a_changed_station_is_sent_again(client, full):
    first = client.get("/stations/stations.geojson")
    body(first)
    full.address = "文林街9号"
    full.save()
    again = client.get("/stations/stations.geojson", headers={"If-None-Match": first["ETag"]})
    assert "文林街9号" in body(again)


def test_compressed_on_the_way(client, full):
    response = client.get("/stations/stations.geojson", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert "文林街驿站" in gzip.decompress(b"".join(response)).decode()


@pytest.mark.parametrize("name", ["stations.geojson", "stations.csv"])
def test_six_stations_cost_the_queries_of_one(client, wuhua, name):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(client.get(f"/stations/{name}"))
        return len(queries)

    def add(number: int) -> None:
        make_station(wuhua, f"{number}号驿站", facilities=["water"], hours_text="8:00-18:00")

    add(0)
    one = cost()
    for number in range(1, 6):
        add(number)
    assert cost() == one


# --- Changes -------------------------------------------------------------------------------------------------


def days_ago(count: int) -> str:
    return (timezone.localdate() - datetime.timedelta(days=count)).isoformat()


def back_date(days: int) -> None:
    """All history so far is as old as that: the database's triggers know no other clock than its own."""
    with pgtrigger.ignore("stations.StationEvent:append_only"):
        event_model_of(Station).objects.update(pgh_created_at=F("pgh_created_at") - datetime.timedelta(days=days))


def feed(client, since: str) -> dict[str, str]:
    found = get_json(client, "changes.json", since=since)
    assert found["since"] == since
    names = dict(Station.objects.values_list("code", "name"))
    return {names.get(change["code"], change["code"]): change["change"] for change in found["changes"]}


def test_the_feed_tells_of_a_closure_by_date(client, wuhua):
    station = make_station(wuhua, "照常的驿站")
    back_date(10)
    now = timezone.now().replace(second=0, microsecond=0)
    closure = except_hours(
        station, kind="closed", begins=now, ends=now + datetime.timedelta(days=3), reason="停电", by=None
    )
    assert feed(client, days_ago(1)) == {"照常的驿站": "changed"}
    end_exception(closure, by=None)
    assert feed(client, days_ago(1)) == {"照常的驿站": "changed"}


@pytest.mark.parametrize(
    "number", ["10012345678", "100-1234-5678", "100-123-45678", "+86 100 1234 5678", "1001 234 5678"]
)
def test_a_mobile_number_in_a_text_of_the_register_is_masked(client, wuhua, number):
    make_station(
        wuhua, hours_text=f"8:00-18:00，开门请打{number}", directions=f"找不到请打{number}", public_phone=number
    )
    text = body(client.get("/stations/stations.geojson"))
    assert number not in text and "10012345678" not in re.sub(r"[-\s]", "", text)


def test_the_feed_tells_what_was_added_changed_and_withdrawn(client, wuhua):
    old, closing, _quiet = (make_station(wuhua, name) for name in ("旧驿站", "将关的驿站", "没有变化的驿站"))
    planned = make_station(wuhua, "规划的驿站", status=State.PLANNED)
    back_date(9)
    make_station(wuhua, "新驿站")
    old.address = "新地址"
    old.save()
    change_state(closing, "close", by=None, reason="拆迁")
    planned.address = "改了地址"
    planned.save()
    assert feed(client, days_ago(1)) == {"新驿站": "added", "旧驿站": "changed", "将关的驿站": "withdrawn"}
    assert feed(client, days_ago(-1)) == {}
    assert set(feed(client, days_ago(10))) == {"新驿站", "旧驿站", "将关的驿站", "没有变化的驿站"}


def test_confirming_is_a_change_and_a_removed_station_is_withdrawn(client, wuhua):
    confirmed, removed = make_station(wuhua, "核实的驿站"), make_station(wuhua, "误录的驿站")
    code = removed.code
    back_date(9)
    Station.objects.filter(pk=confirmed.pk).update(last_confirmed_on=datetime.date(2026, 3, 14))
    removed.delete()
    found = get_json(client, "changes.json", since=days_ago(1))["changes"]
    told = {change["code"]: (change["change"], change["last_confirmed_on"], "url" in change) for change in found}
    assert told == {confirmed.code: ("changed", "2026-03-14", True), code: ("withdrawn", None, False)}


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "14.3.2026"])
def test_a_day_that_is_none_is_refused(client, since):
    assert client.get("/stations/changes.json", {"since": since}).status_code == 400


# --- Open Referral -------------------------------------------------------------------------------------------

# Required by the JSON schemas of HSDS 3.0.
OWED = {
    "service": {"id", "name", "status"},
    "organization": {"id", "name", "description"},
    "location": {"id", "location_type"},
    "address": {"id", "address_1", "city", "state_province", "postal_code", "country", "address_type"},
    "phone": {"id", "number"},
    "schedule": {"id"},
}


def test_a_station_is_a_service_at_a_location(client, full):
    page = get_json(client, "hsds/services")
    assert (page["total_items"], page["page_number"], page["last_page"], page["empty"]) == (1, 1, True, False)
    (service,) = page["contents"]
    (place,) = service["service_at_locations"]
    location = place["location"]
    (address,), (phone,) = location["addresses"], service["phones"]
    for name, made in {
        "service": service,
        "organization": service["organization"],
        "location": location,
        "address": address,
        "phone": phone,
        "schedule": service["schedules"][0],
    }.items():
        assert OWED[name] <= made.keys(), name
        UUID(made["id"])
    assert (service["status"], service["assured_date"]) == ("active", "2026-03-02")
    assert (location["latitude"], location["longitude"]) == (25.04, 102.71)
    assert (address["state_province"], address["city"], address["region"]) == ("云南省", "昆明市", "五华区")
    assert service["schedules"][0]["byday"] == "MO,TU,WE,TH,FR"
    assert (service["schedules"][0]["opens_at"], service["schedules"][0]["closes_at"]) == ("08:00+08:00", "18:00+08:00")
    assert [attribute["taxonomy_term"]["code"] for attribute in service["attributes"]] == ["toilet", "water"]
    assert get_json(client, f"hsds/services/{service['id']}") == service


def test_a_suspended_station_is_temporarily_closed_with_its_reason(client, full):
    change_state(full, "suspend", by=None, reason="装修")
    (service,) = get_json(client, "hsds/services")["contents"]
    assert (service["status"], service["alert"]) == ("temporarily closed", "装修")


def test_pages_of_services_join_without_a_gap(client, wuhua):
    for number in range(5):
        make_station(wuhua, f"{number}号驿站")
    names = []
    for page in (1, 2, 3):
        names += [s["name"] for s in get_json(client, "hsds/services", page=page, per_page=2)["contents"]]
    assert sorted(names) == [f"{number}号驿站" for number in range(5)]


@pytest.mark.parametrize("identifier", ["x", "00000000-0000-0000-0000-000000000000", str(UUID(int=2**128 - 1))])
def test_an_unknown_service_is_not_found(client, full, identifier):
    assert client.get(f"/stations/hsds/services/{identifier}").status_code == 404


def test_a_service_that_is_not_public_is_not_found(client, wuhua):
    hidden = make_station(wuhua, "看不见的驿站", status=State.PLANNED)
    identifier = Ids("530100").of("service", hidden.pk)
    assert client.get(f"/stations/hsds/services/{identifier}").status_code == 404


def test_identifiers_are_uuids_of_version_8_and_differ_by_federation_and_kind():
    here, there = Ids("530100"), Ids("110000")
    made = UUID(here.of("service", 17))
    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert len({here.of("service", 17), here.of("location", 17), there.of("service", 17), here.of("service", 18)}) == 4
    assert here.number("service", str(made)) == 17
    assert here.number("location", str(made)) is there.number("service", str(made)) is None


# --- The page ------------------------------------------------------------------------------------------------


def test_the_page_explains_every_field_and_names_the_datum(client, full):
    page = client.get("/stations/data/").content.decode()
    for name in fields.FIELDS:
        assert f"<code>{name}</code>" in page
    assert "WGS-84" in page and "CC BY 4.0" in page
    assert "/stations/data/" in client.get("/").content.decode()
