"""Whose rows are whose: a branch is a prefix of the path, and who holds no role reaches nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stations.models import Station, StationKind
from tests.factories import make_account, make_county, make_federation, make_station, make_union
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role
from unionportal.scope import is_scoped, reach_of, require_editable, require_in_branch, visible, within

pytestmark = pytest.mark.django_db


def test_a_branch_is_the_organisation_and_everything_below_it():
    county = make_county()
    union = make_union(county)
    make_county("盘龙区总工会（演示）", "530103")
    reached = Organization.objects.filter(within([county.path], "path"))
    assert set(reached) == {county, union}


def test_no_branch_is_nothing_and_never_everything():
    make_county()
    assert not Organization.objects.filter(within([], "path")).exists()


@pytest.mark.parametrize("user", [None, AnonymousUser(), object()])
def test_who_is_no_account_reaches_nothing(user):
    make_station(make_county())
    assert reach_of(user, "stations.view_station") == []
    assert not Station.objects.visible_to(user).exists()
    assert not Station.objects.editable_by(user).exists()


def test_a_permission_that_nobody_declared_reaches_nothing():
    county = make_county()
    make_station(county)
    clerk = make_account(Role.CLERK, county)
    assert not Station.objects.all().reached_by(clerk, "delete").exists()
    assert not Station.objects.all().reached_by(clerk, "teleport").exists()


def test_an_account_that_was_closed_reaches_nothing():
    county = make_county()
    make_station(county)
    clerk = make_account(Role.CLERK, county)
    assert Station.objects.visible_to(clerk).exists()
    clerk.is_active = False
    clerk.__dict__.pop("held_roles", None)
    assert not Station.objects.visible_to(clerk).exists()


def test_siblings_beyond_the_first_36_are_still_siblings():
    """Paths are counted in base 36: the prefix of one county is never that of another."""
    city = make_federation()
    counties = [make_union(city, f"示例工会{number}") for number in range(40)]
    clerk = make_account(Role.CLERK, counties[0])
    assert list(Organization.objects.visible_to(clerk)) == [counties[0]]


def test_a_reader_of_one_branch_and_clerk_of_another_changes_only_the_second():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    stations = {make_station(ours, "甲"), make_station(theirs, "乙")}
    clerk = make_account(Role.CLERK, ours)
    clerk.role_assignments.create(role=Role.READ_ONLY, organization=theirs)
    clerk.__dict__.pop("held_roles", None)
    assert set(Station.objects.visible_to(clerk)) == stations
    assert [s.name for s in Station.objects.editable_by(clerk)] == ["甲"]


def test_rows_without_an_owner_are_everybodys_and_rows_with_one_are_not():
    make_station(make_county())
    assert not is_scoped(StationKind)
    assert is_scoped(Station)
    assert visible(StationKind, AnonymousUser()).exists()
    assert not visible(Station, AnonymousUser()).exists()


def test_a_check_refuses_one_row_among_many_and_counts_those_beyond_reach():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    clerk = make_account(Role.CLERK, ours)
    mine, other = make_station(ours, "甲"), make_station(theirs, "乙")
    require_editable(Station.objects.all(), [mine.pk], clerk)
    with pytest.raises(PermissionDenied, match="2"):
        require_editable(Station.objects.all(), [mine.pk, other.pk, 0], clerk)


def test_a_check_of_no_rows_asks_the_database_nothing():
    clerk = make_account(Role.CLERK, make_county())
    assert clerk.held_roles
    with CaptureQueriesContext(connection) as queries:
        require_editable(Station.objects.all(), [], clerk)
        require_in_branch(Station.objects.all(), [], clerk, "add")
    assert len(queries) == 0


def test_adding_needs_the_verb_in_the_branch_that_owns_the_row():
    county = make_county()
    station = make_station(county)
    require_in_branch(Station.objects.all(), [station.pk], make_account(Role.CLERK, county), "add")
    with pytest.raises(PermissionDenied):
        require_in_branch(Station.objects.all(), [station.pk], make_account(Role.REVIEWER, county), "add")
    require_in_branch(Station.objects.all(), [station.pk], make_account(Role.REVIEWER, county), "change")
