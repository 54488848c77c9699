"""Tickets: owed an answer, answered in public, referred, escalated when late; who reported is forgotten."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_county, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused
from unionportal.tickets import actions
from unionportal.tickets.lifecycle import TICKET, State
from unionportal.tickets.models import Ticket
from unionportal.tickets.tasks import escalate

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def clerk(wuhua):
    return make_account(Role.CLERK, wuhua)


@pytest.fixture
def stranger():
    return make_account(Role.CLERK, make_county("盘龙区总工会（演示）", "530103"))


def report(organization, category="need", **fields) -> Ticket:
    return actions.report(organization=organization, category_key=category, by=None, **fields)


# --- Reporting ------------------------------------------------------------------------------------------------


def test_a_ticket_is_due_as_its_category_says(wuhua):
    ticket = report(wuhua, text="需要热水")
    assert ticket.due_at - ticket.reported_at == 7 * DAY
    assert ticket.state == State.OPEN
    assert [event.verb for event in ticket.events.all()] == ["report"]


def test_a_ticket_of_an_unknown_category_is_refused(wuhua):
    with pytest.raises(KeyError):
        report(wuhua, "no-such-thing")


def test_a_report_of_the_public_leaves_no_network_address_behind(wuhua):
    report(wuhua)
    assert not AuditEvent.objects.exclude(ip=None).exists()
    assert not AuditEvent.objects.filter(verb="report_ticket").exists()


def test_contact_and_position_stand_sealed_in_the_database(wuhua):
    ticket = report(wuhua, contact="10012345678", position="25.03,102.71")
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact, position FROM tickets_ticket WHERE id = %s", [ticket.pk])
        stored = cursor.fetchone()
    assert not any("10012345678" in value or "25.03" in value for value in stored)
    assert str(Ticket.objects.get().contact) == "10012345678"


def test_staff_write_a_ticket_down_in_their_own_branch_only(wuhua, clerk, stranger):
    written = actions.report(organization=wuhua, category_key="complaint", by=clerk, text="电话反映")
    assert AuditEvent.objects.about(written).get().actor_id == clerk.pk
    with pytest.raises(PermissionDenied), transaction.atomic():
        actions.report(organization=wuhua, category_key="complaint", by=stranger)
    assert Ticket.objects.count() == 1


# --- Answering ------------------------------------------------------------------------------------------------


def test_an_answer_settles_a_ticket_and_says_who_and_when(wuhua, clerk):
    answered = actions.answer(report(wuhua), text="已加热水。", by=clerk)
    assert (answered.state, answered.answer, answered.answered_by) == (State.ANSWERED, "已加热水。", clerk)
    assert list(Ticket.objects.publicly_answered()) == [answered]
    assert not Ticket.objects.owed().exists()


def test_an_answer_needs_words(wuhua, clerk):
    with pytest.raises(ValidationError):
        actions.answer(report(wuhua), text="  ", by=clerk)


def test_the_database_refuses_an_answered_ticket_without_an_answer(wuhua):
    ticket = report(wuhua)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(state=State.ANSWERED)


def test_an_answer_that_is_not_public_is_not_published(wuhua, clerk):
    actions.answer(report(wuhua), text="已致电本人。", by=clerk, public=False)
    assert not Ticket.objects.publicly_answered().exists()


def test_another_countys_clerk_answers_nothing(wuhua, stranger):
    ticket = report(wuhua)
    with pytest.raises(PermissionDenied):
        actions.answer(ticket, text="…", by=stranger)
    ticket.refresh_from_db()
    assert ticket.state == State.OPEN


def test_several_are_answered_together_or_none(wuhua, clerk):
    first, second = report(wuhua), report(wuhua)
    actions.close([second], by=clerk, reason="重复反映")
    with pytest.raises(TransitionRefused), transaction.atomic():
        actions.move([first, second], "answer", by=clerk, text="同一答复")
    first.refresh_from_db()
    assert first.state == State.OPEN


def test_a_ticket_opened_again_has_a_new_term_and_is_no_longer_escalated(wuhua, clerk):
    ticket = report(wuhua, reported_at=timezone.now() - 30 * DAY)
    actions.escalate_late()
    ticket = actions.answer(ticket, text="已处理", by=clerk)
    ticket = actions.reopen(ticket, by=clerk, reason="又坏了")
    assert (ticket.state, ticket.escalated_at, ticket.times_reopened) == (State.OPEN, None, 1)
    assert ticket.due_at > timezone.now()
    assert [event.verb for event in ticket.events.all()] == ["report", "escalate", "answer", "reopen"]


# --- Referring ------------------------------------------------------------------------------------------------


@pytest.fixture
def hospital(wuhua):
    return Partner.objects.create(organization=wuhua, name="示例医院（演示）", kind=Partner.Kind.HOSPITAL)


@pytest.mark.system("A018")
def test_a_need_is_referred_to_a_co_building_unit_and_its_result_is_the_answer(wuhua, clerk, hospital):
    ticket = report(wuhua, text="想学急救")
    ticket = actions.refer(ticket, partner=hospital, need="急救课一次", by=clerk)
    assert ticket.state == State.REFERRED and ticket.is_owed
    ticket = actions.solve(ticket, result="11月28日在驿站上课", by=clerk)
    referral = ticket.referrals.get()
    assert (referral.partner, referral.need, referral.result) == (hospital, "急救课一次", "11月28日在驿站上课")
    assert ticket.state == State.ANSWERED and ticket.answer == referral.result


def test_a_need_goes_to_no_partner_that_the_writer_cannot_see(wuhua, clerk, stranger):
    theirs = Partner.objects.create(organization=stranger.organization, name="外区医院（演示）", kind="hospital")
    with pytest.raises(ValidationError):
        actions.refer(report(wuhua), partner=theirs, need="…", by=clerk)


# --- Late -----------------------------------------------------------------------------------------------------


def test_late_tickets_are_escalated_once(wuhua):
    late, early = report(wuhua, reported_at=timezone.now() - 8 * DAY), report(wuhua)
    escalate(timestamp=0)
    escalate(timestamp=0)
    late.refresh_from_db()
    early.refresh_from_db()
    assert late.escalated_at and not early.escalated_at
    assert late.events.filter(verb="escalate").count() == 1


def test_the_longest_overdue_stands_first_and_settled_ones_last(wuhua, clerk):
    soon = report(wuhua, text="soon")
    overdue = report(wuhua, text="overdue", reported_at=timezone.now() - 20 * DAY)
    settled = actions.answer(report(wuhua, reported_at=timezone.now() - 40 * DAY), text="好", by=clerk)
    assert list(Ticket.objects.most_urgent_first()) == [overdue, soon, settled]


def test_the_county_sees_the_late_ticket_of_a_union_below_on_its_home(client, wuhua, clerk):
    report(make_union(wuhua), about="示例路驿站", reported_at=timezone.now() - 9 * DAY)
    actions.escalate_late()
    client.force_login(clerk)
    assert "示例路驿站" in client.get(reverse("admin:index")).content.decode()
    listed = client.get(reverse("admin:tickets_ticket_changelist"), {"todo": "escalated"})
    assert "示例路驿站" in listed.content.decode()


# --- Forgetting -----------------------------------------------------------------------------------------------


def test_who_reported_is_forgotten_half_a_year_after_the_answer_and_the_answer_stays(wuhua, clerk):
    ticket = actions.answer(report(wuhua, contact="10012345678", position="25,102"), text="好", by=clerk)
    waiting = report(wuhua, contact="10012345679")
    assert actions.forget_reporters(timezone.now() + 179 * DAY) == 0
    assert actions.forget_reporters(timezone.now() + 181 * DAY) == 1
    ticket.refresh_from_db()
    waiting.refresh_from_db()
    assert (str(ticket.contact), str(ticket.position), ticket.answer) == ("", "", "好")
    assert str(waiting.contact) == "10012345679"


# --- The desk -------------------------------------------------------------------------------------------------


def test_the_desk_answers_several_at_once(client, wuhua, clerk):
    tickets = [report(wuhua), report(wuhua)]
    client.force_login(clerk)
    data = {"action": "answer_several", "_selected_action": [t.pk for t in tickets], "select_across": "0"}
    asked = client.post(reverse("admin:tickets_ticket_changelist"), data)
    assert asked.status_code == 200 and Ticket.objects.owed().count() == 2
    client.post(reverse("admin:tickets_ticket_changelist"), data | {"_sure": "1", "text": "已修好", "public": "on"})
    assert set(Ticket.objects.values_list("answer", "state")) == {("已修好", State.ANSWERED)}


def test_the_desk_refers_and_enters_the_result(client, wuhua, clerk, hospital):
    ticket = report(wuhua)
    client.force_login(clerk)
    client.post(reverse("admin:tickets_ticket_do", args=[ticket.pk, "refer"]), {"partner": hospital.pk, "text": "义诊"})
    client.post(reverse("admin:tickets_ticket_do", args=[ticket.pk, "solve"]), {"text": "已义诊"})
    page = client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    assert "义诊" in page and "已义诊" in page


def test_opening_a_ticket_with_a_contact_is_recorded_as_a_look(client, wuhua, clerk):
    ticket = report(wuhua, contact="10012345678")
    client.force_login(clerk)
    assert "10012345678" in client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    assert AuditEvent.objects.looks().get().actor_id == clerk.pk


def test_a_reader_sees_no_contact(client, wuhua):
    ticket = report(wuhua, contact="10012345678")
    client.force_login(make_account(Role.READ_ONLY, wuhua))
    page = client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk]))
    assert page.status_code == 200 and "10012345678" not in page.content.decode()


@pytest.mark.parametrize("state", State.values)
def test_no_state_is_a_dead_end(state):
    assert TICKET.allowed(state)


def test_the_desk_lists_the_longest_overdue_first(client, wuhua, clerk):
    report(wuhua, about="今天的")
    report(wuhua, about="逾期的", reported_at=timezone.now() - 20 * DAY)
    client.force_login(clerk)
    listed = client.get(reverse("admin:tickets_ticket_changelist")).content.decode()
    assert listed.index("逾期的") < listed.index("今天的")


def test_a_ticket_that_nobody_answered_is_not_closed_without_a_reason(wuhua, clerk):
    ticket = report(wuhua)
    with pytest.raises(ValidationError, match="理由"):
        actions.close([ticket], by=clerk)
    actions.close([ticket], reason="同一事项重复反映", by=clerk)
    ticket.refresh_from_db()
    assert ticket.state == State.CLOSED
