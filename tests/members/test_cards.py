"""The card's code: good for a minute, proved without a write."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from members import cards
from members.actions import change_membership
from tests.factories import make_account
from tests.members.people import make_member

NOW = datetime.datetime(2026, 5, 6, 2, 0, tzinfo=datetime.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.system("A076")
def test_a_fresh_code_of_a_member_is_admitted_with_one_read_and_no_write(catch_all, clock, django_assert_num_queries):
    token = cards.token_for(make_member(catch_all))
    with django_assert_num_queries(1) as seen:
        assert cards.check(token).verdict == "admitted"
    assert seen.captured_queries[0]["sql"].startswith("SELECT")


def test_a_code_runs_out_and_the_next_minutes_code_is_another(catch_all, clock):
    member = make_member(catch_all)
    token = cards.token_for(member)
    clock.shift(datetime.timedelta(seconds=60))
    assert cards.token_for(member) != token
    assert cards.check(token).admitted
    clock.shift(datetime.timedelta(seconds=31))
    assert cards.check(token).verdict == "expired"


def test_a_changed_code_is_forged_and_tells_nothing_of_the_member(catch_all, clock):
    token = cards.token_for(make_member(catch_all))
    other = token.replace(token.split(":")[0], "999999", 1)
    for forged in (other, token[:-1] + ("A" if token[-1] != "A" else "B"), "", "https://example.cn"):
        assert cards.check(forged) == cards.Check(cards.Verdict.FORGED)


def test_who_left_and_who_was_deleted_are_not_admitted(catch_all, clock):
    member = make_member(catch_all)
    token = cards.token_for(member)
    change_membership(member, "retain", by=None, reason="失业")
    assert cards.check(token).verdict == "retained"
    change_membership(member, "leave", by=None)
    assert cards.check(token).verdict == "left"
    member.delete()
    assert cards.check(token).verdict == "unknown"


def test_only_staff_check_cards_and_see_a_masked_name(catch_all, wuhua):
    member = make_member(catch_all, name="王小明")
    address = f"{reverse('members:card-check')}?card={cards.token_for(member)}"
    assert Client().get(address)["Location"].startswith("/admin/login/")
    keeper = Client()
    keeper.force_login(make_account("station_keeper", wuhua))
    page = keeper.get(address).content.decode()
    assert "王**" in page
    assert "王小明" not in page
    assert member.id_number not in page
    scanned = keeper.get(
        reverse("members:card-check"),
        {"card": f"https://portal.example.cn{address}"},
        headers={"accept": "application/json"},
    )
    assert scanned.json() == {"admitted": True, "verdict": "admitted", "union": catch_all.name}
