"""Two people with one record open: nobody undoes what he did not touch, and a clash is told."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.test import RequestFactory
from django.urls import reverse

from stations.actions import invest, name_keepers
from stations.models import BuildingProject, Station, StationKind, Supply
from tests.factories import make_account, make_county, make_station
from tests.test_admin_stations import CHANGE, client_of, form_of
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db
MAY = datetime.date(2026, 5, 1)


@pytest.fixture
def station() -> Station:
    return make_station(make_county(), hours_text="周一至周日 9:00-18:00", address="文林街1号", facilities=["water"])


@pytest.fixture
def clerk(station):
    return make_account(Role.CLERK, station.organization)


def opened(station: Station, account: Any) -> dict[str, Any]:
    """The form as a browser holds it: what it shows, and what it saw."""
    page = client_of(account).get(reverse(CHANGE, args=[station.pk])).content.decode()
    [seen] = re.findall(r'name="_seen" value="([^"]+)"', page)
    model_admin = admin.site._registry[Station]
    request = RequestFactory().get("/")
    request.user = account
    shown = set(flatten_fieldsets(model_admin.get_fieldsets(request, station)))
    data = form_of(station, account)
    fields = model_admin.get_form(request, station, change=True).base_fields
    return {name: value for name, value in data.items() if name not in fields or name in shown} | {"_seen": seen}


def save(station: Station, account: Any, data: dict[str, Any]) -> Any:
    return client_of(account).post(reverse(CHANGE, args=[station.pk]), data)


def test_a_field_that_was_not_touched_keeps_what_somebody_else_has_written(station, clerk):
    mine, theirs = opened(station, clerk), opened(station, make_account(Role.REVIEWER, station.organization))
    changed = {**theirs, "public_phone": "12351", "facility_codes": ["water", "wifi"]}
    assert save(station, clerk, changed).status_code == 302
    assert save(station, clerk, {**mine, "seats": "12"}).status_code == 302
    station.refresh_from_db()
    assert (station.public_phone, station.seats) == ("12351", 12)
    assert set(station.facilities.values_list("pk", flat=True)) == {"water", "wifi"}


def test_the_timetable_stays_that_of_the_text(station, clerk):
    mine = opened(station, clerk)
    save(station, clerk, {**opened(station, clerk), "hours_text": "20:00-22:00"})
    save(station, clerk, {**mine, "seats": "12"})
    station.refresh_from_db()
    assert station.hours_text == "20:00-22:00"
    assert {period.opens for period in station.periods.all()} == {20 * 60}


def test_where_both_wrote_the_same_field_the_second_is_told_and_may_insist(station, clerk):
    mine = opened(station, clerk)
    save(station, clerk, {**opened(station, clerk), "address": "文林街2号"})
    refused = save(station, clerk, {**mine, "address": "文林街3号"})
    page = refused.content.decode()
    assert refused.status_code == 200 and "其他人已修改" in page and "文林街3号" in page
    [seen] = re.findall(r'name="_seen" value="([^"]+)"', page)
    assert save(station, clerk, {**mine, "address": "文林街3号", "_seen": seen}).status_code == 302
    station.refresh_from_db()
    assert station.address == "文林街3号"


def test_two_who_wrote_the_same_agree(station, clerk):
    mine = opened(station, clerk)
    for data in (opened(station, clerk), mine):
        assert save(station, clerk, {**data, "address": "文林街2号"}).status_code == 302


def test_the_page_carries_no_value_that_could_be_told_from_its_digest(station, clerk):
    station.keeper_name = "演示某"
    station.save()
    other = make_station(station.organization, "别处驿站", address=station.address)
    one, two = (dict(pair.split(":") for pair in opened(row, clerk)["_seen"].split()) for row in (station, other))
    assert one["address"] == two["address"] and "演示某" not in str(one)


def test_a_keeper_saves_his_station_without_naming_keepers(station):
    keeper = make_account(Role.STATION_KEEPER, station.organization)
    name_keepers(station, [keeper], by=None)
    assert save(station, keeper, {**opened(station, keeper), "seats": "8"}).status_code == 302
    station.refresh_from_db()
    assert station.seats == 8 and list(station.keepers.all()) == [keeper]


def test_what_a_verb_wrote_meanwhile_is_not_in_the_form_and_stays(station, clerk):
    """The stock of a supply is moved by its own verb; the form that warns at a number loads it anew."""
    supply = Supply.objects.create(station=station, item="口罩", unit="个", in_stock=140)
    address = reverse("admin:stations_supply_change", args=[supply.pk])
    Supply.objects.filter(pk=supply.pk).update(in_stock=640)
    data = {
        "station": station.pk, "item": "口罩", "unit": "个", "season": "all_year", "low_at": "20", "is_active": "on",
        "moves-TOTAL_FORMS": "0", "moves-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client_of(clerk).post(address, data).status_code == 302
    supply.refresh_from_db()
    assert (supply.in_stock, supply.low_at) == (640, 20)


def test_a_project_with_money_of_another_desk_is_saved(station):
    """The lines below it were booked by others; who saves the project does not write them."""
    project = BuildingProject.objects.create(
        organization=station.organization, title="示例项目", kind=StationKind.objects.get(code="HW"), year=2026
    )
    invest(amount_fen=600_000, by=None, project=project, source_level="city", purpose="建设", occurred_on=MAY)
    clerk = make_account(Role.CLERK, station.organization)
    address = reverse("admin:stations_buildingproject_change", args=[project.pk])
    data = {
        "organization": station.organization_id, "title": "示例项目二", "kind": "HW", "work": "new", "year": "2026",
        "build_mode": "", "plan": "", "floor_area": "", "rooms": "", "rooms_printed": "", "budget_fen": "",
        "station": "", "investments-TOTAL_FORMS": "1", "investments-INITIAL_FORMS": "1",
        "investments-0-id": project.investments.get().pk, "investments-0-project": project.pk,
    }  # fmt: skip
    assert client_of(clerk).post(address, data).status_code == 302
    project.refresh_from_db()
    assert project.title == "示例项目二"
