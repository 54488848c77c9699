"""Rows of docs/systems.md about stations and partners, each shown on the demonstration or on figures of its own."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from stations.actions import StationDraft, save_stations
from stations.models import Facility, Station
from tests.demonstration import demo_city  # noqa: F401  (a fixture)
from unionportal.organizations.models import Account, Organization, Partner, PartnerAgreement

pytestmark = [pytest.mark.usefixtures("demo_city"), pytest.mark.django_db]


def add_stations(count: int, *, at: Organization, **fields: object) -> list[Station]:
    names = [f"{fields['kind_id']}-{fields.get('build_mode', '')}-{n}" for n in range(count)]
    return save_stations([StationDraft(Station(organization=at, name=name, **fields)) for name in names], by=None)


def counted(rows, *fields: str) -> dict[tuple[str, ...], int]:
    found = rows.order_by().values_list(*fields).annotate(count=Count("pk"))
    return {tuple(row[:-1]): row[-1] for row in found}


@pytest.fixture
def county() -> Organization:
    """A county of the demonstration's tree that has no station yet."""
    parent = Organization.objects.get(code="530102")
    return Organization.objects.filter(path__startswith=parent.path, stations=None, kind="department").first()


@pytest.mark.system("A001")
def test_the_city_clerk_has_every_station_of_the_federation_in_one_register():
    clerk = Account.objects.get(username="clerk")
    seen = Station.objects.visible_to(clerk)
    assert seen.count() == Station.objects.count() > 450
    assert seen.values("organization").distinct().count() > 50


@pytest.mark.system("A001")
def test_a_visitor_finds_a_station_by_a_word_of_its_name_and_by_initials():
    assert "华山街道文林街职工驿站" in Station.objects.public().matching("文林街").values_list("name", flat=True)
    assert "华山街道文林街职工驿站" in Station.objects.public().matching("wlj").values_list("name", flat=True)
    assert not Station.objects.public().matching("没有这样的驿站").exists()


@pytest.mark.system("A001")
def test_every_station_has_a_public_code_of_its_own():
    codes = list(Station.objects.values_list("code", flat=True))
    assert len(set(codes)) == len(codes)


@pytest.mark.system("A002")
def test_the_station_in_the_party_service_centre_tells_its_area_equipment_and_host():
    station = Station.objects.public().matching("螺蛳湾").get(kind="HW")
    assert station.area == 70
    assert station.host_kind_id == "center"
    assert station.host.name == "商贸城党群服务中心"
    held = {facility.name for facility in station.facilities.all()}
    for word in ("饮水机", "微波炉", "沙发", "应急药箱", "桌椅"):
        assert any(word in (f.name, *f.synonyms) for f in station.facilities.all()), (word, held)


@pytest.mark.system("A006")
def test_stations_and_canteens_lie_on_one_map_and_are_told_apart_by_kind():
    near = Station.objects.public().filter(kind__in=["HW", "ST"]).near(25.0395, 102.7105)
    nearest = list(near[:60])
    assert {station.kind_id for station in nearest} == {"HW", "ST"}
    assert all(station.has_position for station in nearest)
    distances = [station.distance for station in nearest]
    assert distances == sorted(distances)
    assert distances[0] < 2000


@pytest.mark.system("A012")
def test_stations_are_found_by_the_facilities_of_the_standard_list():
    water, stove = (Facility.objects.get(name=name) for name in ("饮水", "微波炉"))
    both = set(Station.objects.with_facilities([water.code, stove.code]))
    expected = {
        station
        for station in Station.objects.prefetch_related("facilities")
        if {water, stove} <= set(station.facilities.all())
    }
    assert both == expected
    assert 50 < len(both) < Station.objects.with_facilities([water.code]).count()


@pytest.mark.system("A014")
def test_a_post_shared_with_the_police_names_its_host_and_the_enterprises_that_built_it():
    posts = Station.objects.filter(name__contains="一岗一驿站", host__isnull=False)
    assert posts.count() >= 3
    for post in posts:
        assert post.host_kind_id == "police"
        assert post.host.kind == Partner.Kind.POLICE
        assert post.build_mode == Station.BuildMode.INTEGRATED
        kinds = Counter(post.co_builders.values_list("kind", flat=True))
        assert kinds == {Partner.Kind.POLICE: 1, Partner.Kind.MERCHANT: 1}
    builder = Partner.objects.get(name="彩云能源销售有限公司（演示）")
    assert set(posts) <= set(builder.co_built_stations.all())


@pytest.mark.system("A021")
def test_the_network_bears_plates_of_one_series_with_a_number_each():
    plated = Station.objects.exclude(sign_number="")
    numbers = list(plated.values_list("sign_number", flat=True))
    assert len(numbers) > 400
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("昆工驿") for number in numbers)
    first = plated.first()
    again = Station(organization=first.organization, name="另一个驿站", kind_id="HW", sign_number=first.sign_number)
    with pytest.raises(IntegrityError), transaction.atomic():
        save_stations([StationDraft(again)], by=None)


@pytest.mark.system("A028")
def test_one_trade_federation_keeps_a_mothers_room_and_a_rest_station():
    rooms = Station.objects.filter(name__startswith="斗南花市")
    assert set(rooms.values_list("kind_id", flat=True)) == {"MM", "HW"}
    assert rooms.values("organization").distinct().count() == 1
    mothers = rooms.get(kind="MM")
    assert mothers.facilities.exists()


@pytest.mark.system("A036")
def test_homes_book_rooms_and_stations_are_counted_by_kind_and_build_mode(county):
    add_stations(13, at=county, kind_id="ZJ", build_mode="union")
    add_stations(19, at=county, kind_id="SW", build_mode="party_union")
    add_stations(10, at=county, kind_id="HW", build_mode="social")
    add_stations(4, at=county, kind_id="HW", build_mode="party_union")
    own = Station.objects.filter(organization=county)
    assert counted(own, "kind_id") == {("ZJ",): 13, ("SW",): 19, ("HW",): 14}
    assert counted(own, "build_mode") == {("union",): 13, ("party_union",): 23, ("social",): 10}
    assert counted(own, "kind_id", "build_mode")["HW", "party_union"] == 4


@pytest.mark.system("A041")
def test_rest_stations_a_trade_home_and_counselling_rooms_are_kinds_with_their_investment():
    invested = dict(
        Station.objects.filter(kind__in=["HW", "ZJ", "XL"])
        .order_by()
        .values_list("kind")
        .annotate(sum=Sum("investment"))
    )
    assert set(invested) == {"HW", "ZJ", "XL"}
    assert invested["XL"] == 65000 + 38000
    assert Station.objects.get(name="快递行业职工之家").investment == 80000


@pytest.mark.system("A044")
def test_rest_stations_courier_stations_and_drivers_homes_are_counted_apart_and_by_host(county):
    add_stations(5, at=county, kind_id="HW", local_brand="户外劳动者驿站", host_kind_id="sanitation")
    save_stations(
        [
            StationDraft(
                Station(
                    organization=county,
                    name=f"快递小哥服务站{n}",
                    kind_id="HW",
                    local_brand="小哥驿站",
                    host_kind_id="post",
                )
            )
            for n in range(3)
        ],
        by=None,
    )
    add_stations(2, at=county, kind_id="SJ", host_kind_id="service_area")
    own = Station.objects.filter(organization=county)
    assert counted(own, "kind_id") == {("HW",): 8, ("SJ",): 2}
    assert counted(own, "kind_id", "host_kind_id") == {
        ("HW", "sanitation"): 5,
        ("HW", "post"): 3,
        ("SJ", "service_area"): 2,
    }
    assert counted(own, "local_brand")[("小哥驿站",)] == 3


@pytest.mark.system("A044")
def test_the_demonstration_has_all_three_with_hosts_of_many_kinds():
    by_host = counted(Station.objects.filter(kind__in=["HW", "SJ"]), "kind_id", "host_kind_id")
    assert {kind for kind, _host in by_host} == {"HW", "SJ"}
    assert len({host for _kind, host in by_host}) > 12


@pytest.mark.system("A160")
def test_bodies_the_federation_works_with_are_on_record_with_role_subject_and_dates():
    agreed = PartnerAgreement.objects.filter(role=PartnerAgreement.Role.COOPERATION)
    kinds = set(agreed.values_list("partner__kind", flat=True))
    assert {Partner.Kind.GOVERNMENT, Partner.Kind.COURT} <= kinds
    assert agreed.filter(partner__name="贵阳市总工会（演示）").exists()
    day = datetime.date(2026, 1, 15)
    over = agreed.get(partner__name="成都市总工会（演示）")
    assert over not in agreed.in_force(day)
    assert over in agreed.in_force(datetime.date(2024, 1, 15))
    assert agreed.in_force(day).count() >= 5


@pytest.mark.system("A160")
def test_a_partner_that_the_city_shares_is_seen_in_the_districts_and_another_districts_own_is_not():
    clerk = Account.objects.get(username="wuhua-clerk")
    seen = set(Partner.objects.visible_to(clerk).values_list("name", flat=True))
    assert "昆明市中级人民法院（演示）" in seen
    assert "翠湖书店（演示）" in seen
    assert "盘龙图书馆分馆（演示）" not in seen
