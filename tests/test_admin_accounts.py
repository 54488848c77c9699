"""Organisations, accounts and roles in the staff's pages: who may open, grant, move, and what each list costs."""

from __future__ import annotations

import os
import re
import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import PASSWORD, make_account, make_county, make_federation, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations.actions import add_organization, grant_role, move_organization
from unionportal.organizations.models import Account, Organization, Partner, PartnerAgreement, RoleAssignment
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="unionportal.organizations.backends.RoleBackend")
    return client


@pytest.fixture
def county() -> Organization:
    return make_county()


@pytest.fixture
def administrator(county: Organization) -> Account:
    return make_account(Role.SYSTEM_ADMINISTRATOR, county)


def account_form(account: Account, *grants: tuple[Role, Organization]) -> dict[str, Any]:
    held = account.role_assignments.count()
    data: dict[str, Any] = {
        "display_name": account.display_name,
        "organization": account.organization_id,
        "role_assignments-TOTAL_FORMS": held + len(grants),
        "role_assignments-INITIAL_FORMS": held,
        "_save": "1",
    }
    for number, row in enumerate(account.role_assignments.all()):
        data |= {f"role_assignments-{number}-id": row.pk, f"role_assignments-{number}-account": account.pk}
    for number, (role, at) in enumerate(grants, held):
        data |= {
            f"role_assignments-{number}-role": role.value,
            f"role_assignments-{number}-organization": at.pk,
            f"role_assignments-{number}-account": account.pk,
        }
    return data


def test_a_county_administrator_opens_an_account_and_sees_its_password_once(
    county: Organization, administrator: Account
) -> None:
    data = {"username": "new-clerk", "display_name": "新经办", "organization": county.pk, "role": "clerk"}
    response = client_of(administrator).post(reverse("admin:organizations_account_add"), data)
    password = re.search(r'id="first-password">([^<]+)<', response.content.decode())[1]
    account = Account.objects.get(username="new-clerk")
    assert account.check_password(password) and account.must_change_password
    assert account.has_role(Role.CLERK)
    assert "no-store" in response["Cache-Control"]
    page = client_of(administrator).get(reverse("admin:organizations_account_change", args=[account.pk]))
    assert password not in page.content.decode()


def test_he_opens_none_outside_his_branch(county: Organization, administrator: Account) -> None:
    for elsewhere in (make_federation(), make_county("盘龙区总工会（演示）", "530103")):
        data = {"username": "intruder", "display_name": "外来", "organization": elsewhere.pk}
        client_of(administrator).post(reverse("admin:organizations_account_add"), data)
        assert not Account.objects.filter(username="intruder").exists()


def test_he_grants_and_withdraws_in_his_branch_and_cannot_grant_at_the_city(
    county: Organization, administrator: Account
) -> None:
    account = make_account(Role.READ_ONLY, county)
    client, page = client_of(administrator), reverse("admin:organizations_account_change", args=[account.pk])
    assert client.post(page, account_form(account, (Role.CLERK, county))).status_code == 302
    client.post(page, account_form(account, (Role.SYSTEM_ADMINISTRATOR, make_federation())))
    assert set(account.role_assignments.values_list("role", flat=True)) == {"read_only", "clerk"}
    data = account_form(account) | {"role_assignments-0-DELETE": "on"}
    client.post(page, data)
    assert account.role_assignments.count() == 1
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"grant_role", "withdraw_role"}


def test_he_cannot_grant_at_the_city_even_where_he_may_read_it(county: Organization, administrator: Account) -> None:
    grant_role(administrator, role=Role.AUDITOR, at=make_federation(), by=None)
    account = make_account(Role.READ_ONLY, county)
    page = reverse("admin:organizations_account_change", args=[account.pk])
    client_of(Account.objects.get(pk=administrator.pk)).post(
        page, account_form(account, (Role.CLERK, make_federation()))
    )
    assert not RoleAssignment.objects.filter(account=account, role=Role.CLERK).exists()


def test_a_first_password_is_changed_before_anything_else(county: Organization) -> None:
    account = make_account(Role.CLERK, county)
    Account.objects.filter(pk=account.pk).update(must_change_password=True)
    client = client_of(account)
    for page in ("admin:index", "admin:stations_station_changelist"):
        assert client.get(reverse(page)).url == reverse("admin:password_change")
    assert client.get(reverse("admin:password_change")).status_code == 200
    new = "another-long-Passphrase-7"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), data).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_reset_password_is_shown_once_and_a_closed_account_is_out(
    county: Organization, administrator: Account
) -> None:
    account = make_account(Role.CLERK, county)
    theirs, client = client_of(account), client_of(administrator)
    page = client.post(reverse("admin:organizations_account_reset_password_page", args=[account.pk]))
    password = re.search(r'id="first-password">([^<]+)<', page.content.decode())[1]
    account.refresh_from_db()
    assert account.check_password(password)
    client.post(reverse("admin:organizations_account_close_page", args=[account.pk]))
    assert theirs.get(reverse("admin:index")).status_code == 302
    account.refresh_from_db()
    assert not account.is_active


def test_a_closed_account_offers_to_be_reopened_and_nothing_else(county: Organization, administrator: Account) -> None:
    account, client = make_account(Role.CLERK, county), client_of(administrator)
    change = reverse("admin:organizations_account_change", args=[account.pk])
    doors = {
        name: reverse(f"admin:organizations_account_{name}_page", args=[account.pk])
        for name in ("close", "reopen", "reset_password")
    }

    def offered() -> set[str]:
        page = client.get(change).content.decode()
        return {name for name, door in doors.items() if f'href="{door}"' in page}

    assert offered() == {"close", "reset_password"}
    client.post(doors["close"])
    assert offered() == {"reopen"}
    shown = client.post(doors["reopen"])
    password = re.search(r'id="first-password">([^<]+)<', shown.content.decode())[1]
    account.refresh_from_db()
    assert account.is_active and account.check_password(password)
    assert client.post(doors["reopen"]).status_code == 302
    assert offered() == {"close", "reset_password"}


def test_a_clerk_sees_no_accounts(county: Organization) -> None:
    client = client_of(make_account(Role.CLERK, county))
    assert client.get(reverse("admin:organizations_account_changelist")).status_code == 403
    assert client.get(reverse("admin:organizations_account_roles_page")).status_code == 403


def test_an_organization_is_added_below_a_superior_of_ones_branch_only(county: Organization) -> None:
    clerk, other = make_account(Role.CLERK, county), make_county("盘龙区总工会（演示）", "530103")
    page = reverse("admin:organizations_organization_add")
    fields = {"name": "示例街道总工会", "kind": "township", "status": "active"}
    client_of(clerk).post(page, {**fields, "superior": other.pk})
    assert not Organization.objects.filter(name="示例街道总工会").exists()
    assert client_of(clerk).post(page, {**fields, "superior": county.pk}).status_code == 302
    added = Organization.objects.get(name="示例街道总工会")
    assert added.path.startswith(county.path) and added.code


def test_moving_says_how_many_move_and_asks_first(county: Organization) -> None:
    other = make_county("盘龙区总工会（演示）", "530103")
    union = make_union(county)
    make_union(union, "示例班组", kind="group")
    client = client_of(make_account(Role.SYSTEM_ADMINISTRATOR, make_federation()))
    page = reverse("admin:organizations_organization_move_page", args=[union.pk])
    asked = client.post(page, {"to": other.pk})
    assert asked.status_code == 200 and "2" in re.search(r"<p[^>]*>([^<]*（演示）[^<]*)</p>", asked.content.decode())[1]
    union.refresh_from_db()
    assert union.path.startswith(county.path)
    assert client.post(page, {"to": other.pk, "sure": "1"}).status_code == 302
    union.refresh_from_db()
    assert union.path.startswith(other.path)


def test_an_organization_is_found_by_the_initials_of_its_pinyin(county: Organization) -> None:
    client = client_of(make_account(Role.CLERK, make_federation()))
    make_county("盘龙区总工会（演示）", "530103")
    for words, found in (("whqzgh", True), ("panlong", False), ("五华", True), (county.code, True)):
        page = client.get(reverse("admin:organizations_organization_changelist"), {"q": words}).content.decode()
        assert ("五华区总工会" in page.replace(words, "")) is found or words == "五华", words


@pytest.mark.parametrize(
    ("model", "role", "queries"),
    [
        ("organizations_organization", Role.SYSTEM_ADMINISTRATOR, 5),
        ("organizations_account", Role.SYSTEM_ADMINISTRATOR, 7),
        ("organizations_partner", Role.CLERK, 5),
        ("organizations_division", Role.SYSTEM_ADMINISTRATOR, 5),
        ("audit_auditevent", Role.AUDITOR, 5),
    ],
)
def test_a_list_costs_the_same_with_one_and_with_three_rows(
    county: Organization, model: str, role: Role, queries: int
) -> None:
    client = client_of(make_account(role, county))
    Partner.objects.create(organization=county, name="示例平台一", kind="platform")
    client.get(reverse("admin:index"))  # the session's first request writes
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"admin:{model}_changelist")).status_code == 200
        counts.append(len(captured))
        for word in "甲乙":
            make_union(county, f"{word}{number}公司工会")
            make_account(Role.READ_ONLY, county)
            Partner.objects.create(organization=county, name=f"{word}{number}平台", kind="platform")
    assert counts == [queries, queries]


def test_a_partner_is_saved_with_its_agreements(county: Organization) -> None:
    data = {
        "name": "示例医院",
        "kind": "hospital",
        "organization": county.pk,
        "agreements-TOTAL_FORMS": "1",
        "agreements-INITIAL_FORMS": "0",
        "agreements-0-role": "service",
        "agreements-0-starts_on": "2026-01-01",
    }
    client = client_of(make_account(Role.CLERK, county))
    assert client.post(reverse("admin:organizations_partner_add"), data).status_code == 302
    assert PartnerAgreement.objects.get().partner.name == "示例医院"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home(county: Organization, role: Role) -> None:
    make_station(county)
    response = client_of(make_account(role, county)).get(reverse("admin:index"))
    assert response.status_code == 200 and "wp-panels" in response.content.decode()


def test_the_looser_content_policy_holds_under_the_admin_only(county: Organization) -> None:
    client = client_of(make_account(Role.CLERK, county))
    assert "unsafe-eval" in client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe-eval" in Client().get(reverse("admin:login"))["Content-Security-Policy"]
    assert "unsafe-eval" not in client.get("/about/")["Content-Security-Policy"]


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_branch_that_moves_while_others_add_below_it_stays_one_tree() -> None:
    """Without the lock a child added during the move keeps a path that no longer exists."""
    make_federation()
    counties = [make_county("甲区总工会", "530102"), make_county("乙区总工会", "530103")]
    branch = make_union(counties[0], "移动的工会")
    mover = make_account(Role.SYSTEM_ADMINISTRATOR, make_federation())
    rounds = int(os.environ.get("PORTAL_SOAK", "3"))
    failures: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    def add(name: str) -> None:
        add_organization(parent=branch, by=None, name=name, kind="group")

    def move(to: Organization) -> None:
        move_organization(branch, to=to, by=Account.objects.get(pk=mover.pk))

    for number in range(rounds):
        to = counties[(number + 1) % 2]
        works = [partial(add, f"班组{number}-{n}") for n in range(4)]
        works.insert(2, partial(move, to))
        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not failures
        branch = Organization.objects.get(pk=branch.pk)
        assert branch.path.startswith(to.path)
        groups = Organization.objects.filter(kind="group")
        assert all(group.path.startswith(branch.path) for group in groups)
        assert branch.numchild == groups.count() == (number + 1) * 4
    assert Organization.objects.find_problems() == ([], [], [], [], [])
