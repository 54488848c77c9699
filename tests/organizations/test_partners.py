"""Partners are shared downwards: not sideways, and not upwards."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import make_account, make_county, make_federation, make_union
from unionportal.organizations.models import Partner, PartnerAgreement
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def partner(organization, name: str, **fields) -> Partner:
    return Partner.objects.create(organization=organization, name=name, **fields)


@pytest.fixture
def tree() -> dict:
    city, ours = make_federation(), make_county()
    theirs = make_county("盘龙区总工会（演示）", "530103")
    union = make_union(ours)
    for label, organization in (("市", city), ("本区", ours), ("邻区", theirs), ("基层", union)):
        partner(organization, f"{label}共享", is_shared=True)
        partner(organization, f"{label}自用")
    return {"city": city, "ours": ours, "theirs": theirs, "union": union}


def seen(account) -> set[str]:
    return set(Partner.objects.visible_to(account).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("city", {f"{label}{use}" for label in ("市", "本区", "邻区", "基层") for use in ("共享", "自用")}),
        ("ours", {"市共享", "本区共享", "本区自用", "基层共享", "基层自用"}),
        ("union", {"市共享", "本区共享", "基层共享", "基层自用"}),
    ],
)
def test_a_clerk_sees_his_branch_and_what_superiors_share(tree, where, names):
    assert seen(make_account(Role.CLERK, tree[where])) == names


def test_seeing_a_shared_partner_does_not_mean_changing_it(tree):
    clerk = make_account(Role.CLERK, tree["ours"])
    shared = Partner.objects.get(name="市共享")
    assert clerk.has_perm("organizations.view_partner", shared)
    assert not clerk.has_perm("organizations.change_partner", shared)
    assert set(Partner.objects.editable_by(clerk).values_list("name", flat=True)) == {
        "本区共享",
        "本区自用",
        "基层共享",
        "基层自用",
    }


def test_agreements_of_a_shared_partner_stay_with_the_union_that_made_them(tree):
    made = PartnerAgreement.objects.create(
        partner=Partner.objects.get(name="市共享"), role="host", starts_on=datetime.date(2026, 1, 1)
    )
    assert list(PartnerAgreement.objects.visible_to(make_account(Role.CLERK, tree["city"]))) == [made]
    assert not PartnerAgreement.objects.visible_to(make_account(Role.CLERK, tree["ours"])).exists()


def test_two_roles_in_two_branches_add_up(tree):
    clerk = make_account(Role.CLERK, tree["union"])
    clerk.role_assignments.create(role=Role.READ_ONLY, organization=tree["theirs"])
    clerk.__dict__.pop("held_roles", None)
    assert seen(clerk) == {"市共享", "本区共享", "基层共享", "基层自用", "邻区共享", "邻区自用"}
    assert Partner.objects.visible_to(clerk).count() == 6


def test_keepers_visitors_and_closed_accounts_see_no_partner(tree):
    keeper = make_account(Role.STATION_KEEPER, tree["ours"])
    closed = make_account(Role.CLERK, tree["ours"])
    closed.is_active = False
    closed.__dict__.pop("held_roles", None)
    for nobody in (keeper, closed, AnonymousUser()):
        assert not Partner.objects.visible_to(nobody).exists()


def test_a_partner_that_is_no_longer_shared_is_seen_by_its_keeper_only(tree):
    Partner.objects.filter(name="市共享").update(is_shared=False)
    assert "市共享" not in seen(make_account(Role.CLERK, tree["ours"]))


def test_agreements_are_in_force_from_the_first_to_the_last_day():
    bank = partner(make_county(), "示例银行")
    first, last = datetime.date(2026, 5, 1), datetime.date(2026, 5, 31)
    PartnerAgreement.objects.create(partner=bank, role="host", starts_on=first, ends_on=last)
    PartnerAgreement.objects.create(partner=bank, role="funding", starts_on=first)
    day = datetime.timedelta(days=1)
    counts = [PartnerAgreement.objects.in_force(d).count() for d in (first - day, first, last, last + day)]
    assert counts == [0, 2, 2, 1]
