"""What the database itself refuses, and that a form says it in words."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from stations.models import (
    Facility,
    OpeningPeriod,
    PositionDoubt,
    Station,
    StationFacility,
    StationKeeper,
    StationKind,
    StationPurpose,
)
from tests.factories import make_account, make_county, make_station
from unionportal.organizations.models import Partner, PartnerAgreement
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=f'"{constraint}"')


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("station_has_name", {"name": ""}),
        ("station_has_code", {"code": ""}),
        ("station_status_known", {"status": "lost"}),
        ("station_position_in_china", {"latitude": 25.0}),
        ("station_position_in_china", {"longitude": 102.7}),
        ("station_position_in_china", {"latitude": 102.7, "longitude": 25.0}),
        ("station_position_in_china", {"latitude": 0.0, "longitude": 0.0}),
        ("station_position_in_china", {"latitude": float("nan"), "longitude": 102.7}),
        ("station_area_positive", {"area": 0}),
        ("station_investment_not_negative", {"investment": -1}),
    ],
)
def test_a_station_that_cannot_be_is_refused(constraint, fields):
    station = make_station(make_county())
    with refused(constraint), transaction.atomic():
        Station.objects.filter(pk=station.pk).update(**fields)


def test_a_station_does_not_lie_inside_itself():
    station = make_station(make_county())
    with refused("station_not_inside_itself"), transaction.atomic():
        Station.objects.filter(pk=station.pk).update(inside=station)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("station_sign_number_once", {"sign_number": "五华-001", "list_id": "1"}),
        ("station_list_id_once", {"list_id": "YN-2024-001"}),
        ("station_name_once", {}),
    ],
)
def test_two_stations_of_a_union_do_not_share_what_tells_them_apart(constraint, fields):
    county = make_county()
    names = ("示例路工会驿站", "示例路工会驿站") if constraint == "station_name_once" else ("甲驿站", "乙驿站")
    make_station(county, names[0], **fields)
    with refused(constraint), transaction.atomic():
        make_station(county, names[1], **fields)
    make_station(make_county("盘龙区总工会（演示）", "530103"), names[1], **fields)


def test_running_numbers_of_two_lists_may_be_the_same():
    county = make_county()
    make_station(county, "甲驿站", list_id="1")
    make_station(county, "乙驿站", list_id="1")


def test_a_new_station_may_bear_the_name_of_one_closed_for_good():
    county = make_county()
    make_station(county, status="closed")
    make_station(county)


def test_spellings_of_one_name_are_one_name():
    county = make_county()
    make_station(county, "示例路“工会驿站”（东门）")
    with refused("station_name_once"), transaction.atomic():
        make_station(county, "示例路工會驛站 (东门)")


# --- Opening periods ---------------------------------------------------------------------------------------


def period(station: Station, weekday: int, opens: int, closes: int, season=(None, None)) -> OpeningPeriod:
    return OpeningPeriod(
        station=station,
        weekday=weekday,
        opens=opens * 60,
        closes=closes * 60,
        season_from=season[0],
        season_to=season[1],
    )


@pytest.mark.parametrize(
    ("constraint", "weekday", "opens", "closes", "season"),
    [
        ("period_weekday", 0, 8, 18, (None, None)),
        ("period_weekday", 8, 8, 18, (None, None)),
        ("period_opens_before_closes", 1, 18, 8, (None, None)),
        ("period_opens_before_closes", 1, 8, 8, (None, None)),
        ("period_opens_before_closes", 1, 24, 26, (None, None)),
        ("period_opens_before_closes", 1, 8, 33, (None, None)),
        ("period_season", 1, 8, 18, (701, None)),
        ("period_season", 1, 8, 18, (None, 831)),
        ("period_season", 1, 8, 18, (0, 831)),
        ("period_season", 1, 8, 18, (701, 1301)),
    ],
)
def test_a_period_that_cannot_be_is_refused(constraint, weekday, opens, closes, season):
    row = period(make_station(make_county()), weekday, opens, closes, season)
    with refused(constraint), transaction.atomic():
        row.save()
    with pytest.raises(ValidationError):
        row.full_clean()


OVERLAPS = [
    ((1, 8, 18), (1, 8, 18)),
    ((1, 8, 18), (1, 17, 20)),
    ((1, 22, 32), (2, 7, 12)),
    ((7, 22, 32), (1, 7, 12)),
    ((1, 0, 24), (7, 23, 25)),
    ((7, 0, 48 - 24), (7, 23, 24)),
]
APART = [
    ((1, 8, 12), (1, 12, 18)),
    ((1, 22, 32), (2, 8, 12)),
    ((7, 22, 32), (1, 8, 12)),
    ((7, 0, 24), (1, 0, 24)),
    ((7, 22, 32), (2, 0, 8)),
    ((1, 8, 18), (2, 8, 18)),
]


@pytest.mark.parametrize(("first", "second"), OVERLAPS)
def test_two_periods_of_a_station_do_not_overlap_past_midnight_or_past_sunday_either(first, second):
    station = make_station(make_county())
    period(station, *first).save()
    other = period(station, *second)
    with refused("periods_do_not_overlap"), transaction.atomic():
        other.save()
    with pytest.raises(ValidationError) as said:
        other.full_clean()
    words = OpeningPeriod._meta.constraints[-1].violation_error_message
    assert str(words) in said.value.messages


@pytest.mark.parametrize(("first", "second"), APART)
def test_periods_that_touch_or_lie_apart_are_accepted(first, second):
    station = make_station(make_county())
    period(station, *first).save()
    other = period(station, *second)
    other.full_clean()
    other.save()
    other.full_clean()


def test_each_season_and_each_station_has_a_week_of_its_own():
    station = make_station(make_county())
    for season in ((None, None), (501, 930), (1001, 430)):
        row = period(station, 1, 8, 18, season)
        row.full_clean()
        row.save()
    with refused("periods_do_not_overlap"), transaction.atomic():
        period(station, 1, 9, 10, (1001, 430)).save()
    period(make_station(station.organization, "另一个驿站"), 1, 8, 18).save()


# --- What hangs on a station -------------------------------------------------------------------------------


def test_a_station_lists_a_facility_a_purpose_and_a_keeper_once():
    county = make_county()
    station = make_station(county, facilities=["water"])
    water, kind = Facility.objects.get(code="water"), StationKind.objects.get(code="SJ")
    keeper = make_account(Role.STATION_KEEPER, county)
    StationPurpose.objects.create(station=station, kind=kind)
    StationKeeper.objects.create(station=station, account=keeper)
    PositionDoubt.objects.create(station=station, code="far")
    for constraint, row in (
        ("station_facility_once", StationFacility(station=station, facility=water)),
        ("station_purpose_once", StationPurpose(station=station, kind=kind)),
        ("station_keeper_once", StationKeeper(station=station, account=keeper)),
        ("position_doubt_once", PositionDoubt(station=station, code="far")),
    ):
        with refused(constraint), transaction.atomic():
            row.save()


def test_a_doubt_is_not_settled_without_an_answer():
    doubt = PositionDoubt.objects.create(station=make_station(make_county()), code="far")
    with refused("position_doubt_settled_with_answer"), transaction.atomic():
        PositionDoubt.objects.filter(pk=doubt.pk).update(settled_at=timezone.now())


def test_a_kind_or_facility_in_use_is_not_deleted():
    station = make_station(make_county(), facilities=["water"])
    for row in (station.kind, Facility.objects.get(code="water")):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.delete()


# --- Partners ----------------------------------------------------------------------------------------------


def test_a_union_keeps_a_partner_once_by_name_and_by_credit_code():
    county = make_county()
    Partner.objects.create(organization=county, name="示例银行", credit_code="91110108551385082Q")
    with refused("partner_name_once"), transaction.atomic():
        Partner.objects.create(organization=county, name="示例银行")
    with refused("partner_credit_code_once"), transaction.atomic():
        Partner.objects.create(organization=county, name="示例银行分行", credit_code="91110108551385082Q")
    for name in ("甲", "乙"):
        Partner.objects.create(organization=county, name=name, credit_code="")


def test_a_relation_needs_the_platform_it_is_to():
    county = make_county()
    with refused("partner_relation_needs_superior"), transaction.atomic():
        Partner.objects.create(organization=county, name="示例配送站", relation="franchise")


def test_an_agreement_does_not_end_before_it_begins():
    partner = Partner.objects.create(organization=make_county(), name="示例银行")
    day = datetime.date(2026, 5, 1)
    with refused("partner_agreement_dates"), transaction.atomic():
        PartnerAgreement.objects.create(
            partner=partner, role="host", starts_on=day, ends_on=day - datetime.timedelta(days=1)
        )
    PartnerAgreement.objects.create(partner=partner, role="host", starts_on=day, ends_on=day)
