"""Saving stations: public codes, all or nothing, nobody's rows but one's own, and what a visitor finds."""

from __future__ import annotations

import os
import random
import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from stations.actions import StationDraft, confirm, name_keepers, save_stations, show_keeper_phone
from stations.models import (
    OpeningPeriod,
    Station,
    StationFacility,
    StationKeeper,
    StationKind,
    StationPhoto,
    StationSerial,
)
from tests.factories import make_account, make_county, make_federation, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.codes import has_valid_check_character
from unionportal.organizations.models import Organization, Partner
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def another_county() -> Organization:
    return make_county("盘龙区总工会（演示）", "530103")


def fresh(organization: Organization, name: str = "新驿站", **fields) -> StationDraft:
    extra = {key: fields.pop(key) for key in ("facilities", "co_builders", "read_hours") if key in fields}
    return StationDraft(
        Station(organization=organization, name=name, kind_id=fields.pop("kind", "HW"), **fields), **extra
    )


# --- Public codes ------------------------------------------------------------------------------------------


def test_a_code_names_division_kind_and_serial_and_proves_itself():
    county = make_county()
    codes = [make_station(county, name).code for name in "甲乙丙"]
    assert [code[:-1] for code in codes] == ["530102HW0001", "530102HW0002", "530102HW0003"]
    assert all(has_valid_check_character(code) for code in codes)


@pytest.mark.parametrize(("division", "start"), [("530103", "530103HW"), ("530102001", "530102HW"), (None, "530102HW")])
def test_a_code_takes_the_division_of_the_station_else_that_of_its_union(division, start):
    assert make_station(make_county(), division_id=division).code.startswith(start)


def test_a_union_without_a_division_has_codes_too():
    union = make_union(make_county(), division_id=None)
    assert make_station(union, division_id=None).code.startswith("000000HW0001")


def test_a_wrong_character_in_a_code_is_noticed():
    code = make_station(make_county()).code
    for place in range(len(code)):
        wrong = "1" if code[place] != "1" else "2"
        assert not has_valid_check_character(code[:place] + wrong + code[place + 1 :])


def test_a_code_stays_when_the_station_moves_or_is_of_another_kind():
    station = make_station(make_county())
    code = station.code
    station.division_id, station.kind_id, station.code = "530103", "SJ", "X"
    save_stations([StationDraft(station)], by=None)
    kept = Station.objects.get()
    assert (kept.code, kept.division_id, kept.kind_id) == (code, "530103", "SJ")


def test_a_serial_is_not_given_again_after_a_station_is_gone():
    county = make_county()
    make_station(county, "甲").delete()
    assert make_station(county, "乙").code[:-1] == "530102HW0002"


def test_serials_go_past_9999_without_meeting_another():
    StationSerial.objects.create(prefix="530102HW", last=9998)
    stations = save_stations([fresh(make_county(), name, division_id="530102") for name in "甲乙丙"], by=None)
    assert [s.code[:-1] for s in stations] == ["530102HW9999", "530102HW10000", "530102HW10001"]
    assert all(has_valid_check_character(s.code) for s in stations)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True, serialized_rollback=False)
def test_writers_at_the_same_time_never_share_a_serial():
    county = make_county()
    rounds = 20 if os.environ.get("PORTAL_SOAK") else 3
    failures: list[BaseException] = []

    def write(number: int) -> None:
        chance = random.Random(number)
        try:
            for turn in range(rounds):
                drafts = [
                    fresh(county, f"并发{number}-{turn}-{each}", kind=chance.choice(["HW", "SJ"]), division_id=division)
                    for each, division in enumerate(chance.choices(["530102", "530103", "530111"], k=5))
                ]
                save_stations(drafts, by=None)
        except BaseException as error:
            failures.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    codes = list(Station.objects.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 6 * rounds * 5
    for prefix, last in StationSerial.objects.values_list("prefix", "last"):
        assert Station.objects.filter(code__startswith=prefix).count() == last


# --- All or nothing ----------------------------------------------------------------------------------------


def test_one_refused_station_stops_them_all():
    county = make_county()
    make_station(county, "甲", sign_number="001")
    kept = make_station(county, "乙", hours_text="8:00-18:00")
    kept.address = "示例路2号"
    with pytest.raises(IntegrityError):
        save_stations([fresh(county, "丙"), StationDraft(kept), fresh(county, "丁", sign_number="001")], by=None)
    assert set(Station.objects.values_list("name", "address")) == {("甲", ""), ("乙", "")}
    assert StationSerial.objects.get().last == 2


def test_six_hundred_stations_cost_no_more_queries_than_three_hundred():
    county = make_county()
    clerk = make_account(Role.CLERK, county)

    def save(count: int, label: str) -> tuple[int, list[Station]]:
        drafts = [
            fresh(county, f"{label}{n}", hours_text="8:00-18:00", facilities={"water": "", "wifi": "免费"})
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            stations = save_stations(drafts, by=clerk)
        return len(queries), stations

    few, _stations = save(3, "少")
    some, _stations = save(300, "中")
    many, stations = save(600, "多")
    # From a few hundred rows on they are copied, which takes some statements more for each table.
    assert few <= 25 and many <= some <= 50
    assert OpeningPeriod.objects.count() == 903 * 7
    for station in stations:
        station.hours_text = "9:00-17:00"
    with CaptureQueriesContext(connection) as queries:
        save_stations([StationDraft(station) for station in stations], by=clerk)
    assert len(queries) <= 50


def test_saving_nothing_is_no_fault():
    assert save_stations([], by=make_account(Role.CLERK, make_county())) == []


# --- Whose stations ----------------------------------------------------------------------------------------


def test_a_clerk_saves_in_his_branch_down_to_the_grass_roots():
    county = make_county()
    union = make_union(county)
    clerk = make_account(Role.CLERK, county)
    save_stations([fresh(county, "甲"), fresh(union, "乙")], by=clerk)
    assert Station.objects.visible_to(clerk).count() == 2


def test_a_clerk_cannot_put_a_station_into_another_county():
    clerk = make_account(Role.CLERK, make_county())
    with pytest.raises(PermissionDenied):
        save_stations([fresh(clerk.organization, "甲"), fresh(another_county(), "乙")], by=clerk)
    assert not Station.objects.exists()


def test_a_clerk_cannot_add_for_his_own_superior():
    clerk = make_account(Role.CLERK, make_county())
    with pytest.raises(PermissionDenied):
        save_stations([fresh(make_federation())], by=clerk)


@pytest.mark.parametrize("role", [Role.CLERK, Role.STATION_KEEPER])
def test_nobody_moves_a_station_to_another_county(role):
    ours, theirs = make_county(), another_county()
    station = make_station(ours)
    account = make_account(role, ours)
    name_keepers(station, [account], by=None)
    station.organization = theirs
    with pytest.raises(PermissionDenied):
        save_stations([StationDraft(station)], by=account)
    assert Station.objects.get().organization == ours


def test_nobody_draws_a_station_of_another_county_to_his_own():
    ours, theirs = make_county(), another_county()
    station = make_station(theirs)
    station.organization = ours
    with pytest.raises(PermissionDenied):
        save_stations([StationDraft(station)], by=make_account(Role.CLERK, ours))
    assert Station.objects.get().organization == theirs


def test_the_city_moves_a_station_from_county_to_county():
    ours, theirs = make_county(), another_county()
    station = make_station(ours)
    station.organization = theirs
    save_stations([StationDraft(station)], by=make_account(Role.CLERK, make_federation()))
    assert Station.objects.get().organization == theirs


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CLERK}))
def test_only_a_clerk_adds_stations(role):
    county = make_county()
    with pytest.raises(PermissionDenied):
        save_stations([fresh(county)], by=make_account(role, county))
    assert not Station.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.READ_ONLY, Role.SYSTEM_ADMINISTRATOR, Role.ADVISER])
def test_who_only_reads_changes_nothing(role):
    county = make_county()
    station = make_station(county)
    station.address = "示例路1号"
    with pytest.raises(PermissionDenied):
        save_stations([StationDraft(station)], by=make_account(role, county))
    assert Station.objects.get().address == ""


def test_a_keeper_sees_and_changes_the_stations_he_is_named_for_and_their_parts():
    county = make_county()
    ours = make_station(county, "甲", hours_text="8:00-18:00", facilities=["water"])
    make_station(county, "乙", hours_text="8:00-18:00", facilities=["water"])
    keeper = make_account(Role.STATION_KEEPER, county)
    name_keepers(ours, [keeper], by=None)
    photo = StationPhoto.objects.create(station=ours, image="a.webp", thumbnail="b.webp")
    assert list(Station.objects.visible_to(keeper)) == list(Station.objects.editable_by(keeper)) == [ours]
    assert OpeningPeriod.objects.visible_to(keeper).count() == 7
    assert StationFacility.objects.editable_by(keeper).get().station == ours
    assert keeper.has_perm("stations.delete_stationphoto", photo)
    # Who keeps the station is the desk's to say.
    assert not StationKeeper.objects.visible_to(keeper).exists()
    assert not StationKeeper.objects.editable_by(keeper).exists()


def test_hours_and_photos_are_the_clerks_and_the_keepers_not_the_reviewers():
    county = make_county()
    make_station(county, hours_text="8:00-18:00")
    reviewer = make_account(Role.REVIEWER, county)
    assert OpeningPeriod.objects.visible_to(reviewer).exists()
    assert not OpeningPeriod.objects.editable_by(reviewer).exists()
    assert OpeningPeriod.objects.editable_by(make_account(Role.CLERK, county)).exists()


def test_a_named_keeper_without_the_role_reaches_nothing_any_more():
    county = make_county()
    station = make_station(county)
    reader = make_account(Role.MEDIATOR, another_county())
    name_keepers(station, [reader], by=None)
    assert not Station.objects.visible_to(reader).exists()
    for nobody in (AnonymousUser(), None):
        assert not Station.objects.visible_to(nobody).exists()
        assert not OpeningPeriod.objects.visible_to(nobody).exists()


def test_the_desk_names_keepers_and_a_keeper_names_none():
    county = make_county()
    station = make_station(county)
    keeper, friend = (make_account(Role.STATION_KEEPER, county) for _each in range(2))
    name_keepers(station, [keeper], by=make_account(Role.CLERK, county))
    for account in (keeper, make_account(Role.CLERK, another_county()), make_account(Role.READ_ONLY, county)):
        with pytest.raises(PermissionDenied):
            name_keepers(station, [keeper, friend], by=account)
    assert list(station.keepers.all()) == [keeper]
    name_keepers(station, [friend], by=make_account(Role.REVIEWER, county))
    assert list(station.keepers.all()) == [friend]
    name_keepers(station, [], by=None)
    assert not station.keepers.exists()


# --- What hangs on a station -------------------------------------------------------------------------------


def facilities(station: Station) -> dict[str, str]:
    return dict(station.station_facilities.values_list("facility_id", "note"))


def test_facilities_that_are_not_given_stay_and_none_at_all_is_said_by_an_empty_list():
    station = make_station(make_county(), facilities=["water", "wifi"])
    save_stations([StationDraft(station, None)], by=None)
    assert facilities(station) == {"water": "", "wifi": ""}
    save_stations([StationDraft(station, {"water": "热水", "microwave": ""})], by=None)
    assert facilities(station) == {"water": "热水", "microwave": ""}
    save_stations([StationDraft(station, {})], by=None)
    assert facilities(station) == {}


def test_facilities_that_did_not_change_are_not_written_again():
    station = make_station(make_county(), facilities=["water"])
    before = station.station_facilities.get().pk
    save_stations([StationDraft(station, {"water": ""})], by=None)
    assert station.station_facilities.get().pk == before


def test_a_facility_that_is_in_no_catalogue_is_refused():
    station = make_station(make_county())
    with pytest.raises(IntegrityError):
        save_stations([StationDraft(station, {"swimming_pool": ""})], by=None)
        connection.check_constraints()


def test_hours_are_read_again_only_when_their_text_changes():
    station = make_station(make_county(), hours_text="8:00-18:00")
    before = set(station.periods.values_list("pk", flat=True))
    station.address = "示例路1号"
    save_stations([StationDraft(station)], by=None)
    assert set(station.periods.values_list("pk", flat=True)) == before
    station.hours_text = "9:00-17:00"
    save_stations([StationDraft(station)], by=None)
    assert set(station.periods.values_list("opens", "closes")) == {(540, 1020)}
    station.hours_text = "以现场公告为准"
    save_stations([StationDraft(station)], by=None)
    assert not station.periods.exists()


def test_periods_set_by_hand_outlive_a_list_that_repeats_the_old_text():
    station = make_station(make_county(), hours_text="8:00-18:00")
    station.periods.filter(weekday__in=(6, 7)).delete()
    save_stations([StationDraft(station)], by=None)
    assert station.periods.count() == 5


def test_co_builders_that_are_not_given_stay():
    county = make_county()
    bank = Partner.objects.create(organization=county, name="示例银行")
    station = save_stations([fresh(county, co_builders=[bank])], by=None)[0]
    save_stations([StationDraft(station)], by=None)
    assert list(station.co_builders.all()) == [bank]
    save_stations([StationDraft(station, co_builders=[])], by=None)
    assert not station.co_builders.exists()


# --- Confirming, and a keeper's phone ----------------------------------------------------------------------


def test_who_works_at_a_station_confirms_it_and_nobody_else():
    county = make_county()
    station = make_station(county)
    keeper = make_account(Role.STATION_KEEPER, county)
    with pytest.raises(PermissionDenied):
        confirm(station, by=keeper)
    name_keepers(station, [keeper], by=None)
    confirm(station, by=keeper)
    kept = Station.objects.get()
    assert (kept.last_confirmed_by, kept.last_confirmed_on is not None) == (keeper, True)
    assert AuditEvent.objects.filter(verb="confirm", actor_id=keeper.pk).count() == 1


def test_a_keepers_phone_is_shown_for_a_purpose_and_the_look_is_written_down():
    county = make_county()
    station = make_station(county, keeper_phone="10012345678")
    clerk = make_account(Role.CLERK, county)
    for nobody in (make_account(Role.READ_ONLY, county), make_account(Role.CLERK, another_county())):
        with pytest.raises(PermissionDenied):
            show_keeper_phone(station, by=nobody, purpose="联系维修")
    with pytest.raises(ValidationError):
        show_keeper_phone(station, by=clerk, purpose=" ")
    assert not AuditEvent.objects.filter(verb=AuditEvent.LOOK).exists()
    assert show_keeper_phone(station, by=clerk, purpose="联系维修") == "10012345678"
    look = AuditEvent.objects.get(verb=AuditEvent.LOOK)
    assert (look.actor_id, look.purpose) == (clerk.pk, "联系维修")
    assert "10012345678" not in str(look.details)


# --- What a visitor types ----------------------------------------------------------------------------------


@pytest.fixture
def register() -> dict[str, Station]:
    county = make_county()
    return {
        "翠湖": make_station(county, "翠湖工会驿站（东门）", address="翠湖南路63号", local_brand="春城小站"),
        "司机": make_station(
            county, "金马暖心点", kind=StationKind.objects.get(code="SJ"), address="金马大道100%折扣城"
        ),
        "百": make_station(county, "A_B驿家", address="示例路2号"),
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("翠湖", {"翠湖"}),
        ("翠湖南路", {"翠湖"}),
        ("翠湖 东门", {"翠湖"}),
        ("翠湖 金马", set()),
        ("翠湖·工会驿站", {"翠湖"}),
        ("翠湖 - 驿站", {"翠湖"}),
        ("翠湖工會驛站", {"翠湖"}),
        ("春城小站", {"翠湖"}),
        ("chgh", {"翠湖"}),
        ("CHGH", {"翠湖"}),
        ("司机之家", {"司机"}),
        ("司机驿站", {"司机"}),
        ("司機之家", {"司机"}),
        ("司机之家 金马", {"司机"}),
        ("100%", {"司机"}),
        ("%", {"司机"}),
        ("%%%%", set()),
        ("a_b", {"百"}),
        ("ＡＢ", {"百"}),
        ("没有这个站", set()),
        ("'; DROP TABLE stations_station; --", set()),
        ("\\", set()),
        ("", {"翠湖", "司机", "百"}),
        ("   ", {"翠湖", "司机", "百"}),
        ("_", {"翠湖", "司机", "百"}),
        ("·", {"翠湖", "司机", "百"}),
    ],
)
def test_words_find_the_stations_that_they_mean(register, words, found):
    names = {station.pk: label for label, station in register.items()}
    assert {names[pk] for pk in Station.objects.matching(words).values_list("pk", flat=True)} == found


def test_a_public_code_finds_its_station_however_it_is_typed(register):
    station = register["翠湖"]
    spaced = f"{station.code[:6]}-{station.code[6:8]}-{station.code[8:]}"
    for typed in (station.code, station.code.lower(), spaced):
        assert Station.objects.matching(typed).get() == station


def test_a_very_long_search_is_answered(register):
    assert not Station.objects.matching("驿 " * 5000 + "翠" * 5000).filter(name="无").exists()


def test_a_search_uses_the_index():
    make_station(make_county())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    # Unordered: on three rows the planner would rather walk the index of the order.
    plan = Station.objects.filter(search_text__contains="翠湖公园").order_by().explain()
    assert "station_search_trgm" in plan


def test_stations_with_every_wanted_facility(register):
    save_stations([StationDraft(register["翠湖"], {"water": "", "wifi": ""})], by=None)
    save_stations([StationDraft(register["百"], {"water": ""})], by=None)
    assert set(Station.objects.with_facilities(["water"])) == {register["翠湖"], register["百"]}
    assert list(Station.objects.with_facilities(["water", "wifi", "water"])) == [register["翠湖"]]
