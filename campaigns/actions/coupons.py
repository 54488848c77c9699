"""Giveaways: coupons are made, claimed first come first served, and redeemed once."""

from __future__ import annotations

import zlib
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.actions.rules import ByMember, require, said_plainly
from campaigns.lifecycle import Phase
from campaigns.models import Audience, Campaign, Coupon, Pool
from members.models import Member
from unionportal.audit.actions import record

# First argument of the advisory locks of claims; the second is made of pool and member.
_CLAIMS = 810_200


@transaction.atomic
def save_pool(pool: Pool, *, by: Any) -> Pool:
    """Create a giveaway or correct it; once announced, only what binds nobody (title, terms, merchant, opening times).

    Raises PermissionDenied; ValidationError (code pool_stands_as_announced).
    """
    if pool.pk is None:
        require(by, "campaigns.change_campaign", Campaign.objects.get(pk=pool.campaign_id))
    else:
        held = Pool.objects.select_for_update(of=("self",)).get(pk=pool.pk)
        require(by, "campaigns.change_pool", held)
        # A form is filled in from what stood when it was opened; that the giveaway was announced since then is kept.
        pool.state, pool.link_version = held.state, held.link_version
    verb = "change" if pool.pk else "add"
    pool.full_clean()
    with said_plainly():
        pool.save()
    record(verb, pool, by=by)
    return pool


@transaction.atomic
def change_pool_state(pool: Pool, verb: str, *, by: Any) -> Pool:
    """Do `verb` of ``lifecycle.POOL``. Announcing makes the coupons. Raises TransitionRefused, PermissionDenied."""
    pool = Pool.objects.select_for_update(of=("self",)).get(pk=pool.pk)
    transition = lifecycle.POOL.transition(pool.state, verb)
    require(by, transition.permission, pool)
    pool.state = transition.target
    pool.save(update_fields=["state"])
    if verb == "announce":
        Coupon.objects.bulk_create(
            [Coupon(pool=pool, serial=serial) for serial in range(1, pool.size + 1)], batch_size=1000
        )
    record(verb, pool, by=by, details={"coupons": pool.size})
    return pool


@transaction.atomic
def renew_merchant_link(pool: Pool, *, by: Any) -> Pool:
    """Make the merchant's address anew; the one before opens nothing any more. Raises PermissionDenied."""
    pool = Pool.objects.select_for_update(of=("self",)).get(pk=pool.pk)
    require(by, "campaigns.change_pool", pool)
    pool.link_version += 1
    pool.save(update_fields=["link_version"])
    record("renew_merchant_link", pool, by=by)
    return pool


# --- Claiming ------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(pool: Pool, *, member: Member, turn: int = 1) -> Coupon:
    """The member's `turn`-th coupon of the pool: a free one, or the one an earlier request already brought.

    Two requests of one member follow one another (an advisory lock); requests of different members pass each other
    by (SKIP LOCKED). Whatever happens, the database holds one coupon for each member and turn, and as many turns
    as the pool allows.

    Raises PermissionDenied where the giveaway is not for this member; ValidationError (`code` announced, closed,
    exhausted, coupon_member_limit) where there is nothing to claim. What counts is the pool as it was committed when
    the claim's turn came; while a claim runs nobody closes it.
    """
    _wait_for_turn(pool, member)
    pool = _as_committed(pool)
    member = Member.objects.select_related("organization", "occupation_group").get(pk=member.pk)
    held = Coupon.objects.filter(pool=pool, member=member, turn=turn).first()
    if held is not None:
        return held
    _refuse_claim(pool, member, turn)
    coupon = _free_coupon(pool)
    if coupon is None:
        raise ValidationError(_("All coupons have been claimed."), code=Phase.EXHAUSTED)
    coupon.state = lifecycle.COUPON.target(coupon.state, "claim")
    coupon.member, coupon.turn, coupon.claimed_at = member, turn, timezone.now()
    with said_plainly():
        coupon.save(update_fields=["state", "member", "turn", "claimed_at"])
    record("claim", coupon, by=ByMember(member), organization=pool.campaign.organization)
    return coupon


def _wait_for_turn(pool: Pool, member: Member) -> None:
    key = zlib.crc32(f"{pool.pk} {member.pk}".encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLAIMS, key])


def _as_committed(pool: Pool) -> Pool:
    """The pool and its campaign, locked against a change but not against other claims (FOR SHARE)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM campaigns_pool AS pool JOIN campaigns_campaign AS campaign ON campaign.id = pool.campaign_id "
            "WHERE pool.id = %s FOR SHARE OF pool, campaign",
            [pool.pk],
        )
    return Pool.objects.select_related("campaign__organization").get(pk=pool.pk)


def _refuse_claim(pool: Pool, member: Member, turn: int) -> None:
    phase = pool.phase(timezone.now())
    if not pool.campaign.is_public or phase == Phase.DRAFT:
        raise ValidationError(_("This giveaway is not announced yet."), code=Phase.DRAFT)
    if phase == Phase.ANNOUNCED:
        opens = timezone.localtime(pool.opens_at).strftime("%Y-%m-%d %H:%M")
        raise ValidationError(_("The giveaway opens at %(time)s.") % {"time": opens}, code=phase)
    if phase == Phase.CLOSED:
        raise ValidationError(_("The giveaway is over."), code=phase)
    if not Audience(pool.audience).admits(member, pool.organization):
        raise PermissionDenied(_("This giveaway is for: %(audience)s.") % {"audience": pool.get_audience_display()})
    if not 1 <= turn <= pool.per_member:
        raise ValidationError(_("You have claimed as many as one member may."), code="coupon_member_limit")


def _free_coupon(pool: Pool) -> Coupon | None:
    """A free coupon, locked. None means that there is none, not that others hold the last ones for a moment."""
    free = Coupon.objects.filter(pool=pool).free().order_by("serial")
    passing = free.select_for_update(of=("self",), skip_locked=True).first()
    return passing or free.select_for_update(of=("self",)).first()


# --- Redeeming -----------------------------------------------------------------------------------------------


@transaction.atomic
def redeem(coupon: Coupon, *, by: Any = None, merchant_of: Pool | None = None) -> Coupon:
    """Take a coupon in, once: by staff (`by`), or by the merchant whose link belongs to the pool `merchant_of`.

    Raises PermissionDenied; TransitionRefused for one that is free or was redeemed; ValidationError once expired.
    """
    coupon = (
        Coupon.objects.select_for_update(of=("self",))
        .select_related("pool__campaign", "pool__merchant")
        .get(pk=coupon.pk)
    )
    if merchant_of is not None:
        if coupon.pool_id != merchant_of.pk:
            raise PermissionDenied(_("This coupon is not for this merchant."))
    elif by is None:
        raise PermissionDenied(_("A coupon is redeemed by staff or by the merchant."))
    else:
        require(by, "campaigns.redeem_coupon", coupon)
    coupon.state = lifecycle.COUPON.target(coupon.state, "redeem")
    if timezone.now() > coupon.pool.valid_until:
        raise ValidationError(_("The coupon has expired."), code="expired")
    coupon.redeemed_at, coupon.redeemed_by = timezone.now(), by
    coupon.redeemed_with = merchant_of.merchant if merchant_of else None
    coupon.save(update_fields=["state", "redeemed_at", "redeemed_by", "redeemed_with"])
    record("redeem", coupon, by=by, details={"merchant": str(coupon.redeemed_with or "")})
    return coupon
