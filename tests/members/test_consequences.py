"""What accepting would do is said before the button is pressed, for one application and for several."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from members.actions import change_membership
from members.admin.consequences import consequences
from members.models import Application
from tests.factories import make_account
from tests.members.people import apply, make_member


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


def again(member, **fields) -> Application:
    """An application of somebody on record, from another phone."""
    return apply(**{"name": member.name, "id_number": member.id_number} | fields)


@pytest.fixture
def transfer(catch_all, panlong):
    return again(make_member(panlong, name="演示·转某"))


def words_of(application: Application) -> str:
    (found,) = consequences([application])
    return found.words


def test_a_new_person_gets_a_record(catch_all):
    (found,) = consequences([apply(name="演示·新某")])
    assert found.is_plain
    assert "新建会员档案" in found.words


def test_a_member_of_another_union_is_transferred_and_the_record_named(transfer, panlong, catch_all):
    words = words_of(transfer)
    member = panlong.members.get()
    for part in ("会籍将转入", panlong.name, catch_all.name, member.card_number):
        assert part in words
    assert member.id_number not in words


def test_somebody_who_left_is_resumed_and_somebody_expelled_refused(catch_all, wuhua):
    left, out = make_member(catch_all, name="演示·回某"), make_member(catch_all, name="演示·除某")
    change_membership(left, "leave", by=None)
    change_membership(out, "expel", by=make_account("reviewer", wuhua), reason="严重违纪")
    assert "恢复原档案" in words_of(again(left))
    assert "不能通过" in words_of(again(out))


def test_another_name_under_the_number_is_said_with_a_mask(catch_all):
    member = make_member(catch_all, name="王小明")
    words = words_of(again(member, name="李大伟"))
    assert "王**" in words
    assert "王小明" not in words


def test_the_pages_say_it_before_the_button(desk, transfer, catch_all):
    plain = apply(name="演示·新某")
    expected = words_of(transfer)
    single = desk.get(reverse("admin:members_application_do", args=[transfer.pk, "accept"])).content.decode()
    assert expected in single
    assert expected in desk.get(reverse("admin:members_application_change", args=[transfer.pk])).content.decode()
    rows = {"action": "accept_several", "_selected_action": [plain.pk, transfer.pk]}
    several = desk.post(reverse("admin:members_application_changelist"), rows).content.decode()
    assert several.index(expected) < several.index(words_of(plain)) < several.index('name="_sure"')


def test_several_are_asked_of_the_register_at_once(transfer, django_assert_num_queries):
    applications = [transfer, *(apply() for _one in range(4))]
    with django_assert_num_queries(1):
        consequences(applications)


def test_what_was_done_is_told_in_plain_words(desk, catch_all):
    rows = {"action": "accept_several", "_selected_action": [apply().pk], "_sure": "1", "method": ""}
    page = desk.post(reverse("admin:members_application_changelist"), rows, follow=True).content.decode()
    assert "已通过 1 份入会申请，会籍自今日起算" in page
