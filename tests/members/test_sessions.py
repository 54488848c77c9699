"""Who stays logged in, who does not, and how often a code may be guessed in the browser."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from members import cards
from members.actions import accept_application, change_membership
from members.models import Member, PhoneCode
from members.sessions import visitor_of
from tests.members.people import apply, make_member, new_phone
from unionportal.limits import RateCount


@pytest.fixture(autouse=True)
def quiet(capfd):
    """Codes are printed on the server's console; here they stay out of the test's."""


def code_on(page) -> str:
    return re.search(r"data-demo-code>(\d{6})<", page.content.decode())[1]


def log_in(phone: str, client: Client | None = None) -> Client:
    RateCount.objects.all().delete()
    client = client or Client()
    client.post("/me/log-in/", {"phone": phone})
    client.post("/me/log-in/code/", {"code": code_on(client.get("/me/log-in/code/"))})
    return client


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


# --- Another phone on the record -----------------------------------------------------------------------------


def test_an_applicants_session_ends_when_the_member_he_became_gets_another_phone(catch_all, clerk):
    application = apply()
    client = log_in(application.phone)
    member = accept_application(application, by=clerk)
    assert is_in(client)
    member.phone = new_phone()
    member.save()
    assert not is_in(client)
    assert client.get("/me/card.svg").status_code == 302


def test_who_applied_with_another_phone_for_somebody_on_record_is_not_let_into_the_record(catch_all, clerk):
    member = make_member(catch_all)
    application = apply(name=member.name, id_number=member.id_number, phone=new_phone())
    client = log_in(application.phone)
    assert is_in(client)
    # Accepted without a look at the document: the phone on record stays, and so does the stranger's outside.
    accept_application(application, by=clerk)
    assert not is_in(client)


def test_an_applicant_who_was_not_accepted_keeps_his_session(catch_all):
    assert is_in(log_in(apply().phone))


# --- The session id ------------------------------------------------------------------------------------------


def test_a_session_id_planted_before_the_log_in_is_worth_nothing_afterwards(catch_all):
    member = make_member(catch_all)
    victim = Client()
    # The attacker has had the victim open the log-in under an id he knows.
    victim.get("/me/log-in/", {"next": "/campaigns/"})
    planted = victim.cookies["sessionid"].value
    log_in(member.phone, victim)
    assert victim.cookies["sessionid"].value != planted
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert not is_in(attacker)
    assert is_in(victim)


# --- Guessing ------------------------------------------------------------------------------------------------


def test_five_wrong_codes_in_the_browser_tire_the_right_one_out(catch_all):
    client, phone = Client(), make_member(catch_all).phone
    client.post("/me/log-in/", {"phone": phone})
    right = code_on(client.get("/me/log-in/code/"))
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _try in range(5):
        client.post("/me/log-in/code/", {"code": wrong})
    client.post("/me/log-in/code/", {"code": right})
    assert not is_in(client)
    assert PhoneCode.objects.get().used_at is None


def test_guesses_are_counted_for_the_phone_and_not_for_the_browser(catch_all):
    """Whoever throws his cookies away between two guesses has no more of them."""
    phone = make_member(catch_all).phone
    first = Client()
    first.post("/me/log-in/", {"phone": phone})
    right = code_on(first.get("/me/log-in/code/"))
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    session = first.session["enter"]
    for _try in range(5):
        guesser = Client()
        held = guesser.session
        held["enter"] = session
        held.save()
        guesser.post("/me/log-in/code/", {"code": wrong})
    first.post("/me/log-in/code/", {"code": right})
    assert not is_in(first)


def test_an_address_that_guesses_on_and_on_is_shut_out_with_words(catch_all):
    phone = make_member(catch_all).phone
    client = Client()
    client.post("/me/log-in/", {"phone": phone})
    for _try in range(100):
        client.post("/me/log-in/code/", {"code": "000000"})
    page = client.post("/me/log-in/code/", {"code": "000000"}).content.decode()
    assert "一小时" in page


# --- Cards ---------------------------------------------------------------------------------------------------


def test_the_page_of_the_check_says_why_a_card_is_not_good(catch_all, clerk):
    member = make_member(catch_all)
    token = cards.token_for(member)
    staff = Client()
    staff.force_login(clerk)

    def told(scanned: str) -> str:
        return staff.get(reverse("members:card-check"), {"card": scanned}).content.decode()

    assert str(cards.Verdict.ADMITTED.label) in told(token)
    change_membership(member, "leave", by=None)
    assert str(cards.Verdict.LEFT.label) in told(token)
    assert str(cards.Verdict.FORGED.label) in told("http://[x")


def test_who_left_is_shown_no_card_any_more(catch_all):
    member = make_member(catch_all)
    client = log_in(member.phone)
    assert client.get("/me/card.svg").status_code == 200
    change_membership(member, "leave", by=None)
    assert client.get("/me/card.svg").status_code == 404
    assert "card.svg" not in client.get("/me/").content.decode()


def test_a_session_is_read_anew_with_each_request(catch_all, rf):
    member = make_member(catch_all)
    request = rf.get("/")
    request.session = log_in(member.phone).session
    assert visitor_of(request).member == member
    Member.objects.filter(pk=member.pk).update(phone_hash="0" * 64)
    assert visitor_of(request) is None


def test_what_the_union_remarks_about_a_member_is_his_to_read(catch_all):
    member = make_member(catch_all, remarks="家中有老人需要照料（演示）")
    assert "家中有老人需要照料（演示）" in log_in(member.phone).get("/me/").content.decode()
