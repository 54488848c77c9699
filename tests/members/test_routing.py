"""An application finds its union by itself."""

import pytest

from members.models import OccupationGroup
from members.routing import route
from tests.factories import make_union
from unionportal.organizations.models import Division, Organization, Partner


def street_of(code="530102001"):
    return Division.objects.get(pk=code)


def test_the_scanned_union_takes_the_application_whatever_else_is_said(catch_all, panlong):
    way = route(scanned=panlong, employer_name="滇池速递有限公司", division=street_of())
    assert (way.organization, way.routed_by) == (panlong, "qr")


def test_the_employers_own_union_comes_before_the_street(catch_all, wuhua):
    union = make_union(wuhua, "滇池速递有限公司工会委员会（演示）")
    way = route(scanned=None, employer_name=" 滇池速递有限公司 ", division=street_of())
    assert (way.organization, way.routed_by) == (union, "employer")


def test_two_unions_of_one_name_decide_nothing(catch_all, wuhua, panlong):
    make_union(wuhua, "滇池速递有限公司工会（演示）")
    make_union(panlong, "滇池速递有限公司工会委员会")
    assert route(scanned=None, employer_name="滇池速递有限公司", division=street_of()).organization == catch_all


def test_a_shared_platform_is_kept_by_the_city_and_does_not_route_there(catch_all, city):
    platform = Partner(organization=city, name="彩云外卖", kind="platform", is_shared=True)
    platform.save()
    way = route(scanned=None, employer_name="彩云外卖", division=street_of())
    assert way.organization == catch_all
    assert (way.platform, way.employer) == (platform, None)


def test_an_employer_kept_by_a_grass_roots_union_belongs_to_it(catch_all, wuhua):
    union = make_union(wuhua, "五华区物流园联合工会", kind="grassroots_joint")
    employer = Partner(organization=union, name="飞燕货运部", kind="employer")
    employer.save()
    way = route(scanned=None, employer_name="飞燕货运部", division=street_of())
    assert (way.organization, way.employer, way.routed_by) == (union, employer, "employer")


@pytest.mark.system("A057")
def test_the_catch_all_union_of_the_street_takes_in_who_has_none(catch_all):
    way = route(scanned=None, employer_name="没有工会的小店", division=street_of())
    assert (way.organization, way.routed_by) == (catch_all, "street")


def test_among_several_catch_all_unions_the_one_of_the_trade_is_chosen(catch_all, street):
    couriers = make_union(
        street, "华山快递网点联合工会", kind="grassroots_joint", division_id="530102001", is_catch_all=True
    )
    courier = OccupationGroup.objects.get(pk="courier")
    guard = OccupationGroup.objects.get(pk="security_guard")
    assert route(scanned=None, division=street_of(), occupation_group=courier).organization == couriers
    assert route(scanned=None, division=street_of(), occupation_group=guard).organization == catch_all


def test_a_street_without_a_catch_all_union_has_its_own_and_then_the_countys(wuhua, street):
    assert route(scanned=None, division=street_of()).organization == street
    assert route(scanned=None, division=street_of("530102006")).organization == wuhua


def test_a_dissolved_union_takes_nobody(wuhua, street, catch_all):
    Organization.objects.filter(pk=catch_all.pk).update(status="dissolved")
    assert route(scanned=None, division=street_of()).organization == street


def test_without_any_hint_the_federation_takes_it(city):
    way = route(scanned=None)
    assert (way.organization, way.routed_by) == (city, "federation")
