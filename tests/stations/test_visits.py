"""Visits are counted by hour, occupation group and station; nobody's way can be followed."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection, models
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.cards import token_for
from members.models import OccupationGroup
from stations.actions import name_keepers
from stations.actions.visits import Visit, _salt_of, forget_taps, record_visit, record_visits
from stations.keeping import visits_panel
from stations.models import Channel, VisitDay, VisitHour, VisitSalt, VisitTap
from stations.models.visits import HOURS_KEPT, TAP_WINDOW
from tests.factories import make_account, make_county, make_station
from tests.members.people import make_member
from unionportal.audit.models import AuditEvent
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db

TEN = datetime.datetime(2026, 11, 16, 10, 20, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def fresh_salt():
    """A test's database does not hold the salt that another test's did."""
    _salt_of.cache_clear()
    yield
    _salt_of.cache_clear()


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(wuhua)


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua)
    name_keepers(station, [account], by=None)
    return account


# --- Counting -------------------------------------------------------------------------------------------------


def test_visits_of_one_hour_and_group_are_one_counter(station):
    for _ in range(3):
        assert record_visit(station, channel=Channel.STAFF, group_code="courier", at=TEN)
    row = VisitHour.objects.get()
    assert (row.day, row.hour, row.group_code, row.count) == (datetime.date(2026, 11, 16), 10, "courier", 3)


def test_an_hour_is_that_of_the_clock_in_china(station):
    late = datetime.datetime(2026, 11, 16, 16, 30, tzinfo=datetime.UTC)
    record_visit(station, channel=Channel.STAFF, at=late)
    assert VisitHour.objects.values_list("day", "hour").get() == (datetime.date(2026, 11, 17), 0)


def test_the_figures_of_a_day_are_the_sum_of_its_hours_whatever_the_way_they_came(station, wuhua):
    other = make_station(wuhua, "另一驿站")
    visits = [
        Visit(place, TEN + datetime.timedelta(hours=hours), Channel.STAFF, group)
        for place in (station, other)
        for hours in range(20)
        for group in ("courier", "", "sanitation")
    ]
    assert record_visits(visits) == len(visits)
    for visit in visits[:7]:
        record_visits([visit])
    assert VisitDay.objects.by("day", "group_code") == VisitHour.objects.by("day", "group_code")
    assert VisitDay.objects.total() == len(visits) + 7


def test_a_thousand_visits_cost_one_statement(station):
    visits = [Visit(station, TEN, Channel.STAFF, "courier")] * 1000
    with CaptureQueriesContext(connection) as queries:
        record_visits(visits)
    assert len(queries) == 1
    assert VisitHour.objects.get().count == 1000


def test_no_visits_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert record_visits([]) == 0


def test_the_counters_of_an_owner_stay_when_the_station_moves(station, wuhua):
    record_visit(station, channel=Channel.STAFF, at=TEN)
    station.organization = make_county("盘龙区总工会（演示）", "530103")
    station.save()
    record_visit(station, channel=Channel.STAFF, at=TEN)
    assert set(VisitDay.objects.values_list("organization", "count")) == {(wuhua.pk, 1), (station.organization_id, 1)}


# --- A second tap ---------------------------------------------------------------------------------------------


def test_a_second_tap_is_not_counted_and_one_after_its_time_is(station):
    assert record_visit(station, channel=Channel.DOOR, person="x", at=TEN)
    assert not record_visit(station, channel=Channel.DOOR, person="x", at=TEN)
    VisitTap.objects.update(ends_at=timezone.now() - datetime.timedelta(seconds=1))
    assert record_visit(station, channel=Channel.DOOR, person="x", at=TEN)
    assert VisitHour.objects.total() == VisitDay.objects.total() == 2


def test_a_second_tap_over_midnight_is_no_second_visit(station, monkeypatch):
    def tap(text: str) -> bool:
        moment = datetime.datetime.fromisoformat(f"{text}+08:00")
        monkeypatch.setattr(timezone, "now", lambda: moment)
        forget_taps()
        return record_visit(station, channel=Channel.DOOR, person="door 192.0.2.1")

    assert [tap(at) for at in ("2026-11-16T23:50", "2026-11-17T00:05", "2026-11-17T00:25")] == [True, False, True]


def test_two_taps_of_one_person_in_one_batch_are_one_visit(station):
    assert record_visits([Visit(station, TEN, Channel.DOOR, "", "x")] * 2) == 1


def test_one_person_at_two_stations_leaves_two_marks_with_nothing_in_common(station, wuhua):
    other = make_station(wuhua, "另一驿站")
    assert record_visit(station, channel=Channel.DOOR, person="x") and record_visit(
        other, channel=Channel.DOOR, person="x"
    )
    assert VisitTap.objects.count() == 2


def test_nothing_stored_of_a_visit_refers_to_a_person():
    for model in (VisitHour, VisitDay, VisitTap, VisitSalt):
        targets = {f.remote_field.model._meta.label for f in model._meta.fields if isinstance(f, models.ForeignKey)}
        assert targets <= {"stations.Station", "organizations.Organization"}


def test_a_visit_writes_no_audit_event(station):
    before = AuditEvent.objects.count()
    record_visit(station, channel=Channel.CARD, person="member 1")
    assert AuditEvent.objects.count() == before


def test_tokens_salts_and_old_hours_are_forgotten_and_days_stay(station):
    record_visit(station, channel=Channel.DOOR, person="x")
    record_visit(station, channel=Channel.STAFF, at=timezone.now() - HOURS_KEPT - datetime.timedelta(days=2))
    forget_taps()
    assert VisitTap.objects.count() == VisitSalt.objects.count() == 1
    assert VisitHour.objects.total() == 1 and VisitDay.objects.total() == 2
    forget_taps(timezone.now() + TAP_WINDOW + datetime.timedelta(days=1))
    assert not VisitTap.objects.exists() and not VisitSalt.objects.exists()


# --- Pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def member(wuhua):
    return make_member(wuhua, occupation_group=OccupationGroup.objects.first())


@pytest.mark.system("A029")
def test_one_member_code_opens_every_venue_and_is_counted_by_group_only(client, station, keeper, wuhua, member):
    venues = [station, *(make_station(wuhua, f"场馆{number}") for number in range(15))]
    for venue in venues[1:]:
        name_keepers(venue, [keeper], by=None)
    client.force_login(keeper)
    for venue in venues:
        page = client.post(reverse("stations:reader", args=[venue.code]), {"card": token_for(member)})
        assert "✓" in page.content.decode()
    assert VisitHour.objects.values("station").distinct().count() == len(venues) == 16
    assert set(VisitHour.objects.values_list("group_code", "channel")) == {(member.occupation_group_id, "card")}


def test_a_forged_card_is_refused_and_not_counted(client, station, keeper):
    client.force_login(keeper)
    page = client.post(reverse("stations:reader", args=[station.code]), {"card": "1:forged:token"})
    assert "✗" in page.content.decode()
    assert not VisitHour.objects.exists()


def test_a_card_held_twice_counts_once(client, station, keeper, member):
    client.force_login(keeper)
    for _ in range(2):
        client.post(reverse("stations:reader", args=[station.code]), {"card": token_for(member)})
    assert VisitHour.objects.total() == 1


def test_a_keeper_has_no_reader_at_another_station(client, wuhua, keeper):
    other = make_station(wuhua, "别人的驿站")
    client.force_login(keeper)
    assert client.get(reverse("stations:reader", args=[other.code])).status_code == 404


def test_an_anonymous_tap_at_the_door_counts_once(client, station):
    door = reverse("stations:door", args=[station.code])
    client.get(door)
    group = OccupationGroup.objects.filter(is_active=True).first()
    assert client.post(door, {"group": group.code}).url.endswith("/counted/")
    assert client.post(door, {"group": group.code}).url.endswith("/again/")
    assert VisitHour.objects.values_list("group_code", "channel", "count").get() == (group.code, "door", 1)


def test_a_group_that_does_not_exist_is_not_counted(client, station):
    door = reverse("stations:door", args=[station.code])
    client.get(door)
    client.post(door, {"group": "<script>"})
    assert not VisitHour.objects.exists()


def test_a_clerk_sees_the_visits_of_his_branch_and_no_others(client, station, wuhua):
    record_visits([Visit(station, timezone.now(), Channel.STAFF, "courier")] * 7)
    theirs = make_station(make_county("盘龙区总工会（演示）", "530103"), "外区驿站")
    record_visits([Visit(theirs, timezone.now(), Channel.STAFF, "courier")] * 31)
    client.force_login(make_account(Role.CLERK, wuhua))
    page = client.get(reverse("stations:visits")).content.decode()
    assert station.name in page and ">7<" in page
    assert "外区驿站" not in page and ">31<" not in page and ">38<" not in page


def test_a_day_before_all_counters_and_a_card_that_is_no_address_break_nothing(client, station, keeper, wuhua):
    client.force_login(make_account(Role.CLERK, wuhua))
    assert client.get(reverse("stations:visits"), {"day": "0001-01-05"}).status_code == 200
    client.force_login(keeper)
    assert client.post(reverse("stations:reader", args=[station.code]), {"card": "http://[abc"}).status_code == 200


def test_a_day_that_is_none_shows_today(client, station, wuhua):
    client.force_login(make_account(Role.CLERK, wuhua))
    for text in ("x", "2026-13-45", "9999-01-01"):
        assert client.get(reverse("stations:visits"), {"day": text}).status_code == 200


def test_a_keeper_sees_the_days_of_his_own_stations(client, station, keeper, wuhua):
    record_visits([Visit(station, timezone.now(), Channel.STAFF, "courier")] * 7)
    record_visits([Visit(make_station(wuhua, "别人的驿站"), timezone.now(), Channel.STAFF, "courier")] * 31)
    client.force_login(keeper)
    page = client.get(reverse("stations:visits")).content.decode()
    assert page.count(">7<") >= 4 and ">31<" not in page and ">38<" not in page


def test_the_keepers_home_counts_the_visits_of_his_own_stations(client, station, keeper, wuhua):
    record_visits([Visit(station, timezone.now(), Channel.STAFF, "courier")] * 7)
    record_visits([Visit(make_station(wuhua, "别人的驿站"), timezone.now(), Channel.STAFF, "courier")] * 31)
    for account, counted in ((keeper, 7), (make_account(Role.CLERK, wuhua), 38)):
        request = RequestFactory().get("/admin/")
        request.user = account
        assert visits_panel(request).counts[0].number == counted


@pytest.mark.parametrize(
    "address", ["/stations/{code}/visit/none/", "/stations/NONE/visit/", "/stations/NONE/visit/counted/"]
)
def test_a_page_of_no_visit_or_no_station_is_not_found(client, station, address):
    answer = client.get(address.format(code=station.code))
    assert answer.status_code == 404 and "找不到这个页面" in answer.content.decode()


def test_codes_printed_at_the_door_keep_leading_to_the_tap(client, station):
    for code in (station.code, station.code.lower()):
        assert client.get(f"/stations/{code}/visit/").status_code == 200
    for how in ("counted", "again"):
        assert client.get(f"/stations/{station.code}/visit/{how}/").status_code == 200
