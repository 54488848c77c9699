"""Rooms that companies lend: from the pledge to the opened station."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from stations.actions import change_offer, change_state, pledge_offers
from stations.models import HostOffer, StationKind
from stations.models.offers import OfferState
from tests.factories import make_account, make_county, make_federation, make_station
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def clerk(county):
    return make_account(Role.CLERK, county)


@pytest.fixture
def company(county):
    return Partner.objects.create(organization=county, name="示例置业集团（演示）", kind=Partner.Kind.EMPLOYER)


def points(count: int) -> list[dict[str, str]]:
    return [{"name": f"第{n}处物业用房", "address": f"示例路{n}号"} for n in range(1, count + 1)]


@pytest.fixture
def kind():
    return StationKind.objects.get(code="HW")


@pytest.mark.system("A019")
def test_28_points_of_one_company_are_pledged_at_once_and_followed_one_by_one(county, clerk, company, kind):
    offers = pledge_offers(company, points(28), organization=county, by=clerk)
    surveyed, withdrawn, waiting = offers[0], offers[1], offers[2]
    surveyed = change_offer(surveyed, "survey", by=clerk, note="临街，有水电，可容纳15人")
    change_offer(withdrawn, "withdraw_offer", by=clerk, reason="另作他用")
    converted = change_offer(surveyed, "convert", by=clerk, kind=kind)
    assert (converted.station.name, converted.station.status) == ("第1处物业用房", "planned")
    assert converted.station.host == company
    with pytest.raises(ValidationError):
        change_offer(converted, "open_offer", by=clerk)
    for verb in ("submit_for_acceptance", "accept"):
        change_state(converted.station, verb, by=None)
    assert change_offer(converted, "open_offer", by=clerk).state == OfferState.OPENED
    [row] = HostOffer.objects.by_partner()
    assert (row["offered"], row["opened"], row["withdrawn"], row["pledged"]) == (28, 1, 1, 26)
    assert waiting.state == OfferState.PLEDGED


def test_an_offer_is_surveyed_before_it_is_converted_and_an_opened_one_is_final(county, clerk, company, kind):
    [offer] = pledge_offers(company, points(1), organization=county, by=clerk)
    with pytest.raises(TransitionRefused):
        change_offer(offer, "convert", by=clerk, kind=kind)
    with pytest.raises(ValidationError):
        change_offer(offer, "survey", by=clerk)
    change_offer(offer, "survey", by=clerk, note="合适")
    with pytest.raises(ValidationError):
        change_offer(offer, "convert", by=clerk)
    station = make_station(county, "现成的驿站")
    change_offer(offer, "convert", by=clerk, station=station)
    change_offer(offer, "open_offer", by=clerk)
    with pytest.raises(TransitionRefused):
        change_offer(offer, "withdraw_offer", by=clerk, reason="x")


def test_a_point_without_a_name_named_twice_or_offered_already_is_refused(county, clerk, company):
    for wrong in ([], [{"name": " "}], points(1) * 2):
        with pytest.raises(ValidationError):
            pledge_offers(company, wrong, organization=county, by=clerk)
    pledge_offers(company, points(2), organization=county, by=clerk)
    with pytest.raises(ValidationError):
        pledge_offers(company, points(3), organization=county, by=clerk)
    assert HostOffer.objects.count() == 2


def test_a_withdrawn_point_may_be_offered_again(county, clerk, company):
    [offer] = pledge_offers(company, points(1), organization=county, by=clerk)
    with pytest.raises(ValidationError):
        change_offer(offer, "withdraw_offer", by=clerk)
    change_offer(offer, "withdraw_offer", by=clerk, reason="装修")
    assert pledge_offers(company, points(1), organization=county, by=clerk)


def test_a_clerk_enters_and_changes_offers_of_his_own_county_only(county, company):
    stranger = make_account(Role.CLERK, make_county("乙区总工会（演示）", "530103"))
    with pytest.raises(PermissionDenied):
        pledge_offers(company, points(1), organization=county, by=stranger)
    [offer] = pledge_offers(company, points(1), organization=county, by=None)
    with pytest.raises(PermissionDenied):
        change_offer(offer, "survey", by=stranger, note="x")
    assert not HostOffer.objects.visible_to(stranger).exists()


def test_the_database_refuses_a_converted_offer_without_a_station(county, company):
    [offer] = pledge_offers(company, points(1), organization=county, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        HostOffer.objects.filter(pk=offer.pk).update(state=OfferState.CONVERTED)


def test_a_list_copied_from_a_table_becomes_one_offer_a_line(county, clerk, company, client):
    client.force_login(clerk)
    told = {"organization": county.pk, "partner": company.pk, "offered_on": "2026-11-01"}
    lines = "滨江店，滨江路1号\n\n城南店\t城南路2号\n城北店"
    client.post("/admin/stations/hostoffer/add/", {**told, "points": lines})
    assert list(HostOffer.objects.order_by("pk").values_list("name", "address")) == [
        ("滨江店", "滨江路1号"),
        ("城南店", "城南路2号"),
        ("城北店", ""),
    ]
    offer = HostOffer.objects.first()
    page = client.get(f"/admin/stations/hostoffer/{offer.pk}/change/").content.decode()
    assert f"/admin/stations/hostoffer/{offer.pk}/do/survey/" in page
    assert make_federation()


def test_a_list_with_a_point_named_twice_comes_back_whole_with_the_name_of_the_point(county, clerk, company, client):
    client.force_login(clerk)
    told = {"organization": county.pk, "partner": company.pk, "offered_on": "2026-11-01"}
    lines = "滨江店，滨江路1号\n城南店\n滨江店"
    page = client.post("/admin/stations/hostoffer/add/", {**told, "points": lines}).content.decode()
    assert lines in page.replace("\r", "") and "重复：滨江店" in page
    pledge_offers(company, [{"name": "城南店"}], organization=county, by=clerk)
    page = client.post("/admin/stations/hostoffer/add/", {**told, "points": "城北店\n城南店"}).content.decode()
    assert "城北店\n城南店" in page.replace("\r", "") and "城南店: " in page
    assert HostOffer.objects.count() == 1
