"""Memberships, transfers, looks, requests, and what is forgotten."""

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from members import cards
from members.actions import (
    HIMSELF,
    MemberDraft,
    accept_transfers,
    answer_request,
    ask_about_data,
    ask_transfer,
    change_membership,
    forget_people,
    refuse_applications,
    refuse_transfer,
    save_members,
    show_id_number,
    show_phone,
    transfer_members,
    verify,
    withdraw_transfer,
)
from members.models import Member
from tests.factories import make_account, make_union
from tests.members.people import apply, make_member
from unionportal.audit.models import AuditEvent
from unionportal.states import TransitionRefused


def test_no_person_has_two_records(catch_all, panlong):
    member = make_member(catch_all)
    with pytest.raises(Exception, match="member_id_number_once"):
        make_member(panlong, id_number=member.id_number)


def test_a_clerk_saves_nobody_outside_his_branch(catch_all, panlong, clerk):
    with pytest.raises(PermissionDenied):
        save_members([MemberDraft(Member(organization=panlong, name="演示·赵某"))], by=clerk)
    elsewhere = make_member(panlong)
    elsewhere.organization = catch_all
    with pytest.raises(PermissionDenied):
        save_members([MemberDraft(elsewhere)], by=clerk)
    elsewhere.refresh_from_db()
    assert elsewhere.organization == panlong


def test_leaving_ends_the_membership_and_its_spell(catch_all):
    member = change_membership(make_member(catch_all), "leave", by=HIMSELF)
    assert member.state == "left"
    assert member.spells.get().until_day == timezone.localdate()


def test_nobody_leaves_twice(catch_all):
    member = change_membership(make_member(catch_all), "leave", by=HIMSELF)
    with pytest.raises(TransitionRefused):
        change_membership(member, "leave", by=HIMSELF)


def test_expelling_is_for_reviewers_and_owes_a_reason(catch_all, clerk, wuhua):
    member = make_member(catch_all)
    with pytest.raises(PermissionDenied):
        change_membership(member, "expel", by=clerk, reason="组织决定")
    reviewer = make_account("reviewer", wuhua)
    with pytest.raises(ValidationError):
        change_membership(member, "expel", by=reviewer)
    assert change_membership(member, "expel", by=reviewer, reason="组织决定").state == "expelled"


# --- Transfers -----------------------------------------------------------------------------------------------


def test_the_receiving_union_takes_a_member_over_in_one_step(catch_all, panlong, clerk, stranger):
    member = make_member(panlong)
    transfer = ask_transfer(member, to=catch_all, by=HIMSELF)
    member.refresh_from_db()
    assert (member.state, member.has_full_rights) == ("transferring", True)
    with pytest.raises(PermissionDenied):
        accept_transfers([transfer], by=stranger)
    accept_transfers([transfer], by=clerk)
    member.refresh_from_db()
    assert (member.state, member.organization) == ("active", catch_all)
    assert [spell.organization for spell in member.spells.all()] == [panlong, catch_all]
    with pytest.raises(ValidationError):
        accept_transfers([transfer], by=clerk)


def test_a_refused_transfer_leaves_the_member_what_he_was(catch_all, panlong, clerk):
    member = change_membership(make_member(panlong), "retain", by=None, reason="单位关闭")
    refuse_transfer(ask_transfer(member, to=catch_all, by=HIMSELF), by=clerk, reason="不在本街道")
    member.refresh_from_db()
    assert (member.state, member.organization) == ("retained", panlong)


def test_asking_for_a_transfer_gives_no_rights_that_were_not_there_before(catch_all, panlong, clerk):
    retained, active = make_member(panlong), make_member(panlong)
    change_membership(retained, "retain", by=None, reason="单位关闭")
    transfers = [ask_transfer(member, to=catch_all, by=HIMSELF) for member in (retained, active)]
    retained.refresh_from_db()
    assert (retained.state, retained.has_full_rights) == ("transferring", False)
    assert cards.check(cards.token_for(retained)).verdict == "retained"
    assert cards.check(cards.token_for(active)).admitted
    assert list(Member.objects.in_good_standing()) == [active]
    accept_transfers(transfers, by=clerk)
    assert set(Member.objects.in_good_standing()) == {retained, active}


def test_a_wish_is_taken_back_and_asked_again(catch_all, panlong):
    member = make_member(panlong)
    transfer = ask_transfer(member, to=catch_all, by=HIMSELF)
    with pytest.raises(TransitionRefused):
        ask_transfer(member, to=catch_all, by=HIMSELF)
    withdraw_transfer(transfer)
    assert ask_transfer(member, to=catch_all, by=HIMSELF).state == "asked"


def test_moving_members_at_once_needs_both_unions(catch_all, panlong, clerk, wuhua):
    union = make_union(wuhua, "五华区第二联合工会")
    inside, outside = make_member(union), make_member(panlong)
    with pytest.raises(PermissionDenied):
        transfer_members([inside, outside], to=catch_all, by=clerk)
    assert transfer_members([inside], to=catch_all, by=clerk)[0].organization == catch_all


# --- Verification --------------------------------------------------------------------------------------------


@pytest.mark.system("A076")
def test_a_verification_says_how_and_when(catch_all, clerk, stranger):
    member = make_member(catch_all)
    with pytest.raises(ValidationError):
        verify([member], method="", by=clerk)
    with pytest.raises(PermissionDenied):
        verify([member], method="document_seen", by=stranger)
    verify([member], method="document_seen", by=clerk)
    assert Member.objects.verified().get() == member
    assert member.verified_on == timezone.localdate()


# --- Looks ---------------------------------------------------------------------------------------------------


def test_a_whole_number_is_shown_for_a_purpose_and_the_look_is_kept(catch_all, clerk):
    member = make_member(catch_all)
    assert show_id_number(member, by=clerk, purpose="核对入会材料") == member.id_number
    look = AuditEvent.objects.looks().about(member).get()
    assert (look.actor_id, look.purpose, look.details) == (clerk.pk, "核对入会材料", {"field": "id_number"})


def test_no_number_without_a_purpose_or_out_of_reach(catch_all, clerk, stranger, wuhua):
    member, application = make_member(catch_all), apply()
    for subject in (member, application):
        with pytest.raises(ValidationError):
            show_phone(subject, by=clerk, purpose=" ")
        for other in (stranger, make_account("read_only", wuhua)):
            with pytest.raises(PermissionDenied):
                show_phone(subject, by=other, purpose="联系本人")
    assert not AuditEvent.objects.looks().exists()


# --- Requests and forgetting ---------------------------------------------------------------------------------


def test_a_request_about_data_gets_an_answer_with_its_reason(catch_all, clerk, stranger):
    request = ask_about_data(make_member(catch_all), kind="correction", text="我的手机号变了")
    with pytest.raises(ValidationError):
        answer_request(request, answer="", by=clerk)
    with pytest.raises(PermissionDenied):
        answer_request(request, answer="已更正", by=stranger)
    assert answer_request(request, answer="已更正", by=clerk).state == "done"
    with pytest.raises(ValidationError):
        answer_request(request, answer="已更正", by=clerk)


def test_three_requests_wait_at_most(catch_all):
    member = make_member(catch_all)
    for _ in range(3):
        ask_about_data(member, kind="copy", text="请提供复制件")
    with pytest.raises(ValidationError):
        ask_about_data(member, kind="copy", text="请提供复制件")


def test_numbers_of_who_left_are_deleted_after_three_years_with_their_history(catch_all):
    start = datetime.datetime(2026, 1, 5, 2, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False):
        gone, stays = make_member(catch_all, joined_on=None), make_member(catch_all, joined_on=None)
        change_membership(gone, "leave", by=HIMSELF)
    assert forget_people(now=start + datetime.timedelta(days=1000)) == (0, 0)
    assert forget_people(now=start + datetime.timedelta(days=1200)) == (0, 1)
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.id_number, gone.phone, gone.id_hash, gone.birth_date) == ("", "", None, None)
    assert stays.id_number
    events = Member._meta.apps.get_model("members", "MemberEvent").objects.filter(pgh_obj_id=gone.pk)
    assert {event.id_number for event in events} == {""}


def test_numbers_of_a_refused_application_are_deleted_after_a_year(catch_all, clerk):
    application = apply()
    refuse_applications([application], reason="重复申请", by=clerk)
    assert forget_people(now=timezone.now() + datetime.timedelta(days=300)) == (0, 0)
    assert forget_people(now=timezone.now() + datetime.timedelta(days=400)) == (1, 0)
    application.refresh_from_db()
    assert (application.id_number, application.phone_hash) == ("", None)
