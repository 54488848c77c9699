"""The staff's pages of stations, as a clerk, a reviewer, a keeper and a reader of one county use them."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms import DateField, TimeField
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from PIL import Image

from stations.actions import name_keepers
from stations.models import PositionDoubt, Station, StationPhoto
from tests.factories import make_account, make_county, make_federation, make_station
from unionportal.audit.models import AuditEvent
from unionportal.organizations.actions import grant_role
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db

CHANGELIST = "admin:stations_station_changelist"
CHANGE = "admin:stations_station_change"


@pytest.fixture
def county() -> Organization:
    return make_county()


@pytest.fixture
def clerk(county: Organization) -> Account:
    return make_account(Role.CLERK, county)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="unionportal.organizations.backends.RoleBackend")
    return client


def form_of(station: Station, account: Account, **changes: Any) -> dict[str, Any]:
    """What the browser would send back of a station's form, with some fields changed."""
    model_admin = admin.site._registry[Station]
    request = RequestFactory().get("/")
    request.user = account
    form = model_admin.get_form(request, station, change=True)(instance=station)
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value is not None}
    for inline in model_admin.get_inline_instances(request, station):
        prefix = inline.get_formset(request, station).get_default_prefix()
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return {**data, "_save": "1", **changes}


def test_a_clerk_corrects_a_station_and_its_hours_are_read(county: Organization, clerk: Account) -> None:
    station = make_station(county, facilities=["water"])
    data = form_of(station, clerk, hours_text="周一至周五 8:30-17:30", facility_codes=["water", "wifi"])
    response = client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data)
    assert response.status_code == 302
    station.refresh_from_db()
    assert station.periods.count() == 5
    assert set(station.facilities.values_list("pk", flat=True)) == {"water", "wifi"}


def test_only_what_visitors_see_is_confirmed_and_a_planned_station_breaks_no_page(county: Organization, clerk: Account):
    planned, open_ = make_station(county, "筹建驿站", status="planned"), make_station(county, "开放驿站")
    page = client_of(clerk).get(reverse(CHANGE, args=[planned.pk])).content.decode()
    confirm = reverse("admin:stations_station_confirm", args=[planned.pk])
    assert confirm not in page and client_of(clerk).post(confirm).status_code == 302
    chosen = {"action": "confirm_several", ACTION_CHECKBOX_NAME: [planned.pk, open_.pk]}
    assert client_of(clerk).post(reverse(CHANGELIST), chosen).status_code == 302
    days = dict(Station.objects.values_list("name", "last_confirmed_on"))
    assert days["筹建驿站"] is None and days["开放驿站"] is not None


@pytest.mark.parametrize("written", ["2026-12-20", "2026/12/20", "2026.12.20", "2026年12月20日", "2026 年 12 月 20 日"])
def test_a_day_is_read_as_staff_write_it(written: str) -> None:
    with override("zh-hans"):
        assert DateField().clean(written) == datetime.date(2026, 12, 20)
        assert TimeField().clean("9：00") == datetime.time(9)


def test_a_position_given_in_the_chinese_datum_is_kept_in_wgs84(county: Organization, clerk: Account) -> None:
    station = make_station(county)
    given = {"given_latitude": "25.0400", "given_longitude": "102.7100", "given_datum": "gcj02"}
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), form_of(station, clerk, **given))
    station.refresh_from_db()
    assert station.given_latitude == 25.04
    assert 100 < abs(station.latitude - 25.04) * 111_200 < 1000


def test_a_second_station_of_the_same_name_is_an_error_on_the_form(county: Organization, clerk: Account) -> None:
    make_station(county, "翠湖驿站")
    other = make_station(county, "文林驿站")
    response = client_of(clerk).post(reverse(CHANGE, args=[other.pk]), form_of(other, clerk, name="翠湖驿站"))
    assert response.status_code == 200
    assert other.name == Station.objects.get(pk=other.pk).name


def test_a_clerk_adds_a_station_and_it_gets_a_public_code(county: Organization, clerk: Account) -> None:
    blank = Station(organization=county, kind_id="HW", name="新驿站", division_id="530102")
    data = form_of(blank, clerk, name="新驿站", kind="HW", organization=county.pk)
    response = client_of(clerk).post(reverse("admin:stations_station_add"), data)
    assert response.status_code == 302
    assert Station.objects.get(name="新驿站").code.startswith("530102HW")


def test_a_clerk_cannot_move_a_station_to_another_county(county: Organization, clerk: Account) -> None:
    other = make_county("盘龙区总工会（演示）", "530103")
    station = make_station(county)
    data = form_of(station, clerk, organization=other.pk)
    client_of(clerk).post(reverse(CHANGE, args=[station.pk]), data)
    station.refresh_from_db()
    assert station.organization == county


def test_not_even_where_he_may_read_the_other_county(county: Organization, clerk: Account) -> None:
    other = make_county("盘龙区总工会（演示）", "530103")
    grant_role(clerk, role=Role.READ_ONLY, at=make_federation(), by=None)
    station, theirs = make_station(county), make_station(other, "盘龙驿站")
    client = client_of(Account.objects.get(pk=clerk.pk))
    client.post(reverse(CHANGE, args=[station.pk]), form_of(station, clerk, organization=other.pk))
    station.refresh_from_db()
    assert station.organization == county
    assert client.get(reverse(CHANGE, args=[theirs.pk])).status_code == 200
    assert client.post(reverse(CHANGE, args=[theirs.pk]), form_of(theirs, clerk, name="改")).status_code == 403


def test_a_reader_sees_a_station_and_cannot_change_it(county: Organization) -> None:
    station, reader = make_station(county), make_account(Role.READ_ONLY, county)
    client, page = client_of(reader), reverse(CHANGE, args=[station.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "改"}).status_code == 403
    for name in ("confirm", "phone"):
        assert client.post(reverse(f"admin:stations_station_{name}", args=[station.pk])).status_code == 403


def test_a_keeper_reaches_only_the_stations_he_is_named_for(county: Organization) -> None:
    keeper = make_account(Role.STATION_KEEPER, county)
    mine, other = make_station(county, "翠湖驿站"), make_station(county, "文林驿站")
    name_keepers(mine, [keeper], by=None)
    client = client_of(keeper)
    listed = client.get(reverse(CHANGELIST)).content.decode()
    assert "翠湖驿站" in listed and "文林驿站" not in listed
    assert client.get(reverse(CHANGE, args=[other.pk])).status_code == 404
    assert client.post(reverse("admin:stations_station_confirm", args=[other.pk])).status_code == 404
    assert client.post(reverse("admin:stations_station_confirm", args=[mine.pk])).status_code == 302
    data = form_of(mine, keeper, hours_text="9:00-18:00")
    assert client.post(reverse(CHANGE, args=[mine.pk]), data).status_code == 302
    mine.refresh_from_db()
    assert mine.last_confirmed_on and mine.periods.count() == 7 and mine.organization == county


def test_suspending_needs_a_reason_and_accepting_a_reviewer(county: Organization, clerk: Account) -> None:
    station = make_station(county)
    client, page = client_of(clerk), reverse("admin:stations_station_do", args=[station.pk, "suspend"])
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": " "}).status_code == 200
    assert client.post(page, {"reason": "内部装修"}).status_code == 302
    station.refresh_from_db()
    assert (station.status, station.status_reason) == ("suspended", "内部装修")
    accept = reverse("admin:stations_station_do", args=[station.pk, "accept"])
    assert client.post(accept).status_code == 403


def test_several_stations_are_suspended_with_one_reason(county: Organization, clerk: Account) -> None:
    rows = [make_station(county, f"驿站{n}") for n in "甲乙"]
    closed = make_station(county, "丙驿站", status="closed")
    data = {"action": "suspend_several", ACTION_CHECKBOX_NAME: [row.pk for row in [*rows, closed]]}
    client = client_of(clerk)
    asked = client.post(reverse(CHANGELIST), data)
    assert asked.status_code == 200 and "reason" in asked.content.decode()
    assert not Station.objects.filter(status="suspended").exists()
    client.post(reverse(CHANGELIST), {**data, "reason": "台风"})
    assert Station.objects.filter(status="suspended", status_reason="台风").count() == 2
    closed.refresh_from_db()
    assert closed.status == "closed"


def test_the_keepers_number_is_masked_until_a_purpose_is_stated(county: Organization, clerk: Account) -> None:
    station = make_station(county, keeper_phone="10012345678", keeper_name="张某")
    client = client_of(clerk)
    page = client.get(reverse(CHANGE, args=[station.pk])).content.decode()
    assert "100****5678" in page and "10012345678" not in page
    address = reverse("admin:stations_station_phone", args=[station.pk])
    assert "10012345678" not in client.get(address).content.decode()
    assert "10012345678" not in client.post(address, {"purpose": " "}).content.decode()
    shown = client.post(address, {"purpose": "核对开放时间"})
    assert "10012345678" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.looks().get().purpose == "核对开放时间"


def test_a_new_number_of_the_keeper_is_stored_and_an_empty_field_keeps_the_old(
    county: Organization, clerk: Account
) -> None:
    station = make_station(county, keeper_phone="10012345678")
    client, page = client_of(clerk), reverse(CHANGE, args=[station.pk])
    client.post(page, form_of(station, clerk, remarks="无"))
    assert Station.objects.get(pk=station.pk).keeper_phone == "10012345678"
    client.post(page, form_of(station, clerk, new_keeper_phone="100 8765 4321"))
    assert Station.objects.get(pk=station.pk).keeper_phone == "10087654321"


def test_a_doubt_is_settled_with_an_answer(county: Organization, clerk: Account) -> None:
    station = make_station(county, latitude=39.9, longitude=116.4)
    doubt = PositionDoubt.objects.get(station=station)
    page = reverse("admin:stations_station_doubt", args=[station.pk, doubt.pk])
    client_of(clerk).post(page, {"answer": "驻京办，位置属实"})
    doubt.refresh_from_db()
    assert doubt.settled_by == clerk and doubt.answer == "驻京办，位置属实"


def test_a_photo_is_stored_in_two_sizes_and_what_is_no_picture_is_refused(
    county: Organization, clerk: Account, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    station, client = make_station(county), client_of(clerk)
    drawn = io.BytesIO()
    Image.new("RGB", (2000, 1500), "white").save(drawn, "JPEG")
    for content, stored in ((b"no picture", 0), (drawn.getvalue(), 1)):
        data = form_of(station, clerk) | {
            "photos-TOTAL_FORMS": "1",
            "photos-0-image": SimpleUploadedFile("门头.jpg", content, "image/jpeg"),
            "photos-0-position": "0",
        }
        client.post(reverse(CHANGE, args=[station.pk]), data)
        assert StationPhoto.objects.count() == stored
    photo = StationPhoto.objects.get()
    assert Image.open(photo.image).format == "WEBP" and photo.thumbnail.name


def test_the_history_shows_before_and_after_and_masks_the_phone(county: Organization, clerk: Account) -> None:
    station = make_station(county, "翠湖驿站", keeper_phone="10012345678")
    client = client_of(clerk)
    changed = form_of(station, clerk, name="翠湖西门驿站", new_keeper_phone="10087654321")
    client.post(reverse(CHANGE, args=[station.pk]), changed, REMOTE_ADDR="192.0.2.7")
    page = client.get(reverse("admin:stations_station_history", args=[station.pk])).content.decode()
    assert "翠湖驿站" in page and "翠湖西门驿站" in page and str(clerk) in page and "192.0.2.7" in page
    assert "***" in page and "10012345678" not in page and "10087654321" not in page


def test_the_history_is_not_for_readers(county: Organization) -> None:
    station, reader = make_station(county), make_account(Role.READ_ONLY, county)
    assert client_of(reader).get(reverse("admin:stations_station_history", args=[station.pk])).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "chyz"}, ["翠湖驿站"]),
        ({"todo": "position"}, ["文林驿站"]),
        ({"todo": "hours_unread"}, ["文林驿站"]),
        ({"todo": "no_hours"}, ["翠湖驿站"]),
        ({"district": "530102"}, ["翠湖驿站", "文林驿站"]),
        ({"status__exact": "open"}, ["翠湖驿站", "文林驿站"]),
    ],
)
def test_searches_and_filters_find_what_is_to_do(
    county: Organization, clerk: Account, query: dict[str, str], found: list[str]
) -> None:
    make_station(county, "翠湖驿站", latitude=25.04, longitude=102.70)
    make_station(county, "文林驿站", hours_text="看天气")
    page = client_of(clerk).get(reverse(CHANGELIST), query).content.decode()
    assert [name for name in ("翠湖驿站", "文林驿站") if name in page] == found


def test_the_branch_filter_reaches_down_and_not_beside(county: Organization) -> None:
    other = make_county("盘龙区总工会（演示）", "530103")
    make_station(county, "翠湖驿站")
    make_station(other, "北辰驿站")
    client = client_of(make_account(Role.CLERK, make_federation()))
    page = client.get(reverse(CHANGELIST), {"organization__id__exact": county.pk}).content.decode()
    assert "翠湖驿站" in page and "北辰驿站" not in page


def test_the_list_costs_the_same_with_one_and_with_three_rows(county: Organization, clerk: Account) -> None:
    client = client_of(clerk)
    make_station(county, "甲驿站", latitude=25.04, longitude=102.7, hours_text="24小时")
    client.get(reverse("admin:index"))  # the session's first request writes
    counts = []
    for word in "乙丙":
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(CHANGELIST)).status_code == 200
        counts.append(len(queries))
        make_station(county, f"{word}驿站", latitude=25.05, longitude=102.7)
        make_station(county, f"{word}二驿站")
    assert counts == [QUERIES, QUERIES]


# Session, account, roles; count, rows; kinds and districts of the filters.
QUERIES = 7
