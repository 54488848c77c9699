"""A wish comes true: collected, screened, confirmed, adopted or bought, delivered, thanked; shown as agreed."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns import actions
from campaigns.models import Campaign, Wish
from campaigns.printed import in_round_words
from campaigns.views.campaigns import wish_figures
from members.actions import change_membership
from tests.campaigns.makers import make_campaign, make_member, make_members, make_wish
from tests.factories import make_account
from unionportal.ledger.actions import reverse
from unionportal.ledger.models import LedgerLine
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 1, 15)


def buy(wish: Wish, by: object, fen: int = 12_000) -> Wish:
    return actions.buy(wish, by=by, amount_fen=fen, source_level="grassroots", on=TODAY, payee="文具店")


@pytest.mark.system("A120")
def test_a_wish_goes_its_whole_way_and_its_money_stands_in_the_ledger(courier, clerk):
    wish = make_wish(courier, state="confirmed")
    wish = buy(wish, clerk)
    wish = actions.deliver(wish, by=clerk, on=TODAY, note="送到文林街驿站")
    wish = actions.thank(wish, member=courier, words="孩子很喜欢")
    assert wish.state == "thanked"
    line = wish.ledger_links.get().line
    assert (line.amount_fen, line.organization, line.booked_by) == (12_000, wish.organization, clerk)


@pytest.mark.system("A120")
def test_near_60_wishes_and_6万多元_are_printed_as_the_report_does(wuhua, clerk):
    drive = make_campaign(wuhua, title="微心愿", kind=Campaign.Kind.WISHES)
    for serial, wisher in enumerate(make_members(wuhua, 58)):
        wish = buy(make_wish(wisher, state="confirmed", campaign=drive), clerk, 100_000 + serial * 200)
        actions.deliver(wish, by=clerk, on=TODAY)
    assert LedgerLine.objects.total() == 6_130_600
    assert wish_figures(Wish.objects.filter(campaign=drive)) == {"fulfilled": "近60个", "spent": "6万多元"}


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (0, "个", "0个"),
        (7, "个", "7个"),
        (58, "个", "近60个"),
        (60, "个", "60个"),
        (53, "个", "50多个"),
        (61_300, "元", "6万多元"),
        (60_000, "元", "6万元"),
        (59_500, "元", "近6万元"),
        (1_234, "元", "1000多元"),
        (120, "元", "100多元"),
    ],
)
def test_totals_in_round_words_never_say_more_than_is_true(value, unit, printed):
    assert in_round_words(value, unit) == printed


def test_the_wish_and_the_thanks_are_ciphertext_in_the_database(courier):
    wish = make_wish(courier, circumstances="母亲住院")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, circumstances FROM campaigns_wish WHERE id = %s", [wish.pk])
        stored = "".join(cursor.fetchone())
        cursor.execute("SELECT text FROM campaigns_wishevent WHERE pgh_obj_id = %s", [wish.pk])
        stored += "".join(row[0] for row in cursor.fetchall())
    assert "小雨" not in stored
    assert "住院" not in stored
    assert Wish.objects.get(pk=wish.pk).text == "给女儿小雨买一个新书包"


def test_screening_says_why_whether_taken_on_or_declined(courier, clerk):
    wish = make_wish(courier)
    with pytest.raises(ValidationError):
        actions.screen(wish, by=clerk, reason=" ")
    with pytest.raises(IntegrityError, match="wish_screened_with_a_reason"), transaction.atomic():
        Wish.objects.filter(pk=wish.pk).update(state="screened")
    declined = actions.screen(wish, by=clerk, reason="超出每份500元的标准", take_on=False)
    assert (declined.state, declined.screening_reason) == ("declined", "超出每份500元的标准")


def test_nothing_is_shown_before_the_wisher_agreed_nor_in_other_words(courier, clerk):
    wish = make_wish(courier, state="screened")
    assert not Wish.objects.on_the_wall().exists()
    with pytest.raises(ValidationError):
        actions.confirm(wish, by=clerk, may_be_shown=True, public_text="新书包", public_name="")
    with pytest.raises(ValidationError):
        actions.confirm(wish, by=clerk, may_be_shown=True, public_text="新书包", public_name=courier.name)
    silent = actions.confirm(wish, by=clerk)
    assert not Wish.objects.on_the_wall().exists()
    with pytest.raises(IntegrityError, match="wish_shown_as_agreed"), transaction.atomic():
        Wish.objects.filter(pk=silent.pk).update(may_be_shown=True)


def test_the_wisher_takes_his_consent_back_and_nobody_else_can(courier, wuhua):
    wish = make_wish(courier, state="confirmed")
    with pytest.raises(PermissionDenied):
        actions.agree_to_showing(wish, member=make_member(wuhua), may_be_shown=False)
    actions.agree_to_showing(wish, member=courier, may_be_shown=False)
    assert not Wish.objects.on_the_wall().exists()
    actions.agree_to_showing(wish, member=courier, may_be_shown=True)
    assert Wish.objects.on_the_wall().exists()


def test_a_member_adopts_a_wish_from_the_wall_and_the_second_comes_too_late(courier, wuhua):
    wish = make_wish(courier, state="confirmed")
    first, second = make_members(wuhua, 2)
    assert actions.adopt(wish, member=first).adopted_by_member == first
    with pytest.raises(TransitionRefused):
        actions.adopt(wish, member=second)


def test_nobody_adopts_his_own_wish_or_one_that_is_not_shown(courier, wuhua):
    wish = make_wish(courier, state="confirmed")
    with pytest.raises(ValidationError):
        actions.adopt(wish, member=courier)
    actions.agree_to_showing(wish, member=courier, may_be_shown=False)
    with pytest.raises(PermissionDenied):
        actions.adopt(wish, member=make_member(wuhua))


def test_a_union_adopts_by_its_clerk_and_two_adopters_are_one_too_many(courier, clerk, wuhua):
    wish = make_wish(courier, state="confirmed")
    with pytest.raises(ValidationError):
        actions.adopt(wish, by=clerk, union=wuhua, member=make_member(wuhua))
    with pytest.raises(ValidationError):
        actions.adopt(wish, by=clerk)
    assert actions.adopt(wish, by=clerk, union=wuhua).adopter == str(wuhua)


def test_a_withdrawn_wish_leaves_the_wall_and_a_bought_one_stays(courier, clerk, wuhua):
    wish = actions.withdraw(make_wish(courier, state="confirmed"), member=courier)
    assert (wish.state, wish.may_be_shown) == ("withdrawn", False)
    bought = buy(make_wish(courier, state="confirmed"), clerk)
    with pytest.raises(TransitionRefused):
        actions.withdraw(bought, member=courier)
    with pytest.raises(PermissionDenied):
        actions.thank(bought, member=make_member(wuhua), words="谢谢")


def test_a_delivery_lies_not_in_the_future(courier, clerk):
    wish = buy(make_wish(courier, state="confirmed"), clerk)
    with pytest.raises(ValidationError):
        actions.deliver(wish, by=clerk, on=timezone.localdate() + datetime.timedelta(days=1))


def test_another_countys_clerk_neither_sees_nor_moves_a_wish(courier, stranger):
    wish = make_wish(courier, state="screened")
    assert not Wish.objects.visible_to(stranger).exists()
    for forbidden in (
        lambda: actions.confirm(wish, by=stranger),
        lambda: actions.screen(make_wish(courier), by=stranger, reason="x"),
        lambda: actions.collect(Wish(wisher=courier, organization=courier.organization, text="x"), by=stranger),
        lambda: actions.withdraw(wish, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


def test_a_reader_does_not_see_wishes(courier, wuhua):
    make_wish(courier)
    assert not Wish.objects.visible_to(make_account("read_only", wuhua)).exists()


def test_a_reversed_purchase_counts_against_what_was_spent(courier, clerk):
    wish = buy(make_wish(courier, state="confirmed"), clerk, 50_000)
    line = wish.ledger_links.get().line
    reverse(line, by=clerk, purpose="退货", on=TODAY)
    assert LedgerLine.objects.total() == 0
    actions.deliver(wish, by=clerk, on=TODAY)
    assert wish_figures(Wish.objects.all()) == {"fulfilled": "1个", "spent": "0元"}
    with pytest.raises(ValidationError):
        reverse(line, by=clerk, purpose="再退", on=TODAY)


def test_a_fourth_wish_waits_until_one_of_three_was_looked_at(courier, clerk):
    first, *_others = [make_wish(courier) for _number in range(3)]
    with pytest.raises(ValidationError, match="3"):
        make_wish(courier)
    actions.screen(first, by=clerk, reason="可以办理")
    make_wish(courier)
    assert Wish.objects.filter(wisher=courier).count() == 4


def test_who_left_makes_no_wish_and_adopts_none(wuhua, clerk):
    gone, wisher = make_member(wuhua, "演示·吴某"), make_member(wuhua, "演示·郑某")
    shown = make_wish(wisher, state="confirmed")
    gone = change_membership(gone, "leave", by=None)
    for by in (None, clerk):
        with pytest.raises(ValidationError) as refused:
            actions.collect(Wish(wisher=gone, organization=wuhua, text="一盏台灯"), by=by)
        assert refused.value.code == "no_member"
    with pytest.raises(PermissionDenied):
        actions.adopt(shown, member=gone)
    assert Wish.objects.get().state == "confirmed"
