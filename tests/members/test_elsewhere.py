"""Where nobody can belong to: departments, task groups, unions that were closed; and what is said instead."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from members.actions import HIMSELF, ask_transfer, reroute, transfer_members
from members.forms import TransferForm
from members.staff_forms import ClerkApplicationForm, UnionForm
from tests.factories import make_union
from tests.members.people import apply, make_member
from unionportal.organizations.models import Organization


@pytest.fixture(params=["department", "task_group", "dissolved", "merged"])
def nowhere(request, wuhua):
    """A body that takes in no members."""
    if request.param in Organization.Status.values:
        return make_union(wuhua, "演示旧工会", kind="grassroots_joint", status=request.param)
    return make_union(wuhua, "演示机关内设机构", kind=request.param)


def test_nobody_is_transferred_or_handed_on_to_what_takes_in_no_members(catch_all, nowhere):
    member, application = make_member(catch_all), apply()
    for verb in (
        lambda: ask_transfer(member, to=nowhere, by=HIMSELF),
        lambda: transfer_members([member], to=nowhere, by=None),
        lambda: reroute(application, to=nowhere, by=None),
    ):
        with pytest.raises(ValidationError) as refused:
            verb()
        assert refused.value.code == "no_members_there"
    member.refresh_from_db()
    assert member.state == "active"


def test_the_forms_refuse_it_at_the_field(catch_all, nowhere, clerk):
    assert "organization" in TransferForm({"organization": nowhere.code}).errors
    assert "organization" in UnionForm({"organization": nowhere.code}).errors
    form = type("FormOfRequest", (ClerkApplicationForm,), {"user": clerk})()
    offered = form.fields["organization"].queryset
    assert nowhere not in offered
    assert catch_all in offered


def test_an_old_poster_leads_to_another_way_of_joining(catch_all, wuhua):
    closed = make_union(wuhua, "演示旧工会", kind="grassroots_joint", status="dissolved")
    response = Client().get(f"/join/{closed.code}/")
    page = response.content.decode()
    assert response.status_code == 404
    assert closed.name in page
    assert 'href="/join/"' in page
    assert "驿站" not in page.split("<main", 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize("code", ["NO-SUCH-UNION", "x" * 400, "😀"])
def test_a_code_that_never_was_says_so_and_offers_the_same(catch_all, code):
    response = Client().get(f"/join/{code}/")
    assert response.status_code == 404
    assert 'href="/join/"' in response.content.decode()


def test_staff_print_no_code_for_a_union_that_takes_nobody(clerk, nowhere):
    desk = Client()
    desk.force_login(clerk)
    response = desk.get(reverse("members:union-code", args=[nowhere.code]))
    assert response.status_code == 200
    assert nowhere.name in response.content.decode()
    assert "union-code-svg" not in response.content.decode()
    assert ".svg" not in response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    assert desk.get(reverse("members:union-code-svg", args=[nowhere.code])).status_code == 404
