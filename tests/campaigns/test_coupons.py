"""A giveaway: announced, open, all gone; one coupon for a member; redeemed once."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns import actions
from campaigns.lifecycle import Phase
from campaigns.models import Audience, Coupon, Pool
from members.models import Member
from tests.campaigns.makers import hours, make_campaign, make_member, make_members, make_pool
from tests.factories import make_account
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def giveaway(wuhua):
    return make_pool(make_campaign(wuhua), size=2)


@pytest.mark.system("A144")
def test_a_verified_member_claims_one_coupon_and_redeems_it_once(giveaway, courier, clerk):
    coupon = actions.claim(giveaway, member=courier)
    assert (coupon.state, coupon.member, coupon.turn) == ("claimed", courier, 1)
    assert actions.redeem(coupon, by=clerk).redeemed_by == clerk
    with pytest.raises(TransitionRefused):
        actions.redeem(coupon, by=clerk)


def test_a_click_made_twice_brings_the_same_coupon(giveaway, courier):
    assert actions.claim(giveaway, member=courier) == actions.claim(giveaway, member=courier)
    assert Coupon.objects.filter(member=courier).count() == 1


def test_who_has_a_coupon_is_shown_it_even_after_all_are_gone_or_the_giveaway_closed(giveaway, wuhua):
    one, two, late = make_members(wuhua, 3)
    held = actions.claim(giveaway, member=one)
    actions.claim(giveaway, member=two)
    assert actions.claim(giveaway, member=one) == held
    with time_machine.travel(giveaway.closes_at + hours(1), tick=False):
        assert actions.claim(giveaway, member=one) == held
    with pytest.raises(ValidationError) as refused:
        actions.claim(giveaway, member=late)
    assert refused.value.code == Phase.EXHAUSTED


def test_an_unverified_member_gets_none(giveaway, wuhua):
    with pytest.raises(PermissionDenied):
        actions.claim(giveaway, member=make_member(wuhua, verified=False))
    assert Coupon.objects.free().count() == 2


@pytest.mark.parametrize(
    ("moment", "phase"),
    [(-2, Phase.ANNOUNCED), (0, Phase.OPEN), (30, Phase.CLOSED)],
    ids=["before it opens", "open", "after it closed"],
)
def test_the_clock_opens_and_closes_a_giveaway(giveaway, courier, moment, phase):
    with time_machine.travel(timezone.now() + hours(moment), tick=False):
        assert giveaway.phase(timezone.now()) == phase
        if phase == Phase.OPEN:
            assert actions.claim(giveaway, member=courier)
        else:
            with pytest.raises(ValidationError) as refused:
                actions.claim(giveaway, member=courier)
            assert refused.value.code == phase


def test_a_draft_has_no_coupons_and_gives_none(wuhua, courier):
    draft = make_pool(make_campaign(wuhua), announced=False)
    assert not draft.coupons.exists()
    with pytest.raises(ValidationError):
        actions.claim(draft, member=courier)


def test_how_many_a_member_may_claim_is_a_setting_that_the_database_holds(wuhua, courier):
    pool = make_pool(make_campaign(wuhua), size=5, per_member=2)
    assert [actions.claim(pool, member=courier, turn=turn).turn for turn in (1, 2, 2)] == [1, 2, 2]
    with pytest.raises(ValidationError) as refused:
        actions.claim(pool, member=courier, turn=3)
    assert refused.value.code == "coupon_member_limit"
    free = Coupon.objects.filter(pool=pool).free()
    claimed = {"state": "claimed", "member": courier, "claimed_at": timezone.now()}
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        free.filter(pk=free.first().pk).update(turn=3, **claimed)
    assert broken.value.__cause__.diag.constraint_name == "coupon_member_limit"
    with pytest.raises(IntegrityError, match="coupon_turn_once"), transaction.atomic():
        free.filter(pk=free.first().pk).update(turn=2, **claimed)


def test_nobody_adds_a_coupon_to_an_announced_giveaway(giveaway):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Coupon.objects.create(pool=giveaway, serial=3)
    assert refused.value.__cause__.diag.constraint_name == "coupon_within_pool"


def test_what_was_announced_is_not_made_smaller(giveaway, clerk):
    giveaway.size = 1
    with pytest.raises(ValidationError):
        actions.save_pool(giveaway, by=clerk)


def test_an_expired_coupon_is_refused_at_the_counter(giveaway, courier, clerk):
    coupon = actions.claim(giveaway, member=courier)
    with time_machine.travel(giveaway.valid_until + datetime.timedelta(seconds=1), tick=False):
        assert coupon.is_expired()
        with pytest.raises(ValidationError) as refused:
            actions.redeem(coupon, by=clerk)
    assert refused.value.code == "expired"
    assert Coupon.objects.get(pk=coupon.pk).state == "claimed"


def test_a_coupon_that_nobody_claimed_is_not_redeemed(giveaway, clerk):
    with pytest.raises(TransitionRefused):
        actions.redeem(Coupon.objects.free().first(), by=clerk)


def test_the_merchants_link_takes_in_its_own_coupons_until_it_is_renewed(giveaway, courier, wuhua, clerk):
    coupon = actions.claim(giveaway, member=courier)
    old = giveaway.merchant_key
    assert Pool.for_merchant_key(old) == giveaway
    other = make_pool(make_campaign(wuhua, title="新春大礼包"))
    with pytest.raises(PermissionDenied):
        actions.redeem(coupon, merchant_of=other)
    actions.renew_merchant_link(giveaway, by=clerk)
    for dead in (old, old + "x", "", "nonsense"):
        with pytest.raises(Pool.DoesNotExist):
            Pool.for_merchant_key(dead)
    assert actions.redeem(coupon, merchant_of=giveaway).redeemed_by is None


def test_another_countys_clerk_neither_redeems_nor_announces(giveaway, courier, stranger):
    coupon = actions.claim(giveaway, member=courier)
    for forbidden in (
        lambda: actions.redeem(coupon, by=stranger),
        lambda: actions.redeem(coupon),
        lambda: actions.change_pool_state(giveaway, "close", by=stranger),
        lambda: actions.save_pool(giveaway, by=stranger),
        lambda: actions.renew_merchant_link(giveaway, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()
    assert not Coupon.objects.visible_to(stranger).exists()


def test_a_reader_redeems_nothing(giveaway, courier, wuhua):
    with pytest.raises(PermissionDenied):
        actions.redeem(actions.claim(giveaway, member=courier), by=make_account("read_only", wuhua))


def test_codes_are_read_as_people_type_them(giveaway, courier):
    coupon = actions.claim(giveaway, member=courier)
    typed = coupon.spoken_code.lower().replace(" ", "-")
    assert Coupon.objects.all().with_code(f" {typed} ").get() == coupon


def test_the_value_is_printed_as_a_range(giveaway):
    assert giveaway.value == "10元至20元"


def test_claiming_takes_few_queries(giveaway, courier, django_assert_num_queries):
    pool = Pool.objects.select_related("campaign__organization").get(pk=giveaway.pk)
    with django_assert_num_queries(12):
        actions.claim(pool, member=courier)


# --- What was announced --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"size": 1},
        {"size": 3},
        {"per_member": 2},
        {"value_fen": 500},
        {"value_up_to_fen": 9900},
        {"audience": Audience.BRANCH},
        {"valid_until": timezone.now() + hours(24 * 60)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_was_announced_stands_on_the_form_and_in_the_database(giveaway, courier, clerk, change):
    actions.claim(giveaway, member=courier)
    with pytest.raises(IntegrityError, match="has been announced"), transaction.atomic():
        Pool.objects.filter(pk=giveaway.pk).update(**change)
    for name, value in change.items():
        setattr(giveaway, name, value)
    with pytest.raises(ValidationError) as refused:
        actions.save_pool(giveaway, by=clerk)
    assert refused.value.code == "pool_stands_as_announced"


def test_terms_and_opening_times_of_an_announced_giveaway_may_be_corrected(giveaway, clerk):
    giveaway.terms, giveaway.closes_at = "到店出示二维码", giveaway.closes_at - hours(1)
    actions.save_pool(giveaway, by=clerk)
    assert Pool.objects.get(pk=giveaway.pk).terms == "到店出示二维码"


def test_a_draft_is_changed_as_one_likes(wuhua, clerk):
    draft = make_pool(make_campaign(wuhua), announced=False)
    draft.size, draft.value_fen, draft.audience = 3, 500, Audience.MEMBERS
    actions.save_pool(draft, by=clerk)
    assert actions.change_pool_state(draft, "announce", by=clerk).coupons.count() == 3


def test_a_form_opened_before_the_announcement_does_not_take_it_back(wuhua, clerk):
    draft = make_pool(make_campaign(wuhua), announced=False)
    actions.change_pool_state(draft, "announce", by=clerk)
    draft.terms = "到店出示二维码"
    actions.save_pool(draft, by=clerk)
    assert Pool.objects.get(pk=draft.pk).state == "announced"


def test_a_claim_is_judged_by_the_giveaway_as_it_stands_and_not_as_the_page_was_read(giveaway, courier):
    as_read = Pool.objects.get(pk=giveaway.pk)
    actions.change_pool_state(giveaway, "close", by=None)
    with pytest.raises(ValidationError) as refused:
        actions.claim(as_read, member=courier)
    assert refused.value.code == Phase.CLOSED


def test_a_campaign_taken_off_the_site_gives_no_more_coupons(giveaway, courier):
    as_read = Pool.objects.select_related("campaign").get(pk=giveaway.pk)
    actions.change_campaign_state(giveaway.campaign, "unpublish", by=None)
    with pytest.raises(ValidationError) as refused:
        actions.claim(as_read, member=courier)
    assert refused.value.code == Phase.DRAFT


def test_who_left_since_the_page_was_read_gets_none(giveaway, courier):
    Member.objects.filter(pk=courier.pk).update(state="left")
    with pytest.raises(PermissionDenied):
        actions.claim(giveaway, member=courier)
