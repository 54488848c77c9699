"""The tree of unions keeps its shape, whoever moves what at the same time."""

from __future__ import annotations

import os
import random
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction

from tests.factories import make_account, make_county, make_federation, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations.actions import (
    OrganizationDraft,
    add_organization,
    move_organization,
    save_organizations,
)
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def test_a_county_federation_bears_the_code_of_its_division():
    assert make_county(division="530102").code == "530102"


def test_a_union_without_a_code_of_its_own_is_numbered_below_its_superior():
    county = make_county()
    assert [make_union(county, name).code for name in ("甲工会", "乙工会")] == ["530102-0001", "530102-0002"]


def test_there_is_one_federation_at_the_root():
    make_federation()
    with pytest.raises(ValidationError):
        add_organization(parent=None, by=None, name="另一个总工会", kind="city_federation")


def test_a_credit_code_of_a_union_begins_with_81_and_has_a_right_check_character():
    county = make_county()
    make_union(county, "甲工会", credit_code="81370800MC00000019")
    for wrong in ("91110108551385082Q", "81370800MC00000018"):
        with pytest.raises(ValidationError):
            make_union(county, "乙工会", credit_code=wrong)


def test_two_unions_cannot_share_a_credit_code_even_past_the_forms():
    county = make_county()
    make_union(county, "甲工会", credit_code="81370800MC00000019")
    second = make_union(county, "乙工会")
    with pytest.raises(IntegrityError, match="organization_credit_code_once"), transaction.atomic():
        Organization.objects.filter(pk=second.pk).update(credit_code="81370800MC00000019")


def test_a_clerk_adds_unions_in_his_branch_only():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    clerk = make_account(Role.CLERK, ours)
    add_organization(parent=ours, by=clerk, name="甲工会", kind="grassroots_independent")
    with pytest.raises(PermissionDenied):
        add_organization(parent=theirs, by=clerk, name="乙工会", kind="grassroots_independent")


def test_a_whole_branch_moves_with_all_below_it_and_the_move_is_one_event():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    street = make_union(ours, "华山街道总工会", kind="township")
    union = make_union(street, "甲工会")
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, make_federation())
    moved = move_organization(street, to=theirs, by=administrator)
    union.refresh_from_db()
    assert Organization.objects.get_parent(moved) == theirs
    assert union.path.startswith(moved.path)
    assert union.code == "530102-0001-0001"
    event = AuditEvent.objects.get(verb="move")
    assert (event.details["from"], event.details["to"]) == (ours.code, theirs.code)


def test_a_branch_cannot_move_below_itself():
    county = make_county()
    union = make_union(county)
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, make_federation())
    with pytest.raises(ValidationError):
        move_organization(county, to=union, by=administrator)


def test_a_county_administrator_cannot_move_a_branch_out_of_another_county():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    union = make_union(theirs)
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, ours)
    with pytest.raises(PermissionDenied):
        move_organization(union, to=ours, by=administrator)
    with pytest.raises(PermissionDenied):
        move_organization(make_union(ours, "乙工会"), to=theirs, by=administrator)


def test_superiors_may_stand_after_those_below_them_in_one_call():
    federation = make_federation()
    street = Organization(name="华山街道总工会", kind="township")
    union = Organization(name="甲工会", kind="grassroots_independent")
    save_organizations([OrganizationDraft(union, street), OrganizationDraft(street, federation)], by=None)
    assert Organization.objects.get_parent(union).name == "华山街道总工会"


def assert_tree_is_sound() -> None:
    problems = Organization.objects.find_problems()
    assert not any(problems), problems


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_moving_branches_while_others_add_below_them_leaves_the_tree_sound():
    rounds = 20 if os.environ.get("PORTAL_SOAK") else 3
    federation = make_federation()
    counties = [make_county(f"第{n}区总工会", f"5301{n:02d}") for n in (2, 3, 11)]
    streets = [make_union(county, f"{county.name}街道", kind="township") for county in counties]
    administrator = make_account(Role.SYSTEM_ADMINISTRATOR, federation)
    faults: list[Exception] = []

    def add_below(number: int) -> None:
        try:
            for turn in range(rounds):
                add_organization(
                    parent=random.choice(streets), by=None, name=f"工会{number}-{turn}", kind="grassroots_independent"
                )
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    def move_about() -> None:
        try:
            for _turn in range(rounds):
                move_organization(random.choice(streets), to=random.choice(counties), by=administrator)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add_below, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=move_about) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert not faults
    assert_tree_is_sound()
    assert Organization.objects.filter(name__startswith="工会").count() == 4 * rounds
