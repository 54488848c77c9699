"""The waiting list at the door, when a member leaves the union, and how who moves up is told."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import actions
from campaigns.lifecycle import RegistrationState
from campaigns.models import Activity, Registration
from campaigns.tasks import send_moved_up
from members.actions import HIMSELF, change_membership
from members.cards import Verdict, token_for
from tests.campaigns.makers import as_member, hours, make_activity, make_campaign, make_member
from tests.factories import make_account
from unionportal import sms
from unionportal.audit.models import AuditEvent
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db

BY_HAND = Registration.Proof.BY_HAND


@pytest.fixture
def class_of_one(wuhua):
    """One place, tomorrow at noon."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
    return make_activity(make_campaign(wuhua), capacity=1, starts_at=noon)


@pytest.fixture
def first(class_of_one, wuhua):
    return actions.sign_up(class_of_one, member=make_member(wuhua, "演示·先生"))


@pytest.fixture
def second(class_of_one, first, wuhua):
    return actions.sign_up(class_of_one, member=make_member(wuhua, "演示·候某"))


@pytest.fixture
def third(class_of_one, second, wuhua):
    return actions.sign_up(class_of_one, member=make_member(wuhua, "演示·末某"))


def state_of(registration: Registration) -> str:
    return Registration.objects.values_list("state", flat=True).get(pk=registration.pk)


def jobs(activity: Activity) -> list[int]:
    """Sign-ups for the activity whose members a waiting job will tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>'registration_id')::bigint FROM procrastinate_jobs "
            "WHERE task_name = 'campaigns.tasks.send_moved_up' AND status = 'todo' ORDER BY id"
        )
        told = [row[0] for row in cursor.fetchall()]
    ours = set(activity.registrations.values_list("pk", flat=True))
    return [pk for pk in told if pk in ours]


# --- At the door ---------------------------------------------------------------------------------------------


def test_who_waits_is_let_in_once_an_absent_member_has_freed_his_place(class_of_one, first, second, clerk):
    with time_machine.travel(class_of_one.starts_at + hours(0.2)):
        with pytest.raises(ValidationError, match="已") as full:
            actions.check_in(class_of_one, member=second.member, by=clerk, proof=BY_HAND)
        assert full.value.code == "full"
        assert state_of(second) == "waiting"
        actions.mark_presence(first, "miss", by=clerk)
        assert actions.check_in(class_of_one, member=second.member, by=clerk, proof=BY_HAND).state == "attended"
    assert class_of_one.places_taken() == 1


def test_before_it_begins_a_freed_place_goes_to_the_next_in_line_and_not_to_who_stands_there(
    class_of_one, first, second, third, clerk
):
    with time_machine.travel(class_of_one.starts_at - hours(1)):
        actions.mark_presence(first, "miss", by=clerk)
        assert [state_of(second), state_of(third)] == ["confirmed", "waiting"]
        with pytest.raises(ValidationError):
            actions.check_in(class_of_one, member=third.member, by=clerk, proof=BY_HAND)
        assert actions.check_in(class_of_one, member=second.member, by=clerk, proof=BY_HAND).state == "attended"


def test_a_place_that_nobody_noticed_moves_the_line_up_at_the_door(class_of_one, first, second, clerk):
    Registration.objects.filter(pk=first.pk).update(state=RegistrationState.CANCELLED)
    with time_machine.travel(class_of_one.starts_at - hours(1)):
        assert actions.check_in(class_of_one, member=second.member, by=clerk, proof=BY_HAND).state == "attended"


def test_a_clerk_of_another_county_lets_nobody_of_the_line_in(class_of_one, second, stranger):
    with time_machine.travel(class_of_one.starts_at + hours(0.2)), pytest.raises(PermissionDenied):
        actions.check_in(class_of_one, member=second.member, by=stranger, proof=BY_HAND)


def test_the_door_page_shows_who_waits_and_admits_by_hand(client, class_of_one, first, second, clerk):
    address = reverse("campaigns:door", args=[class_of_one.pk])
    with time_machine.travel(class_of_one.starts_at + hours(0.2)):
        client.force_login(clerk)
        assert "演示·候某" in client.get(address).content.decode()
        client.post(address, {"registration": first.pk, "verb": "miss"})
        client.post(address, {"registration": second.pk, "verb": "attend"})
    assert [state_of(first), state_of(second)] == ["no_show", "attended"]


# --- Leaving the union ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "reason"), [("leave", ""), ("lapse", "失联一年"), ("expel", "严重违纪")])
def test_who_leaves_gives_his_places_back_and_the_line_moves_up(class_of_one, first, second, wuhua, verb, reason):
    reviewer = make_account(Role.REVIEWER, wuhua)
    change_membership(first.member, verb, by=reviewer, reason=reason)
    assert [state_of(first), state_of(second)] == ["cancelled", "confirmed"]
    event = AuditEvent.objects.get(verb="cancel", subject_id=str(first.pk))
    assert event.actor_id == reviewer.pk


def test_who_leaves_by_himself_leaves_the_line_too(class_of_one, first, second, third):
    change_membership(second.member, "leave", by=HIMSELF)
    assert [state_of(row) for row in (first, second, third)] == ["confirmed", "cancelled", "waiting"]
    third.refresh_from_db()
    assert third.place_in_line == 1


def test_what_is_over_stays_as_it_was_when_somebody_leaves(class_of_one, first):
    with time_machine.travel(class_of_one.ends_at + hours(1)):
        change_membership(first.member, "leave", by=HIMSELF)
    assert state_of(first) == "confirmed"


def test_retained_membership_keeps_the_place_but_opens_no_door(class_of_one, first, clerk):
    change_membership(first.member, "retain", by=clerk, reason="待业")
    assert state_of(first) == "confirmed"
    with time_machine.travel(class_of_one.starts_at), pytest.raises(ValidationError) as refused:
        actions.mark_presence(first, "attend", by=clerk)
    assert refused.value.code == "no_member"


def test_who_is_no_member_any_more_is_not_let_in_by_hand(class_of_one, first, clerk):
    type(first.member).objects.filter(pk=first.member_id).update(state="left")
    with time_machine.travel(class_of_one.starts_at + hours(0.2)):
        for let_in in (
            lambda: actions.mark_presence(first, "attend", by=clerk),
            lambda: actions.check_in(class_of_one, member=first.member, by=clerk, proof=BY_HAND),
        ):
            with pytest.raises(ValidationError) as refused:
                let_in()
            assert refused.value.code == "no_member"
    assert state_of(first) == "confirmed"


def test_a_card_of_somebody_who_left_opens_no_door(client, class_of_one, first, clerk):
    type(first.member).objects.filter(pk=first.member_id).update(state="left")
    with time_machine.travel(class_of_one.starts_at + hours(0.2)):
        client.force_login(clerk)
        address = reverse("campaigns:door", args=[class_of_one.pk])
        answer = client.post(address, {"card": token_for(first.member)}, follow=True)
    assert str(Verdict.LEFT.label) in answer.content.decode()
    assert state_of(first) == "confirmed"


def test_that_somebody_came_is_written_down_even_after_he_left(class_of_one, first, clerk):
    with time_machine.travel(class_of_one.ends_at + hours(1)):
        change_membership(first.member, "leave", by=HIMSELF)
        assert actions.mark_presence(first, "attend", by=clerk).state == "attended"


# --- Being told ----------------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send", lambda phone, text, **more: messages.append((phone, text)))
    return messages


def test_who_moves_up_is_told_once_by_a_job_that_holds_no_number(class_of_one, first, second, sent):
    assert jobs(class_of_one) == []
    actions.cancel(first, member=first.member)
    assert jobs(class_of_one) == [second.pk]
    send_moved_up(second.pk)
    ((phone, text),) = sent
    assert phone == second.member.phone
    assert class_of_one.title in text
    assert class_of_one.place in text
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        assert all(phone not in row[0] for row in cursor.fetchall())


def test_a_capacity_raised_tells_everybody_who_moves_up(class_of_one, first, second, third):
    class_of_one.capacity = 3
    actions.save_activity(class_of_one, by=None)
    assert jobs(class_of_one) == [second.pk, third.pk]


def test_who_cancelled_meanwhile_or_has_no_phone_is_sent_nothing(class_of_one, first, second, third, sent):
    type(third.member).objects.filter(pk=third.member_id).update(phone="", phone_hash=None)
    class_of_one.capacity = 3
    actions.save_activity(class_of_one, by=None)
    actions.cancel(second, member=second.member)
    for row in (second, third):
        send_moved_up(row.pk)
    send_moved_up(0)
    assert sent == []


def test_nobody_is_told_of_an_activity_that_has_begun_or_was_called_off(class_of_one, first, second, sent):
    actions.cancel(first, member=first.member)
    with time_machine.travel(class_of_one.starts_at):
        send_moved_up(second.pk)
    Activity.objects.filter(pk=class_of_one.pk).update(state="called_off")
    send_moved_up(second.pk)
    assert sent == []


def test_a_gateway_that_fails_fails_the_job_so_that_it_is_tried_again(class_of_one, first, second, monkeypatch):
    actions.cancel(first, member=first.member)

    def refuse(*_message, **_more):
        raise sms.SmsError("the gateway is down")

    monkeypatch.setattr(sms, "send", refuse)
    with pytest.raises(sms.SmsError):
        send_moved_up(second.pk)
    assert send_moved_up.retry_strategy is not None


def test_my_activities_say_that_i_moved_up(client, class_of_one, first, second):
    as_member(client, second.member)
    assert "递补" not in client.get(reverse("campaigns:mine")).content.decode().replace("候补", "")
    actions.cancel(first, member=first.member)
    assert "已从候补名单递补成功" in client.get(reverse("campaigns:mine")).content.decode()
