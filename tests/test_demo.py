"""The demonstration: it loads whole, once, and holds nobody's real number."""

from __future__ import annotations

import re
from io import StringIO

import pgtrigger
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import models
from django.test import RequestFactory
from django.utils import timezone

from campaigns.management.commands.demo import FOLDER, accounts_table
from stations.actions import change_state
from stations.lifecycle import State
from stations.models import (
    Asset,
    Exhibit,
    Exhibition,
    GroupVisit,
    Guide,
    OpeningException,
    OpeningPeriod,
    PositionDoubt,
    ShopGood,
    Station,
    StationFacility,
    StationKeeper,
    TemporaryService,
    VolunteerHours,
)
from stations.models.shop import fund_balance
from tests.demonstration import demo_city  # noqa: F401  (a fixture)
from unionportal.audit.models import AuditEvent
from unionportal.organizations.demo import read_accounts
from unionportal.organizations.models import Account, Division, Organization, Partner, PartnerAgreement
from unionportal.organizations.roles import Role
from unionportal.sheets.models import SheetRun

KUNMING = "5301"
REAL_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
RESIDENT_ID = re.compile(
    r"(?<![0-9A-Z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[0-9Xx](?![0-9A-Z])"
)
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
LOADED = (Organization, Account, Partner, PartnerAgreement, Station, SheetRun, AuditEvent)
pytestmark = [pytest.mark.usefixtures("demo_city"), pytest.mark.django_db]


def texts_of(model: type[models.Model]) -> list[str]:
    fields = [f.attname for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
    fields = [name for name in fields if name not in ("password", "sha256")]
    return [str(text) for row in model._default_manager.values_list(*fields) for text in row if text]


def texts_of_row(row: models.Model) -> list[str]:
    fields = [f for f in row._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
    return [str(f.value_from_object(row)) for f in fields]


def counts() -> dict[str, int]:
    counted = (*LOADED, Division, StationFacility, OpeningPeriod, StationKeeper, PositionDoubt)
    return {model.__name__: model._default_manager.count() for model in counted}


# --- What it holds -------------------------------------------------------------------------------------------


def test_the_city_has_about_five_hundred_stations_in_every_district():
    assert 480 <= Station.objects.count() <= 530
    districts = set(
        Division.objects.filter(code__startswith=KUNMING, level="county", is_official=True).values_list(
            "code", flat=True
        )
    )
    assert len(districts) == 14
    held = {code[:6] for code in Station.objects.values_list("division_id", flat=True)}
    zones = set(Division.objects.filter(parent_id="530100", is_official=False).values_list("code", flat=True))
    assert districts <= held
    assert len(zones) == 4
    owners = set(Station.objects.values_list("organization__path", flat=True))
    for zone in zones:
        branch = Organization.objects.get(code=zone)
        assert any(path.startswith(branch.path) for path in owners), branch


def test_every_state_of_a_station_is_to_be_seen():
    assert set(Station.objects.values_list("status", flat=True)) == set(State.values)
    assert Station.objects.filter(status=State.OPEN).count() > 400


def test_a_station_that_was_suspended_rectified_or_closed_says_why():
    assert not Station.objects.filter(status__in=["suspended", "rectifying", "closed"], status_reason="").exists()


def test_no_station_has_opened_before_it_was_accepted():
    coming = Station.objects.filter(status__in=["planned", "building"])
    assert not coming.exclude(opened_on=None).exists()
    assert not coming.exclude(sign_number="").exists()


def test_stations_have_facilities_and_hours_that_were_read():
    working = Station.objects.filter(status=State.OPEN)
    assert not working.filter(facilities=None).exclude(kind="WH").exists()
    assert working.filter(periods=None).count() < working.count() / 10


def test_some_pages_were_confirmed_lately_some_long_ago_and_some_never():
    days = Station.objects.filter(status=State.OPEN).values_list("last_confirmed_on", flat=True)
    today = AuditEvent.objects.latest("at").at.date()
    ages = [(today - day).days for day in days if day]
    assert sum(age <= 61 for age in ages) > 100
    assert sum(age > 100 for age in ages) > 30
    assert list(days).count(None) > 30


def test_a_few_positions_are_doubted_for_every_reason():
    assert set(PositionDoubt.objects.values_list("code", flat=True)) == set(PositionDoubt.Code.values)
    assert PositionDoubt.objects.count() < 15


def test_a_list_waits_with_warnings_for_the_clerk_to_apply():
    run = SheetRun.objects.get(kind="stations")
    assert run.is_open
    assert run.handed_in_by.username == "wuhua-clerk"
    assert run.created and run.warnings and run.rejected


def test_what_lives_in_stations_is_shown_in_its_states_and_marked():
    assert set(OpeningException.objects.values_list("kind", flat=True)) == {"closed", "open"}
    assert set(Exhibit.objects.values_list("state", flat=True)) == {"collected", "catalogued", "selected", "shown"}
    today = timezone.localdate()
    assert TemporaryService.objects.open_on(today).exists()
    assert TemporaryService.objects.filter(state="ended", until_on__lt=today).exists()
    assert Asset.objects.get(replaces__state="replaced").volunteer_hours.hours() > 0
    assert ShopGood.objects.exists() and fund_balance(ShopGood.objects.first().station) > 0
    for model in (OpeningException, TemporaryService, Exhibit, Exhibition, Guide, GroupVisit, Asset, ShopGood):
        rows = model.objects.all()
        assert rows and all("演示" in " ".join(texts_of_row(row)) for row in rows), model
    people = [*VolunteerHours.objects.values_list("person", flat=True), *Guide.objects.values_list("name", flat=True)]
    assert people and all(person.startswith("演示·") for person in people)


# --- Accounts ------------------------------------------------------------------------------------------------


def test_every_role_has_an_account_that_can_log_in():
    password = read_accounts(FOLDER)["password"]
    request = RequestFactory().post("/admin/login/")
    for role in Role:
        account = Account.objects.filter(role_assignments__role=role).first()
        assert account is not None, role
        assert authenticate(request, username=account.username, password=password) == account
        assert account.is_staff
        assert not account.must_change_password


def test_a_keeper_reaches_exactly_the_stations_he_is_named_for():
    keeper = Account.objects.get(username="keeper-wenlin")
    reached = set(Station.objects.editable_by(keeper).values_list("name", flat=True))
    assert reached == {"华山街道文林街职工驿站", "华山街道总工会职工之家"}


def test_a_district_clerk_sees_no_station_of_another_district():
    clerk = Account.objects.get(username="wuhua-clerk")
    seen = Station.objects.visible_to(clerk)
    assert seen.count() > 50
    wuhua = Organization.objects.get(code="530102")
    assert not seen.exclude(organization__path__startswith=wuhua.path).exists()


def test_the_table_of_accounts_names_each_with_its_role_and_the_password():
    table = accounts_table()
    assert "demo-2026-Portal" in table
    for account in read_accounts(FOLDER)["accounts"]:
        assert re.search(rf"^  {account['username']} .*{account['display_name']}$", table, re.MULTILINE)
    assert "集体协商指导员" in table


# --- Loading again, and where it must not be loaded ----------------------------------------------------------


def test_loading_again_changes_nothing(django_assert_max_num_queries):
    before = counts()
    latest = Station.objects.latest("updated_at").updated_at
    said = StringIO()
    with django_assert_max_num_queries(40):
        call_command("demo", stdout=said)
    assert said.getvalue() == ""
    assert counts() == before
    assert Station.objects.latest("updated_at").updated_at == latest


def test_what_staff_changed_stays_when_it_is_loaded_again():
    change_state(Station.objects.get(name="金马社区冬季取暖点"), "close", by=None, reason="取暖季结束")
    Station.objects.filter(name="官渡古镇工会驿站").update(name="改名的驿站")
    call_command("demo", stdout=StringIO())
    assert Station.objects.get(name="金马社区冬季取暖点").status == State.CLOSED
    assert not Station.objects.filter(name="官渡古镇工会驿站").exists()


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    for arguments in ([], ["--accounts"]):
        with pytest.raises(CommandError):
            call_command("demo", *arguments)


def test_it_is_refused_in_a_database_that_holds_another_federation():
    with pgtrigger.ignore("audit.AuditEvent:append_only"):
        AuditEvent.objects.filter(verb="load_demo").delete()
    with pytest.raises(CommandError):
        call_command("demo", stdout=StringIO())


# --- Nobody real ---------------------------------------------------------------------------------------------


def test_no_file_of_the_demonstration_holds_a_number_somebody_may_have():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        text = path.read_text(encoding="utf-8-sig")
        assert not REAL_MOBILE.findall(text), path.name
        assert not RESIDENT_ID.findall(text), path.name
        assert {number[:9] for number in LANDLINE.findall(text)} <= {"0871-0000"}, path.name


@pytest.mark.parametrize("model", LOADED, ids=lambda model: model.__name__)
def test_no_loaded_row_holds_a_number_somebody_may_have(model):
    text = "\n".join(texts_of(model))
    assert text
    assert not REAL_MOBILE.findall(text)
    assert not RESIDENT_ID.findall(text)
    assert {number[:9] for number in LANDLINE.findall(text)} <= {"0871-0000"}


def test_keepers_phones_are_numbers_that_no_network_gives_out():
    phones = [str(phone) for phone in Station.objects.values_list("keeper_phone", flat=True) if phone]
    assert len(phones) > 400
    assert all(re.fullmatch(r"100\d{8}", phone) for phone in phones)


def test_every_person_is_marked_as_invented():
    named = [
        *Organization.objects.exclude(chair="").values_list("chair", flat=True),
        *Account.objects.values_list("display_name", flat=True),
        *Station.objects.exclude(keeper_name="").values_list("keeper_name", flat=True),
        *Station.objects.exclude(responsible_cadre="").values_list("responsible_cadre", flat=True),
    ]
    assert len(named) > 700
    assert [name for name in named if not name.startswith("演示·")] == []


def test_every_organization_is_marked_as_invented():
    assert not Organization.objects.exclude(name__contains="演示").exists()
