"""Makers of what the tests of campaigns need, on top of the federation of `tests.factories`."""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.utils import timezone

from campaigns import actions
from campaigns.models import Activity, Campaign, JobPost, Pool, Wish
from members.models import Member, OccupationGroup
from unionportal.organizations.models import Organization

_members = 0


def hours(number: float) -> datetime.timedelta:
    return datetime.timedelta(hours=number)


def make_member(organization: Organization, name: str = "演示·赵某", *, verified: bool = True, **fields: Any) -> Member:
    """A member with a demonstration phone number (100…, which no network gives out)."""
    global _members
    _members += 1
    if verified:
        fields = {
            "verification": Member.Verification.VERIFIED,
            "verification_method": Member.VerificationMethod.DOCUMENT_SEEN,
            "verified_on": datetime.date(2026, 1, 5),
        } | fields
    fields.setdefault("phone", f"100{_members:08d}")
    return Member.objects.create(organization=organization, name=name, **fields)


def make_members(organization: Organization, number: int) -> list[Member]:
    """Verified members without phone or ID, written in one go."""
    members = [
        Member(
            organization=organization,
            name=f"演示·会员{serial}",
            verification=Member.Verification.VERIFIED,
            verification_method=Member.VerificationMethod.DOCUMENT_SEEN,
            verified_on=datetime.date(2026, 1, 5),
        )
        for serial in range(number)
    ]
    for member in members:
        member.prepare()
    return Member.objects.bulk_create(members, batch_size=1000)


def courier_group() -> OccupationGroup:
    return OccupationGroup.objects.get_or_create(
        code="test-courier", defaults={"name": "测试快递员", "is_key_group": True, "is_eight_group": True}
    )[0]


def make_campaign(organization: Organization, *, public: bool = True, **fields: Any) -> Campaign:
    defaults = {"title": "甜蜜复工礼", "kind": Campaign.Kind.GIVEAWAY, "starts_on": timezone.localdate()}
    campaign = actions.save_campaign(Campaign(organization=organization, **{**defaults, **fields}), by=None)
    return actions.change_campaign_state(campaign, "publish", by=None) if public else campaign


def make_activity(campaign: Campaign, **fields: Any) -> Activity:
    """Begins in two days, lasts two hours, two places."""
    start = fields.pop("starts_at", timezone.now() + hours(48))
    defaults = {
        "title": "太极拳班",
        "starts_at": start,
        "ends_at": start + hours(2),
        "place": "华山街道总工会三楼",
        "capacity": 2,
    }
    return actions.save_activity(Activity(campaign=campaign, **{**defaults, **fields}), by=None)


def make_pool(campaign: Campaign, *, announced: bool = True, **fields: Any) -> Pool:
    """Open since an hour, ten coupons of 10 to 20 yuan, one each."""
    now = timezone.now()
    defaults = {
        "title": "蛋糕券",
        "size": 10,
        "value_fen": 1000,
        "value_up_to_fen": 2000,
        "opens_at": now - hours(1),
        "closes_at": now + hours(24),
        "valid_until": now + hours(24 * 14),
    }
    pool = actions.save_pool(Pool(campaign=campaign, **{**defaults, **fields}), by=None)
    return actions.change_pool_state(pool, "announce", by=None) if announced else pool


def make_wish(wisher: Member, *, state: str = "collected", **fields: Any) -> Wish:
    """A wish taken as far as `state` on the plain way."""
    defaults = {"text": "给女儿小雨买一个新书包", "wished_for": Wish.For.CHILD}
    wish = actions.collect(Wish(wisher=wisher, organization=wisher.organization, **{**defaults, **fields}), by=None)
    if state == "collected":
        return wish
    wish = actions.screen(wish, by=None, reason="符合征集范围")
    if state == "screened":
        return wish
    return actions.confirm(wish, by=None, public_text="给孩子买一个新书包", public_name="一位快递员", may_be_shown=True)


def make_post(organization: Organization, **fields: Any) -> JobPost:
    defaults = {"title": "普工", "employer_name": "星星冷链", "headcount_text": "200多名", "pay_text": "20至22元/小时"}
    return actions.save_posts([JobPost(organization=organization, **{**defaults, **fields})], by=None)[0]


def as_member(client: Any, member: Member) -> Any:
    """The test client with the session of a member whose phone was proved."""
    session = client.session
    session["member"] = {
        "kind": "member",
        "id": member.pk,
        "phone_hash": member.phone_hash,
        "seen": int(time.time()),
    }
    session.save()
    return client
