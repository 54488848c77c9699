"""Small wishes (微心愿): what a member wishes, who makes it true, and what of it the public may read."""

from __future__ import annotations

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from campaigns.models.campaigns import Campaign
from members.models import Member
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.privacy import EncryptedTextField
from unionportal.scope import ScopedQuerySet


class WishQuerySet(ScopedQuerySet["Wish"]):
    def on_the_wall(self) -> WishQuerySet:
        """What everybody may read: confirmed with the wisher, who agreed to its being shown."""
        return self.filter(state__in=lifecycle.ON_THE_WALL, may_be_shown=True)

    def fulfilled(self) -> WishQuerySet:
        return self.filter(state__in=lifecycle.FULFILLED)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Wish(models.Model):
    """A wish and its way: collected, screened, confirmed with the wisher, adopted or bought, delivered, thanked.

    The wish in the wisher's words, and his thanks, name persons: ciphertext. The wall shows `public_text` and
    `public_name` ("a courier") alone, and these only while `may_be_shown`: publishing needs a consent of its own
    (Personal Information Protection Law art. 25), which the wisher takes back as easily as he gave it (art. 15).
    """

    class For(models.TextChoices):
        SELF = "self", _("For oneself")
        CHILD = "child", _("For one's child")
        PARENT = "parent", _("For one's parents")
        FAMILY = "family", _("For the family")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="wishes", verbose_name=_("union"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="wishes", verbose_name=_("campaign")
    )
    wisher = models.ForeignKey(Member, models.PROTECT, related_name="wishes", verbose_name=_("wisher"))
    wished_for = models.CharField(_("for whom"), max_length=6, choices=For, default=For.SELF)
    circumstances = EncryptedTextField(_("circumstances"), blank=True, default="")
    text = EncryptedTextField(_("wish in the wisher's words"))
    public_text = models.CharField(_("wish as shown"), max_length=120, blank=True)
    public_name = models.CharField(_("wisher as shown"), max_length=40, blank=True)
    may_be_shown = models.BooleanField(_("may be shown to everybody"), default=False)
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True, editable=False)
    expected_fen = models.PositiveIntegerField(
        _("expected cost in fen"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    state = models.CharField(
        _("state"), max_length=10, choices=lifecycle.WishState, default=lifecycle.WishState.COLLECTED, editable=False
    )
    screening_reason = models.CharField(_("reason of the screening"), max_length=200, blank=True, editable=False)
    adopted_by_partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("adopted by partner")
    )
    adopted_by_union = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("adopted by union")
    )
    adopted_by_member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adopted_wishes",
        verbose_name=_("adopted by member"),
    )
    collected_at = models.DateTimeField(_("collected at"), default=timezone.now, editable=False)
    collected_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by"), editable=False
    )
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True, editable=False)
    delivery_note = models.CharField(_("how it was delivered"), max_length=200, blank=True, editable=False)
    thanks = EncryptedTextField(_("thanks in the wisher's words"), blank=True, default="", editable=False)

    objects = WishQuerySet.as_manager()

    class Meta:
        ordering = ["-collected_at", "-id"]
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.WishState.values),
                name="wish_state_known",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=models.Q(may_be_shown=False)
                | (models.Q(agreed_at__isnull=False) & ~models.Q(public_text="") & ~models.Q(public_name="")),
                name="wish_shown_as_agreed",
                violation_error_message=_("A wish is shown in the words the wisher agreed to, and not before."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["collected", "withdrawn"]) | ~models.Q(screening_reason=""),
                name="wish_screened_with_a_reason",
                violation_error_message=_("Give the reason of the screening."),
            ),
            models.CheckConstraint(
                condition=models.Q(adopted_by_partner=None, adopted_by_union=None)
                | models.Q(adopted_by_partner=None, adopted_by_member=None)
                | models.Q(adopted_by_union=None, adopted_by_member=None),
                name="wish_one_adopter",
                violation_error_message=_("A wish is adopted by one: a partner, a union or a member."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="adopted")
                | models.Q(adopted_by_partner__isnull=False)
                | models.Q(adopted_by_union__isnull=False)
                | models.Q(adopted_by_member__isnull=False),
                name="wish_adopted_by_somebody",
                violation_error_message=_("Say who adopts the wish."),
            ),
            models.CheckConstraint(
                condition=~models.Q(adopted_by_member=models.F("wisher")),
                name="wish_not_adopted_by_wisher",
                violation_error_message=_("Nobody adopts his own wish."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["delivered", "thanked"]) | models.Q(delivered_on__isnull=False),
                name="wish_delivered_when",
                violation_error_message=_("A delivery has a day."),
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="wish_queue")]

    def __str__(self) -> str:
        return self.public_text or str(_("Wish no. %(number)s")) % {"number": self.pk}

    @property
    def adopter(self) -> str:
        """As the wall shows it: a partner or union by name, a member without."""
        if self.adopted_by_member_id:
            return str(_("a member"))
        return str(self.adopted_by_partner or self.adopted_by_union or "")


class WishLedgerLine(models.Model):
    """Money that went into a wish."""

    wish = models.ForeignKey(Wish, models.PROTECT, related_name="ledger_links", verbose_name=_("wish"))
    line = models.OneToOneField(LedgerLine, models.PROTECT, related_name="wish_link", verbose_name=_("ledger line"))

    class WishLedgerLineQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
        scope_path = "wish__organization__path"

    objects = WishLedgerLineQuerySet.as_manager()

    class Meta:
        ordering = ["wish", "id"]
        verbose_name = _("money for a wish")
        verbose_name_plural = _("money for wishes")

    def __str__(self) -> str:
        return f"{self.wish} {self.line.amount}"
