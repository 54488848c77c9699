"""Staff accounts: what a role reaches, and who may make whom."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from stations.models import Station, StationKeeper
from tests.factories import PASSWORD, make_account, make_county, make_federation, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations import roles
from unionportal.organizations.actions import (
    close_account,
    grant_role,
    open_account,
    reopen_account,
    reset_password,
    withdraw_role,
)
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> Organization:
    return make_county()


@pytest.fixture
def theirs() -> Organization:
    return make_county("盘龙区总工会（演示）", "530103")


def test_a_role_reaches_the_whole_branch_and_nothing_beside_it(ours, theirs):
    below = make_union(ours)
    clerk = make_account(Role.CLERK, ours)
    mine, beside = make_station(below, "甲驿站"), make_station(theirs, "乙驿站")
    assert set(Station.objects.visible_to(clerk)) == {mine}
    assert clerk.has_perm("stations.change_station", mine)
    assert not clerk.has_perm("stations.view_station", beside)


def test_who_belongs_to_an_organization_without_a_role_reaches_nothing(ours):
    make_station(ours)
    account, _password = open_account(
        username="nobody", display_name="演示某", organization=ours, password=PASSWORD, by=None
    )
    assert not Station.objects.visible_to(account).exists()
    assert not account.is_staff


def test_a_read_only_account_sees_but_does_not_change(ours):
    station = make_station(ours)
    reader = make_account(Role.READ_ONLY, ours)
    assert Station.objects.visible_to(reader).exists()
    assert not Station.objects.editable_by(reader).exists()
    assert not reader.has_perm("stations.change_station", station)


def test_a_station_keeper_reaches_only_the_stations_he_is_named_for(ours):
    kept, other = make_station(ours, "甲驿站"), make_station(ours, "乙驿站")
    keeper = make_account(Role.STATION_KEEPER, ours)
    assert not Station.objects.visible_to(keeper).exists()
    StationKeeper.objects.create(station=kept, account=keeper)
    assert list(Station.objects.editable_by(keeper)) == [kept]
    assert not keeper.has_perm("stations.view_station", other)


def test_who_is_named_keeper_but_holds_no_keeper_role_gains_nothing(ours, theirs):
    clerk = make_account(Role.CLERK, theirs)
    StationKeeper.objects.create(station=make_station(ours), account=clerk)
    assert not Station.objects.visible_to(clerk).exists()


def test_a_system_administrator_makes_accounts_but_changes_no_station(ours):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    station = make_station(ours)
    assert administrator.holds("organizations.add_account")
    assert not administrator.has_perm("stations.change_station", station)
    assert not administrator.is_superuser


def test_an_auditor_reads_what_was_done_and_changes_nothing():
    changing = [
        permission
        for permission in roles.permissions_of(Role.AUDITOR)
        if permission.split(".")[1].split("_")[0] not in ("view", "export")
    ]
    assert changing == []


def test_a_county_administrator_makes_accounts_for_his_own_branch_only(ours, theirs):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    account, password = open_account(
        username="new-clerk", display_name="演示某", organization=ours, roles=[(Role.CLERK, ours)], by=administrator
    )
    assert account.must_change_password and account.check_password(password)
    with pytest.raises(PermissionDenied):
        open_account(username="spy", display_name="演示某", organization=theirs, by=administrator)
    assert not Account.objects.filter(username="spy").exists()


def test_a_county_administrator_cannot_grant_a_role_above_himself(ours):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    clerk = make_account(Role.CLERK, ours)
    with pytest.raises(PermissionDenied):
        grant_role(clerk, role=Role.CLERK, at=make_federation(), by=administrator)
    with pytest.raises(PermissionDenied):
        grant_role(administrator, role=Role.SYSTEM_ADMINISTRATOR, at=make_federation(), by=administrator)


def test_a_county_administrator_cannot_reset_a_password_of_another_county(ours, theirs):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    stranger = make_account(Role.CLERK, theirs)
    with pytest.raises(PermissionDenied):
        reset_password(stranger, by=administrator)
    stranger.refresh_from_db()
    assert stranger.check_password(PASSWORD)


def test_granting_and_withdrawing_a_role_is_written_down_once(ours):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    clerk = make_account(Role.CLERK, ours)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    held = grant_role(clerk, role=Role.REVIEWER, at=ours, by=administrator)
    grant_role(clerk, role=Role.REVIEWER, at=ours, by=administrator)
    withdraw_role(held, by=administrator)
    assert list(AuditEvent.objects.exclude(pk__in=before).order_by("id").values_list("verb", "actor")) == [
        ("grant_role", str(administrator)),
        ("withdraw_role", str(administrator)),
    ]


def test_a_closed_account_reaches_nothing_and_logs_in_no_more(ours):
    clerk = make_account(Role.CLERK, ours, "leaver")
    make_station(ours)
    close_account(clerk, by=make_account(Role.SYSTEM_ADMINISTRATOR, ours))
    gone = Account.objects.get(pk=clerk.pk)
    assert not Station.objects.visible_to(gone).exists()
    response = Client().post(reverse("admin:login"), {"username": "leaver", "password": PASSWORD})
    assert response.status_code == 200 and "_auth_user_id" not in response.client.session


def test_a_weak_password_is_refused(ours):
    with pytest.raises(ValidationError):
        open_account(username="weak", display_name="演示某", organization=ours, password="12345678", by=None)


def test_five_wrong_passwords_lock_the_name_from_that_address_only(ours, settings):
    settings.AXES_FAILURE_LIMIT = 5
    make_account(Role.CLERK, ours, "clerk-one")
    login = reverse("admin:login")
    stranger, desk = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="203.0.113.10")
    for _attempt in range(5):
        locked = stranger.post(login, {"username": "clerk-one", "password": "wrong"})
    assert locked.status_code == 429
    assert stranger.post(login, {"username": "clerk-one", "password": PASSWORD}).status_code == 429
    assert desk.post(login, {"username": "clerk-one", "password": PASSWORD}).status_code == 302


def test_a_session_that_somebody_planted_is_not_logged_in(ours):
    """Session fixation: logging in gives the session a new name, the one known before stays a stranger's."""
    make_account(Role.CLERK, ours, "clerk-five")
    victim, attacker = Client(), Client()
    planted = victim.session
    planted["seen"] = True
    planted.save()
    victim.cookies[settings.SESSION_COOKIE_NAME] = attacker.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert victim.post(reverse("admin:login"), {"username": "clerk-five", "password": PASSWORD}).status_code == 302
    assert victim.get(reverse("admin:index")).status_code == 200
    assert victim.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    assert attacker.get(reverse("admin:index")).status_code == 302


def test_an_idle_session_ends(ours, settings, time_machine_at):
    settings.IDLE_TIMEOUT_MINUTES = 30
    make_account(Role.CLERK, ours, "clerk-two")
    client = Client()
    with time_machine_at("2026-11-22 09:00"):
        client.post(reverse("admin:login"), {"username": "clerk-two", "password": PASSWORD})
        assert client.get(reverse("admin:index")).status_code == 200
    with time_machine_at("2026-11-22 09:20"):
        assert client.get(reverse("admin:index")).status_code == 200
    with time_machine_at("2026-11-22 09:51"):
        assert client.get(reverse("admin:index")).status_code == 302


@pytest.fixture
def time_machine_at():
    import datetime
    from zoneinfo import ZoneInfo

    import time_machine

    def at(moment: str):
        return time_machine.travel(
            datetime.datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai")), tick=False
        )

    return at


def test_a_reopened_account_logs_in_with_its_roles_and_a_new_first_password(ours):
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    clerk = make_account(Role.CLERK, ours, "returner")
    close_account(clerk, by=administrator)
    password = reopen_account(clerk, by=administrator)
    clerk = Account.objects.get(pk=clerk.pk)
    assert clerk.is_active and clerk.must_change_password and clerk.has_role(Role.CLERK)
    assert clerk.check_password(password) and not clerk.check_password(PASSWORD)
    verbs = AuditEvent.objects.about(clerk).filter(actor_id=administrator.pk).order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["close_account", "reopen_account", "reset_password"]


def test_an_account_is_reopened_by_who_may_close_it_and_only_if_it_is_closed(ours, theirs):
    clerk = make_account(Role.CLERK, ours)
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    with pytest.raises(ValidationError):
        reopen_account(clerk, by=administrator)
    close_account(clerk, by=administrator)
    for stranger in (make_account(Role.SYSTEM_ADMINISTRATOR, theirs), make_account(Role.CLERK, ours)):
        with pytest.raises(PermissionDenied):
            reopen_account(clerk, by=stranger)
    assert not Account.objects.get(pk=clerk.pk).is_active


def test_an_account_with_a_role_above_is_not_the_countys_to_reset_or_close(ours):
    """With its password the county would hold the city's role."""
    county, city = make_account(Role.SYSTEM_ADMINISTRATOR, ours), make_account(Role.CLERK, ours)
    grant_role(city, role=Role.SYSTEM_ADMINISTRATOR, at=make_federation(), by=None)
    for verb in (reset_password, close_account):
        with pytest.raises(PermissionDenied):
            verb(city, by=county)
    city.refresh_from_db()
    assert city.is_active and city.check_password(PASSWORD)


def test_what_every_county_shares_is_changed_at_the_federation_only(ours):
    county = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    city = make_account(Role.SYSTEM_ADMINISTRATOR, make_federation())
    for permission in ("stations.change_facility", "organizations.add_division", "organizations.add_calendarday"):
        assert city.has_perm(permission)
        assert not county.has_perm(permission)
    assert county.has_perm("organizations.add_account")


def test_behind_a_proxy_the_lock_out_counts_the_visitor_and_not_the_proxy(ours, settings):
    settings.PROXY_COUNT = 1
    make_account(Role.CLERK, ours, "clerk-three")
    login, proxy = reverse("admin:login"), {"REMOTE_ADDR": "172.18.0.2"}
    for _attempt in range(5):
        Client(**proxy, HTTP_X_FORWARDED_FOR="203.0.113.9").post(login, {"username": "clerk-three", "password": "no"})
    desk = Client(**proxy, HTTP_X_FORWARDED_FOR="203.0.113.10")
    assert desk.post(login, {"username": "clerk-three", "password": PASSWORD}).status_code == 302


def test_a_new_password_lifts_the_lock_out(ours):
    account = make_account(Role.CLERK, ours, "clerk-four")
    client, login = Client(), reverse("admin:login")
    for _attempt in range(5):
        client.post(login, {"username": "clerk-four", "password": "no"})
    password = reset_password(account, by=None)
    assert client.post(login, {"username": "clerk-four", "password": password}).status_code == 302
