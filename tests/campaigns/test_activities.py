"""An activity fills up, its waiting list moves up, and nothing oversells it."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns import actions
from campaigns.lifecycle import RegistrationState
from campaigns.models import Activity, Campaign, Registration
from campaigns.models.campaigns import Audience
from members.models import Member
from tests.campaigns.makers import courier_group, hours, make_activity, make_campaign, make_member, make_members
from tests.factories import make_account, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(wuhua):
    return make_campaign(wuhua, title="职工兴趣班", kind=Campaign.Kind.CULTURE)


@pytest.fixture
def tai_chi(programme):
    return make_activity(programme)


def states(activity: Activity) -> list[str]:
    return list(activity.registrations.order_by("signed_up_at", "id").values_list("state", flat=True))


# --- Signing up ----------------------------------------------------------------------------------------------


@pytest.mark.system("A109")
def test_a_class_of_two_takes_two_and_lets_the_third_wait(tai_chi, wuhua):
    first, second, third = (actions.sign_up(tai_chi, member=m) for m in make_members(wuhua, 3))
    assert [first.state, second.state, third.state] == ["confirmed", "confirmed", "waiting"]
    assert third.place_in_line == 1


@pytest.mark.system("A150")
def test_a_lecture_without_a_limit_lets_nobody_wait(programme, wuhua):
    lecture = make_activity(programme, title="公益普法三人行", led_by="演示·王律师", capacity=None)
    assert {actions.sign_up(lecture, member=m).state for m in make_members(wuhua, 5)} == {"confirmed"}


def test_signing_up_twice_is_one_sign_up(tai_chi, courier):
    assert actions.sign_up(tai_chi, member=courier) == actions.sign_up(tai_chi, member=courier)
    assert Registration.objects.count() == 1


def test_the_database_holds_one_standing_sign_up_for_a_member(tai_chi, courier):
    actions.sign_up(tai_chi, member=courier)
    with pytest.raises(IntegrityError, match="registration_once"), transaction.atomic():
        Registration.objects.create(activity=tai_chi, member=courier, state=RegistrationState.WAITING)


def test_who_cancelled_may_sign_up_again_at_the_end_of_the_line(tai_chi, wuhua):
    one, two, three = make_members(wuhua, 3)
    first = actions.sign_up(tai_chi, member=one)
    actions.sign_up(tai_chi, member=two)
    actions.sign_up(tai_chi, member=three)
    actions.cancel(first, member=one)
    again = actions.sign_up(tai_chi, member=one)
    assert again.pk != first.pk
    assert again.state == RegistrationState.WAITING


@pytest.mark.parametrize(
    ("window", "moment", "may"),
    [
        ((None, None), -49, True),
        ((-10, None), -11, False),
        ((-10, -5), -7, True),
        ((-10, -5), -4, False),
        ((None, None), 1, False),
    ],
    ids=["no window", "before it opens", "inside", "after it closed", "once it has begun"],
)
def test_the_sign_up_window(programme, courier, window, moment, may):
    start = timezone.now() + hours(48)
    opens, closes = (start + hours(edge) if edge is not None else None for edge in window)
    activity = make_activity(programme, starts_at=start, sign_up_from=opens, sign_up_until=closes)
    with time_machine.travel(start + hours(moment), tick=False):
        assert activity.sign_up_is_open(timezone.now()) is may
        assert Activity.objects.open_for_sign_up(timezone.now()).exists() is may
        if may:
            actions.sign_up(activity, member=courier)
        else:
            with pytest.raises(ValidationError) as refused:
                actions.sign_up(activity, member=courier)
            assert refused.value.code == "sign_up_closed"


def test_an_activity_of_a_draft_cannot_be_signed_up_for(wuhua, courier):
    draft = make_activity(make_campaign(wuhua, public=False))
    with pytest.raises(ValidationError):
        actions.sign_up(draft, member=courier)


# --- Who may come --------------------------------------------------------------------------------------------


def test_for_verified_members_only(programme, wuhua):
    activity = make_activity(programme, audience=Audience.VERIFIED)
    assert actions.sign_up(activity, member=make_member(wuhua))
    with pytest.raises(PermissionDenied):
        actions.sign_up(activity, member=make_member(wuhua, verified=False))


def test_for_the_branch_only(programme, wuhua, panlong):
    activity = make_activity(programme, audience=Audience.BRANCH)
    assert actions.sign_up(activity, member=make_member(make_union(wuhua)))
    with pytest.raises(PermissionDenied):
        actions.sign_up(activity, member=make_member(panlong))


@pytest.mark.system("A126")
def test_a_birthday_party_for_the_key_groups_only(programme, wuhua):
    party = make_activity(programme, title="骑手集体生日会", audience=Audience.KEY_GROUPS, capacity=18)
    assert actions.sign_up(party, member=make_member(wuhua, occupation_group=courier_group()))
    with pytest.raises(PermissionDenied):
        actions.sign_up(party, member=make_member(wuhua))


def test_who_has_left_the_union_signs_up_for_nothing(tai_chi, wuhua):
    with pytest.raises(PermissionDenied):
        actions.sign_up(tai_chi, member=make_member(wuhua, state="left"))


# --- The waiting list ----------------------------------------------------------------------------------------


def test_a_cancelled_place_goes_to_the_first_in_line(tai_chi, wuhua):
    members = make_members(wuhua, 4)
    signed_up = [actions.sign_up(tai_chi, member=m) for m in members]
    actions.cancel(signed_up[0], member=members[0])
    assert states(tai_chi) == ["cancelled", "confirmed", "confirmed", "waiting"]
    assert AuditEvent.objects.filter(verb="move_up").count() == 1


def test_more_places_move_the_line_up_in_the_order_of_sign_up(tai_chi, wuhua, clerk):
    for member in make_members(wuhua, 5):
        actions.sign_up(tai_chi, member=member)
    tai_chi.capacity = 4
    actions.save_activity(tai_chi, by=clerk)
    assert states(tai_chi) == ["confirmed"] * 4 + ["waiting"]
    tai_chi.capacity = None
    actions.save_activity(tai_chi, by=clerk)
    assert states(tai_chi) == ["confirmed"] * 5


def test_who_leaves_the_line_frees_no_place(tai_chi, wuhua):
    members = make_members(wuhua, 4)
    signed_up = [actions.sign_up(tai_chi, member=m) for m in members]
    actions.cancel(signed_up[2], member=members[2])
    assert states(tai_chi) == ["confirmed", "confirmed", "cancelled", "waiting"]


def test_nobody_moves_up_once_it_has_begun(tai_chi, wuhua, clerk):
    signed_up = [actions.sign_up(tai_chi, member=m) for m in make_members(wuhua, 3)]
    with time_machine.travel(tai_chi.starts_at + hours(0.5), tick=False):
        actions.cancel(signed_up[0], by=clerk)
    assert states(tai_chi) == ["cancelled", "confirmed", "waiting"]


def test_a_member_cannot_cancel_anothers_sign_up(tai_chi, courier, wuhua):
    registration = actions.sign_up(tai_chi, member=courier)
    with pytest.raises(PermissionDenied):
        actions.cancel(registration, member=make_member(wuhua))
    with pytest.raises(PermissionDenied):
        actions.cancel(registration)


def test_what_is_cancelled_stays_cancelled(tai_chi, courier):
    registration = actions.cancel(actions.sign_up(tai_chi, member=courier), member=courier)
    with pytest.raises(TransitionRefused):
        actions.cancel(registration, member=courier)


# --- The capacity holds --------------------------------------------------------------------------------------


def test_fewer_places_than_are_taken_are_refused_and_the_message_says_how_many(tai_chi, wuhua, clerk):
    for member in make_members(wuhua, 2):
        actions.sign_up(tai_chi, member=member)
    tai_chi.capacity = 1
    with pytest.raises(ValidationError, match="2"):
        actions.save_activity(tai_chi, by=clerk)
    assert Activity.objects.get(pk=tai_chi.pk).capacity == 2


@pytest.mark.parametrize("path", ["create", "bulk_create", "update", "sql"])
def test_no_path_around_the_action_oversells(tai_chi, wuhua, path):
    members = make_members(wuhua, 3)
    for member in members:
        actions.sign_up(tai_chi, member=member)
    waiting = Registration.objects.get(state=RegistrationState.WAITING)
    late = make_member(wuhua)
    row = Registration(activity=tai_chi, member=late, state=RegistrationState.CONFIRMED)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        if path == "create":
            row.save()
        elif path == "bulk_create":
            Registration.objects.bulk_create([row])
        elif path == "update":
            Registration.objects.filter(pk=waiting.pk).update(state=RegistrationState.CONFIRMED)
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE campaigns_registration SET state = 'confirmed' WHERE id = %s", [waiting.pk])
    assert refused.value.__cause__.diag.constraint_name == "activity_not_oversold"


def test_no_path_around_the_action_lowers_the_capacity_below_what_is_taken(tai_chi, wuhua):
    for member in make_members(wuhua, 2):
        actions.sign_up(tai_chi, member=member)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Activity.objects.filter(pk=tai_chi.pk).update(capacity=1)
    assert refused.value.__cause__.diag.constraint_name == "activity_capacity_covers_taken"


@pytest.mark.parametrize("name", ["activity_not_oversold", "activity_capacity_covers_taken", "registration_once"])
def test_a_refusal_of_the_database_is_put_into_words(name):
    class Diagnosis:
        constraint_name = name

    cause = Exception()
    cause.diag = Diagnosis
    with pytest.raises(ValidationError) as refused, actions.said_plainly():
        raise IntegrityError from cause
    assert refused.value.code == name
    assert refused.value.messages != [name]


# --- At the door ---------------------------------------------------------------------------------------------


def test_presence_is_marked_on_the_day_by_hand_or_by_card(tai_chi, courier, clerk):
    registration = actions.sign_up(tai_chi, member=courier)
    with pytest.raises(ValidationError):
        actions.mark_presence(registration, "attend", by=clerk)
    with time_machine.travel(tai_chi.starts_at, tick=False):
        seen = actions.check_in(tai_chi, member=courier, by=clerk, proof=Registration.Proof.CARD)
    assert (seen.state, seen.proof, seen.attended_by) == ("attended", "card", clerk)


def test_a_member_without_a_phone_is_signed_up_at_the_desk_and_marked_by_hand(tai_chi, wuhua, clerk):
    grandfather = make_member(wuhua, phone="")
    with time_machine.travel(tai_chi.starts_at + hours(0.2), tick=False):
        seen = actions.check_in(tai_chi, member=grandfather, by=clerk, proof=Registration.Proof.BY_HAND)
    assert (seen.state, seen.channel, seen.entered_by) == ("attended", "desk", clerk)


def test_who_comes_without_a_place_is_told_that_all_are_taken(tai_chi, wuhua, clerk):
    for member in make_members(wuhua, 2):
        actions.sign_up(tai_chi, member=member)
    with time_machine.travel(tai_chi.starts_at, tick=False), pytest.raises(ValidationError):
        actions.check_in(tai_chi, member=make_member(wuhua), by=clerk, proof=Registration.Proof.CARD)


def test_a_no_show_frees_a_place_for_who_stands_at_the_door(tai_chi, wuhua, clerk):
    one, two = (actions.sign_up(tai_chi, member=m) for m in make_members(wuhua, 2))
    with time_machine.travel(tai_chi.starts_at + hours(0.5), tick=False):
        actions.mark_presence(one, "miss", by=clerk)
        late = actions.check_in(tai_chi, member=make_member(wuhua), by=clerk, proof=Registration.Proof.BY_HAND)
        actions.mark_presence(two, "attend", by=clerk)
        with pytest.raises(ValidationError):
            actions.mark_presence(one, "attend", by=clerk)
    assert late.state == RegistrationState.ATTENDED


# --- Whose work it is ----------------------------------------------------------------------------------------


def test_another_countys_clerk_changes_nothing(tai_chi, courier, stranger):
    registration = actions.sign_up(tai_chi, member=courier)
    for forbidden in (
        lambda: actions.save_activity(tai_chi, by=stranger),
        lambda: actions.change_activity_state(tai_chi, "call_off", by=stranger, reason="下雨"),
        lambda: actions.cancel(registration, by=stranger),
        lambda: actions.mark_presence(registration, "attend", by=stranger),
        lambda: actions.sign_up(tai_chi, member=courier, by=stranger),
        lambda: actions.save_campaign(tai_chi.campaign, by=stranger),
        lambda: actions.change_campaign_state(tai_chi.campaign, "finish", by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()
    assert not Activity.objects.visible_to(stranger).exists()
    assert not Registration.objects.visible_to(stranger).exists()
    assert not Campaign.objects.visible_to(stranger).exists()


def test_a_reader_reads_and_an_auditor_changes_nothing(tai_chi, courier, wuhua):
    actions.sign_up(tai_chi, member=courier)
    for role in ("read_only", "auditor"):
        account = make_account(role, wuhua)
        assert Registration.objects.visible_to(account).count() == 1
        assert not Activity.objects.editable_by(account).exists()


def test_a_clerk_cannot_move_a_campaign_into_another_county(programme, clerk, panlong):
    programme.organization = panlong
    with pytest.raises(PermissionDenied):
        actions.save_campaign(programme, by=clerk)


def test_calling_off_owes_a_reason(tai_chi, clerk):
    with pytest.raises(ValidationError):
        actions.change_activity_state(tai_chi, "call_off", by=clerk)
    assert actions.change_activity_state(tai_chi, "call_off", by=clerk, reason="下雨").state == "called_off"
    with pytest.raises(TransitionRefused):
        actions.change_activity_state(tai_chi, "hold", by=clerk)


# --- Rows of the systems page that are activities with other data ---------------------------------------------


@pytest.mark.system("A113", "A114")
def test_a_return_to_work_train_has_seats_and_a_waiting_list(wuhua):
    trip = make_campaign(wuhua, title="返岗专列", kind=Campaign.Kind.TRAVEL)
    train = make_activity(trip, title="G1904 次", place="定西站", capacity=3, audience=Audience.VERIFIED)
    seats = [actions.sign_up(train, member=m).state for m in make_members(wuhua, 5)]
    assert seats.count("confirmed") == 3
    assert seats.count("waiting") == 2


@pytest.mark.system("A108")
def test_an_activity_at_a_station_says_where_and_counts_who_came(programme, courier, wuhua, clerk):
    station = make_station(wuhua)
    activity = make_activity(programme, title="先锋骑手·党心暖我心", station=station, place="")
    registration = actions.sign_up(activity, member=courier)
    with time_machine.travel(activity.starts_at, tick=False):
        actions.mark_presence(registration, "attend", by=clerk)
        actions.change_activity_state(activity, "hold", by=clerk)
    assert activity.where == station.name
    assert Registration.objects.filter(activity=activity, state="attended").count() == 1


def test_an_activity_has_a_place_and_ends_after_it_begins(programme):
    with pytest.raises(ValidationError):
        make_activity(programme, place="")
    start = timezone.now()
    with pytest.raises(ValidationError):
        make_activity(programme, starts_at=start, ends_at=start - datetime.timedelta(minutes=1))


def test_a_member_with_sign_ups_is_not_deleted(tai_chi, courier):
    actions.sign_up(tai_chi, member=courier)
    with pytest.raises(Exception, match=r"protected|foreign key"):
        Member.objects.get(pk=courier.pk).delete()


def test_a_form_opened_before_a_calling_off_does_not_take_it_back(wuhua, clerk):
    opened = make_activity(make_campaign(wuhua))
    actions.change_activity_state(opened, "call_off", by=clerk, reason="大雨")
    opened.title = "改期另行通知"
    actions.save_activity(opened, by=clerk)
    held = Activity.objects.get(pk=opened.pk)
    assert (held.state, held.state_reason, held.title) == ("called_off", "大雨", "改期另行通知")


def test_a_form_opened_before_a_campaign_was_finished_does_not_take_it_back(wuhua):
    opened = make_campaign(wuhua)
    actions.change_campaign_state(opened, "finish", by=None)
    actions.save_campaign(opened, by=None)
    assert Campaign.objects.get(pk=opened.pk).state == "finished"
