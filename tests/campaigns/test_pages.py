"""Public and member pages: what everybody reads, what only the member reads, and what nobody else may do."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from campaigns import actions
from campaigns.consent import job_interest_consent
from campaigns.models import Coupon, JobInterest, Registration, Wish
from members.cards import token_for
from tests.campaigns.makers import (
    as_member,
    hours,
    make_activity,
    make_campaign,
    make_member,
    make_members,
    make_pool,
    make_post,
    make_wish,
)
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(wuhua):
    return make_campaign(wuhua)


@pytest.fixture
def everything(wuhua, campaign, courier):
    """One of each, with what must not leak: a draft, a member's name, a wish in its own words."""
    activity = make_activity(campaign)
    actions.sign_up(activity, member=courier)
    make_campaign(wuhua, title="未公布的活动", public=False)
    wish = make_wish(courier, state="confirmed")
    return {
        "activity": activity,
        "pool": make_pool(campaign),
        "draft": make_pool(campaign, title="草稿礼包", announced=False),
        "wish": wish,
        "hidden": make_wish(courier, text="不愿公开的心愿"),
        "post": make_post(wuhua, campaign=campaign),
    }


def test_everybody_reads_what_is_public_and_nothing_more(client, everything, campaign, courier):
    addresses = [
        reverse("campaigns:home"),
        campaign.get_absolute_url(),
        everything["activity"].get_absolute_url(),
        reverse("campaigns:pools"),
        everything["pool"].get_absolute_url(),
        reverse("campaigns:wishes"),
        reverse("campaigns:jobs"),
        everything["post"].get_absolute_url(),
    ]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        for private in (courier.name, "小雨", "未公布的活动", "草稿礼包", "不愿公开的心愿"):
            assert private not in text, (address, private)


def test_a_draft_is_not_there(client, everything, wuhua):
    draft = make_campaign(wuhua, public=False)
    activity = make_activity(draft)
    for address in (
        draft.get_absolute_url(),
        activity.get_absolute_url(),
        everything["draft"].get_absolute_url(),
        make_pool(draft).get_absolute_url(),
    ):
        assert client.get(address).status_code == 404


def test_a_page_costs_as_many_queries_for_three_as_for_one(client, campaign, wuhua, django_assert_max_num_queries):
    for _serial in range(3):
        make_activity(campaign)
        make_pool(campaign)
        make_wish(make_member(wuhua), state="confirmed")
        make_post(wuhua, title=f"岗位{_serial}")
    for name, most in (("home", 6), ("pools", 3), ("wishes", 6), ("jobs", 3)):
        with django_assert_max_num_queries(most):
            client.get(reverse(f"campaigns:{name}"))


def test_my_page_costs_as_many_queries_for_many_as_for_one(
    client, campaign, courier, wuhua, django_assert_max_num_queries
):
    for serial in range(3):
        activity = make_activity(campaign, capacity=1)
        actions.sign_up(activity, member=make_member(wuhua))
        actions.sign_up(activity, member=courier)
        actions.claim(make_pool(campaign), member=courier)
        post = make_post(wuhua, title=f"岗位{serial}")
        actions.tell_interest(post, member=courier, agreed_version=job_interest_consent().version)
        make_wish(courier)
    as_member(client, courier)
    with django_assert_max_num_queries(9):
        text = client.get(reverse("campaigns:mine")).content.decode()
    assert text.count("1") > 3


# --- Signing up, claiming, wishing over the web --------------------------------------------------------------


def test_two_taps_sign_a_member_up_and_one_cancels(client, everything, wuhua):
    activity = everything["activity"]
    member = make_member(wuhua)
    as_member(client, member)
    page = client.get(activity.get_absolute_url()).content.decode()
    assert reverse("campaigns:sign-up", args=[activity.pk]) in page
    client.post(reverse("campaigns:sign-up", args=[activity.pk]))
    registration = Registration.objects.get(member=member)
    assert registration.state == "confirmed"
    client.post(reverse("campaigns:cancel", args=[registration.pk]))
    assert Registration.objects.get(member=member).state == "cancelled"


def test_who_is_not_logged_in_is_led_to_the_log_in_and_back(client, everything):
    for name, thing in (("sign-up", "activity"), ("claim", "pool"), ("interest", "post"), ("adopt", "wish")):
        response = client.post(reverse(f"campaigns:{name}", args=[everything[thing].pk]))
        assert response.status_code == 302
        assert response.url.startswith(reverse("members:log-in"))
        assert "next=" in response.url
    assert Registration.objects.count() == 1
    assert not Coupon.objects.exclude(member=None).exists()


def test_my_pages_are_mine(client, everything, courier, wuhua):
    coupon = actions.claim(everything["pool"], member=courier)
    interest = actions.tell_interest(everything["post"], member=courier, agreed_version=job_interest_consent().version)
    registration = Registration.objects.get(member=courier)
    as_member(client, make_member(wuhua))
    assert client.get(reverse("campaigns:coupon", args=[coupon.pk])).status_code == 404
    for name, pk in (("cancel", registration.pk), ("withdraw-interest", interest.pk)):
        assert client.post(reverse(f"campaigns:{name}", args=[pk])).status_code == 404
    address = reverse("campaigns:wish-verb", args=[everything["wish"].pk, "hide"])
    assert client.post(address).status_code == 404
    assert courier.name not in client.get(reverse("campaigns:mine")).content.decode()


def test_a_members_pages_are_kept_by_no_cache(client, courier):
    as_member(client, courier)
    assert "no-store" in client.get(reverse("campaigns:mine")).headers["Cache-Control"]


def test_a_claim_leads_to_the_coupon_with_its_code(client, everything, courier):
    as_member(client, courier)
    response = client.post(reverse("campaigns:claim", args=[everything["pool"].pk]), {"turn": "1"}, follow=True)
    coupon = Coupon.objects.get(member=courier)
    assert coupon.spoken_code in response.content.decode()
    assert "data:image/svg+xml" in response.content.decode()
    client.post(reverse("campaigns:claim", args=[everything["pool"].pk]), {"turn": "no number"})
    assert Coupon.objects.filter(member=courier).count() == 1


def test_a_refusal_is_told_on_the_page(client, everything, wuhua):
    as_member(client, make_member(wuhua, verified=False))
    response = client.post(reverse("campaigns:claim", args=[everything["pool"].pk]), follow=True)
    assert 'class="error"' in response.content.decode()


def test_a_member_makes_a_wish_and_reads_it_back(client, courier):
    as_member(client, courier)
    client.post(reverse("campaigns:wish-new"), {"text": "想要一台血压仪", "wished_for": "parent"})
    wish = Wish.objects.get(wisher=courier)
    assert (wish.organization, wish.state, wish.may_be_shown) == (courier.organization, "collected", False)
    assert "想要一台血压仪" in client.get(reverse("campaigns:mine")).content.decode()


def test_interest_without_the_ticked_consent_is_refused(client, everything, courier):
    as_member(client, courier)
    address = reverse("campaigns:interest", args=[everything["post"].pk])
    client.post(address)
    assert not JobInterest.objects.exists()
    client.post(address, {"agreed": job_interest_consent().version})
    assert JobInterest.objects.get().member == courier


# --- The door and the counter --------------------------------------------------------------------------------


def test_the_door_lets_in_by_card_and_by_hand(client, campaign, courier, clerk, wuhua):
    activity = make_activity(campaign)
    by_hand = actions.sign_up(activity, member=make_member(wuhua))
    actions.sign_up(activity, member=courier)
    client.force_login(clerk)
    address = reverse("campaigns:door", args=[activity.pk])
    with time_machine.travel(activity.starts_at, tick=False):
        client.force_login(clerk)
        client.post(address, {"card": f"https://example.org/card/check/?card={token_for(courier)}"})
        client.post(address, {"registration": by_hand.pk})
        client.post(address, {"card": "a-forged-token"})
        page = client.get(address).content.decode()
    assert list(activity.registrations.values_list("state", flat=True)) == ["attended", "attended"]
    assert 'class="error"' in page


def test_the_door_is_closed_to_strangers_readers_and_visitors(client, campaign, stranger, wuhua):
    address = reverse("campaigns:door", args=[make_activity(campaign).pk])
    assert client.get(address).status_code == 302
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    client.force_login(make_account("read_only", wuhua))
    assert client.get(address).status_code == 403


def test_the_counter_of_staff(client, everything, courier, clerk, stranger):
    coupon = actions.claim(everything["pool"], member=courier)
    address = reverse("campaigns:redeem")
    assert client.get(address).status_code == 302
    client.force_login(stranger)
    assert coupon.spoken_code not in client.get(address, {"code": coupon.code}).content.decode()
    client.post(address, {"code": coupon.code})
    assert Coupon.objects.get(pk=coupon.pk).state == "claimed"
    client.force_login(clerk)
    assert courier.name not in client.get(address, {"code": coupon.code}).content.decode()
    assert Coupon.objects.get(pk=coupon.pk).state == "claimed"
    client.post(address, {"code": coupon.code})
    assert Coupon.objects.get(pk=coupon.pk).state == "redeemed"


def test_the_counter_of_a_merchant_ends_with_a_new_link(client, everything, courier, clerk):
    coupon, pool = actions.claim(everything["pool"], member=courier), everything["pool"]
    assert client.get(reverse("campaigns:merchant", args=["forged"])).status_code == 404
    client.get(reverse("campaigns:merchant", args=[pool.merchant_key]))
    assert coupon.spoken_code in client.get(reverse("campaigns:redeem"), {"code": coupon.code}).content.decode()
    actions.renew_merchant_link(pool, by=clerk)
    assert client.post(reverse("campaigns:redeem"), {"code": coupon.code}).status_code == 302
    assert Coupon.objects.get(pk=coupon.pk).state == "claimed"


def test_a_coupon_that_expired_shows_no_code_to_scan(client, everything, courier):
    coupon = actions.claim(everything["pool"], member=courier)
    with time_machine.travel(coupon.pool.valid_until + hours(1), tick=False):
        as_member(client, courier)
        page = client.get(reverse("campaigns:coupon", args=[coupon.pk])).content.decode()
    assert "data:image" not in page


def test_a_full_activity_offers_the_waiting_list(client, campaign, wuhua):
    activity = make_activity(campaign, capacity=1)
    actions.sign_up(activity, member=make_members(wuhua, 1)[0])
    as_member(client, make_member(wuhua))
    client.post(reverse("campaigns:sign-up", args=[activity.pk]))
    assert Registration.objects.filter(state="waiting").count() == 1
    assert timezone.now() < activity.starts_at
