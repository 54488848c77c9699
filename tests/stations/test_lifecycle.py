"""The life of a station: what each state allows, to whom, and what must be said."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from stations.actions import change_state, name_keepers
from stations.lifecycle import LIFECYCLE, NEED_REASON, PUBLIC_STATES, State
from stations.models import Station
from tests.factories import make_account, make_county, make_station
from unionportal.audit.models import AuditEvent
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db

ALLOWED = {
    State.PLANNED: {"start_building": "building", "submit_for_acceptance": "acceptance", "close": "closed"},
    State.BUILDING: {"submit_for_acceptance": "acceptance", "close": "closed"},
    State.ACCEPTANCE: {"accept": "open", "require_rectification": "rectifying", "close": "closed"},
    State.OPEN: {"require_rectification": "rectifying", "suspend": "suspended", "close": "closed"},
    State.RECTIFYING: {"submit_for_acceptance": "acceptance", "close": "closed"},
    State.SUSPENDED: {"resume": "open", "close": "closed"},
    State.CLOSED: {},
}
VERBS = sorted({transition.verb for transition in LIFECYCLE.transitions})


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", State.values)
def test_every_verb_from_every_state_leads_where_the_table_says_or_is_refused(state, verb):
    station = make_station(make_county(), status=state)
    wanted = ALLOWED[State(state)].get(verb)
    if wanted is None:
        with pytest.raises(TransitionRefused):
            change_state(station, verb, by=None, reason="演示原因")
        assert Station.objects.get().status == state
        assert not AuditEvent.objects.filter(verb=verb).exists()
    else:
        assert change_state(station, verb, by=None, reason="演示原因").status == wanted
        assert AuditEvent.objects.get(verb=verb).details["from"] == state


MAY = {
    "start_building": {Role.CLERK},
    "submit_for_acceptance": {Role.CLERK},
    "accept": {Role.REVIEWER},
    "require_rectification": {Role.REVIEWER},
    "suspend": {Role.CLERK, Role.REVIEWER, Role.STATION_KEEPER},
    "resume": {Role.CLERK, Role.REVIEWER, Role.STATION_KEEPER},
    "close": {Role.CLERK, Role.REVIEWER},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", VERBS)
def test_only_the_roles_that_hold_a_verb_can_do_it(verb, role):
    county = make_county()
    source = next(t for t in LIFECYCLE.transitions if t.verb == verb).sources
    station = make_station(county, status=sorted(source)[0])
    account = make_account(role, county)
    if role == Role.STATION_KEEPER:
        name_keepers(station, [account], by=None)
    if role in MAY[verb]:
        change_state(station, verb, by=account, reason="演示原因")
    else:
        with pytest.raises(PermissionDenied):
            change_state(station, verb, by=account, reason="演示原因")


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.STATION_KEEPER])
def test_a_station_of_another_county_is_out_of_reach(role):
    station = make_station(make_county("盘龙区总工会（演示）", "530103"))
    stranger = make_account(role, make_county())
    with pytest.raises(PermissionDenied):
        change_state(station, "suspend", by=stranger, reason="演示原因")


def test_a_keeper_who_is_not_named_for_the_station_can_do_nothing_there():
    county = make_county()
    ours, theirs = make_station(county), make_station(county, "另一个驿站")
    keeper = make_account(Role.STATION_KEEPER, county)
    name_keepers(ours, [keeper], by=None)
    change_state(ours, "suspend", by=keeper, reason="停电")
    with pytest.raises(PermissionDenied):
        change_state(theirs, "suspend", by=keeper, reason="停电")


def test_a_keeper_cannot_pass_by_the_acceptance_after_rectification():
    """Suspending and resuming a station that is being rectified would put it back into service."""
    county = make_county()
    station = make_station(county, status=State.RECTIFYING)
    keeper = make_account(Role.STATION_KEEPER, county)
    name_keepers(station, [keeper], by=None)
    with pytest.raises(TransitionRefused):
        change_state(station, "suspend", by=keeper, reason="停电")


@pytest.mark.parametrize("verb", sorted(NEED_REASON))
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_owed_where_visitors_lose_a_station(verb, reason):
    station = make_station(make_county())
    with pytest.raises(ValidationError):
        change_state(station, verb, by=None, reason=reason)
    assert Station.objects.get().status == State.OPEN


def test_the_reason_is_shown_until_the_state_changes_again():
    station = make_station(make_county())
    assert change_state(station, "suspend", by=None, reason=" 装修 ").status_reason == "装修"
    assert change_state(station, "resume", by=None).status_reason == ""


def test_the_state_in_the_database_counts_not_the_one_in_hand():
    station = make_station(make_county())
    change_state(station, "close", by=None, reason="撤并")
    assert station.status == State.OPEN
    with pytest.raises(TransitionRefused):
        change_state(station, "suspend", by=None, reason="停电")


def test_acceptance_sets_the_opening_day_only_where_none_is_known():
    fresh = make_station(make_county(), status=State.ACCEPTANCE)
    assert change_state(fresh, "accept", by=None).opened_on == timezone.localdate()
    known = make_station(make_county(), "老驿站", status=State.ACCEPTANCE, opened_on=datetime.date(2019, 5, 1))
    assert change_state(known, "accept", by=None).opened_on == datetime.date(2019, 5, 1)


def test_visitors_see_stations_in_service_and_those_that_will_be_again():
    county = make_county()
    for state in State.values:
        make_station(county, f"{state}驿站", status=state)
    assert set(Station.objects.public().values_list("status", flat=True)) == {"open", "rectifying", "suspended"}
    assert set(PUBLIC_STATES) == {"open", "rectifying", "suspended"}
    assert {s.status for s in Station.objects.all() if s.is_public} == set(PUBLIC_STATES)
