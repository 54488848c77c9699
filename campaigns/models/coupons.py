"""Giveaways: a pool of numbered coupons, each claimed by one member at most and redeemed once."""

from __future__ import annotations

import datetime
import secrets
from decimal import Decimal

import pghistory
import pgtrigger
from django.core import signing
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from campaigns.models.campaigns import Audience, Campaign, OfCampaignQuerySet
from members.models import Member
from unionportal.figures import YUAN, Figure, money
from unionportal.free_text import NoPersonalNumbers
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.scope import ScopedQuerySet

# Without letters and digits that look alike: a code may be read aloud at a counter.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12  # 59 bits
_MERCHANT_LINK = "campaigns.merchant"

_WITHIN_POOL = """
SELECT size, per_member INTO coupons, turns FROM campaigns_pool WHERE id = NEW.pool_id;
IF NEW.serial > coupons THEN
    RAISE EXCEPTION 'pool % has % coupons', NEW.pool_id, coupons
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_within_pool', TABLE = 'campaigns_coupon';
END IF;
IF NEW.turn > turns THEN
    RAISE EXCEPTION 'pool % gives % to a member', NEW.pool_id, turns
      USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_member_limit', TABLE = 'campaigns_coupon';
END IF;
RETURN NULL;
"""

# What members were told when the coupons were made. A coupon in a member's hand is worth what it was then.
AS_ANNOUNCED = ("campaign", "size", "per_member", "value_fen", "value_up_to_fen", "audience", "valid_until")

_STANDS_AS_ANNOUNCED = """
IF EXISTS (SELECT FROM campaigns_coupon WHERE pool_id = OLD.id) THEN
    RAISE EXCEPTION 'pool % has been announced', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_stands_as_announced', TABLE = 'campaigns_pool';
END IF;
RETURN NEW;
"""


class PoolQuerySet(OfCampaignQuerySet):
    def announced(self) -> PoolQuerySet:
        """What the giveaway page shows: announced or closed, of a published campaign."""
        return self.public().exclude(state=lifecycle.PoolState.DRAFT).order_by("-opens_at", "-id")

    def with_counts(self) -> PoolQuerySet:
        """`left`, `claimed` and `redeemed` coupons, counted in the one query."""
        state = lifecycle.CouponState
        return self.annotate(
            left=models.Count("coupons", filter=models.Q(coupons__state=state.FREE)),
            claimed=models.Count("coupons", filter=~models.Q(coupons__state=state.FREE) & ~models.Q(coupons=None)),
            redeemed=models.Count("coupons", filter=models.Q(coupons__state=state.REDEEMED)),
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Pool(NoPersonalNumbers):
    """A number of coupons of a kind, given out first come, first served.

    `size` coupons are made when the pool is announced, and from then on what `AS_ANNOUNCED` names does not change
    (trigger ``pool_stands_as_announced``). `per_member` is how many one member may claim; the database holds it
    (trigger ``coupon_within_pool``). Values are fen; a range means that coupons differ.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="pools", verbose_name=_("campaign"))
    title = models.CharField(_("what is given"), max_length=120)
    terms = models.TextField(_("terms"), blank=True, help_text=_("Where and how a coupon is used."))
    merchant = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="pools", verbose_name=_("merchant")
    )
    size = models.PositiveIntegerField(_("number of coupons"), validators=[MinValueValidator(1)])
    value_fen = models.PositiveIntegerField(_("value in fen"), null=True, blank=True)
    value_up_to_fen = models.PositiveIntegerField(_("value up to, in fen"), null=True, blank=True)
    per_member = models.PositiveSmallIntegerField(
        _("coupons for one member"), default=1, validators=[MinValueValidator(1)]
    )
    audience = models.CharField(_("meant for"), max_length=10, choices=Audience, default=Audience.VERIFIED)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    valid_until = models.DateTimeField(_("coupons are valid until"))
    state = models.CharField(
        _("state"), max_length=10, choices=lifecycle.PoolState, default=lifecycle.PoolState.DRAFT, editable=False
    )
    link_version = models.PositiveIntegerField(_("version of the merchant's link"), default=1, editable=False)

    objects = PoolQuerySet.as_manager()
    plain_texts = ("title", "terms")

    class Meta:
        ordering = ["-opens_at", "-id"]
        verbose_name = _("giveaway")
        verbose_name_plural = _("giveaways")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0, per_member__gt=0),
                name="pool_sizes_positive",
                violation_error_message=_("A giveaway has at least one coupon, and one for a member."),
            ),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at"), valid_until__gte=models.F("closes_at")),
                name="pool_times",
                violation_error_message=_("A giveaway closes after it opens, and its coupons outlive it."),
            ),
            models.CheckConstraint(
                condition=models.Q(value_up_to_fen__isnull=True)
                | models.Q(value_up_to_fen__gte=models.F("value_fen"), value_fen__isnull=False),
                name="pool_values",
                violation_error_message=_("A range of values goes from the smaller to the larger amount."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.PoolState.values),
                name="pool_state_known",
                violation_error_message=_("There is no such state."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="pool_stands_as_announced",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*AS_ANNOUNCED),
                func=_STANDS_AS_ANNOUNCED,
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("campaigns:pool", args=[self.pk])

    @property
    def organization(self) -> Organization:
        return self.campaign.organization

    @property
    def value(self) -> str:
        """As printed: 10元至20元."""
        if self.value_fen is None:
            return ""
        if self.value_up_to_fen is None or self.value_up_to_fen == self.value_fen:
            return money(self.value_fen)
        low, high = (Decimal(fen) / 100 for fen in (self.value_fen, self.value_up_to_fen))
        return str(Figure(low, YUAN, high=high))

    def phase(self, moment: datetime.datetime) -> lifecycle.Phase:
        """Where it stands: what staff decided, then the clock, then whether a coupon is left."""
        if self.state != lifecycle.PoolState.ANNOUNCED:
            return lifecycle.Phase(self.state)
        if moment < self.opens_at:
            return lifecycle.Phase.ANNOUNCED
        if moment >= self.closes_at:
            return lifecycle.Phase.CLOSED
        left = self.left if hasattr(self, "left") else self.coupons.free().exists()
        return lifecycle.Phase.OPEN if left else lifecycle.Phase.EXHAUSTED

    # --- The merchant's link ---------------------------------------------------------------------------------

    @property
    def merchant_key(self) -> str:
        """What the merchant's address holds: signed, worthless once a newer link was made."""
        return signing.dumps([self.pk, self.link_version], salt=_MERCHANT_LINK, compress=False)

    @classmethod
    def for_merchant_key(cls, key: str) -> Pool:
        """Raises Pool.DoesNotExist for a key that was forged or replaced."""
        try:
            pk, version = signing.loads(key, salt=_MERCHANT_LINK)
        except (signing.BadSignature, ValueError, TypeError):
            raise cls.DoesNotExist
        return cls.objects.select_related("campaign__organization", "merchant").get(pk=pk, link_version=version)


def new_code() -> str:
    """A coupon's code: 12 characters nobody can guess."""
    return "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH))


class CouponQuerySet(ScopedQuerySet["Coupon"]):
    scope_path = "pool__campaign__organization__path"

    def free(self) -> CouponQuerySet:
        return self.filter(state=lifecycle.CouponState.FREE)

    def with_code(self, code: str) -> CouponQuerySet:
        """By the code as typed: spaces, hyphens and small letters do not matter."""
        return self.filter(code="".join(code.split()).replace("-", "").upper())


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Coupon(models.Model):
    """One coupon. `turn` is the how-manieth of its member in the pool: unique, so that a click made twice, or a
    request sent again, meets the coupon it already brought.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="coupons", verbose_name=_("giveaway"))
    serial = models.PositiveIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=16, unique=True, default=new_code)
    state = models.CharField(
        _("state"), max_length=10, choices=lifecycle.CouponState, default=lifecycle.CouponState.FREE
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="coupons", verbose_name=_("member")
    )
    turn = models.PositiveSmallIntegerField(_("the member's how-manieth"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("redeemed at"), null=True, blank=True)
    redeemed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("redeemed by staff")
    )
    redeemed_with = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("redeemed by merchant")
    )

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["pool", "serial"]
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(fields=["pool", "serial"], name="coupon_serial_once"),
            models.UniqueConstraint(
                fields=["pool", "member", "turn"],
                condition=models.Q(member__isnull=False),
                name="coupon_turn_once",
                violation_error_message=_("The member has claimed this coupon already."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="free", member=None, turn=None, claimed_at=None)
                | (
                    ~models.Q(state="free")
                    & models.Q(member__isnull=False, turn__isnull=False, turn__gte=1, claimed_at__isnull=False)
                ),
                name="coupon_claimed_by_a_member",
                violation_error_message=_("A coupon is free, or claimed by a member at a time."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="redeemed", redeemed_at__isnull=False)
                | (~models.Q(state="redeemed") & models.Q(redeemed_at=None)),
                name="coupon_redeemed_when",
                violation_error_message=_("A redeemed coupon says when."),
            ),
            models.CheckConstraint(
                condition=models.Q(serial__gt=0, state__in=lifecycle.CouponState.values),
                name="coupon_known",
                violation_error_message=_("There is no such coupon."),
            ),
        ]
        indexes = [
            models.Index(fields=["pool", "serial"], condition=models.Q(state="free"), name="coupon_free"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="coupon_within_pool",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("turn", "serial", "pool_id"),
                timing=pgtrigger.Immediate,
                declare=[("coupons", "integer"), ("turns", "integer")],
                func=_WITHIN_POOL,
            )
        ]

    def __str__(self) -> str:
        return f"{self.pool} · {self.serial}"

    @property
    def organization(self) -> Organization:
        return self.pool.campaign.organization

    @property
    def spoken_code(self) -> str:
        """In groups of four, to be read out."""
        return " ".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))

    def is_expired(self, moment: datetime.datetime | None = None) -> bool:
        expired = (moment or timezone.now()) > self.pool.valid_until
        return self.state == lifecycle.CouponState.CLAIMED and expired
