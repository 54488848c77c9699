"""What can happen to an application to join."""

import datetime
import threading

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from members.actions import (
    AlreadyMember,
    NotOnline,
    accept_application,
    accept_applications,
    ask_more,
    change_membership,
    complete,
    due_on,
    refuse_applications,
    withdraw,
)
from members.models import Application, ConsentText, Member, Transfer
from members.reference import load_reference
from tests.factories import make_account, make_federation, make_union
from tests.members.people import answers, apply, make_member, new_id, new_phone
from unionportal.organizations.models import Partner
from unionportal.organizations.reference import load_divisions
from unionportal.states import TransitionRefused


def test_an_accepted_applicant_is_a_member_from_today_with_a_card(catch_all, clerk):
    application = apply()
    member = accept_application(application, by=clerk)
    application.refresh_from_db()
    assert (application.state, application.member, application.decided_by) == ("accepted", member, clerk)
    assert (member.state, member.organization, member.verification) == ("active", catch_all, "unverified")
    assert member.card_number.startswith("530102")
    assert (member.gender, member.birth_date.year) == ("M", 1985)
    spell = member.spells.get()
    assert (spell.organization, spell.until_day) == (catch_all, None)


def test_a_clerk_who_saw_the_card_verifies_by_accepting(catch_all, clerk):
    member = accept_application(apply(), by=clerk, method=Member.VerificationMethod.DOCUMENT_SEEN)
    assert (member.verification, member.verification_method) == ("verified", "document_seen")


def test_accepting_twice_makes_one_member(catch_all, clerk):
    application = apply()
    accept_application(application, by=clerk)
    with pytest.raises(TransitionRefused):
        accept_application(application, by=clerk)
    assert Member.objects.count() == 1


def test_several_are_accepted_at_once_or_none(catch_all, clerk):
    good, gone = apply(), apply()
    withdraw(gone)
    with pytest.raises(TransitionRefused):
        accept_applications([good, gone], by=clerk)
    assert not Member.objects.exists()
    assert len(accept_applications([good, apply(), apply()], by=clerk)) == 3
    assert len(set(Member.objects.values_list("card_number", flat=True))) == 3


def test_a_clerk_of_another_county_decides_nothing(catch_all, stranger):
    application = apply()
    for decide in (
        lambda: accept_application(application, by=stranger),
        lambda: refuse_applications([application], reason="不符合", by=stranger),
        lambda: ask_more(application, message="请补充", by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            decide()
    application.refresh_from_db()
    assert application.state == "submitted"
    assert not Application.objects.visible_to(stranger).exists()


def test_who_only_reads_accepts_nothing(catch_all, wuhua):
    with pytest.raises(PermissionDenied):
        accept_application(apply(), by=make_account("read_only", wuhua))


def test_a_refusal_owes_a_reason_which_the_applicant_keeps(catch_all, clerk):
    application = apply()
    with pytest.raises(ValidationError):
        refuse_applications([application], reason="  ", by=clerk)
    refuse_applications([application], reason="工作地点不在本市", by=clerk)
    application.refresh_from_db()
    assert (application.state, application.message) == ("refused", "工作地点不在本市")


def test_what_was_asked_for_is_completed_and_waits_again(catch_all, clerk):
    application = apply()
    ask_more(application, message="请核对证件号码", by=clerk)
    corrected = new_id()
    complete(application, answers(id_number=corrected, name="演示·李某某", phone=application.phone))
    application.refresh_from_db()
    assert (application.state, application.id_number, application.message) == ("submitted", corrected, "")
    assert accept_application(application, by=clerk).name == "演示·李某某"


def test_a_corrected_employer_is_looked_up_anew(catch_all, clerk, city):
    first, second = (
        Partner.objects.create(organization=city, name=f"演示{name}物流有限公司", kind="employer") for name in "甲乙"
    )
    application = apply(employer_name=first.name)
    assert application.employer == first
    ask_more(application, message="单位名称不对", by=clerk)
    complete(application, answers(employer_name=second.name, id_number=application.id_number))
    assert accept_application(application, by=clerk).employer == second


def test_a_withdrawn_application_cannot_be_accepted(catch_all, clerk):
    application = apply()
    withdraw(application)
    with pytest.raises(TransitionRefused):
        accept_application(application, by=clerk)


# --- The term ------------------------------------------------------------------------------------------------


def test_it_is_due_in_three_working_days(city):
    assert due_on(datetime.date(2026, 3, 5)) == datetime.date(2026, 3, 10)  # Thursday to Tuesday
    assert due_on(datetime.date(2026, 9, 30)) > datetime.date(2026, 10, 8)  # over National Day


def test_where_holidays_are_not_announced_the_earliest_day_counts(city):
    # Wednesday; Saturday the 8th might become a make-up working day.
    assert due_on(datetime.date(2031, 3, 5)) == datetime.date(2031, 3, 8)


def test_overdue_ones_stand_first(catch_all, clerk):
    with time_machine.travel(datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC), tick=False):
        old = apply()
    with time_machine.travel(datetime.datetime(2026, 3, 10, 10, tzinfo=datetime.UTC), tick=False):
        new = apply()
        assert list(Application.objects.waiting()) == [old, new]
        assert list(Application.objects.overdue()) == [old]


# --- One person, one record ----------------------------------------------------------------------------------


def test_the_same_person_twice_has_one_application(catch_all):
    first = apply()
    again = apply(id_number=first.id_number, phone=first.phone, name="演示·李某")
    assert again == first
    assert Application.objects.count() == 1


def test_somebody_elses_phone_learns_nothing_of_an_open_application(catch_all):
    first = apply()
    with pytest.raises(NotOnline):
        apply(id_number=first.id_number, phone=new_phone())
    first.refresh_from_db()
    assert first.state == "submitted"


def test_a_member_with_his_own_phone_is_led_to_his_record(catch_all):
    member = make_member(catch_all)
    with pytest.raises(AlreadyMember) as known:
        apply(id_number=member.id_number, phone=member.phone)
    assert known.value.member == member


def test_a_members_number_under_another_phone_is_treated_as_any_other_until_staff_decide(catch_all, clerk):
    member = make_member(catch_all)
    phone = new_phone()
    application = apply(id_number=member.id_number, phone=phone, name=member.name)
    assert application.state == "submitted"
    assert accept_application(application, by=clerk, method="document_seen") == member
    member.refresh_from_db()
    assert member.phone == phone
    assert Member.objects.count() == 1


def test_accepting_without_a_look_at_the_document_leaves_the_phone_on_record(catch_all, clerk):
    member = make_member(catch_all)
    before = member.phone
    accept_application(apply(id_number=member.id_number, phone=new_phone(), name=member.name), by=clerk)
    member.refresh_from_db()
    assert member.phone == before


def test_a_number_on_record_under_another_name_is_not_taken_over(catch_all, clerk):
    member = make_member(catch_all)
    application = apply(id_number=member.id_number, phone=new_phone(), name="演示·别人")
    with pytest.raises(ValidationError):
        accept_application(application, by=clerk, method="document_seen")
    before = member.name, member.phone
    member.refresh_from_db()
    assert (member.name, member.phone) == before


def test_accepting_a_member_of_another_union_transfers_him(catch_all, clerk, panlong):
    member = make_member(panlong)
    accept_application(apply(id_number=member.id_number, name=member.name), by=clerk)
    member.refresh_from_db()
    assert member.organization == catch_all
    assert [spell.organization for spell in member.spells.all()] == [panlong, catch_all]
    moved = Transfer.objects.get()
    assert (moved.from_organization, moved.to_organization, moved.state) == (panlong, catch_all, "accepted")


def test_somebody_who_left_comes_back_to_his_record(catch_all, clerk):
    member = make_member(catch_all)
    change_membership(member, "leave", by=None)
    accept_application(apply(id_number=member.id_number, phone=member.phone, name=member.name), by=clerk)
    member.refresh_from_db()
    assert member.state == "active"
    assert member.spells.filter(until_day=None).count() == 1


def test_an_expelled_member_is_not_taken_in_by_a_click(catch_all, clerk):
    member = make_member(catch_all)
    change_membership(member, "expel", by=None, reason="组织决定")
    application = apply(id_number=member.id_number)
    with pytest.raises(ValidationError):
        accept_application(application, by=clerk)


def test_a_clerk_enters_it_for_somebody_without_a_phone(catch_all, clerk):
    application = apply(by=clerk, phone="", organization=catch_all, channel=Application.Channel.CLERK)
    assert (application.routed_by, application.entered_by, application.channel) == ("staff", clerk, "clerk")
    assert application.consent_id == "v1"
    assert accept_application(application, by=clerk).phone == ""


def test_a_clerk_enters_nothing_for_another_county(catch_all, stranger):
    with pytest.raises(PermissionDenied):
        apply(by=stranger, organization=catch_all)
    assert not Application.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.soak
def test_two_submissions_at_the_same_moment_end_in_one_application():
    load_divisions()
    load_reference()
    make_union(make_federation(), "华山街道联合工会", division_id="530102001", is_catch_all=True)
    number, phone = new_id(), new_phone()
    found, faults, together = [], [], threading.Barrier(4)
    consent = ConsentText.objects.latest()

    def submit():
        try:
            prepared = answers(id_number=number, phone=phone)
            together.wait()
            from members.actions import submit_application

            found.append(submit_application(prepared, consent=consent).pk)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(set(found)) == 1
    assert Application.objects.count() == 1
